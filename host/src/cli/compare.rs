//! `katydid compare`.

use super::Usage;
use super::screen::{self, style};
use crate::compare::{Compared, Document, Look};
use katydid_load::compare::ChangeRule;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `katydid compare` is told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  katydid compare before.json after.json\n  katydid compare before.json after.json --markdown\n  katydid compare main.json branch.json --threshold 'p95 regression < 10%'"
)]
pub(super) struct Args {
    /// Results of the run before, as --json wrote them
    before: PathBuf,
    /// Results of the run after
    after: PathBuf,
    /// What must hold, else the exit code is 3: 'p95 regression < 10%', 'failures increase < 1%'; may be repeated
    #[arg(long = "threshold", value_name = "RULE")]
    rules: Vec<ChangeRule>,
    /// Write a table in Markdown, for a pull request
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Write one JSON document
    #[arg(long)]
    json: bool,
}

/// Compares two results files and says by how much they differ, and whether that is more than chance.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut mistakes = Vec::new();
    let documents = [&args.before, &args.after].map(|path| read(path, &mut mistakes));
    let [Some(before), Some(after)] = documents else { return Err(Usage(mistakes).into()) };
    let compared = Compared::new(before, after, &args.rules);
    let text = match (args.markdown, args.json) {
        (true, _) => compared.markdown(),
        (_, true) => compared.json(),
        _ => tables(&compared),
    };
    print(&text)?;
    Ok(ExitCode::from(compared.verdict().exit_code()))
}

/// Its tables, as standard output shows them best.
pub(super) fn tables(compared: &Compared) -> String {
    let style = style(&std::io::stdout());
    let (color, width, unicode) = (style.color, style.width, style.unicode);
    compared.terminal(&Look { color, width, unicode })
}

/// Prints a comparison.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    screen::print("the comparison", |out| out.write_all(text.as_bytes()))
}

/// Reads a results file; what is wrong with it joins the mistakes.
pub(super) fn read(path: &Path, mistakes: &mut Vec<String>) -> Option<Document> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| format!("cannot read {name:?}: {error}; check the path"));
    let read =
        bytes.and_then(|bytes| Document::read(&name, &bytes).map_err(|error| error.to_string()));
    read.map_err(|why| mistakes.push(why)).ok()
}
