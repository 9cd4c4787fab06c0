//! How much load there is to be, as a person says it.

use crate::duration;
use crate::guest::Module;
use crate::run::{Load, Tags};
use katydid_load::profile::{Closed, End, Iterations, Open, Rate, Spacing, Stage};
use std::time::Duration;

/// The load of one scenario, before it is checked.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct LoadArgs {
    /// Virtual users; with --arrivals those that are there before the first one [default: 1]
    #[arg(short, long, value_name = "N")]
    pub(super) users: Option<u32>,
    /// Users started in each second [default: 1]
    #[arg(
        short = 'r',
        long,
        value_name = "RATE",
        allow_negative_numbers = true,
        conflicts_with = "stages"
    )]
    pub(super) spawn_rate: Option<f64>,
    /// How long to run: 30s, 10m, 1h30m [default: until the stages are over, until Ctrl-C, or until all users
    /// have ended]
    #[arg(short = 't', long, value_name = "TIME", value_parser = duration::parse)]
    pub(super) run_time: Option<Duration>,
    /// Go from the users, or the rate, before to this in so long: 30s:100, with --arrivals 30s:200/s; may be
    /// repeated
    #[arg(long = "stage", alias = "stages", value_name = "TIME:LOAD")]
    pub(super) stages: Vec<String>,
    /// Begin so many iterations per second, whoever is free (open model): 200/s, 12000/m
    #[arg(long, value_name = "RATE", conflicts_with_all = ["spawn_rate", "iterations", "shared_iterations"])]
    pub(super) arrivals: Option<Rate>,
    /// Space arrivals as those who do not know of each other arrive
    #[arg(long, conflicts_with_all = ["spawn_rate", "iterations", "shared_iterations"])]
    pub(super) poisson: bool,
    /// Most users that there may ever be [default: as many as planned; for arrivals and shapes 1000]
    #[arg(long, value_name = "N")]
    pub(super) max_vus: Option<u32>,
    /// Iterations of each user, after which it ends [default: any number]
    #[arg(short, long, value_name = "N")]
    pub(super) iterations: Option<u64>,
    /// Iterations of all users together, after which the run ends
    #[arg(long, value_name = "N", conflicts_with = "iterations")]
    pub(super) shared_iterations: Option<u64>,
}

/// Room for users where nobody says how many there will be.
const ROOM: u32 = 1_000;

impl LoadArgs {
    /// The load, and what it is in words; or its mistakes.
    pub(super) fn load(
        &self,
        module: &Module,
        mistakes: &mut Vec<String>,
    ) -> Option<(Load, String)> {
        let before = mistakes.len();
        let found = match (&self.arrivals, self.is_shaped(module)) {
            (Some(rate), _) => self.open(*rate, mistakes),
            (None, true) => Some(self.shaped()),
            (None, false) => self.closed(mistakes),
        };
        if self.poisson && self.arrivals.is_none() {
            mistakes.push("--poisson spaces arrivals: give their rate with --arrivals".to_owned());
        }
        found.filter(|_| mistakes.len() == before)
    }

    /// The scenario says itself what load there is to be, and nobody else does.
    fn is_shaped(&self, module: &Module) -> bool {
        let said = self.users.is_some() || !self.stages.is_empty();
        let said = said || self.iterations.is_some() || self.shared_iterations.is_some();
        module.description.hooks.shape && !said
    }

    fn end(&self) -> End {
        match self.run_time {
            Some(time) => End::At(nanoseconds(time)),
            None if !self.stages.is_empty() => End::WithStages,
            None => End::Never,
        }
    }

    fn shaped(&self) -> (Load, String) {
        let (end, most) = (self.end(), self.max_vus.unwrap_or(ROOM));
        (
            Load::Shaped { end, most },
            format!("what the scenario's shape says, at most {most} users"),
        )
    }

