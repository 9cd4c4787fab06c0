//! Swaps, as a person asks for them: flags, a watched file, keys.

use super::keys::{HELP, Key};
use super::part::Scenario;
use super::requests::RequestArgs;
use super::scenario::Loader;
use super::screen::Screen;
use super::source::Source;
use super::watch::Watch;
use crate::duration;
use crate::guest::Effort;
use crate::report;
use crate::run::{Answer, Attempt, Candidate, RunHandle, SwapRules};
use katydid_load::rollback::Rule;
use katydid_load::{Share, Snapshot, StopReason};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How another version of the scenario takes the place of the running one.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Swap")]
pub(super) struct SwapArgs {
    /// Swap when the scenario's file changes, or a file that it is built from
    #[arg(long)]
    watch: bool,
    /// Swap only this share of the users (10%, 0.1); then press p to promote or r to roll back
    #[arg(long, value_name = "SHARE", value_parser = share)]
    canary: Option<Share>,
    /// Promote a canary that has held for so long, once there are enough requests to judge it by the rules
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "canary")]
    promote_after: Option<Duration>,
    /// Roll a new version back that does this while users change or it is a canary; may be repeated
    /// [default: "traps > 0", "failures > +5%", "p95 > 200%"]
    #[arg(long = "rollback-if", value_name = "RULE", value_parser = str::parse::<Rule>)]
    rollback_if: Vec<Rule>,
    /// Roll nothing back by rule; a version whose first users cannot start is rolled back all the same
    #[arg(long, conflicts_with = "rollback_if")]
    no_rollback: bool,
}

fn share(text: &str) -> Result<Share, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let share = match text.strip_suffix('%') {
        Some(percent) => number(percent).map(|percent| percent / 100.0),
        None => number(text),
    };
    share
        .and_then(Share::new)
        .ok_or_else(|| "write a share of the users like 10% or 0.1".to_owned())
}

impl SwapArgs {
    /// What is done with versions that nobody judges.
    pub(super) fn rules(&self) -> SwapRules {
        let roll_back = match (&self.rollback_if, self.no_rollback) {
            (_, true) => Vec::new(),
            (rules, _) if rules.is_empty() => Rule::defaults(),
            (rules, _) => rules.clone(),
        };
        SwapRules { roll_back, promote_after: self.promote_after }
    }
}

/// Swaps the scenarios of a run, when their files change or a person asks.
pub(super) struct Swapper {
    scenarios: Vec<Swapped>,
    share: Share,
    /// What a new version is loaded with: the same as the first one.
    loader: Arc<Loader>,
    requests: Arc<RequestArgs>,
    /// What the sources have become, and answers to be shown.
    found: (mpsc::UnboundedSender<Found>, mpsc::UnboundedReceiver<Found>),
    /// Marks that were shown.
    shown: u64,
}

/// A scenario, as far as swaps need to know it.
struct Swapped {
    name: String,
    host: Option<String>,
    source: Option<Source>,
    /// The source is being read or built.
    reading: bool,
    /// It has changed meanwhile.
    again: bool,
}

/// What was found out; of the scenario at a place.
enum Found {
    Changed(usize),
    Bytes(usize, Vec<u8>),
    NoBytes(usize, String),
    Line(String),
}

impl Swapper {
    pub(super) fn new(
        scenarios: Vec<Scenario>,
        args: Option<SwapArgs>,
        (loader, requests): (Loader, &RequestArgs),
    ) -> Self {
        let found = mpsc::unbounded_channel();
        let (watched, canary) = args.map_or((false, None), |args| (args.watch, args.canary));
        let sources = scenarios.iter().map(|scenario| scenario.source.clone());
        for (place, source) in sources.enumerate().filter(|_| watched) {
            if let Some(source) = source {
                tokio::spawn(watch(Watch::new(source), place, found.0.clone()));
            }
        }
        let swapped = |Scenario { name, args, source, .. }: Scenario| Swapped {
            name,
            host: args.host,
            source,
            reading: false,
            again: false,
        };
        Self {
            scenarios: scenarios.into_iter().map(swapped).collect(),
            share: canary.unwrap_or(Share::ALL),
            loader: Arc::new(loader),
            requests: Arc::new(requests.clone()),
            found,
            shown: 0,
        }
    }

    /// Waits for what is to be done. Nothing is lost where the wait is given up.
    pub(super) async fn wait(&mut self) -> Todo {
        match self.found.1.recv().await {
            Some(found) => Todo(found),
            None => std::future::pending().await,
        }
    }

    pub(super) fn act(&mut self, todo: Todo, handle: &RunHandle, screen: &mut Screen) {
        let place = match todo.0 {
            Found::Line(line) => return screen.line(&line),
            Found::Changed(place) => return self.read(place, screen),
            Found::NoBytes(place, why) => {
                why.lines().for_each(|line| screen.line(line));
                screen.line("the running version stays");
                place
            }
            Found::Bytes(place, bytes) => {
                self.swap(place, bytes, handle);
                place
            }
        };
        let Some(scenario) = self.scenarios.get_mut(place) else { return };
        scenario.reading = false;
        if std::mem::take(&mut scenario.again) {
            self.read(place, screen);
        }
    }

