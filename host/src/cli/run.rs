//! `katydid run`.

use super::Usage;
use super::api::ApiArgs;
use super::baseline::{self, BaselineArgs};
use super::guest_lines::GuestLines;
use super::keys::{HELP, Keys};
use super::output::{OutputArgs, Outputs};
use super::part::{self, PartArgs, Scenario};
use super::plan::{self, Options, Part};
use super::requests::RequestArgs;
use super::sandbox::SandboxArgs;
use super::scenario::Loader;
use super::screen::{Screen, print};
use super::swap::{SwapArgs, Swapper};
use super::thresholds::ThresholdArgs;
use crate::duration;
use crate::guest::{Level, Module};
use crate::report::{self, RunInfo};
use crate::run::machine;
use crate::run::{Outcome, RunHandle, RunSpec};
use crate::wire::Settings;
use anyhow::Context as _;
use clap::{ArgMatches, Args as _, Command, FromArgMatches, ValueEnum};
use katydid_load::StopReason;
use katydid_load::threshold::Thresholds;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  katydid run scenario.py -H http://127.0.0.1:8877/RPC2 -u 50 -r 10 -t 1m
  katydid run scenario.wat --stage 30s:100 --stage 2m:100 --stage 10s:0
  katydid run scenario.wasm --arrivals 200/s --max-vus 500 -t 5m --threshold 'p95 < 200ms'
  katydid run scenario.wasm -u 10 -t 30s --seed 7 --param tenant=acme --data users=users.csv,unique
  katydid run scenario.wasm -H https://me:secret@test.example/RPC2 --ca test-ca.pem -u 50 -t 1m
  katydid run scenario.wasm -u 50 -t 5m --csv results/nightly --html results/nightly.html
  katydid run my-scenario/ -u 100 --watch --canary 10% --promote-after 30s
  katydid run plan.toml --seed 7
  katydid run plan.toml --baseline main.json --baseline-threshold 'p95 regression < 10%'
  katydid run scenario.wasm -u 50 -t 5m --print-spec > plan.toml

Environment:
  KATYDID_<OPTION>, as in KATYDID_USERS=50 or KATYDID_SPAWN_RATE=10, says what a flag would; a list has
  one value a line, a switch is true or false. Flags have the last word, then the environment, then the
  file.

Exit codes:
  0 passed · 1 requests or iterations failed · 2 usage · 3 a threshold was breached
  4 the scenario aborted the run · 5 internal error · 130 interrupted";

/// What `katydid run` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The scenario: a source file or the folder of a project, in any language that katydid builds; or
    /// WebAssembly (.wasm, .wat); or a run in a file (.toml), with its scenarios and options
    scenario: PathBuf,
    #[command(flatten)]
    part: PartArgs,
    /// Print what would run as such a file, and run nothing
    #[arg(long)]
    print_spec: bool,
    #[command(flatten)]
    more: MoreArgs,
    #[command(flatten)]
    swap: SwapArgs,
}

/// The options that no file and no variable says.
const ONLY_FLAGS: &[&str] = &["print_spec"];

