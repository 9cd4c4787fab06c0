//! What is in a module, before it runs: who its users are and what they do.
use super::fit;
use super::number;
use super::style::{Paint, Style};
use super::table::{Column, Table};
use super::tree;
use katydid_load::{Description, Hooks, Order, Parameter, UserClass, Wait};
use std::io::{self, Write};

pub use super::inspect_json::inspect_json;

/// A module that was compiled and asked what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The file.
    pub file: String,
    /// Its size, in bytes.
    pub size: u64,
    /// What it holds: a component, a core module, or either's text.
    pub form: String,
    /// Languages and tools that made it, as they say themselves.
    pub producers: Vec<String>,
    /// Size of the machine code that it became, in bytes.
    pub compiled_size: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// The package that it is written against: `katydid:load@0.1.0`.
    pub package: String,
    /// How long compiling took, or finding it compiled, in milliseconds.
    pub compile_ms: f64,
    /// Whether it was found compiled.
    pub cached: bool,
    /// Linear memories of one user.
    pub memories: u32,
    /// What the largest of them holds from the start, in bytes.
    pub initial_memory_bytes: u64,
    /// Tables of one user.
    pub tables: u32,
    /// Whether its CPU is measured by time rather than fuel.
    pub timed: bool,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// What it says of itself.
    pub description: Description,
}

/// Longest name of a file or an import that is shown, in characters.
const NAME_CHARS: usize = 300;

