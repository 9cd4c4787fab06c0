//! What is in a module, for machines: the same facts as [`super::inspect::inspect`], as one object.
//!
//! Times are microseconds but `compile_ms`. Task sets are a flat list in which `parent` is a place in
//! that list, as the scenario declares them; `chance` (from 0 to 1, among the siblings) is null where
//! tasks are taken one after the other, or by the task before. Transitions name tasks by their places in the
//! list of tasks. A parameter whose `default` is null must be given.
use super::inspect::{Inspection, hooks};
use super::tree::{Child, Tree};
use katydid_load::{Order, Parameter, Task, TaskSet, Transition, UserClass, Wait};
use serde::Serialize;
use std::io::{self, Write};

/// Writes what is in the module, as indented JSON and a newline.
///
/// # Errors
/// The writer's.
pub fn inspect_json(inspection: &Inspection, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &ModuleDto::new(inspection))?;
    writeln!(out)
}

#[derive(Serialize)]
struct ModuleDto<'a> {
    file: &'a str,
    size: u64,
    form: &'a str,
    producers: &'a [String],
    compiled_size: u64,
    sha256: &'a str,
    package: &'a str,
    compile_ms: f64,
    cached: bool,
    memories: u32,
    initial_memory_bytes: u64,
    cpu: &'static str,
    tables: u32,
    imports: &'a [String],
    hooks: Vec<&'static str>,
    parameters: Vec<ParameterDto<'a>>,
    classes: Vec<ClassDto<'a>>,
}

#[derive(Serialize)]
struct ParameterDto<'a> {
    name: &'a str,
    kind: &'static str,
    default: Option<&'a str>,
    about: &'a str,
}

#[derive(Serialize)]
struct ClassDto<'a> {
    name: &'a str,
    weight: u32,
    fixed_count: Option<u32>,
    host: Option<&'a str>,
    wait: WaitDto,
    sets: Vec<SetDto<'a>>,
    tasks: Vec<TaskDto<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WaitDto {
    None,
    Constant { us: u64 },
    Between { low_us: u64, high_us: u64 },
    Pacing { us: u64 },
    Asked,
    Poisson { mean_us: u64 },
}

#[derive(Serialize)]
struct SetDto<'a> {
    name: &'a str,
    parent: Option<u32>,
    weight: u32,
    order: &'static str,
    chance: Option<f64>,
    tags: &'a [String],
    transitions: Vec<TransitionDto>,
}

#[derive(Serialize)]
struct TransitionDto {
    from: u32,
    to: u32,
    weight: u32,
}

#[derive(Serialize)]
struct TaskDto<'a> {
    id: u32,
    name: &'a str,
    set: u32,
    weight: u32,
    chance: Option<f64>,
    tags: &'a [String],
}

impl<'a> ModuleDto<'a> {
    fn new(inspection: &'a Inspection) -> Self {
        Self {
            file: &inspection.file,
            size: inspection.size,
            form: &inspection.form,
            producers: &inspection.producers,
            compiled_size: inspection.compiled_size,
            sha256: &inspection.digest,
            package: &inspection.package,
            compile_ms: inspection.compile_ms,
            cached: inspection.cached,
            memories: inspection.memories,
            initial_memory_bytes: inspection.initial_memory_bytes,
            cpu: if inspection.timed { "time" } else { "fuel" },
            tables: inspection.tables,
            imports: &inspection.imports,
            hooks: hooks(inspection.description.hooks),
            parameters: inspection.description.parameters.iter().map(ParameterDto::new).collect(),
            classes: inspection.description.classes.iter().map(ClassDto::new).collect(),
        }
    }
}

impl<'a> ParameterDto<'a> {
    fn new(parameter: &'a Parameter) -> Self {
        let Parameter { name, kind, default, about } = parameter;
        Self { name, kind: kind.as_str(), default: default.as_deref(), about }
    }
}

impl TransitionDto {
    fn new(&Transition { from, to, weight }: &Transition) -> Self {
        Self { from, to, weight }
    }
}

impl<'a> ClassDto<'a> {
    fn new(class: &'a UserClass) -> Self {
        let tree = Tree::new(class);
        let chance = |child| {
            tree.odds(child)
                .map(|(part, all)| if all == 0 { 0.0 } else { part as f64 / all as f64 })
        };
        let set = |(place, set): (usize, &'a TaskSet)| SetDto {
            name: &set.name,
            parent: set.parent,
            weight: set.weight,
            order: match set.order {
                Order::Weighted => "weighted",
                Order::Sequential => "sequential",
                Order::Transitions => "transitions",
            },
            chance: chance(Child::Set(place)),
            tags: &set.tags,
            transitions: set.transitions.iter().map(TransitionDto::new).collect(),
        };
        let task = |(place, task): (usize, &'a Task)| TaskDto {
            id: task.id,
            name: &task.name,
            set: task.set,
            weight: task.weight,
            chance: chance(Child::Task(place)),
            tags: &task.tags,
        };
        Self {
            name: &class.name,
            weight: class.weight,
            fixed_count: class.fixed_count,
            host: class.host.as_deref(),
            wait: WaitDto::new(class.wait),
            sets: class.sets.iter().enumerate().map(set).collect(),
            tasks: class.tasks.iter().enumerate().map(task).collect(),
        }
    }
}

impl WaitDto {
    fn new(wait: Wait) -> Self {
        match wait {
            Wait::None => WaitDto::None,
            Wait::Constant(us) => WaitDto::Constant { us },
            Wait::Between(low_us, high_us) => WaitDto::Between { low_us, high_us },
            Wait::Pacing(us) => WaitDto::Pacing { us },
            Wait::Asked => WaitDto::Asked,
            Wait::Poisson(mean_us) => WaitDto::Poisson { mean_us },
        }
    }
}
