//! `katydid target`: the built-in XML-RPC server to aim at.

use super::Usage;
use crate::target::{self, Counts, Delay, Options, Outcome, Running, Script, StartError};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
It serves every path. Methods: echo, get_random_number, get_time, system.listMethods,
system.methodHelp, system.methodSignature, system.multicall, which takes as long as its calls take
together, and the public suites validator1 and interopEchoTests; `katydid inspect URL` lists them.

Examples:
  katydid target
      get_time and get_random_number, each after up to a second
  katydid target --delay none --threads 2
      as fast as it can
  katydid target --delay 10ms --method-delay get_time=50ms..80ms --fault-ratio 1%
  katydid target --inject 'at 5s for 1.4s stall' --inject 'request 100 reset' --log target.csv

Rules (--inject RULE, or one a line in --script FILE, # begins a comment):
  CONDITION... ACTION; all conditions must hold, the first rule that fits a request decides.
  Conditions:
    at TIME [for DURATION]     counted from the first connection
    request N | N..M | N..     by number, from 1, over all connections
    every N                    each Nth request
    ratio R                    a share of them: 0.01 or 1%
    method NAME
  Actions, after the method's usual delay:
    fault [CODE [MESSAGE]]     a fault instead of the result
    status CODE                an HTTP status from 400 to 599
    stall [DURATION]           the good reply, later; alone: at the end of at TIME for DURATION
    close                      the good reply, then close without a warning
    garbage                    status 200, but not XML
    truncate                   half of the reply as if it were whole
    cut                        half of the reply, then close
    drop, reset                close or reset the connection without a reply
    down                       at TIME for DURATION: nobody listens, all connections are closed

The log has one line for each request that was read whole, whatever came of it:
  connection,request,peer_port,id,method,received_ns,replied_ns,outcome,bytes_in,bytes_out
Times are CLOCK_MONOTONIC, bytes are those of the bodies, id is the header X-Request-Id.
Outcomes: ok, those of the actions, gone (the client left first), stopped (the target did).";

/// What `katydid target` is told.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// Where to listen; port 0 lets the system choose
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8877")]
    listen: String,
    /// Threads that serve
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
    /// How long each method takes: none, 250ms, or 0s..1s for a random time between; those of
    /// system. answer at once
    #[arg(long, value_name = "DELAY", default_value = "0s..1s")]
    delay: Delay,
    /// How long one method takes; may be repeated
    #[arg(long, value_name = "METHOD=DELAY", value_parser = method_delay)]
    method_delay: Vec<(String, Delay)>,
    /// Answer this share of the requests with a fault: 0.01 or 1%; short for --inject 'ratio 1% fault'
    #[arg(long, value_name = "RATIO", value_parser = target::read_ratio)]
    fault_ratio: Option<f64>,
    /// A rule about what goes wrong, see below; may be repeated
    #[arg(long, value_name = "RULE")]
    inject: Vec<String>,
    /// A file of such rules, one a line
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Write one line for each request to this file (CSV); it is overwritten
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Of delays, random numbers and ratios: the same seed does the same to the same requests
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
///
/// The script is wrong, the address is taken, the log cannot be made: usage. The log lacks lines.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(&args))
}

async fn serve(args: &Args) -> anyhow::Result<ExitCode> {
    // Before the server stands: whoever waits for its first line may stop it at once.
    let stopped = stop_signal()?;
    let target = start(args)?;
    say(&format!(
        "target listens on http://{}/ (delay {}), {} methods; stop it with ctrl-c",
        target.addr(),
        args.delay,
        target::method_names().count()
    ));
    stopped.await;
    say(&summary(&target.stop()?));
    Ok(ExitCode::SUCCESS)
}

fn start(args: &Args) -> anyhow::Result<Running> {
    let options = Options {
        threads: usize::from(args.threads),
        delay: args.delay,
        method_delays: args.method_delay.clone(),
        script: script(args)?,
        log: args.log.clone(),
        seed: args.seed,
    };
    target::start(&args.listen, options).map_err(|error| match error {
        StartError::Asked(error) => Usage(vec![format!("{error:#}")]).into(),
        error @ StartError::Threads(_) => error.into(),
    })
}

/// All rules; those of the command line come first.
fn script(args: &Args) -> anyhow::Result<Script> {
    let numbered = (1..).zip(&args.inject);
    let mut sources: Vec<(String, String)> =
        numbered.map(|(number, rule)| (format!("--inject #{number}"), rule.clone())).collect();
    if let Some(ratio) = args.fault_ratio {
        sources.push(("--fault-ratio".to_owned(), format!("ratio {ratio} fault")));
    }
    let mut script = Script::default();
    let mut mistakes = Vec::new();
    if let Some(path) = &args.script {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => sources.push((name, text)),
            Err(error) => {
                mistakes
                    .push(format!("cannot read the script \"{name}\": {error}, check the path"));
            }
        }
    }
    for (source, text) in sources {
        match Script::parse(&source, &text) {
            Ok(more) => script.append(more),
            Err(mut more) => mistakes.append(&mut more),
        }
    }
    if !mistakes.is_empty() {
        return Err(Usage(mistakes).into());
    }
    Ok(script)
}