/// Writes what is in the module, for people.
///
/// # Errors
/// The writer's.
pub fn inspect(inspection: &Inspection, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut lines = facts(inspection).lines(style);
    let Description { parameters: declared, classes, .. } = &inspection.description;
    if !declared.is_empty() {
        lines.push(String::new());
        lines.extend(parameters(declared).lines(style));
    }
    for class in classes {
        let name = fit::escaped(&class.name, NAME_CHARS);
        lines.push(String::new());
        lines.push(style.paint(Paint::Strong, &fit::cut(&name, style.width, style)));
        lines.extend(class_facts(class, classes).lines(style));
        lines.push(String::new());
        lines.extend(tree::table(class, style).lines(style));
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn facts(inspection: &Inspection) -> Table {
    let mut table = Table::new(vec![Column::words(""), Column::words("").wrap(20)]);
    let mut fact = |what: &str, text: String| table.row(vec![what.into(), text.into()]);
    let [size, compiled] = [inspection.size, inspection.compiled_size].map(number::bytes);
    let compile_us = (inspection.compile_ms * 1e3).round() as u64;
    let memory = number::bytes(inspection.initial_memory_bytes);
    let memories = match inspection.memories {
        1 => format!("{memory} for each user"),
        n => format!("{memory} for each user in the largest of {n} memories"),
    };
    fact("module", fit::escaped(&inspection.file, NAME_CHARS));
    fact("sha256", fit::escaped(&inspection.digest, NAME_CHARS));
    fact("form", format!("{}, {size}", fit::escaped(&inspection.form, NAME_CHARS)));
    if !inspection.producers.is_empty() {
        fact("made by", fit::escaped(&inspection.producers.join(", "), 5 * NAME_CHARS));
    }
    fact("package", fit::escaped(&inspection.package, NAME_CHARS));
    let how = if inspection.cached { "found in the cache in" } else { "in" };
    fact("compiled", format!("to {compiled} of machine code, {how} {} ms", number::ms(compile_us)));
    fact("memory", memories);
    let cpu = if inspection.timed { "time, --max-cpu" } else { "fuel, --max-fuel" };
    fact("cpu", format!("limited by {cpu}"));
    let imports = inspection.imports.iter().map(|import| fit::escaped(import, NAME_CHARS));
    for (place, import) in imports.enumerate() {
        fact(if place == 0 { "imports" } else { "" }, import);
    }
    if inspection.imports.iter().any(|import| import.starts_with("wasi:")) {
        fact("", "(its WASI is empty: no files, no sockets, no environment)".to_owned());
    }
    let hooks = hooks(inspection.description.hooks);
    if !hooks.is_empty() {
        fact("hooks", hooks.join(", "));
    }
    table
}

/// What a scenario does beside its tasks, by the contract's names.
pub(super) fn hooks(hooks: Hooks) -> Vec<&'static str> {
    let Hooks { state, setup, teardown, shape } = hooks;
    let all = [("state", state), ("setup", setup), ("teardown", teardown), ("shape", shape)];
    all.into_iter().filter(|(_, named)| *named).map(|(name, _)| name).collect()
}

/// What a run may decide.
fn parameters(parameters: &[Parameter]) -> Table {
    let mut table = Table::new(vec![
        Column::words("Parameter").cut(20),
        Column::words("Kind"),
        Column::words("Default").cut(10),
        Column::words("About").wrap(20).expendable(1),
    ]);
    for Parameter { name, kind, default, about } in parameters {
        let default = match default.as_deref() {
            None => "must be given".to_owned(),
            Some("") => "\"\"".to_owned(),
            Some(value) => fit::escaped(value, NAME_CHARS),
        };
        table.row(vec![
            fit::escaped(name, NAME_CHARS).into(),
            kind.as_str().into(),
            default.into(),
            fit::escaped(about, 5 * NAME_CHARS).into(),
        ]);
    }
    table
}

fn class_facts(class: &UserClass, classes: &[UserClass]) -> Table {
    let mut table = Table::new(vec![Column::words(""), Column::words("").wrap(20)]);
    let mut fact = |what: &str, text: String| table.row(vec![what.into(), text.into()]);
    fact("  users", share_of_users(class, classes));
    let host = class.host.as_deref().map(|host| fit::escaped(host, NAME_CHARS));
    fact("  host", host.unwrap_or_else(|| "none: the run must name one".to_owned()));
    fact("  wait", wait(class.wait));
    fact("  tasks", order(class));
    if let Some(set) = class.sets.first()
        && !set.tags.is_empty()
    {
        fact("  tags", fit::escaped(&set.tags.join(", "), NAME_CHARS));
    }
    table
}

/// How many users are of this class.
fn share_of_users(class: &UserClass, classes: &[UserClass]) -> String {
    if let Some(fixed) = class.fixed_count {
        return format!("exactly {}", number::count(fixed.into()));
    }
    let weighted = || classes.iter().filter(|class| class.fixed_count.is_none());
    let sum: u64 = weighted().map(|class| u64::from(class.weight)).sum();
    let share = number::percent(class.weight.into(), sum);
    let of = if weighted().count() == classes.len() { "" } else { " of the remaining users" };
    format!("{share}{of} (weight {})", number::count(class.weight.into()))
}

/// The pause between two iterations in words.
fn wait(wait: Wait) -> String {
    let span = |us: u64| number::span(us.saturating_mul(1_000));
    match wait {
        Wait::None => "none".to_owned(),
        Wait::Constant(us) => format!("{} after each task", span(us)),
        Wait::Between(low, high) => format!("between {} and {}", span(low), span(high)),
        Wait::Pacing(us) => format!("until {} after the task began", span(us)),
        Wait::Asked => "as the scenario says each time".to_owned(),
        Wait::Poisson(us) => format!("at random, {} on average", span(us)),
    }
}

/// How the tasks of the outermost set are chosen.
fn order(class: &UserClass) -> String {
    match class.sets.first().map(|set| set.order) {
        Some(Order::Sequential) => "in order".to_owned(),
        Some(Order::Transitions) => "a chain: by the task before".to_owned(),
        Some(Order::Weighted) | None => "at random, by weight".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::golden::{assert_tidy, golden};
    use super::*;
    use katydid_load::{ParameterKind, Task, TaskSet, Transition};

    fn set(name: &str, parent: Option<u32>, weight: u32, order: Order) -> TaskSet {
        let (tags, transitions) = (Vec::new(), Vec::new());
        TaskSet { name: name.to_owned(), parent, weight, order, tags, transitions }
    }

    fn task(id: u32, name: &str, set: u32, weight: u32, tags: &[&str]) -> Task {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Task { id, name: name.to_owned(), set, weight, tags }
    }

    fn shopper() -> UserClass {
        UserClass {
            name: "Shopper".to_owned(),
            weight: 3,
            fixed_count: None,
            host: Some("http://127.0.0.1:8877/".to_owned()),
            wait: Wait::Between(100_000, 1_000_000),
            sets: vec![
                set("Shopper", None, 1, Order::Weighted),
                set("checkout", Some(0), 3, Order::Sequential),
                set("deserted", Some(0), 5, Order::Weighted),
                set("payment", Some(1), 1, Order::Weighted),
            ],
            tasks: vec![
                task(0, "get_time", 0, 10, &["smoke", "read"]),
                task(1, "get_random_number", 0, 5, &[]),
                task(2, "open_basket", 1, 1, &["write"]),
                task(3, "pay_by_card", 3, 2, &[]),
                task(4, "支払う", 3, 1, &["write"]),
                task(5, "pay_by_cheque", 3, 0, &[]),
            ],
        }
    }

    fn inspection(classes: Vec<UserClass>) -> Inspection {
        Inspection {
            file: "scripts/wat/api_user.wat".to_owned(),
            size: 5_432,
            form: "core module, as text".to_owned(),
            producers: vec!["Rust".to_owned(), "rustc 1.95.0".to_owned()],
            compiled_size: 90_123,
            digest: "4f2a91c07b3e5d68".repeat(4),
            package: "katydid:load@0.1.0".to_owned(),
            compile_ms: 12.345,
            cached: true,
            memories: 1,
            initial_memory_bytes: 65_536,
            timed: false,
            tables: 2,
            imports: vec![
                "katydid:load/client@0.1.0".to_owned(),
                "katydid:load/log@0.1.0".to_owned(),
                "wasi:cli/stdout@0.2.6".to_owned(),
            ],
            description: Description { classes, ..Description::default() },
        }
    }

    /// A class that is a chain, with another chain inside, and everything that may stand beside.
    fn wanderer() -> Inspection {
        let chain = |mut set: TaskSet, links: &[(u32, u32, u32)], tags: &[&str]| {
            let link = |&(from, to, weight): &_| Transition { from, to, weight };
            set.transitions = links.iter().map(link).collect();
            set.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            set
        };
        let outer = set("Wanderer", None, 1, Order::Weighted);
        let inner = set("shop", Some(0), 2, Order::Transitions);
        let wanderer = UserClass {
            name: "Wanderer".to_owned(),
            wait: Wait::Poisson(2_000_000),
            sets: vec![
                chain(outer, &[], &["day"]),
                chain(
                    inner,
                    &[(1, 1, 3), (1, 2, 1), (2, 1, 1), (2, 4, 2), (3, 1, 1)],
                    &["shop", "write"],
                ),
            ],
            tasks: vec![
                task(0, "stroll", 0, 1, &[]),
                task(1, "look", 1, 1, &["read"]),
                task(2, "fill", 1, 1, &[]),
                task(3, "nobody comes here", 1, 1, &[]),
                task(4, "pay", 1, 1, &[]),
                task(5, "never", 1, 0, &[]),
            ],
            ..shopper()
        };
        let walks = UserClass {
            name: "Walks".to_owned(),
            sets: vec![chain(
                set("Walks", None, 1, Order::Transitions),
                &[(0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1), (0, 5, 1), (0, 6, 1)],
                &[],
            )],
            tasks: (0..7).map(|id| task(id, &format!("to {id}"), 0, 1, &[])).collect(),
            ..shopper()
        };
        let parameter = |name: &str, kind, default: Option<&str>, about: &str| Parameter {
            name: name.to_owned(),
            kind,
            default: default.map(str::to_owned),
            about: about.to_owned(),
        };
        let mut inspection = inspection(vec![wanderer, walks]);
        inspection.description.hooks =
            Hooks { state: true, setup: true, teardown: true, shape: true };
        inspection.description.parameters = vec![
            parameter(
                "tenant",
                ParameterKind::Text,
                Some("acme"),
                "which tenant's shop the users of this run go to, as its sign says",
            ),
            parameter("motto", ParameterKind::Text, Some(""), ""),
            parameter("depth", ParameterKind::Integer, None, "how many pages they turn"),
            parameter("patience", ParameterKind::Number, Some("0.5"), "in seconds"),
            parameter("slow", ParameterKind::Boolean, Some("false"), ""),
        ];
        inspection
    }

    fn text(inspection: &Inspection, style: &Style) -> String {
        let mut text = Vec::new();
        inspect(inspection, style, &mut text).expect("memory takes all");
        let text = String::from_utf8(text).expect("reports are text");
        assert_tidy(&text, style);
        text
    }

    fn two_classes() -> Inspection {
        let watcher = UserClass {
            name: "Watcher".to_owned(),
            fixed_count: Some(2),
            host: None,
            wait: Wait::Pacing(5_000_000),
            sets: vec![set("Watcher", None, 1, Order::Sequential)],
            tasks: vec![task(0, "look", 0, 1, &[])],
            ..shopper()
        };
        let buyer = UserClass { name: "Käufer".to_owned(), weight: 1, ..shopper() };
        inspection(vec![shopper(), watcher, buyer])
    }

    #[test]
    fn as_text_and_as_json() {
        golden("inspect", &text(&two_classes(), &Style::default()));
        let ascii = Style { unicode: false, width: 60, ..Style::default() };
        golden("inspect_ascii_60", &text(&two_classes(), &ascii));
        let mut json = Vec::new();
        inspect_json(&inspection(vec![shopper()]), &mut json).expect("memory takes all");
        golden("inspect_json", std::str::from_utf8(&json).expect("JSON is UTF-8"));
    }

    #[test]
    fn all_that_a_scenario_may_declare() {
        golden("inspect_wanderer", &text(&wanderer(), &Style::default()));
        let ascii = Style { unicode: false, width: 60, ..Style::default() };
        golden("inspect_wanderer_ascii_60", &text(&wanderer(), &ascii));
        let mut json = Vec::new();
        inspect_json(&wanderer(), &mut json).expect("memory takes all");
        golden("inspect_wanderer_json", std::str::from_utf8(&json).expect("JSON is UTF-8"));
    }

    #[test]
    fn ten_thousand_sets_in_one_another() {
        let mut class = shopper();
        let nested = |n: u32| set("deep", n.checked_sub(1), 1, Order::Weighted);
        class.sets = (0..10_000).map(nested).collect();
        class.tasks = vec![task(0, "down there", 9_999, 1, &[])];
        let text = text(&inspection(vec![class]), &Style::default());
        assert!(text.lines().count() < 50, "{text}");
    }

    #[test]
    fn waits_in_words() {
        let rows = [
            (Wait::None, "none"),
            (Wait::Constant(1_500_000), "1.5 s after each task"),
            (Wait::Pacing(u64::MAX), "until 213,503d23h34m after the task began"),
            (Wait::Asked, "as the scenario says each time"),
            (Wait::Poisson(1_500_000), "at random, 1.5 s on average"),
        ];
        for (wait, expected) in rows {
            let class = UserClass { wait, ..shopper() };
            let text = text(&inspection(vec![class]), &Style::default());
            assert!(text.contains(&format!("wait   {expected}\n")), "{text}");
        }
    }
}
