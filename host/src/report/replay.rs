//! Runs that never were, second by second: what is given to those who write down each second.
use super::{RunInfo, ScenarioInfo};
use katydid_load::{
    Connections, Counts, ErrorKind, Failure, LabelId, Labels, Lateness, Mark, Phase, Rng, Sample,
    ShardState, Share, Snapshot, Stage, SwapStep, VersionState, Warning, Window,
};
use std::sync::Arc;
use std::time::Duration;

pub(super) const MS: u64 = 1_000_000;
/// Clocks do not begin at 0 when a run does.
pub(super) const BEGAN_NS: u64 = 77_000 * MS;
/// 2026-09-13T08:30:00Z and a quarter.
pub(super) const BEGAN_UNIX: Duration = Duration::from_millis(1_789_288_200_250);
/// A name that spreadsheets and readers of CSV stumble over.
pub(super) const ODD_NAME: &str = "=SUM(A1,\"b\");'c'";
/// What a trap says.
pub(super) const TRAP: &str =
    "wasm trap: wasm `unreachable` instruction executed\n  at shop::add, \"basket\"\n  at run_task";

pub(super) fn info() -> RunInfo {
    let scenario = ScenarioInfo {
        name: "shop".to_owned(),
        file: "shop \"π\".wasm".to_owned(),
        host: "http://127.0.0.1:8877/".to_owned(),
        digest: digest(1).into(),
        load: "3 users, 2.5 started per second".to_owned(),
        peak_users: 3,
        open: false,
        iterations: None,
        parameters: Vec::new(),
    };
    RunInfo { scenarios: vec![scenario], run_time_ns: Some(4_000 * MS), seed: u64::MAX }
}

/// A run under construction.
pub(super) struct Replay {
    labels: Labels,
    /// The versions of the scenario, each with the second that is not over yet.
    versions: Vec<(VersionState, Window)>,
    marks: Vec<Mark>,
    pub(super) snapshots: Vec<Snapshot>,
}

impl Default for Replay {
    fn default() -> Self {
        let (labels, marks, snapshots) = Default::default();
        let mut run = Self { labels, versions: Vec::new(), marks, snapshots };
        run.begin(1, 0);
        run
    }
}

impl Replay {
    /// A version is ready; from now on it is the one that makes requests.
    pub(super) fn begin(&mut self, number: u32, at_ms: u64) {
        let (digest, began_ns) = (digest(number), BEGAN_NS + at_ms * MS);
        let version = VersionState { number, digest, began_ns, ..VersionState::default() };
        self.versions.push((version, Window::default()));
    }

    /// The version that was begun last is one of this scenario.
    pub(super) fn of_scenario(&mut self, scenario: u32) {
        if let Some((version, _)) = self.versions.last_mut() {
            version.scenario = scenario;
        }
    }

    /// A step of a swap.
    pub(super) fn mark(&mut self, version: u32, at_ms: u64, step: SwapStep) {
        let (at_ns, digest) = (BEGAN_NS + at_ms * MS, digest(version));
        self.marks.push(Mark { at_ns, version, scenario: 0, digest, step });
    }

    /// So many users have this version, and it is the one that makes requests.
    pub(super) fn on(&mut self, number: u32, users: u32) -> &mut Self {
        self.versions.sort_by_key(|(version, _)| (version.number == number, version.number));
        if let Some((version, _)) = self.versions.last_mut() {
            version.users = users;
        }
        self
    }

    /// What the version that makes requests does in this second.
    pub(super) fn second(&mut self) -> &mut Window {
        let (_, second) = self.versions.last_mut().expect("there is always one");
        second
    }

    /// Records a request that was due so many milliseconds into the run and took so many microseconds:
    /// service time, response time.
    pub(super) fn request(
        &mut self,
        name: &str,
        at_ms: u64,
        [service_us, response_us]: [u64; 2],
        outcome: Result<(), &Failure>,
    ) {
        let label = self.labels.intern("xmlrpc", name);
        self.second().record(&sample(label, at_ms, [service_us, response_us], outcome));
    }

    /// Ends the second and publishes it.
    pub(super) fn publish(&mut self, elapsed_ns: u64, users: u32, stage: Stage) {
        let mut window = Window::default();
        for (version, second) in &mut self.versions {
            window.merge(second);
            version.counts.add(&Counts::of(second));
            let mut total = version.total.take().map_or(Window::default(), |t| (*t).clone());
            total.merge(second);
            (version.window, version.total) = (std::mem::take(second).into(), Some(total.into()));
        }
        let mut versions: Vec<_> = self.versions.iter().map(|(v, _)| v.clone()).collect();
        versions.sort_by_key(|version| version.number);
        if let [only] = &mut versions[..] {
            only.users = users;
        }
        let mut total = self.snapshots.last().map_or(Window::default(), |s| (*s.total).clone());
        total.merge(&window);
        self.snapshots.push(Snapshot {
            began_ns: BEGAN_NS,
            elapsed_ns,
            users,
            stage,
            window: Arc::new(window),
            total: Arc::new(total),
            labels: self.labels.all().to_vec(),
            warnings: Vec::new(),
            connections: Connections {
                opened: 3,
                reused: 40,
                full_handshakes: 3,
                ..Connections::default()
            },
            shards: vec![
                ShardState {
                    busy_share: f64::from(users.min(9)) / 10.0,
                    most_busy_share: 0.3,
                    mean_busy_share: 0.2,
                },
                ShardState { busy_share: 0.125, most_busy_share: 0.125, mean_busy_share: 0.1 },
            ],
            seconds: self.snapshots.len() as u64,
            versions,
            marks: self.marks.clone(),
            marks_ever: self.marks.len() as u64,
            ..Snapshot::default()
        });
    }
}

