//! `katydid build`: sources become one file.

use super::Usage;
use super::sandbox::SandboxArgs;
use super::scenario::Loader;
use super::screen::{Screen, print};
use super::source::{EngineArgs, Source};
use crate::guest::{Module, as_component};
use crate::private::replace;
use crate::report;
use crate::toolchain::Built;
use anyhow::Context as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  katydid build scenario.py
  katydid build my-scenario/ -o scenario.wasm
  katydid build scenario.wat -o scenario.wasm";

/// What `katydid build` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The scenario: a source file or the folder of a project, in any language that katydid builds; or
    /// WebAssembly (.wasm, .wat)
    path: PathBuf,
    /// Where the component goes [default: beside the source, with .wasm]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    sandbox: SandboxArgs,
}

/// Builds a scenario, checks that it can be run, and writes it.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let source = Source::of(&args.path, &args.engine)?;
    let output = output(&args, &source)?;
    let mut screen = Screen::new(false, false);
    let loader = Loader::to_check(&args.sandbox, &mut screen)?;
    let built = source.build_first(&mut screen).await?;
    let name = source.name();
    let component = as_component(&built.bytes);
    let component = component.map_err(|why| Usage(vec![format!("scenario {name:?}: {why}")]))?;
    let module = loader.load_first(&name, &component, &mut screen).await?;
    // Somebody may watch it.
    replace(&output, &component).with_context(|| format!("cannot write {:?}", output.display()))?;
    print("what was built", |out| tell((&source, &built), &module, &output, out))?;
    Ok(ExitCode::SUCCESS)
}

/// Where it goes.
fn output(args: &Args, source: &Source) -> Result<PathBuf, Usage> {
    let from = match source {
        Source::File(path) => path.as_path(),
        Source::Project(project) => project.path(),
    };
    let output = args.output.clone().unwrap_or_else(|| match from.is_dir() {
        true => from.join("scenario.wasm"),
        false => from.with_extension("wasm"),
    });
    let same = |path: &Path| path.canonicalize().ok();
    match same(&output).is_some_and(|there| same(from) == Some(there)) {
        true => Err(Usage(vec![format!(
            "{:?} would be overwritten by itself; name another file with -o",
            output.display()
        )])),
        false => Ok(output),
    }
}

fn tell(
    (source, built): (&Source, &Built),
    module: &Module,
    output: &Path,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut line = |what: &str, text: String| writeln!(out, "{what:<9} {text}");
    if let Source::Project(project) = source {
        let Built { ran, took, .. } = built;
        let engine = project.engine().map(|engine| format!(" for {engine}")).unwrap_or_default();
        line("language", format!("{}{engine}", project.title()))?;
        for command in ran {
            line("ran", command.clone())?;
        }
        match ran.is_empty() {
            true => line("built", "before: none of its files has changed since".to_owned())?,
            false => line("built", format!("in {}", seconds(*took)))?,
        }
    }
    let size = report::bytes(module.file_bytes as u64);
    line("wrote", format!("{}, a component of {size}", output.display()))?;
    let machine_code = report::bytes(module.compiled_bytes as u64);
    let compiled = match module.cached {
        true => format!("before, to {machine_code} of machine code"),
        false => format!("to {machine_code} of machine code, in {}", seconds(module.compile_time)),
    };
    line("compiled", compiled)?;
    let class = |class: &katydid_load::UserClass| match class.tasks.len() {
        1 => format!("{} (1 task)", class.name),
        tasks => format!("{} ({tasks} tasks)", class.name),
    };
    let classes: Vec<_> = module.description.classes.iter().map(class).collect();
    line("users", classes.join(", "))?;
    let has_host = module.description.classes.iter().all(|class| class.host.is_some());
    let host = if has_host { "" } else { " -H URL" };
    line("next", format!("katydid run {}{host} -u 10 -t 30s", output.display()))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
