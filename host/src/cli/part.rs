//! One scenario of a run: from its options to what runs.

use super::Usage;
use super::data;
use super::load::{LoadArgs, TagArgs};
use super::plan::Places;
use super::requests::RequestArgs;
use super::scenario::Loader;
use super::screen::Screen;
use super::source::{EngineArgs, Source};
use crate::duration;
use crate::guest::Module;
use crate::report::ScenarioInfo;
use crate::run::{Load, ScenarioSpec, Tags};
use katydid_load::parameter::settle;
use katydid_load::profile::{End, Iterations};
use katydid_load::{Description, Plan, UserClass};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What each scenario of a run may have its own of.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PartArgs {
    #[command(flatten)]
    pub(super) load: LoadArgs,
    /// URL of the target, in place of what the user classes say
    #[arg(short = 'H', long, value_name = "URL")]
    pub(super) host: Option<String>,
    #[command(flatten)]
    pub(super) given: GivenArgs,
    /// Begin so long after the run did, where others run beside it
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration::parse)]
    pub(super) start: Duration,
    /// What the scenario is called in the results [default: what its file is called]
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) engine: EngineArgs,
}

/// What a scenario is given to work with.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct GivenArgs {
    /// A parameter that the scenario may ask for; may be repeated
    #[arg(long = "param", alias = "params", value_name = "NAME=VALUE")]
    pub(super) parameters: Vec<String>,
    /// A set of rows that users draw: a CSV file, or one JSON value a line; then who is given which (unique,
    /// shared, random, per-user) and what happens after the last one (stop, recycle); may be repeated
    #[arg(long, value_name = "NAME=FILE[,HOW]")]
    data: Vec<String>,
    #[command(flatten)]
    tags: TagArgs,
}

/// Longest name of a scenario, in characters.
const NAME_CHARS: usize = 100;

fn name(text: &str) -> Result<String, String> {
    let fits = (1..=NAME_CHARS).contains(&text.chars().count());
    match fits && !text.chars().any(char::is_control) {
        true => Ok(text.to_owned()),
        false => Err(format!("a name has 1 to {NAME_CHARS} characters, none of them for control")),
    }
}

/// A scenario that is to run.
pub(super) struct Scenario {
    /// What it is called in the run.
    pub(super) name: String,
    /// Its file, or what is said in its place.
    pub(super) file: String,
    pub(super) bytes: Vec<u8>,
    pub(super) args: PartArgs,
    /// Where other versions of it may come from.
    pub(super) source: Option<Source>,
    /// Where its options stand.
    pub(super) places: Places,
}

impl Scenario {
    /// What runs, and what reports say of it; or its mistakes.
    pub(super) fn plan(
        &self,
        module: Module,
        requests: &RequestArgs,
        mistakes: &mut Vec<String>,
    ) -> Option<(ScenarioSpec, ScenarioInfo)> {
        let PartArgs { load, host, given, start, .. } = &self.args;
        let mut own = Vec::new();
        let targets = requests.targets(&module.description, host.as_deref(), &mut own);
        let planned = load.load(&module, &mut own);
        let values = given.parameters(&mut own);
        let settled = settle(&module.description.parameters, &values);
        let parameters = settled.map_err(|errors| own.extend(errors)).unwrap_or_default();
        own.extend(given.tags.leave_nothing(&module.description));
        let data = given.data.iter().filter_map(|text| data::read(text, &mut own)).collect();
        mistakes.extend(own.iter().map(|mistake| self.places.placed(mistake)));
        let (load, words) = planned?;
        let mut hosts: Vec<_> = targets.iter().map(|target| target.url.clone()).collect();
        hosts.dedup();
        let iterations = match &load {
            Load::Closed { iterations: Some(Iterations::PerUser(each)), .. } => Some(*each),
            _ => None,
        };
        let info = ScenarioInfo {
            name: self.name.clone(),
            file: self.file.clone(),
            host: hosts.join(", "),
            digest: module.digest.clone(),
            load: words.clone(),
            peak_users: load.room(),
            open: matches!(load, Load::Open { .. }),
            iterations,
            parameters: values.into_iter().collect(),
        };
        let spec = ScenarioSpec {
            name: self.name.clone(),
            module,
            targets,
            load,
            words,
            start: *start,
            parameters: Arc::new(parameters),
            tags: given.tags.tags(),
            data,
        };
        Some((spec, info))
    }

