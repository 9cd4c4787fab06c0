//! What a path names: a scenario's file, or a project that makes one.

use super::Usage;
use super::screen::Screen;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// Where a scenario's bytes come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// A component or module, or the text form of either.
    File(PathBuf),
    /// A Cargo project, by its folder: it is built first.
    Cargo(PathBuf),
}

/// What a source looked like at one moment: equal where nothing was written since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(u64);

/// The target that a project is built for, unless Cargo is told another one (`CARGO_BUILD_TARGET`).
const TARGET: &str = "wasm32-unknown-unknown";

impl Source {
    /// What the path names.
    pub(super) fn of(path: &Path) -> Result<Self, Usage> {
        if !path.is_dir() {
            return Ok(Self::File(path.to_owned()));
        }
        if path.join("Cargo.toml").is_file() {
            return Ok(Self::Cargo(path.to_owned()));
        }
        Err(Usage(vec![format!(
            "{:?} is a folder without a Cargo.toml; name a .wasm or .wat file, or the folder of a Cargo project",
            path.display()
        )]))
    }

    /// The path, for people.
    pub(super) fn name(&self) -> String {
        let (Self::File(path) | Self::Cargo(path)) = self;
        path.display().to_string()
    }

    /// What it looks like now.
    pub(super) fn stamp(&self) -> Stamp {
        let mut hasher = DefaultHasher::new();
        match self {
            Self::File(path) => hash_file(path, &mut hasher),
            Self::Cargo(folder) => hash_folder(folder, 0, &mut hasher),
        }
        Stamp(hasher.finish())
    }

    /// Its bytes; a project is built first, and `progress` hears of each second that this takes.
    ///
    /// # Errors
    /// It cannot be read, or does not build: then with the compiler's own words, on several lines.
    pub(super) async fn bytes(&self, progress: impl FnMut(u64)) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => read(path),
            Self::Cargo(folder) => read(&build(folder, progress).await?),
        }
    }
}

impl Source {
    /// Its bytes, while it is shown that they are being made.
    pub(super) async fn read_first(&self, screen: &mut Screen) -> anyhow::Result<Vec<u8>> {
        let name = self.name();
        let bytes =
            self.bytes(|seconds| screen.working(&format!("building {name}"), seconds)).await;
        screen.clear();
        Ok(bytes.map_err(|why| Usage(vec![why]))?)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| {
        let cure = match error.kind() {
            std::io::ErrorKind::NotFound => "; check the path",
            _ => "",
        };
        format!("cannot read the scenario {:?}: {error}{cure}", path.display())
    })
}

/// Builds a Cargo project. Answers the module that it makes.
async fn build(folder: &Path, mut progress: impl FnMut(u64)) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--message-format=json-render-diagnostics"]);
    if std::env::var_os("CARGO_BUILD_TARGET").is_none() {
        cargo.args(["--target", TARGET]);
    }
    cargo.current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let mut building = std::pin::pin!(cargo.output());
    let mut seconds = 0;
    let output = loop {
        tokio::select! {
            output = &mut building => break output,
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {
                seconds += 1;
                progress(seconds);
            }
        }
    };
    let output = output.map_err(|error| {
        format!("cannot run cargo: {error}; install Rust, or name a .wasm file")
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let missing = said.contains("target may not be installed");
        let cure =
            if missing { format!("\ntype: rustup target add {TARGET}") } else { String::new() };
        let name = folder.display();
        return Err(format!(
            "{name:?} does not build ({}):\n{}{cure}",
            output.status,
            said.trim_end()
        ));
    }
    artefact(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| {
        format!(
            "{:?} builds no .wasm file; its Cargo.toml needs: [lib] crate-type = [\"cdylib\"]",
            folder.display()
        )
    })
}

/// The last module among what Cargo says it has made: the package itself is built last.
fn artefact(messages: &str) -> Option<PathBuf> {
    let files = |line: &str| -> Option<PathBuf> {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let files = message.get("filenames")?.as_array()?;
        let mut files = files.iter().filter_map(|file| file.as_str());
        files.find(|file| file.ends_with(".wasm")).map(PathBuf::from)
    };
    messages.lines().filter_map(files).next_back()
}

fn hash_file(path: &Path, hasher: &mut DefaultHasher) {
    let of = |file: std::fs::Metadata| (file.ino(), file.size(), file.mtime(), file.mtime_nsec());
    path.hash(hasher);
    std::fs::metadata(path).map(of).ok().hash(hasher);
}

/// Folders that are looked into beneath a project's own.
const DEPTH: u32 = 8;

/// Every file of a project, without what is hidden or built.
fn hash_folder(folder: &Path, depth: u32, hasher: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        match path.is_dir() {
            true if depth < DEPTH => hash_folder(&path, depth + 1, hasher),
            true => {}
            false => hash_file(&path, hasher),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.wasm");
        assert!(matches!(Source::of(&file), Ok(Source::File(_))), "it need not exist yet");
        let error = Source::of(folder.path()).expect_err("an empty folder").to_string();
        assert!(error.contains("a folder without a Cargo.toml"), "{error}");
        std::fs::write(folder.path().join("Cargo.toml"), "").expect("written");
        assert!(matches!(Source::of(folder.path()), Ok(Source::Cargo(_))));
    }

    #[test]
    fn a_stamp_changes_with_what_is_watched() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("Cargo.toml", "");
        write("src/lib.rs", "a");
        let source = Source::of(folder.path()).expect("a project");
        let before = source.stamp();
        assert_eq!(source.stamp(), before);
        write("target/x", "built");
        write(".git/x", "hidden");
        assert_eq!(source.stamp(), before, "neither is a source");
        write("src/lib.rs", "ab");
        let after = source.stamp();
        assert_ne!(after, before);
        write("src/b/c.rs", "new");
        assert_ne!(source.stamp(), after);
    }

    #[test]
    fn what_cargo_has_made() {
        let messages = r#"{"reason":"compiler-artifact","filenames":["/a/dep.rlib"]}
no json
{"reason":"compiler-artifact","filenames":["/a/x.d","/a/x.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(artefact(messages), Some(PathBuf::from("/a/x.wasm")));
        assert_eq!(artefact("{}"), None);
    }
}
