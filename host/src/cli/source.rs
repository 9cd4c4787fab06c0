//! What a path names: a scenario's file, or sources that it is built from.

use super::Usage;
use super::sandbox::cache_folder;
use super::screen::Screen;
use crate::toolchain::{Built, Found, Kit, Look, Progress, Project, engines, find, unknown};
use clap::builder::PossibleValuesParser;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a scenario's bytes come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// A component or module, or the text form of either.
    File(PathBuf),
    /// Sources in some language: they are built first.
    Project(Project),
}

/// How sources are built.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct EngineArgs {
    /// What runs a scenario in TypeScript or JavaScript: quickjs, or starlingmonkey, which has more of the language,
    /// but is large and slow, and wants --max-memory 134217728 [default: quickjs]
    #[arg(long, value_parser = PossibleValuesParser::new(engines()), hide_possible_values = true)]
    engine: Option<String>,
}

/// What a source looked like at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(Look);

impl Source {
    /// What the path names, and how that is to be built.
    pub(super) fn of(path: &Path, EngineArgs { engine }: &EngineArgs) -> Result<Self, Usage> {
        let source = match (find(path), engine) {
            (Err(why), _) => Err(why),
            (Ok(Found::File(path)), None) => Ok(Self::File(path)),
            (Ok(Found::Project(project)), None) => Ok(Self::Project(project)),
            (Ok(Found::File(path)), Some(engine)) => Err(format!(
                "--engine {engine}: {:?} is not built from sources; leave it out",
                path.display()
            )),
            (Ok(Found::Project(project)), Some(engine)) => project
                .with_engine(engine)
                .map(Self::Project)
                .map_err(|why| format!("--engine {engine}: {why}; leave it out")),
        };
        source.map_err(|why| Usage(vec![why]))
    }

    /// The path, for people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Project(project) => project.path().display().to_string(),
        }
    }

    /// What it looks like now: equal to an earlier one where nothing was written since, and no other build came
    /// between them.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp(match self {
            Self::File(path) => Look::of(path),
            Self::Project(project) => project.look(),
        })
    }

    /// What takes the place of an earlier stamp of what was taken: after a build other files may matter.
    pub(super) fn taken(&self, before: Stamp) -> Stamp {
        match self {
            Self::Project(project) if project.look().builds != before.0.builds => {
                Stamp(project.built_look())
            }
            _ => before,
        }
    }

    /// Its bytes; sources are built first, and `progress` hears of it.
    ///
    /// # Errors
    /// It cannot be read, or does not build: then with the compiler's own words, on several lines.
    pub(super) async fn bytes(
        &self,
        progress: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Vec<u8>, String> {
        Ok(self.build(progress).await?.bytes)
    }

    /// The same, and how they came about.
    async fn build(&self, mut progress: impl FnMut(Progress<'_>) + Send) -> Result<Built, String> {
        match self {
            Self::File(path) => {
                Ok(Built { bytes: read(path)?, ran: Vec::new(), took: Duration::ZERO })
            }
            Self::Project(project) => build(project, &mut progress).await,
        }
    }

    /// Its bytes, while it is shown that they are being made.
    pub(super) async fn read_first(&self, screen: &mut Screen) -> anyhow::Result<Vec<u8>> {
        Ok(self.build_first(screen).await?.bytes)
    }

    /// The same, and how they came about.
    pub(super) async fn build_first(&self, screen: &mut Screen) -> anyhow::Result<Built> {
        let built = self.build(|progress| show(progress, screen)).await;
        screen.clear();
        Ok(built.map_err(|why| Usage(vec![why]))?)
    }
}

/// Builds a project, with what the cache has for it.
async fn build(
    project: &Project,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Built, String> {
    let folder = cache_folder().ok_or(
        "neither XDG_CACHE_HOME nor HOME says where the tools of languages would be; set one of them",
    )?;
    project.build(&Kit::open(&folder.join("katydid"))?, progress).await
}

/// Shows what goes on while something is built.
fn show(progress: Progress<'_>, screen: &mut Screen) {
    match progress {
        Progress::Line(text) => screen.line(text),
        Progress::Working(what, seconds) => screen.working(what, seconds),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(path).map_err(|error| {
        let cure = match error.kind() {
            std::io::ErrorKind::NotFound => "; check the path",
            _ => "",
        };
        format!("cannot read the scenario {:?}: {error}{cure}", path.display())
    })?;
    // Whatever it is called, WebAssembly is taken; its text begins with a parenthesis or a comment.
    let wasm = bytes.starts_with(b"\0as") || bytes.trim_ascii_start().starts_with(b"(");
    match unknown(path).filter(|_| !wasm) {
        Some(why) => Err(why),
        None => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.wasm");
        let of = |path: &Path| Source::of(path, &EngineArgs::default());
        assert!(matches!(of(&file), Ok(Source::File(_))), "it need not exist yet");
        let error = of(folder.path()).expect_err("an empty folder").to_string();
        assert!(error.contains("is an empty folder"), "{error}");
        std::fs::write(folder.path().join("Cargo.toml"), "").expect("written");
        assert!(matches!(of(folder.path()), Ok(Source::Project(_))));
    }

    #[tokio::test]
    async fn what_is_in_no_language_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let of = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            Source::of(&path, &EngineArgs::default()).expect("a file")
        };
        let error = of("a.rb", "puts 1").bytes(|_| {}).await.expect_err("no language of ours");
        assert!(error.contains(".rb is no language that katydid builds"), "{error}");
        assert!(of("b.rb", "(module)").bytes(|_| {}).await.is_ok(), "text of WebAssembly");
    }

    #[test]
    fn a_stamp_of_a_file_changes_with_it() {
        let file = tempfile::NamedTempFile::with_suffix(".wasm").expect("a file");
        let source = Source::of(file.path(), &EngineArgs::default()).expect("a file");
        let before = source.stamp();
        assert_eq!((source.stamp(), source.taken(before)), (before, before));
        std::fs::write(file.path(), "more").expect("written");
        assert_ne!(source.stamp(), before);
    }
}
