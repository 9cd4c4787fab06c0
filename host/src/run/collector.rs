//! Puts the shards' seconds together and publishes them.

use super::Shared;
use super::line::Exchange;
use super::part::Part;
use super::recorder::Book;
use super::shard::Busy;
use crate::guest::Module;
use katydid_load::threshold::{Figures, Group, Thresholds};
use katydid_load::version::{KEPT_VERSIONS, MAX_MARKS};
use katydid_load::{
    Counts, LabelId, Mark, ShardState, Snapshot, Stage, VersionState, Warning, Window,
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Share of a second above which a shard's own delay is in the figures.
const SATURATED: f64 = 0.9;
/// Lateness of arrivals above which it is in the figures.
const LATE_US: u64 = 10_000;

pub(super) struct Collector {
    busy: Vec<Arc<Busy>>,
    /// Emptied windows, to be filled again.
    spare: Vec<Window>,
    publish: watch::Sender<Snapshot>,
    /// What each version has counted in the last second, by its number.
    second: Vec<(u32, Window)>,
    /// The second of a version that did nothing in it: shared, since even an empty window has its histograms.
    nothing: Arc<Window>,
    /// What the groups of users that thresholds ask for have counted since the run began.
    groups: Vec<(Group, Window)>,
    /// Who the users of each version are, where somebody asks for groups.
    known: Mutex<Vec<Known>>,
}

struct Known {
    version: u32,
    scenario: String,
    classes: Vec<String>,
}

impl Known {
    /// Whether what stands in this book is of the group.
    fn is_of(&self, book: Book, group: &Group) -> bool {
        match group {
            Group::Run => true,
            Group::Scenario(name) => self.scenario == *name,
            Group::Class(name) => self.classes.get(book.class as usize) == Some(name),
        }
    }
}

impl Collector {
    pub(super) fn new(
        busy: Vec<Arc<Busy>>,
        publish: watch::Sender<Snapshot>,
        thresholds: &Thresholds,
    ) -> Self {
        let groups = thresholds.groups().into_iter().map(|group| (group, Window::default()));
        Self {
            groups: groups.collect(),
            known: Mutex::default(),
            busy,
            spare: Vec::new(),
            publish,
            second: Vec::new(),
            nothing: Arc::default(),
        }
    }

    /// Takes what the shards have counted since the last time and publishes a snapshot. Answers what each
    /// version has counted.
    pub(super) fn collect<X: Exchange>(
        &mut self,
        shared: &Shared<X>,
        spawned: bool,
    ) -> &[(u32, Window)] {
        self.take(shared);
        let mut window = self.spare.pop().unwrap_or_default();
        self.second.iter().for_each(|(_, counted)| window.merge(counted));
        let shards: Vec<ShardState> = self.busy.iter().map(|busy| busy.state()).collect();
        let stage = match (shared.signal.is_stopping(), spawned) {
            (true, _) => Stage::Stopping,
            (false, true) => Stage::Running,
            (false, false) => Stage::Spawning,
        };
        let mut last = Arc::new(window);
        let (second, nothing) = (&self.second, &self.nothing);
        self.publish.send_modify(|snapshot| {
            snapshot.seconds += 1;
            snapshot.began_ns = shared.began_ns();
            snapshot.elapsed_ns = shared.spec.clock.now_ns().saturating_sub(snapshot.began_ns);
            snapshot.users = shared.parts.iter().map(|part| part.crowd.active()).sum();
            snapshot.stage = stage;
            add_to_total(snapshot, &last);
            std::mem::swap(&mut snapshot.window, &mut last);
            add_to_versions(snapshot, second, nothing);
            for version in &mut snapshot.versions {
                let part = &shared.parts[version.scenario as usize];
                version.users = part.versions.users_of(version.number);
            }
            let labels = shared.labels.lock().unwrap_or_else(PoisonError::into_inner);
            if labels.all().len() != snapshot.labels.len() {
                snapshot.labels = labels.all().to_vec();
            }
            snapshot.shards = shards;
            snapshot.connections = shared.spec.counters.totals();
            let exhibits = shared.exhibits.lock().unwrap_or_else(PoisonError::into_inner);
            snapshot.evidence = exhibits.all();
            snapshot.warnings = warnings(snapshot, labels.other());
        });
        if let Some(mut window) = Arc::into_inner(last) {
            window.clear();
            self.spare.push(window);
        }
        &self.second
    }

    /// What the shards have counted, put together by version.
    fn take<X: Exchange>(&mut self, shared: &Shared<X>) {
        for (_, mut window) in self.second.drain(..) {
            window.clear();
            self.spare.push(window);
        }
        let mut taken = Vec::new();
        for recorder in &shared.recorders {
            recorder.take(&mut self.spare, &mut taken);
        }
        self.add_to_groups(&taken);
        for (Book { version: number, .. }, mut window) in taken {
            match self.second.iter_mut().find(|(known, _)| *known == number) {
                Some((_, sum)) => {
                    sum.merge(&window);
                    window.clear();
                    self.spare.push(window);
                }
                None => self.second.push((number, window)),
            }
        }
    }

    fn add_to_groups(&mut self, taken: &[(Book, Window)]) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (group, sum) in &mut self.groups {
            let is_of = |book: Book| {
                let version = known.iter().find(|known| known.version == book.version);
                version.is_some_and(|version| version.is_of(book, group))
            };
            taken.iter().filter(|(book, _)| is_of(*book)).for_each(|(_, window)| sum.merge(window));
        }
    }

    /// Holds the thresholds against what was counted so far.
    pub(super) fn judge(&self, thresholds: &mut Thresholds) {
        if thresholds.all().is_empty() {
            return;
        }
        self.publish.send_modify(|snapshot| {
            let Snapshot { total, labels, elapsed_ns, .. } = &*snapshot;
            let judged = thresholds
                .judge(&Figures::new(total, labels, *elapsed_ns).with_groups(&self.groups));
            let states = thresholds.all().iter().zip(&judged);
            snapshot.thresholds = states.map(|(one, judged)| one.state(judged)).collect();
        });
    }

    /// What is published.
    pub(super) fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.publish.subscribe()
    }

    /// Publishes the last snapshot, with the doubts that can only be had at the end.
    pub(super) fn finish<X: Exchange>(&mut self, shared: &Shared<X>) {
        self.collect(shared, true);
        self.publish.send_modify(|snapshot| {
            snapshot.stage = Stage::Finished;
            if snapshot.total.labels().next().is_none() {
                snapshot.warnings.push(Warning::NoRequests);
            }
        });
    }

    /// Adds a version that is about to have users.
    pub(super) fn add_version<X: Exchange>(
        &self,
        module: &Module,
        (part, number): (&Part<X>, u32),
        began_ns: u64,
    ) {
        if !self.groups.is_empty() {
            let classes = module.description.classes.iter().map(|class| class.name.clone());
            let (scenario, classes) = (part.name.clone(), classes.collect());
            let known = Known { version: number, scenario, classes };
            self.known.lock().unwrap_or_else(PoisonError::into_inner).push(known);
        }
        self.publish.send_modify(|snapshot| {
            let version = VersionState {
                number,
                scenario: part.index,
                digest: module.digest.as_str().into(),
                began_ns,
                window: Arc::clone(&self.nothing),
                total: Some(Arc::default()),
                ..VersionState::default()
            };
            snapshot.versions.push(version);
            fold(&mut snapshot.versions);
        });
    }

    /// Says that somebody has paused the run, or resumed it.
    pub(super) fn pause(&self, paused: bool) {
        self.publish.send_modify(|snapshot| snapshot.paused = paused);
    }

    /// Forgets everything that was counted.
    pub(super) fn reset(&mut self) {
        self.groups.iter_mut().for_each(|(_, window)| window.clear());
        self.publish.send_modify(|snapshot| {
            snapshot.total = Arc::default();
            for version in &mut snapshot.versions {
                version.counts = Counts::default();
                version.total = version.total.is_some().then(Arc::default);
            }
        });
    }

    /// Publishes a step of a swap.
    pub(super) fn mark(&self, mark: Mark) {
        self.publish.send_modify(|snapshot| {
            if snapshot.marks.len() == MAX_MARKS {
                snapshot.marks.remove(0);
            }
            snapshot.marks.push(mark);
            snapshot.marks_ever += 1;
        });
    }
}