    /// The mistakes that its file is to blame for, with the place where that is named.
    ///
    /// # Errors
    /// It was no mistake of whoever runs it.
    pub(super) fn mistakes(&self, error: anyhow::Error) -> anyhow::Result<Vec<String>> {
        let Usage(mistakes) = error.downcast::<Usage>()?;
        Ok(mistakes.iter().map(|mistake| self.places.placed_at_path(mistake)).collect())
    }
}

impl TagArgs {
    /// The mistake to leave no task to anybody.
    fn leave_nothing(&self, description: &Description) -> Option<String> {
        let Tags { include, exclude } = self.tags();
        let busy = |class: &UserClass| {
            class.has_users() && Plan::with_tags(class, &include, &exclude).is_some()
        };
        if description.classes.iter().any(busy) {
            return None;
        }
        let flags = [("--tags", &include), ("--exclude-tags", &exclude)];
        let flags = flags.into_iter().filter(|(_, tags)| !tags.is_empty());
        let flags: Vec<_> =
            flags.map(|(flag, tags)| format!("{flag} {}", tags.join(","))).collect();
        Some(format!(
            "{}: no task is left; `katydid inspect` shows their tags",
            flags.join(" with ")
        ))
    }
}

impl GivenArgs {
    /// The parameters, by name.
    pub(super) fn parameters(&self, mistakes: &mut Vec<String>) -> BTreeMap<String, String> {
        let mut parameters = BTreeMap::new();
        for text in &self.parameters {
            match text.split_once('=') {
                Some((name, value)) if !name.is_empty() => {
                    if parameters.insert(name.to_owned(), value.to_owned()).is_some() {
                        mistakes.push(format!("--param {name:?} is given twice; give it once"));
                    }
                }
                _ => mistakes.push(format!("--param {text:?} is not NAME=VALUE")),
            }
        }
        parameters
    }
}

/// Reads the scenarios, or builds them.
pub(super) async fn read(scenarios: &mut [Scenario], screen: &mut Screen) -> anyhow::Result<()> {
    let mut mistakes = Vec::new();
    for scenario in scenarios {
        let bytes = match Source::of(scenario.file.as_ref(), &scenario.args.engine) {
            Ok(source) => scenario.source.insert(source).read_first(screen).await,
            Err(usage) => Err(usage.into()),
        };
        match bytes {
            Ok(bytes) => scenario.bytes = bytes,
            Err(error) => mistakes.extend(scenario.mistakes(error)?),
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Usage(mistakes).into()) }
}

/// Compiles the scenarios. What two of them share is compiled once.
pub(super) async fn load(
    scenarios: &[Scenario],
    loader: &Loader,
    screen: &mut Screen,
) -> anyhow::Result<Vec<Module>> {
    let (mut modules, mut mistakes) = (Vec::<Option<Module>>::new(), Vec::new());
    for scenario in scenarios {
        let same = scenarios.iter().position(|other| other.bytes == scenario.bytes);
        if let Some(known) = same.and_then(|place| modules.get(place)) {
            modules.push(known.clone());
            continue;
        }
        let module = loader.load_first(&scenario.file, &scenario.bytes, screen).await;
        modules.push(match module {
            Ok(module) => Some(module),
            Err(error) => {
                mistakes.extend(scenario.mistakes(error)?);
                None
            }
        });
    }
    if mistakes.is_empty() {
        Ok(modules.into_iter().flatten().collect())
    } else {
        Err(Usage(mistakes).into())
    }
}

/// When the last scenario's time is over, in nanoseconds after the run began; nothing where that of any is
/// without an end.
pub(super) fn run_time_ns(scenarios: &[ScenarioSpec]) -> Option<u64> {
    let end = |scenario: &ScenarioSpec| {
        let length_ns = match &scenario.load {
            Load::Closed { users, .. } => users.length_ns(),
            Load::Open { rate, .. } => rate.length_ns(),
            Load::Shaped { end: End::At(ns), .. } => Some(*ns),
            Load::Shaped { .. } => None,
        };
        Some(super::load::nanoseconds(scenario.start).saturating_add(length_ns?))
    };
    let ends: Option<Vec<u64>> = scenarios.iter().map(end).collect();
    ends?.into_iter().max()
}
