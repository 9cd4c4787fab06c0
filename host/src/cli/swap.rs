//! Swaps, as a person asks for them: flags, a watched file, keys.

use super::keys::{HELP, Key};
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
    /// Swap when the scenario's file changes; a Cargo project is built first
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

/// What a new version is loaded with: the same as the first one.
pub(super) struct Swapper {
    source: Option<Source>,
    watch: Option<Watch>,
    share: Share,
    loader: Arc<Loader>,
    requests: Arc<RequestArgs>,
    host: Option<String>,
    /// Sources that were read, or why they could not be; and answers to be shown.
    found: (mpsc::UnboundedSender<Found>, mpsc::UnboundedReceiver<Found>),
    /// The source is being read or built.
    reading: bool,
    /// Marks that were shown.
    shown: u64,
}

enum Found {
    Bytes(Vec<u8>),
    NoBytes(String),
    Line(String),
}

impl Swapper {
    pub(super) fn new(
        source: Option<(Source, SwapArgs)>,
        loader: Loader,
        (requests, host): (&RequestArgs, Option<&str>),
    ) -> Self {
        let (source, args) = source.unzip();
        let (watch, canary) =
            args.map_or((false, None), |args: SwapArgs| (args.watch, args.canary));
        Self {
            watch: source.clone().filter(|_| watch).map(Watch::new),
            source,
            share: canary.unwrap_or(Share::ALL),
            loader: Arc::new(loader),
            requests: Arc::new(requests.clone()),
            host: host.map(str::to_owned),
            found: mpsc::unbounded_channel(),
            reading: false,
            shown: 0,
        }
    }

    /// Waits for what is to be done, and does it. Nothing is lost where the wait is given up.
    pub(super) async fn wait(&mut self) -> Todo {
        let watched = async {
            match &mut self.watch {
                Some(watch) if !self.reading => watch.changed().await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = watched => Todo(None),
            Some(found) = self.found.1.recv() => Todo(Some(found)),
        }
    }

    pub(super) fn act(&mut self, todo: Todo, handle: &RunHandle, screen: &mut Screen) {
        match todo.0 {
            None => self.read(screen),
            Some(Found::Line(line)) => screen.line(&line),
            Some(Found::NoBytes(why)) => {
                self.reading = false;
                why.lines().for_each(|line| screen.line(line));
                screen.line("the running version stays");
            }
            Some(Found::Bytes(bytes)) => {
                self.reading = false;
                self.swap(bytes, handle);
            }
        }
    }

    pub(super) fn press(&mut self, key: Key, handle: &RunHandle, screen: &mut Screen) {
        match key {
            Key::Swap if self.source.is_none() => screen.line("there is no file to swap to"),
            Key::Swap if self.reading => screen.line("the scenario is being built already"),
            Key::Swap => self.read(screen),
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

    /// Reads the source, or builds it.
    fn read(&mut self, screen: &mut Screen) {
        let Some(source) = self.source.clone() else { return };
        if matches!(source, Source::Cargo(_)) {
            screen.line(&format!("building {}", source.name()));
        }
        self.reading = true;
        let found = self.found.0.clone();
        tokio::spawn(async move {
            let bytes = source.bytes(|_| {}).await;
            let _ = found.send(bytes.map_or_else(Found::NoBytes, Found::Bytes));
        });
    }

    fn swap(&self, bytes: Vec<u8>, handle: &RunHandle) {
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let (loader, requests) = (Arc::clone(&self.loader), Arc::clone(&self.requests));
        let host = self.host.clone();
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
        // What comes of it stands in the marks.
        drop(tokio::spawn(handle.swap(Attempt { scenario: None, digest, prepare }, self.share)));
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

/// What a [`Swapper`] has to do.
pub(super) struct Todo(Option<Found>);

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