    fn open(&self, rate: Rate, mistakes: &mut Vec<String>) -> Option<(Load, String)> {
        let stages = stages::<Rate>(&self.stages, mistakes)?;
        let made = Open::new(rate, &stages, self.end());
        let profile = made.map_err(|errors| told(&errors, mistakes)).ok()?;
        let most = self.max_vus.unwrap_or(ROOM);
        // Enough for iterations of a twentieth of a second.
        let first =
            self.users.unwrap_or_else(|| (profile.peak() / 20.0).ceil() as u32 + 1).min(most);
        if self.users.is_some_and(|users| users > most) {
            mistakes.push(format!("--users {first} are more than --max-vus {most}"));
            return None;
        }
        if !(1..=katydid_load::profile::MAX_USERS).contains(&most) {
            mistakes.push(format!(
                "--max-vus {most} is not between 1 and {}",
                katydid_load::profile::MAX_USERS
            ));
            return None;
        }
        let spacing = if self.poisson { Spacing::Poisson } else { Spacing::Regular };
        let random = if self.poisson { " at random" } else { "" };
        let words = format!("{rate} arrivals{random}{}, at most {most} users", then(&self.stages));
        Some((Load::Open { rate: profile, spacing, first, most }, words))
    }

    fn closed(&self, mistakes: &mut Vec<String>) -> Option<(Load, String)> {
        let stages = stages::<u32>(&self.stages, mistakes)?;
        let iterations = match (self.iterations, self.shared_iterations) {
            (Some(each), _) => Some(Iterations::PerUser(each)),
            (None, Some(all)) => Some(Iterations::Shared(all)),
            (None, None) => None,
        };
        if let Some(Err(errors)) = iterations.map(Iterations::check) {
            told(&errors, mistakes);
        }
        let users = self.users.unwrap_or(u32::from(stages.is_empty()));
        let rate = self.spawn_rate.unwrap_or(1.0);
        let (made, words) = if stages.is_empty() {
            let started = format!("{rate} started per second");
            (
                Closed::ramp(users, rate, self.end()),
                format!("{}, {started}", counted(users, "user")),
            )
        } else {
            let words = format!("from {}{}", counted(users, "user"), then(&self.stages));
            (Closed::new(users, &stages, self.end()), words)
        };
        let profile = made.map_err(|errors| told(&errors, mistakes)).ok()?;
        let each = match iterations {
            Some(Iterations::PerUser(n)) => format!(", {n} iteration{} each", plural(n)),
            Some(Iterations::Shared(n)) => format!(", {n} iteration{} together", plural(n)),
            None => String::new(),
        };
        let most = self.max_vus.unwrap_or(0).max(profile.peak());
        Some((Load::Closed { users: profile, iterations, most }, format!("{words}{each}")))
    }
}

fn stages<T>(given: &[String], mistakes: &mut Vec<String>) -> Option<Vec<Stage<T>>>
where
    Stage<T>: std::str::FromStr<Err: std::fmt::Display>,
{
    let before = mistakes.len();
    let mut stages = Vec::new();
    for text in given.iter().flat_map(|list| list.split(',')) {
        match text.parse() {
            Ok(stage) => stages.push(stage),
            Err(error) => mistakes.push(format!("--stage: {error}")),
        }
    }
    (mistakes.len() == before).then_some(stages)
}

fn told<E: std::fmt::Display>(errors: &[E], mistakes: &mut Vec<String>) {
    mistakes.extend(errors.iter().map(ToString::to_string));
}

fn then(stages: &[String]) -> String {
    if stages.is_empty() { String::new() } else { format!(", then {}", stages.join(", ")) }
}

fn counted(n: u32, what: &str) -> String {
    format!("{n} {what}{}", plural(n.into()))
}

fn plural(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Which tasks are carried out.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct TagArgs {
    /// Carry out only tasks with any of these tags
    #[arg(short = 'T', long, value_name = "TAG", value_delimiter = ',')]
    pub(super) tags: Vec<String>,
    /// Carry out no task with any of these tags
    #[arg(short = 'E', long, value_name = "TAG", value_delimiter = ',')]
    pub(super) exclude_tags: Vec<String>,
}

impl TagArgs {
    pub(super) fn tags(&self) -> Tags {
        Tags { include: self.tags.clone(), exclude: self.exclude_tags.clone() }
    }
}