/// The digest of a version's module.
pub(super) fn digest(version: u32) -> Box<str> {
    format!("{:x}f2a91c07b3e5d68", version + 3).repeat(4).into()
}

fn sample(
    label: LabelId,
    at_ms: u64,
    [service_us, response_us]: [u64; 2],
    outcome: Result<(), &Failure>,
) -> Sample<'_> {
    let due_ns = BEGAN_NS + at_ms * MS;
    let done_ns = due_ns + response_us * 1_000;
    let sent_ns = done_ns - service_us * 1_000;
    Sample {
        label,
        version: 1,
        user: 0,
        iteration: 0,
        number: 0,
        due_ns,
        called_ns: due_ns,
        sent_ns,
        done_ns,
        bytes_sent: 230,
        bytes_received: 345,
        attempts: 1,
        outcome,
    }
}

/// Four seconds and a bit with something of everything; in the third nothing happens.
pub(super) fn everything() -> Vec<Snapshot> {
    let mut run = Replay::default();
    run.publish(12_345, 1, Stage::Spawning);
    for i in 0..40 {
        run.request("get_time", i * 25, [640 + i * 7, 642 + i * 7], Ok(()));
    }
    run.publish(1_000 * MS, 3, Stage::Running);
    let busy = Failure::Status(503);
    for i in 0..20 {
        let outcome = if i % 4 == 0 { Err(&busy) } else { Ok(()) };
        run.request("get_time", 1_000 + i * 50, [1_000 + i, 1_002 + i], outcome);
        // This one queues: what users suffer is not what the target took.
        run.request(ODD_NAME, 1_000 + i * 40, [9_000, 14_000 + i * 600], Ok(()));
    }
    run.publish(2_000 * MS + 250_000, 3, Stage::Running);
    run.publish(3_000 * MS, 3, Stage::Running);
    custom_clients(&mut run);
    mishaps(&mut run);
    run.publish(4_000 * MS, 3, Stage::Stopping);
    run.request("get_time", 3_990, [20_500, 20_500], Err(&Failure::Interrupted));
    run.publish(4_020 * MS, 0, Stage::Finished);
    if let Some(last) = run.snapshots.last_mut() {
        last.warnings = vec![
            Warning::GeneratorSaturated { busy_share: 0.934 },
            Warning::LabelsOverflowed { requests: 3 },
            Warning::LogDropped { lines: 2 },
            Warning::LimitTooLow { limit: "ulimit -n", have: 1_024, need: 10_100 },
            Warning::NoRequests,
        ];
    }
    run.snapshots
}

/// The requests of custom clients: a method that has two request types, one that is retried.
fn custom_clients(run: &mut Replay) {
    let slow = Failure::Timeout(Phase::FirstByte);
    let grpc = run.labels.intern("grpc", "get_time");
    run.second().record(&sample(grpc, 3_100, [60_000, 60_000], Err(&slow)));
    let unsent = sample(grpc, 3_200, [0, 3], Err(&Failure::Interrupted));
    run.second().record(&Sample { attempts: 0, bytes_sent: 0, bytes_received: 0, ..unsent });
    run.second().record(&Sample { attempts: 3, ..sample(grpc, 3_300, [800, 803], Ok(())) });
}

/// Faults of the target, and what the scenario did wrong.
fn mishaps(run: &mut Replay) {
    let at = |ms: u64| BEGAN_NS + ms * MS;
    for (i, who) in ["\"a\"", "b,\nc", "\u{1b}[2J"].into_iter().enumerate() {
        let fault = Failure::Fault { code: 4, message: format!("no user {who}") };
        run.request("find", 3_000 + i as u64, [1_500, 1_500], Err(&fault));
    }
    for ms in [3_100, 3_900] {
        run.second().record_error("Shopper.buy", ErrorKind::Trap, TRAP, at(ms));
    }
    run.second().record_error("Shopper.pay", ErrorKind::Failed, "no money, \"sir\"", at(3_500));
    for (name, ok) in [("sum is right", true), ("in stock", false), ("in stock", true)] {
        (0..5).for_each(|_| run.second().record_check(name, ok));
    }
    run.second().iterations = 90;
    run.second().interrupted_iterations = 3;
    run.second().lateness = Lateness { sum_us: 1_440, max_us: 900 };
}

