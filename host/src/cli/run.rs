//! `katydid run`.

use super::Usage;
use super::data;
use super::keys::{HELP, Keys};
use super::load::{LoadArgs, TagArgs};
use super::output::{OutputArgs, Outputs};
use super::requests::RequestArgs;
use super::sandbox::SandboxArgs;
use super::scenario::Loader;
use super::screen::Screen;
use super::source::Source;
use super::swap::{SwapArgs, Swapper};
use super::thresholds::ThresholdArgs;
use crate::duration;
use crate::guest::{Level, Module};
use crate::report::{self, RunInfo, ScenarioInfo};
use crate::run::machine;
use crate::run::{GuestLine, Load, Outcome, RunHandle, RunSpec, ScenarioSpec};
use anyhow::Context as _;
use clap::ValueEnum;
use katydid_load::StopReason;
use katydid_load::parameter::settle;
use katydid_load::profile::Iterations;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

const EXAMPLES: &str = "\
Examples:
  katydid run scenario.wasm -H http://127.0.0.1:8877/RPC2 -u 50 -r 10 -t 1m
  katydid run scenario.wat --stage 30s:100 --stage 2m:100 --stage 10s:0
  katydid run scenario.wasm --arrivals 200/s --max-vus 500 -t 5m --threshold 'p95 < 200ms'
  katydid run scenario.wasm -u 10 -t 30s --seed 7 --param tenant=acme --data users=users.csv,unique
  katydid run scenario.wasm -H https://me:secret@test.example/RPC2 --ca test-ca.pem -u 50 -t 1m
  katydid run scenario.wasm -u 50 -t 5m --csv results/nightly --html results/nightly.html
  katydid run my-scenario/ -u 100 --watch --canary 10% --promote-after 30s

Exit codes:
  0 passed · 1 requests or iterations failed · 2 usage · 3 a threshold was breached
  4 the scenario aborted the run · 5 internal error · 130 interrupted";

/// What `katydid run` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The scenario: a component or core module (.wasm), the text form of either (.wat), or the folder of
    /// a Cargo project
    scenario: PathBuf,
    #[command(flatten)]
    load: LoadArgs,
    /// URL of the target, in place of what the user classes say
    #[arg(short = 'H', long, value_name = "URL")]
    host: Option<String>,
    #[command(flatten)]
    swap: SwapArgs,
    #[command(flatten)]
    more: MoreArgs,
}

/// The rest, the same for every way to run a scenario.
#[derive(Debug, clap::Args)]
pub(super) struct MoreArgs {
    /// Determines picks, waits, rows and the scenario's randomness [default: drawn, and printed]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// A parameter that the scenario may ask for; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// A set of rows that users draw: a CSV file, or one JSON value a line; then who is given which (unique,
    /// shared, random, per-user) and what happens after the last one (stop, recycle); may be repeated
    #[arg(long, value_name = "NAME=FILE[,HOW]")]
    data: Vec<String>,
    #[command(flatten)]
    tags: TagArgs,
    /// How long iterations under way may take to end after the run did
    #[arg(short = 's', long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    graceful_stop: Duration,
    /// Threads that carry users [default: one for each core]
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    #[command(flatten)]
    requests: RequestArgs,
    #[command(flatten)]
    sandbox: SandboxArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Debug => Level::Debug,
            LogLevel::Info => Level::Info,
            LogLevel::Warn => Level::Warn,
            LogLevel::Error => Level::Error,
        }
    }
}

/// Runs the scenario that the arguments name.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let source = Source::of(&args.scenario)?;
    let mut screen = args.more.screen();
    let bytes = source.read_first(&mut screen).await?;
    let Args { load, host, swap, more, .. } = args;
    let scenario =
        Scenario { name: source.name(), bytes, host, load, source: Some((source, swap)) };
    execute(scenario, more).await
}

/// What to run.
pub(super) struct Scenario {
    /// Its file, or what is said in its place.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// The URL of its target, in place of what its classes say.
    pub(super) host: Option<String>,
    pub(super) load: LoadArgs,
    /// Where other versions of it may come from, and what is done with them.
    pub(super) source: Option<(Source, SwapArgs)>,
}