fn method_delay(text: &str) -> Result<(String, Delay), String> {
    let Some((name, delay)) = text.split_once('=') else {
        return Err(format!("\"{text}\" lacks a delay, write it like get_time=50ms"));
    };
    if !target::method_names().any(|known| known == name) {
        let names = target::method_names().collect::<Vec<_>>().join(", ");
        return Err(format!("method \"{name}\" is not known, use one of {names}"));
    }
    Ok((name.to_owned(), delay.parse()?))
}

/// Becomes ready at the first signal to stop. The signals are caught from now on.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Prints a line. Nobody may be reading it, which is no reason to stop.
fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// `served 5 requests: ok 4, fault 1`.
fn summary(counts: &Counts) -> String {
    let mut parts: Vec<String> = Outcome::ALL
        .into_iter()
        .filter(|outcome| counts.of(*outcome) > 0)
        .map(|outcome| format!("{} {}", outcome.word(), counts.of(outcome)))
        .collect();
    if counts.refused > 0 {
        parts.push(format!("and refused {} that were no HTTP", counts.refused));
    }
    let what = if counts.requests == 1 { "request" } else { "requests" };
    let colon = if parts.is_empty() { "" } else { ": " };
    format!("target served {} {what}{colon}{}", counts.requests, parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args as _, FromArgMatches as _};

    fn parse(words: &[&str]) -> Result<Args, String> {
        let command = Args::augment_args(clap::Command::new("target"));
        let matches = command
            .try_get_matches_from([&["target"], words].concat())
            .map_err(|error| error.to_string())?;
        Args::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    #[test]
    fn flags_become_options_or_are_refused_by_value() {
        let args =
            parse(&["--delay", "none", "--method-delay", "echo=1s..2s", "--fault-ratio", "1%"]);
        let args = args.expect("good flags");
        assert_eq!(args.method_delay[0].1.to_string(), "1s..2s");
        assert_eq!(args.listen, "127.0.0.1:8877");
        assert!(!script(&args).expect("good rules").is_empty());
        let rows = [
            (["--delay", "soon"], "\"soon\""),
            (["--method-delay", "nap=1s"], "\"nap\" is not known, use one of echo,"),
            (["--method-delay", "echo"], "write it like get_time=50ms"),
            (["--fault-ratio", "2"], "0.01 or 1%"),
            (["--threads", "0"], "0"),
        ];
        for (words, part) in rows {
            let error = parse(&words).expect_err(words[1]);
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn mistakes_of_all_rules_are_told_at_once() {
        let mut args =
            parse(&["--inject", "at 1s explode", "--inject", "every 0 drop"]).expect("flags");
        let error = script(&args).expect_err("bad rules").to_string();
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(error.starts_with("--inject #1:1: \"explode\""), "{error}");
        args.script = Some("/nowhere/chaos.txt".into());
        let error = script(&args).expect_err("no file");
        assert!(error.is::<Usage>(), "{error}");
        let error = error.to_string();
        assert_eq!(error.lines().count(), 3, "{error}");
        assert!(error.contains("\"/nowhere/chaos.txt\""), "{error}");
    }

    #[test]
    fn what_cannot_be_had_is_a_mistake_of_usage() {
        let other = target::start("127.0.0.1:0", Options::default()).expect("a port is free");
        let taken = other.addr().to_string();
        let directory = tempfile::tempdir().expect("a directory");
        let log = directory.path().join("log.csv");
        std::fs::write(&log, "of the other target").expect("written");
        let log = log.to_str().expect("text");
        let rows = [
            (["--listen", &taken, "--log", log], "choose another port"),
            (["--listen", "here", "--log", log], "write it like 127.0.0.1:8877"),
            (["--listen", "127.0.0.1:0", "--log", "/nowhere/log.csv"], "make its folder first"),
        ];
        for (words, cure) in rows {
            let error = start(&parse(&words).expect("flags")).expect_err(cure);
            assert!(error.is::<Usage>() && error.to_string().ends_with(cure), "{error}");
        }
        let kept = std::fs::read_to_string(log).expect("it is there");
        assert_eq!(kept, "of the other target", "the log is left alone");
    }

    #[test]
    fn the_summary_names_only_what_happened() {
        assert_eq!(summary(&Counts::default()), "target served 0 requests");
    }
}
