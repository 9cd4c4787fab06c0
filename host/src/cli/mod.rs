//! The command line: what a person types, and what it answers.

mod api;
mod baseline;
mod build;
mod compare;
mod data;
mod demo;
mod guest_lines;
mod inspect;
mod inspect_target;
mod keys;
mod load;
mod new;
mod output;
mod part;
mod plan;
mod requests;
mod run;
mod sandbox;
mod scenario;
mod screen;
mod source;
mod swap;
pub mod target;
mod thresholds;
mod watch;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::fmt;
use std::process::ExitCode;

/// The load runner that is scripted in WebAssembly.
#[derive(Debug, Parser)]
#[command(name = "katydid", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario against a target and report what came of it
    Run(run::Typed),
    /// See it work: the built-in scenario against the built-in target
    Demo(Box<demo::Args>),
    /// Serve the built-in XML-RPC target
    Target(Box<target::Args>),
    /// Compare the results of two runs
    Compare(compare::Args),
    /// Begin a scenario in a language
    New(Box<new::Args>),
    /// Build a scenario into one file, a component
    Build(Box<build::Args>),
    /// Show what a scenario is, without running it, or which methods a target has
    Inspect(Box<inspect::Args>),
}

/// What the user asked for cannot be done as asked: all mistakes at once. Exit code 2.
#[derive(Debug)]
struct Usage(Vec<String>);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\nerror: "))
    }
}

impl std::error::Error for Usage {}

/// Exit code for a usage or spec error.
const USAGE: u8 = 2;
/// Exit code for an error of our own.
const INTERNAL: u8 = 5;

/// Does what the command line says; answers the program's exit code.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let cli = plan::typed(Cli::command, &words)
        .and_then(|typed| {
            Cli::from_arg_matches(&typed).map_err(|error| error.format(&mut Cli::command()))
        })
        .unwrap_or_else(|error| error.exit());
    let result = match cli.command {
        Command::Run(args) => on_runtime(run::run(args)),
        Command::Demo(args) => on_runtime(demo::run(*args)),
        Command::Target(args) => target::run(*args),
        Command::Compare(args) => compare::run(&args),
        Command::New(args) => on_runtime(new::run(*args)),
        Command::Build(args) => on_runtime(build::run(*args)),
        Command::Inspect(args) => on_runtime(inspect::run(*args)),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(if error.is::<Usage>() { USAGE } else { INTERNAL })
    })
}

fn on_runtime(future: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(future);
    // A compiler that takes too long cannot be stopped, but need not be waited for.
    runtime.shutdown_background();
    result
}