/// Runs a scenario to its end and reports.
pub(super) async fn execute(scenario: Scenario, args: MoreArgs) -> anyhow::Result<ExitCode> {
    let Scenario { name, bytes, host, load, source } = scenario;
    let mut screen = args.screen();
    let loader = Loader::new((&args.sandbox, &args.requests), &mut screen)?;
    let module = loader.load_first(&name, &bytes, &mut screen).await?;
    let rules = source.as_ref().map(|(_, swap)| swap.rules()).unwrap_or_default();
    let mut swapper = Swapper::new(source, loader, (&args.requests, host.as_deref()));
    let least = (!args.output.quiet).then_some(args.output.loglevel.into());
    let (lines, guest_lines) = GuestLines::new(least);

    let mut mistakes = Vec::new();
    let made = args.scenario((&name, module), (&load, host.as_deref()), &mut mistakes);
    let wire = args.requests.settings(&mut mistakes);
    let thresholds = args.thresholds.thresholds(&mut mistakes);
    if args.shards == Some(0) {
        mistakes.push("--shards 0 leaves nobody to work; use 1 or more".into());
    }
    // Overwritten only where the run will be.
    let files = mistakes.is_empty().then(|| args.output.open(&mut mistakes));
    let (Some((scenario, told)), Some((logs, mut outputs)), true) =
        (made, files, mistakes.is_empty())
    else {
        return Err(Usage(mistakes).into());
    };
    let seed = args.seed.unwrap_or_else(draw_seed);
    let run_time_ns = load.run_time.map(super::load::nanoseconds);
    let info = RunInfo { scenarios: vec![told], run_time_ns, seed };
    let spec = RunSpec {
        scenarios: vec![scenario],
        seed,
        wire,
        graceful_stop: args.graceful_stop,
        shards: args.shards.unwrap_or_else(machine::cores),
        thresholds,
        max_labels: args.sandbox.max_labels,
        swaps: rules,
        logs,
        guest_log: lines,
    };
    for warning in machine::prepare(&spec) {
        screen.line(&format!("warning: {warning}; {}", warning.cure()));
    }
    let mut handle = crate::run::start(spec)?;
    let shown = (&mut screen, &mut outputs);
    let outcome = watch(&mut handle, &info, &mut swapper, guest_lines, shown).await?;
    screen.clear();
    summary(&args.output, &info, &outcome, &screen)?;
    outputs.finish(&info, &outcome)?;
    Ok(ExitCode::from(outcome.verdict.exit_code()))
}

/// What a person reads when all is over.
fn summary(
    output: &OutputArgs,
    info: &RunInfo,
    outcome: &Outcome,
    screen: &Screen,
) -> anyhow::Result<()> {
    if !output.summary() {
        return Ok(());
    }
    let Outcome { snapshot, verdict, reason } = outcome;
    let (mut out, style) = (std::io::stdout().lock(), screen.style_of_stdout());
    let mut write = || {
        if output.show_failures {
            report::exchanges(snapshot, &style, &mut out)?;
        }
        report::summary(snapshot, info, verdict, reason, &style, &mut out)?;
        out.flush()
    };
    write().context("cannot print the summary")
}

/// Shows a run until it has ended. The first Ctrl-C lets it drain, the second cuts it.
async fn watch(
    handle: &mut RunHandle,
    info: &RunInfo,
    swapper: &mut Swapper,
    mut guest_lines: GuestLines,
    (screen, outputs): (&mut Screen, &mut Outputs),
) -> anyhow::Result<Outcome> {
    let mut snapshots = handle.snapshots();
    let mut signals = Signals::new()?;
    let mut keys = Keys::listen(screen.is_live());
    if keys.are_there() {
        screen.line(HELP);
    }
    let (mut struck, mut seconds) = (0, 0);
    loop {
        tokio::select! {
            outcome = handle.outcome() => {
                guest_lines.drain(screen);
                return outcome;
            }
            Ok(()) = snapshots.changed() => {
                guest_lines.drain(screen);
                // A copy, so that the conductor need not wait for a slow disk.
                let snapshot = snapshots.borrow_and_update().clone();
                swapper.show(&snapshot, screen);
                screen.show(&snapshot, info);
                if snapshot.seconds > seconds {
                    seconds = snapshot.seconds;
                    outputs.second(&snapshot);
                }
            }
            Some(line) = guest_lines.received.recv() => screen.line(&line),
            todo = swapper.wait() => swapper.act(todo, handle, screen),
            key = keys.next() => swapper.press(key, handle, screen),
            () = signals.recv() => {
                struck += 1;
                if struck == 1 {
                    screen.line("stopping: iterations under way may end; Ctrl-C again ends them now");
                    handle.stop(StopReason::Signal);
                } else {
                    handle.cut(StopReason::Signal);
                }
            }
        }
    }
}