    pub(super) fn press(&mut self, key: Key, handle: &RunHandle, screen: &mut Screen) {
        match key {
            Key::Swap => match self.scenarios.as_slice() {
                [Swapped { source: None, .. }] => screen.line("there is no file to swap to"),
                [Swapped { reading: true, .. }] => {
                    screen.line("the scenario is being built already")
                }
                [_] => self.read(0, screen),
                several => {
                    let names = several.iter().map(|scenario| format!("{:?}", scenario.name));
                    let names: Vec<_> = names.collect();
                    let which = "cannot swap: which scenario? There are";
                    screen.line(&format!("{which} {}; use --watch", names.join(", ")));
                }
            },
            Key::Promote => self.tell("cannot promote", handle.promote(None)),
            Key::RollBack => self.tell("cannot roll back", handle.roll_back(None)),
            Key::More | Key::Fewer => {
                let users = handle.snapshots().borrow().users;
                let step = (users / 10).max(1);
                let users =
                    if key == Key::More { users + step } else { users.saturating_sub(step) };
                self.tell("cannot change the number of users", handle.set_users(None, users, None));
            }
            Key::Pause if handle.snapshots().borrow().paused => {
                self.tell("cannot go on", handle.resume());
            }
            Key::Pause => self.tell("cannot pause", handle.pause()),
            Key::Quit => handle.stop(StopReason::Asked),
            Key::Help => screen.line(HELP),
        }
    }

    /// Shows the steps of swaps that were not shown yet.
    pub(super) fn show(&mut self, snapshot: &Snapshot, screen: &mut Screen) {
        let new = usize::try_from(snapshot.marks_ever - self.shown).unwrap_or(usize::MAX);
        report::swap_lines(snapshot, new).iter().for_each(|line| screen.line(line));
        self.shown = snapshot.marks_ever;
    }

    /// Reads a scenario's source, or builds it; once more afterwards where that goes on already.
    fn read(&mut self, place: usize, screen: &mut Screen) {
        let Some(scenario) = self.scenarios.get_mut(place) else { return };
        let Some(source) = scenario.source.clone() else { return };
        if std::mem::replace(&mut scenario.reading, true) {
            scenario.again = true;
            return;
        }
        if matches!(source, Source::Project(_)) {
            screen.line(&format!("building {}", source.name()));
        }
        let found = self.found.0.clone();
        tokio::spawn(async move {
            let bytes = source.bytes(|_| {}).await;
            let _ = found.send(match bytes {
                Ok(bytes) => Found::Bytes(place, bytes),
                Err(why) => Found::NoBytes(place, why),
            });
        });
    }

    fn swap(&self, place: usize, bytes: Vec<u8>, handle: &RunHandle) {
        if self.scenarios.get(place).is_some() {
            // What comes of it stands in the marks.
            drop(tokio::spawn(handle.swap(self.maker(place)(bytes), self.share)));
        }
    }

    /// What makes an attempt to swap the scenario at this place to other bytes.
    pub(super) fn maker(&self, place: usize) -> Maker {
        let (loader, requests) = (Arc::clone(&self.loader), Arc::clone(&self.requests));
        let scenario = self.scenarios.get(place);
        let name = scenario.map(|scenario| scenario.name.clone());
        let host = scenario.and_then(|scenario| scenario.host.clone());
        Arc::new(move |bytes| attempt((&loader, &requests), (name.clone(), host.clone()), bytes))
    }

    /// Shows what was done, or why it could not be.
    fn tell(&self, what: &'static str, answer: impl Future<Output = Answer> + Send + 'static) {
        let found = self.found.0.clone();
        tokio::spawn(async move {
            let line = answer.await.unwrap_or_else(|why| format!("{what}: {why}"));
            let _ = found.send(Found::Line(line));
        });
    }
}

/// Makes the attempt to swap a scenario to these bytes.
pub(super) type Maker = Arc<dyn Fn(Vec<u8>) -> Attempt + Send + Sync>;

fn attempt(
    (loader, requests): (&Arc<Loader>, &Arc<RequestArgs>),
    (scenario, host): (Option<String>, Option<String>),
    bytes: Vec<u8>,
) -> Attempt {
    let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let (loader, requests) = (Arc::clone(loader), Arc::clone(requests));
    let prepare = Box::pin(async move {
        let module = loader.load(&bytes, Effort::Background).await;
        let module = module.map_err(|error| error.to_string())?;
        let mut mistakes = Vec::new();
        let targets = requests.targets(&module.description, host.as_deref(), &mut mistakes);
        match mistakes.is_empty() {
            true => Ok(Candidate { module, targets }),
            false => Err(mistakes.join("; ")),
        }
    });
    Attempt { scenario, digest, prepare }
}

/// What a [`Swapper`] has to do.
pub(super) struct Todo(Found);

/// Tells of each change of a source.
async fn watch(mut source: Watch, place: usize, found: mpsc::UnboundedSender<Found>) {
    loop {
        source.changed().await;
        if found.send(Found::Changed(place)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_as_people_write_them() {
        for (text, expected) in [
            ("10%", Some(0.1)),
            ("0.25", Some(0.25)),
            ("100 %", Some(1.0)),
            ("12.5%", Some(0.125)),
            ("1", Some(1.0)),
            ("0", None),
            ("-5%", None),
            ("101%", None),
            ("half", None),
            ("", None),
            ("%", None),
            ("nan", None),
        ] {
            assert_eq!(share(text).ok(), expected.and_then(Share::new), "{text:?}");
        }
    }
}