/// The rest, the same for every way to run scenarios.
#[derive(Debug, clap::Args)]
pub(super) struct MoreArgs {
    /// Determines picks, waits, rows and the scenario's randomness [default: drawn, and printed]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How long iterations under way may take to end after the run did
    #[arg(short = 's', long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    graceful_stop: Duration,
    /// Threads that carry users [default: one for each core]
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    #[command(flatten)]
    baseline: BaselineArgs,
    #[command(flatten)]
    requests: RequestArgs,
    #[command(flatten)]
    sandbox: SandboxArgs,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// The flags of `katydid run` as they were typed: the environment and a file may have more to say.
#[derive(Debug)]
pub(super) struct Typed(ArgMatches);

impl FromArgMatches for Typed {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(matches.clone()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0 = matches.clone();
        Ok(())
    }
}

impl clap::Args for Typed {
    fn augment_args(command: Command) -> Command {
        Args::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Args::augment_args_for_update(command)
    }
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

/// Runs what was typed, with what the environment and a file say.
pub(super) async fn run(typed: Typed) -> anyhow::Result<ExitCode> {
    let options = options();
    let variables: Vec<_> = std::env::vars_os().collect();
    let parts = plan::put_together(&options, &typed.0, &variables, &mistakes_alone)?;
    if typed.0.get_flag("print_spec") {
        return print_spec(&parts, &options);
    }
    let (mut scenarios, mut rest) = (Vec::new(), None);
    for Part { name, matches, places, .. } in parts {
        let Args { scenario, part: args, more, swap, .. } = Args::from_arg_matches(&matches)?;
        let file = scenario.display().to_string();
        scenarios.push(Scenario { name, file, bytes: Vec::new(), args, source: None, places });
        // What is for the whole run, all parts say alike.
        rest.get_or_insert((more, swap));
    }
    let (more, swap) = rest.context("a run without a scenario")?;
    part::read(&mut scenarios, &mut more.screen()).await?;
    execute(scenarios, Some(swap), more).await
}

/// Prints what would run, if nothing is wrong with it so far.
fn print_spec(parts: &[Part], options: &Options) -> anyhow::Result<ExitCode> {
    let of_part = |part: &Part| {
        let mistakes = mistakes_alone(&part.matches);
        mistakes.iter().map(|mistake| part.places.placed(mistake)).collect::<Vec<_>>()
    };
    let mut mistakes: Vec<String> = parts.iter().flat_map(of_part).collect();
    mistakes.dedup();
    if !mistakes.is_empty() {
        return Err(Usage(mistakes).into());
    }
    let text = plan::print(parts, options)?;
    print("the run", |out| out.write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// The options of `katydid run`.
pub(super) fn options() -> Options {
    let scoped = PartArgs::augment_args(Command::new("scenario"));
    Options::new(Args::augment_args(Command::new("run")), &scoped, ONLY_FLAGS)
}

/// What can be wrong with options whatever the scenario is, as far as clap does not know.
pub(super) fn mistakes_alone(matches: &ArgMatches) -> Vec<String> {
    let mut mistakes = Vec::new();
    match Args::from_arg_matches(matches) {
        Err(error) => mistakes.push(error.to_string()),
        Ok(args) => {
            args.more.settled(&mut mistakes);
            args.part.given.parameters(&mut mistakes);
            mistakes.extend(args.more.sandbox.limits().err().into_iter().flat_map(|usage| usage.0));
        }
    }
    mistakes
}

/// Runs scenarios to their end and reports.
pub(super) async fn execute(
    mut scenarios: Vec<Scenario>,
    swap: Option<SwapArgs>,
    args: MoreArgs,
) -> anyhow::Result<ExitCode> {
    let mut screen = args.screen();
    let mut loader = Loader::new((&args.sandbox, &args.requests), &mut screen)?;
    let modules = part::load(&scenarios, &loader, &mut screen).await?;
    let least = (!args.output.quiet).then_some(args.output.loglevel.into());
    let (lines, guest_lines) = GuestLines::new(least);

    let mut mistakes = Vec::new();
    let plan = |(scenario, module): (&Scenario, Module)| {
        scenario.plan(module, &args.requests, &mut mistakes)
    };
    let (mut specs, told): (Vec<_>, Vec<_>) =
        scenarios.iter().zip(modules).filter_map(plan).unzip();
    let (wire, thresholds) = args.settled(&mut mistakes);
    // Read before this run's results may take its place.
    let baseline = args.baseline.read(&mut mistakes);
    // Overwritten only where the run will be.
    let files = mistakes.is_empty().then(|| args.output.open(&mut mistakes));
    let (Some((logs, mut outputs)), true) = (files, mistakes.is_empty()) else {
        return Err(Usage(mistakes).into());
    };
    if !machine::has_wide_room(&specs) {
        loader.be_narrow();
        let modules = part::load(&scenarios, &loader, &mut screen).await?;
        specs.iter_mut().zip(modules).for_each(|(spec, module)| spec.module = module);
    }
    scenarios.iter_mut().for_each(|scenario| scenario.bytes = Vec::new());
    let seed = args.seed.unwrap_or_else(draw_seed);
    let info = RunInfo { scenarios: told, run_time_ns: part::run_time_ns(&specs), seed };
    let spec = RunSpec {
        scenarios: specs,
        seed,
        wire,
        graceful_stop: args.graceful_stop,
        shards: args.shards.unwrap_or_else(machine::cores),
        thresholds,
        max_labels: args.sandbox.max_labels,
        swaps: swap.as_ref().map(SwapArgs::rules).unwrap_or_default(),
        logs,
        guest_log: lines,
    };
    for warning in machine::prepare(&spec) {
        screen.line(&format!("warning: {warning}; {}", warning.cure()));
    }
    let mut swapper = Swapper::new(scenarios, swap, (loader, &args.requests));
    let mut handle = crate::run::start(spec)?;
    let _server = args.api.serve(&handle, &info, &swapper)?;
    outputs.push_to(args.api.pushes(&info)?);
    outputs.compare_with(baseline);
    let shown = (&mut screen, &mut outputs);
    let outcome = watch(&mut handle, &info, &mut swapper, guest_lines, shown).await?;
    screen.clear();
    summary(&args.output, &info, &outcome, &screen)?;
    let compared = outputs.finish(&info, &outcome)?;
    if let (Some(compared), true) = (&compared, args.output.summary()) {
        baseline::print(compared)?;
    }
    Ok(ExitCode::from(baseline::verdict(&outcome.verdict, compared.as_ref()).exit_code()))
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
    let style = screen.style_of_stdout();
    print("the summary", |out| {
        if output.show_failures {
            report::exchanges(snapshot, &style, out)?;
        }
        report::summary(snapshot, info, verdict, reason, &style, out)
    })
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

impl MoreArgs {
    pub(super) fn screen(&self) -> Screen {
        Screen::new(self.output.only_summary, self.output.quiet)
    }

    /// What the options come to that are checked as a whole.
    fn settled(&self, mistakes: &mut Vec<String>) -> (Settings, Thresholds) {
        let wire = self.requests.settings(mistakes);
        let thresholds = self.thresholds.thresholds(mistakes);
        if self.shards == Some(0) {
            mistakes.push("--shards 0 leaves nobody to work; use 1 or more".into());
        }
        (wire, thresholds)
    }
}

/// A seed that nobody chose: it is printed, so that the run can be repeated.
fn draw_seed() -> u64 {
    let mut clock = katydid_load::Rng::new(crate::clock::monotonic_ns());
    // Short enough to be typed again.
    clock.next_u64() >> 32
}