/// Ctrl-C, and what a container's runtime sends in its place.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).context("cannot listen to signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn recv(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Lines of the scenario's log on their way to the screen. A shard never waits for a slow terminal:
/// what does not fit is dropped, and counted.
struct GuestLines {
    received: mpsc::Receiver<String>,
    dropped: Arc<AtomicU64>,
}

type GuestLog = Arc<dyn Fn(GuestLine<'_>) + Send + Sync>;

impl GuestLines {
    /// Takes lines of this level and graver ones, if any.
    fn new(least: Option<Level>) -> (GuestLog, Self) {
        let (send, received) = mpsc::channel(1_000);
        let dropped = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&dropped);
        let log: GuestLog = Arc::new(move |line: GuestLine<'_>| {
            if least.is_some_and(|least| line.level >= least) {
                let level = format!("{:?}", line.level).to_lowercase();
                if send.try_send(format!("[user {}] {level}: {}", line.user, line.message)).is_err()
                {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        (log, Self { received, dropped })
    }

    fn drain(&mut self, screen: &mut Screen) {
        while let Ok(line) = self.received.try_recv() {
            screen.line(&line);
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            screen.line(&format!("({dropped} more lines of the scenario's log were dropped)"));
        }
    }
}

impl MoreArgs {
    pub(super) fn screen(&self) -> Screen {
        Screen::new(self.output.only_summary, self.output.quiet)
    }

    /// A scenario of the run, and what reports say of it; or its mistakes.
    fn scenario(
        &self,
        (name, module): (&str, Module),
        (load, host): (&LoadArgs, Option<&str>),
        mistakes: &mut Vec<String>,
    ) -> Option<(ScenarioSpec, ScenarioInfo)> {
        let targets = self.requests.targets(&module.description, host, mistakes);
        let planned = load.load(&module, mistakes);
        let given = parameters(&self.parameters, mistakes);
        let settled = settle(&module.description.parameters, &given);
        let parameters = settled.map_err(|errors| mistakes.extend(errors)).unwrap_or_default();
        let data = self.data.iter().filter_map(|text| data::read(text, mistakes)).collect();
        let (load, words) = planned?;
        let mut hosts: Vec<_> = targets.iter().map(|target| target.url.clone()).collect();
        hosts.dedup();
        let iterations = match &load {
            Load::Closed { iterations: Some(Iterations::PerUser(each)), .. } => Some(*each),
            _ => None,
        };
        let info = ScenarioInfo {
            name: short(name),
            file: name.to_owned(),
            host: hosts.join(", "),
            digest: module.digest.clone(),
            load: words.clone(),
            peak_users: load.room(),
            open: matches!(load, Load::Open { .. }),
            iterations,
            parameters: given.into_iter().collect(),
        };
        let spec = ScenarioSpec {
            name: short(name),
            module,
            targets,
            load,
            words,
            start: Duration::ZERO,
            parameters: Arc::new(parameters),
            tags: self.tags.tags(),
            data,
        };
        Some((spec, info))
    }
}

/// A scenario's name in the run: that of its file, without folder and ending.
fn short(name: &str) -> String {
    let stem = std::path::Path::new(name).file_stem();
    stem.map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn parameters(given: &[String], mistakes: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for text in given {
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

/// A seed that nobody chose: it is printed, so that the run can be repeated.
fn draw_seed() -> u64 {
    let mut clock = katydid_load::Rng::new(crate::clock::monotonic_ns());
    // Short enough to be typed again.
    clock.next_u64() >> 32
}