/// Adds a second to the run's total. The only version there ever was shares it: nothing is counted twice over.
fn add_to_total(snapshot: &mut Snapshot, second: &Window) {
    let Snapshot { versions, total, .. } = snapshot;
    let mut only = if versions.len() == 1 { versions.first_mut() } else { None };
    // Let go before it is written to, since what is shared would be copied.
    only.iter_mut().for_each(|only| only.total = None);
    Arc::make_mut(total).merge(second);
    only.iter_mut().for_each(|only| only.total = Some(Arc::clone(total)));
}

fn add_to_versions(snapshot: &mut Snapshot, second: &[(u32, Window)], nothing: &Arc<Window>) {
    let several = snapshot.versions.len() > 1;
    for version in &mut snapshot.versions {
        let counted = second.iter().find(|(number, _)| *number == version.number);
        let Some((_, counted)) = counted else {
            version.window = Arc::clone(nothing);
            continue;
        };
        version.counts.add(&Counts::of(counted));
        if !several {
            version.window = Arc::clone(&snapshot.window);
            continue;
        }
        version.window = Arc::new(counted.clone());
        if let Some(total) = &mut version.total {
            Arc::make_mut(total).merge(counted);
        }
    }
}

/// Keeps the figures of a few versions whole, those that have users and the latest; counts of all.
fn fold(versions: &mut [VersionState]) {
    let kept = versions.iter().filter(|version| version.total.is_some()).count();
    let old = versions.iter_mut().filter(|version| version.users == 0 && version.total.is_some());
    old.take(kept.saturating_sub(KEPT_VERSIONS)).for_each(|version| version.total = None);
}

/// Doubts that a run may raise while it is under way.
fn warnings(snapshot: &Snapshot, other: Option<LabelId>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let busiest = snapshot.shards.iter().map(|shard| shard.most_busy_share).fold(0.0, f64::max);
    if busiest > SATURATED {
        warnings.push(Warning::GeneratorSaturated { busy_share: busiest });
    }
    let overflowed = other.and_then(|other| snapshot.total.label(other));
    if let Some(stats) = overflowed {
        warnings.push(Warning::LabelsOverflowed { requests: stats.requests });
    }
    let arrivals = &snapshot.total.arrivals;
    if arrivals.dropped > 0 {
        let (dropped, scheduled) = (arrivals.dropped, arrivals.scheduled);
        warnings.push(Warning::ArrivalsDropped { dropped, scheduled });
    }
    let p99_us = arrivals.lateness.percentile_us(99.0);
    if p99_us > LATE_US {
        warnings.push(Warning::Late { p99_us });
    }
    if snapshot.total.dropped_log_lines > 0 {
        warnings.push(Warning::LogDropped { lines: snapshot.total.dropped_log_lines });
    }
    warnings
}