/// A run with more failures, errors and checks than are told apart: 60, 210 and 1,002 kinds.
pub(super) fn flood() -> Vec<Snapshot> {
    let mut run = Replay::default();
    for i in 0..60 {
        let fault = Failure::Fault { code: 4, message: format!("no user {i:02}") };
        run.request("find", i, [1_500, 1_500], Err(&fault));
    }
    for i in 0..210_u64 {
        let place = format!("Crowd.task_{i:03}");
        run.second().record_error(&place, ErrorKind::Trap, "unreachable", BEGAN_NS + i * MS);
    }
    (0..1_002).for_each(|i| run.second().record_check(&format!("check {i:04}"), i % 2 == 0));
    run.publish(1_000 * MS, 1, Stage::Finished);
    run.snapshots
}

/// A run without a request: one snapshot.
pub(super) fn nothing() -> Vec<Snapshot> {
    let mut run = Replay::default();
    run.publish(1_000 * MS, 1, Stage::Finished);
    run.snapshots
}

/// A run of some seconds that nobody chose.
pub(super) fn random(seed: u64) -> Vec<Snapshot> {
    let mut random = Rng::new(seed);
    let mut below = |n: u64| random.next_u64() % n;
    let mut run = Replay::default();
    for second in 0..=below(6) {
        for _ in 0..below(200) {
            let took = [below(3_000_000), 3_000_000 + below(3_000_000)];
            let failure = Failure::Status(500 + below(3) as u16);
            let outcome = if below(5) == 0 { Err(&failure) } else { Ok(()) };
            let name = format!("method {}", below(7));
            run.request(&name, second * 1_000 + below(1_000), took, outcome);
        }
        run.publish((second + 1) * 1_000 * MS + below(MS), below(9) as u32, Stage::Running);
    }
    run.snapshots
}

/// What a refused module says of itself.
pub(super) const REFUSED: &str = "not a module:\r\n\u{1b}[2J\u{1b}[31mexpected `(`\n     --> \
    \u{202e}tcwg\u{2066}:1:1, =cmd|' /C calc'!A0, \"quoted\"\n";

/// A run of eight seconds in which a canary is rolled back, a module refused and another canary begun; the
/// last snapshot is the end, the one before it in the midst of that canary.
pub(super) fn swaps() -> Vec<Snapshot> {
    let mut run = Replay::default();
    let canary = Share::new(0.1).expect("a share");
    let swapped = SwapStep::Swapped { share: canary, took_ns: 800 * MS };
    (0..2).for_each(|second| run.crowd(second, 1, 100));
    run.mark(2, 2_100, SwapStep::Started { share: canary });
    run.mark(2, 2_400, SwapStep::Ready);
    run.begin(2, 2_400);
    run.mark(2, 2_900, swapped.clone());
    run.crowd(2, 2, 10);
    for ms in [3_100, 3_500] {
        run.second().record_error("Shopper.buy", ErrorKind::Trap, TRAP, BEGAN_NS + ms * MS);
    }
    let reason = "the failure ratio of v2 is 50 %, the rule allows 5 %".to_owned();
    run.mark(2, 3_600, SwapStep::RolledBack { reason });
    run.crowd(3, 2, 0);
    run.mark(3, 4_200, SwapStep::Started { share: Share::ALL });
    run.mark(3, 4_300, SwapStep::Refused { reason: REFUSED.repeat(20) });
    run.crowd(4, 1, 100);
    run.mark(4, 5_100, SwapStep::Started { share: canary });
    run.mark(4, 5_500, SwapStep::Ready);
    run.begin(4, 5_500);
    run.mark(4, 5_900, swapped);
    (5..8).for_each(|second| run.crowd(second, 4, 10));
    run.on(1, 0).on(4, 0);
    run.publish(8_200 * MS, 0, Stage::Finished);
    run.snapshots
}

impl Replay {
    /// A second of a hundred users, so many of whom have this version, all others the first one.
    fn crowd(&mut self, second: u64, version: u32, users: u32) {
        let busy = Failure::Status(503);
        let share = |number, users| if number == version { users } else { 100 - users };
        for number in if version == 1 { vec![1] } else { vec![1, version] } {
            let users = share(number, users);
            self.on(number, users).second().iterations = u64::from(users);
            for i in 0..u64::from(users) {
                let (at_ms, slow) = (second * 1_000 + i * 10, 700 * u64::from(number));
                let outcome = if number == 2 || i == 42 { Err(&busy) } else { Ok(()) };
                let took = [640 + slow + i * 7, 642 + slow + i * 7];
                self.request("get_time", at_ms, took, Ok(()));
                self.request("get_random_number", at_ms + 3, took.map(|us| us * 2), outcome);
                if number == 4 {
                    self.request("get_price", at_ms + 6, took, Ok(()));
                }
            }
        }
        self.publish((second + 1) * 1_000 * MS, 100, Stage::Running);
    }
}
