//! `katydid new`: a project to begin with.

use super::Usage;
use super::inspect_target;
use super::requests::RequestArgs;
use super::screen::print;
use crate::toolchain::{Described, Method, create, languages};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  katydid new python my-scenario
  katydid new typescript my-scenario --from http://127.0.0.1:8877/RPC2";

/// What `katydid new` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The language
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(languages()))]
    language: String,
    /// The folder that the project becomes; it is new, or empty
    folder: PathBuf,
    /// Ask a target for its methods, and write a task for each, with samples of its types
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    #[command(flatten)]
    requests: RequestArgs,
}

/// A target that describes itself for longer than this is not waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Begins a project.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let described = match &args.from {
        Some(url) => Some(ask(url, &args.requests).await?),
        None => None,
    };
    let files = create(&args.language, &args.folder, described.as_ref());
    let files = files.map_err(|why| Usage(vec![why]))?;
    print("what was written", |out| tell(&args, described.as_ref(), &files, out))?;
    Ok(ExitCode::SUCCESS)
}

/// What the target says of itself.
async fn ask(url: &str, requests: &RequestArgs) -> anyhow::Result<Described> {
    let asked = tokio::time::timeout(PATIENCE, inspect_target::ask(url, requests)).await;
    let inspection = asked.map_err(|_| {
        let seconds = PATIENCE.as_secs();
        Usage(vec![format!(
            "{url:?} has not described itself within {seconds} s; is it overloaded?"
        )])
    })??;
    let methods = inspection.described.into_iter().map(|method| Method {
        name: method.name,
        // Of several ways to call it the first; the first of its types is that of the result.
        parameters: method.signatures.into_iter().next().into_iter().flatten().skip(1).collect(),
        help: method.help,
    });
    Ok(Described { url: inspection.url, methods: methods.collect() })
}

fn tell(
    args: &Args,
    described: Option<&Described>,
    files: &[PathBuf],
    out: &mut impl Write,
) -> io::Result<()> {
    let folder = args.folder.display();
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    writeln!(out, "wrote {folder}: {}", files.join(", "))?;
    match described {
        None => writeln!(
            out,
            "next, in two terminals:\n  katydid target\n  katydid run {folder} -u 10 -r 10 -t 30s"
        )?,
        Some(Described { url, methods }) => {
            let tasks = match methods.len() {
                1 => "one task, for the one method".to_owned(),
                n => format!("{n} tasks, one for each method"),
            };
            writeln!(
                out,
                "{tasks} of {url}; look through them first: they call whatever there is\n\
                 next:\n  katydid inspect {folder}\n  katydid run {folder} -u 1 -t 10s"
            )?;
        }
    }
    Ok(())
}
