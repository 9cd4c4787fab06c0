//! Laws about time, in virtual time: real guests and the real executor, a scripted target, and a
//! clock that jumps from one event to the next. Ten minutes take milliseconds, and what is asserted
//! is exact.
#![allow(clippy::unwrap_used, clippy::panic)]

mod laws;
mod loads;
mod swaps;

use super::collector::Collector;
use super::conductor::{Outcome, conduct, prepare};
use super::control::{Answer, Command, Control};
use super::line::Exchange;
use super::swap::SwapRules;
use super::version::Routes;
use super::{Load, RunSpec, ScenarioSpec, Tags, shard};
use crate::clock::Clock;
use crate::guest::{Effort, Limits, Module};
use crate::wire::{Exchanged, Settings};
use katydid_load::profile::{Closed, End};
use katydid_load::threshold::Thresholds;
use katydid_load::{Failure, Snapshot};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

const REPLY: &[u8] =
    b"<methodResponse><params><param><value><int>7</int></value></param></params></methodResponse>";

const GRACE: Duration = Duration::from_secs(30);

/// A target whose service time is a function of when a request is sent.
#[derive(Clone)]
struct Scripted {
    clock: Clock,
    began_ns: u64,
    service: fn(Duration) -> Duration,
    cut: Arc<AtomicBool>,
    calls: Arc<Mutex<Vec<u64>>>,
}

impl Exchange for Scripted {
    fn begin(&mut self) -> Vec<u8> {
        Vec::new()
    }

    async fn exchange(
        &mut self,
        request: Vec<u8>,
        _called_ns: u64,
        _id: (u64, u64),
        _timeout: Option<Duration>,
    ) -> Exchanged {
        let sent_ns = self.clock.now_ns();
        let at_ns = sent_ns - self.began_ns;
        self.calls.lock().unwrap().push(at_ns);
        let mut served = pin!(tokio::time::sleep((self.service)(Duration::from_nanos(at_ns))));
        let outcome = poll_fn(|context| {
            if self.cut.load(Ordering::Relaxed) {
                return Poll::Ready(Err(Failure::Interrupted));
            }
            served.as_mut().poll(context).map(Ok)
        })
        .await;
        Exchanged {
            sent_ns,
            done_ns: self.clock.now_ns(),
            bytes_sent: request.len() as u64,
            bytes_received: REPLY.len() as u64,
            attempts: 1,
            outcome,
        }
    }

    fn reply(&self) -> &[u8] {
        REPLY
    }

    fn wire(&self) -> (&[u8], &[u8]) {
        (b"", REPLY)
    }

    fn take(&mut self) -> Self {
        self.clone()
    }
}

/// The demo's scenario, with this wait in place of its own (bytes of `wait-time` in its text), and whatever else
/// is to be changed in it.
async fn module(wait: &str, changes: &[(&str, &str)]) -> Module {
    let own = [
        r#""\02\00\00\00\00\00\00\00"                        ;; wait: between"#,
        r#""\a0\86\01\00\00\00\00\00"                        ;;   100,000 us"#,
    ];
    let (tag, time) = wait.split_at(wait.find(' ').unwrap());
    let waits = [(own[0], tag), (own[1], time)];
    let mut wat = include_str!("../../../../scripts/wat/api_user.wat").to_owned();
    for (old, new) in waits.iter().chain(changes) {
        assert!(wat.contains(old), "the script has changed: {old}");
        wat = wat.replace(old, new);
    }
    let limits = Limits { memory_bytes: 1 << 20, fuel: 100_000_000, ..Limits::default() };
    Module::load(wat.as_bytes(), limits, None, Effort::Full).await.unwrap()
}

/// No wait at all.
const NONE: &str = r#""\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00""#;
/// 100 ms after each iteration.
const CONSTANT_100_MS: &str = r#""\01\00\00\00\00\00\00\00" "\a0\86\01\00\00\00\00\00""#;
/// Iterations start 100 ms apart.
const PACING_100_MS: &str = r#""\03\00\00\00\00\00\00\00" "\a0\86\01\00\00\00\00\00""#;

struct Ran {
    outcome: Outcome,
    snapshots: Vec<Snapshot>,
    /// When each call was made, since the run began.
    calls: Vec<u64>,
}

async fn run(
    wait: &str,
    size: (u32, f64, u64),
    graceful_stop: Duration,
    service: fn(Duration) -> Duration,
) -> Ran {
    let module = module(wait, &[]).await;
    run_and(module, ramp(size), (graceful_stop, service), SwapRules::default(), async |_| {}).await
}

