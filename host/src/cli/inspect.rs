//! `katydid inspect`.

use super::run::{load_module, read_scenario};
use super::screen::style;
use crate::guest;
use crate::report::inspect::{Inspection, inspect, inspect_json};
use anyhow::Context as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `katydid inspect` is told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  katydid inspect scenario.wasm\n  katydid inspect --json scenario.wat"
)]
pub(super) struct Args {
    /// The scenario: a component or core module (.wasm), or the text form of either (.wat)
    scenario: PathBuf,
    /// Answer JSON
    #[arg(long)]
    json: bool,
}

/// Compiles a scenario, asks it what it is, and says so.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let bytes = read_scenario(&args.scenario)?;
    let name = args.scenario.display().to_string();
    let module = load_module(&name, &bytes, guest::Limits::default()).await?;
    let inspection = Inspection {
        file: name,
        size: module.file_bytes as u64,
        component_size: module.component_bytes as u64,
        digest: module.digest.clone(),
        package: guest::HOST_PACKAGE.to_owned(),
        compile_ms: module.compile_time.as_secs_f64() * 1e3,
        memories: module.memories,
        initial_memory_bytes: module.initial_memory_bytes,
        imports: module.imports.clone(),
        description: (*module.description).clone(),
    };
    let mut out = std::io::stdout().lock();
    let written = if args.json {
        inspect_json(&inspection, &mut out)
    } else {
        inspect(&inspection, &style(&std::io::stdout()), &mut out)
    };
    written.and_then(|()| out.flush()).context("cannot print the inspection")?;
    Ok(ExitCode::SUCCESS)
}
