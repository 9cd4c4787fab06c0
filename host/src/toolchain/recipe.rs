//! What differs between languages. One more language is a file with its recipe and a row of [`RECIPES`].

use super::command::{Command, Said};
use super::depends::Depends;
use super::described::Described;
use super::kit::{self, Kit, Scratch};
use super::{Progress, Tell};
use super::{assemblyscript, c, go, javascript, python, rust, wat, zig};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitStatus;

/// A language.
pub(super) struct Recipe {
    /// As it is typed: `python`.
    pub(super) name: &'static str,
    /// For people: `Python`.
    pub(super) title: &'static str,
    /// How the files of its sources end.
    pub(super) extensions: &'static [&'static str],
    /// What stands in each of its files, where another language's end alike.
    pub(super) sign: Option<&'static str>,
    /// Files that say that a folder is a project in it.
    pub(super) markers: &'static [&'static str],
    /// What a path names in it.
    pub(super) unit: Unit,
    /// The engines that may run what is written in it, the usual one first; empty where there is nothing to choose.
    pub(super) engines: &'static [&'static str],
    /// What its components depend on besides their sources: the paths of what the program carries for it.
    pub(super) carried: &'static [&'static str],
    /// Makes a component.
    pub(super) build: for<'j> fn(&'j mut Job<'_>) -> Building<'j>,
    /// How a project in it begins.
    pub(super) template: Template,
}

/// A component being built.
pub(super) type Building<'j> = Pin<Box<dyn Future<Output = Result<Made, String>> + Send + 'j>>;

/// What is built as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// One file, with what it imports.
    File,
    /// A folder with a marker; its tool knows what has changed, and is always asked.
    Folder,
    /// One file that is what it is, and is not built.
    Ready,
}

/// Where a new project comes from.
pub(super) struct Template {
    /// The folder of its files.
    pub(super) folder: &'static str,
    /// The file that `--from` writes.
    pub(super) scenario: &'static str,
    /// What else of what the program carries goes into the project: from where, to where.
    pub(super) copies: &'static [(&'static str, &'static str)],
    /// Writes a scenario that calls every method of a target; none where nobody would want to read it.
    pub(super) describe: Option<fn(&Described) -> String>,
}

/// What is to be built.
pub(super) struct Job<'j> {
    /// The scenario's file, or its folder, as it was named.
    pub(super) path: &'j Path,
    /// The engine that was chosen, where it is not the usual one.
    pub(super) engine: Option<&'static str>,
    pub(super) kit: &'j Kit,
    /// Where the component goes, and what is made on the way.
    pub(super) scratch: &'j Scratch,
    pub(super) tell: Tell<'j>,
    /// The commands that were run.
    pub(super) ran: Vec<String>,
}

/// What was built.
pub(super) struct Made {
    /// The component's file, or that of a core module.
    pub(super) file: PathBuf,
    pub(super) depends: Depends,
    /// What the tools said although they succeeded.
    pub(super) warnings: String,
}

impl Job<'_> {
    /// What goes on, for people.
    pub(super) fn doing(&self) -> String {
        format!("building {}", self.path.display())
    }

    pub(super) fn line(&mut self, text: &str) {
        (self.tell)(Progress::Line(text));
    }

    /// Runs a command to its end, and notes that it was run.
    ///
    /// # Errors
    /// It cannot be run at all.
    pub(super) async fn start(&mut self, command: &Command) -> io::Result<Said> {
        self.ran.push(command.line());
        command.run(&self.doing(), self.tell).await
    }

    /// The same for a tool that was found before; what it may say is for the caller.
    pub(super) async fn run(&mut self, command: &Command) -> Result<Said, String> {
        let said = self.start(command).await;
        said.map_err(|error| format!("cannot run {}: {error}", command.line()))
    }

    /// Runs a compiler; answers what it said although it succeeded.
    pub(super) async fn compile(&mut self, command: &Command) -> Result<String, String> {
        let said = self.run(command).await?;
        match said.good() {
            true => Ok(said.words()),
            false => Err(self.does_not_build(said.status, &said.words())),
        }
    }

    /// Runs a build script of ours, which reports the files that it has read.
    pub(super) async fn script(&mut self, script: Command) -> Result<Made, String> {
        let wit = self.kit.sdk()?.join("wit/load.wit");
        let (file, report) = (self.scratch.join("made.wasm"), self.scratch.join("report.json"));
        let command = script.arg(self.path).arg("-o").arg(&file);
        let command = command.arg("--wit").arg(wit).arg("--report").arg(&report);
        let warnings = self.run(&command).await?.warnings()?;
        Ok(Made { file, depends: Depends::on(read_report(&report)?), warnings })
    }

    /// What to say of a compiler's refusal.
    pub(super) fn does_not_build(&self, status: ExitStatus, words: &str) -> String {
        format!("{:?} does not build ({status}):\n{words}", self.path.display())
    }
}

/// The files that a build depended on, as its script reports them.
fn read_report(report: &Path) -> Result<Vec<PathBuf>, String> {
    #[derive(serde::Deserialize)]
    struct Report {
        files: Vec<PathBuf>,
    }
    let text = std::fs::read(report).map_err(|error| kit::cannot("read", report, &error))?;
    let found: Result<Report, _> = serde_json::from_slice(&text);
    found.map(|found| found.files).map_err(|error| format!("a report of a build: {error}"))
}

/// All languages, in the order in which they are listed.
pub(super) const RECIPES: &[&Recipe] = &[
    &rust::RUST,
    &javascript::TYPESCRIPT,
    &javascript::JAVASCRIPT,
    &python::PYTHON,
    &c::C,
    &c::CPP,
    &zig::ZIG,
    &go::GO,
    &assemblyscript::ASSEMBLYSCRIPT,
    &wat::WAT,
];
