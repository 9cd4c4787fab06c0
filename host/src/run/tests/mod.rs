//! Laws about time, in virtual time: real guests and the real executor, a scripted target, and a
//! clock that jumps from one event to the next. Ten minutes take milliseconds, and what is asserted
//! is exact.
#![allow(clippy::unwrap_used, clippy::panic)]

mod laws;
mod swaps;

use super::collector::Collector;
use super::conductor::{Outcome, conduct, prepare};
use super::line::Exchange;
use super::swap::{Command, SwapRules, Swaps};
use super::version::Routes;
use super::{RunSpec, shard};
use crate::clock::Clock;
use crate::guest::{Effort, Limits, Module};
use crate::wire::{Exchanged, Settings};
use katydid_load::{Failure, Shape, Snapshot};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
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
    run_and(module, size, (graceful_stop, service), SwapRules::default(), async |_| {}).await
}

type Commands = mpsc::UnboundedSender<Command<Scripted>>;

/// Runs it while `person` gives commands.
async fn run_and(
    module: Module,
    (users, spawn_rate, seconds): (u32, f64, u64),
    (graceful_stop, service): (Duration, fn(Duration) -> Duration),
    rules: SwapRules,
    person: impl AsyncFnOnce(Person),
) -> Ran {
    let cut = Arc::new(AtomicBool::new(false));
    let spec = RunSpec {
        module,
        targets: Vec::new(),
        shape: Shape {
            users,
            spawn_rate,
            run_time_ns: Some(seconds * 1_000_000_000),
            iterations: None,
        },
        seed: 1,
        parameters: Arc::default(),
        wire: Settings { cut: Arc::clone(&cut), ..Settings::default() },
        graceful_stop,
        shards: 2,
        max_labels: 1_000,
        swaps: SwapRules::default(),
        event_log: None,
        guest_log: Arc::new(|_| {}),
    };
    let began = Instant::now();
    let clock = Clock::Tokio(began);
    let calls = Arc::new(Mutex::new(Vec::new()));
    let scripted = Scripted { clock, began_ns: 0, service, cut, calls: Arc::clone(&calls) };
    let (shared, events) = prepare(spec, clock, scripted.routes()).unwrap();
    let (publish, mut seen) = watch::channel(Snapshot::default());
    let (commands, received) = mpsc::unbounded_channel();
    let person = person(Person { commands, scripted, snapshots: seen.clone() });
    let shards = {
        let shared = Arc::clone(&shared);
        async move {
            let other = tokio::spawn(shard::drive(Arc::clone(&shared), 1, 2, began));
            shard::drive(shared, 0, 2, began).await?;
            other.await?
        }
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
    let swaps = Swaps::new(Arc::clone(&shared), None, received, rules);
    let collector = Collector::new(Vec::new(), publish);
    let run = conduct(shared, events, (collector, swaps), began, shards);
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