/// Locust's: users, started per second, seconds.
fn ramp((users, spawn_rate, seconds): (u32, f64, u64)) -> Load {
    let end = End::At(seconds * 1_000_000_000);
    let users = Closed::ramp(users, spawn_rate, end).unwrap();
    Load::Closed { most: users.peak(), users, iterations: None }
}

type Commands = mpsc::UnboundedSender<Command<Scripted>>;

/// Runs it while `person` gives commands.
async fn run_and(
    module: Module,
    load: Load,
    (graceful_stop, service): (Duration, fn(Duration) -> Duration),
    rules: SwapRules,
    person: impl AsyncFnOnce(Person),
) -> Ran {
    run_all(vec![scenario("only", module, load)], (graceful_stop, service), rules, person).await
}

fn scenario(name: &str, module: Module, load: Load) -> ScenarioSpec {
    ScenarioSpec {
        name: name.to_owned(),
        module,
        targets: Vec::new(),
        load,
        words: String::new(),
        start: Duration::ZERO,
        parameters: Arc::default(),
        tags: Tags::default(),
        data: Vec::new(),
    }
}

async fn run_all(
    scenarios: Vec<ScenarioSpec>,
    (graceful_stop, service): (Duration, fn(Duration) -> Duration),
    rules: SwapRules,
    person: impl AsyncFnOnce(Person),
) -> Ran {
    let cut = Arc::new(AtomicBool::new(false));
    let count = scenarios.len();
    let spec = RunSpec {
        scenarios,
        seed: 1,
        wire: Settings { cut: Arc::clone(&cut), ..Settings::default() },
        graceful_stop,
        shards: 2,
        max_labels: 1_000,
        thresholds: Thresholds::default(),
        swaps: rules,
        logs: Vec::new(),
        guest_log: Arc::new(|_| {}),
    };
    let clock = Clock::Tokio(Instant::now());
    let calls = Arc::new(Mutex::new(Vec::new()));
    let scripted = Scripted { clock, began_ns: 0, service, cut, calls: Arc::clone(&calls) };
    let routes = (0..count).map(|_| scripted.routes()).collect();
    let prepared = prepare(spec, clock, routes).unwrap();
    let (publish, mut seen) = watch::channel(Snapshot::default());
    let (commands, received) = mpsc::unbounded_channel();
    let person = person(Person { commands, scripted, snapshots: seen.clone() });
    let shards = |shared: &Arc<super::Shared<Scripted>>| {
        let shared = Arc::clone(shared);
        Ok(async move {
            let indices = 0..shared.shards();
            let start = |index| tokio::spawn(shard::drive(Arc::clone(&shared), index));
            for shard in indices.map(start).collect::<Vec<_>>() {
                shard.await??;
            }
            Ok(())
        })
    };
    let watcher = tokio::spawn(async move {
        let mut snapshots: Vec<Snapshot> = Vec::new();
        while seen.changed().await.is_ok() {
            let snapshot = seen.borrow_and_update().clone();
            // Steps of swaps are published in between.
            if snapshots.last().is_none_or(|last| last.seconds < snapshot.seconds) {
                snapshots.push(snapshot);
            }
        }
        snapshots
    });
    let collector = Collector::new(Vec::new(), publish, &prepared.thresholds);
    let run = conduct(prepared, collector, received, shards);
    let (outcome, ()) = tokio::join!(run, person);
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    Ran { outcome: outcome.unwrap(), snapshots: watcher.await.unwrap(), calls }
}

/// Whoever sits before the run.
struct Person {
    commands: Commands,
    scripted: Scripted,
    snapshots: watch::Receiver<Snapshot>,
}

impl Person {
    async fn ask(
        &self,
        control: impl FnOnce(oneshot::Sender<Answer>) -> Control<Scripted>,
    ) -> Answer {
        self.ask_of(None, control).await
    }

    async fn ask_of(
        &self,
        scenario: Option<&str>,
        control: impl FnOnce(oneshot::Sender<Answer>) -> Control<Scripted>,
    ) -> Answer {
        let (answer, answered) = oneshot::channel();
        let scenario = scenario.map(str::to_owned);
        assert!(self.commands.send(Command { scenario, control: control(answer) }).is_ok());
        answered.await.unwrap()
    }
}

impl Scripted {
    /// All classes' requests go to the same address.
    fn routes(&self) -> Routes<Scripted> {
        let this = self.clone();
        Routes { addresses: vec!["there".into(); 9], dial: Box::new(move |_, _| this.clone()) }
    }
}

fn total(snapshot: &Snapshot) -> katydid_load::LabelStats {
    snapshot.total.total()
}
