//! `katydid inspect`.

use super::inspect_target as target_inspection;
use super::requests::RequestArgs;
use super::sandbox::SandboxArgs;
use super::scenario::Loader;
use super::screen::{Screen, print, style};
use super::source::{EngineArgs, Source};
use crate::guest;
use crate::report::inspect::{Inspection, inspect, inspect_json};
use crate::report::inspect_target::{inspect_target, inspect_target_json};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `katydid inspect` is told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  katydid inspect scenario.wasm\n  katydid inspect --json scenario.wat\n  katydid inspect http://127.0.0.1:8877/RPC2"
)]
pub(super) struct Args {
    /// The scenario: a source file or the folder of a project, in any language that katydid builds; or
    /// WebAssembly (.wasm, .wat); or the URL of a target, which is asked for its methods
    scenario: PathBuf,
    /// Answer JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    requests: RequestArgs,
    #[command(flatten)]
    sandbox: SandboxArgs,
}

/// Compiles a scenario, asks it what it is, and says so.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(url) = args.scenario.to_str().filter(|text| target_inspection::is_url(text)) {
        return target(url, &args).await;
    }
    let source = Source::of(&args.scenario, &args.engine)?;
    let name = source.name();
    let mut screen = Screen::new(false, false);
    let loader = Loader::new((&args.sandbox, &args.requests), &mut screen)?;
    let bytes = source.read_first(&mut screen).await?;
    let module = loader.load_first(&name, &bytes, &mut screen).await?;
    let inspection = Inspection {
        file: name,
        size: module.file_bytes as u64,
        form: module.origin.form.to_owned(),
        producers: module.origin.producers.clone(),
        compiled_size: module.compiled_bytes as u64,
        digest: module.digest.clone(),
        package: guest::HOST_PACKAGE.to_owned(),
        compile_ms: module.compile_time.as_secs_f64() * 1e3,
        cached: module.cached,
        memories: module.memories,
        tables: module.tables,
        initial_memory_bytes: module.initial_memory_bytes,
        timed: module.build.large_code,
        imports: module.imports.clone(),
        description: (*module.description).clone(),
    };
    print("the inspection", |out| match args.json {
        true => inspect_json(&inspection, out),
        false => inspect(&inspection, &style(&io::stdout()), out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Asks a target what it is, and says so.
async fn target(url: &str, args: &Args) -> anyhow::Result<ExitCode> {
    let inspection = target_inspection::ask(url, &args.requests).await?;
    print("the inspection", |out| match args.json {
        true => inspect_target_json(&inspection, out),
        false => inspect_target(&inspection, &style(&io::stdout()), out),
    })?;
    Ok(ExitCode::SUCCESS)
}
