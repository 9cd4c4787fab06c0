//! The files that a build depends on: watched by what they look like, cached by what they hold.

use super::embedded::add;
use sha2::Sha256;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Files, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Depends(Vec<PathBuf>);

/// Folders that are looked into beneath a project's own.
const DEPTH: u32 = 8;
/// Folders that are made, not written.
const MADE: &[&str] = &["target", "node_modules", "__pycache__", "zig-cache", "zig-out"];
/// The kernel stamps files with a clock that may be late by one of its ticks.
pub(super) const TICK: Duration = Duration::from_millis(10);

impl Depends {
    pub(super) fn on(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort();
        files.dedup();
        Self(files)
    }

    /// Every file of a project with one of these extensions (any at all where there are none), without what is
    /// hidden or made.
    pub(super) fn on_folder(folder: &Path, extensions: &[&str]) -> Self {
        let mut files = Vec::new();
        collect(folder, extensions, 0, &mut files);
        Self::on(files)
    }

    /// A file, and those with one of these extensions in its folder and below.
    pub(super) fn around(file: &Path, extensions: &[&str]) -> Self {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let beside = Self::on_folder(folder.unwrap_or(Path::new(".")), extensions);
        beside.and(&Self::on([file.to_owned()]))
    }

    /// These and those.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self::on(self.0.iter().chain(&other.0).cloned())
    }

    pub(super) fn files(&self) -> &[PathBuf] {
        &self.0
    }

    /// What they look like now: equal where nothing was written since. With `built_at`, files that were written
    /// after that moment look like nothing else ever does.
    pub(super) fn look(&self, built_at: Option<SystemTime>) -> u64 {
        let mut hasher = DefaultHasher::new();
        for path in &self.0 {
            path.hash(&mut hasher);
            let facts = std::fs::metadata(path).ok();
            let late = |facts: &std::fs::Metadata| {
                let written = facts.modified().ok();
                written.zip(built_at).is_some_and(|(written, built)| written + TICK >= built)
            };
            facts.as_ref().is_some_and(late).hash(&mut hasher);
            let of = |file: std::fs::Metadata| {
                (file.ino(), file.size(), file.mtime(), file.mtime_nsec())
            };
            facts.map(of).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Adds what they hold.
    pub(super) fn digest(&self, sha: &mut Sha256) -> io::Result<()> {
        for path in &self.0 {
            add(sha, path.as_os_str().as_encoded_bytes());
            add(sha, &std::fs::read(path)?);
        }
        Ok(())
    }
}

fn collect(folder: &Path, extensions: &[&str], depth: u32, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || MADE.contains(&name.as_str()) {
            continue;
        }
        match path.is_dir() {
            true if depth < DEPTH => collect(&path, extensions, depth + 1, files),
            true => {}
            // What we write ourselves, often beside the sources.
            false if extension == "wasm" => {}
            false if extensions.is_empty() || extensions.contains(&extension.as_str()) => {
                files.push(path);
            }
            false => {}
        }
    }
}

/// `made.o: source source\ with\ spaces`, as a Makefile has it: what follows `mark` in the first rule.
pub(super) fn listed(text: &str, mark: &str) -> Option<Vec<PathBuf>> {
    // A rule goes on in the next line where this one ends with a backslash.
    let text = text.replace("\\\n", " ");
    let (_, sources) = text.lines().next()?.split_once(mark)?;
    let marked = sources.replace("\\ ", "\0");
    Some(marked.split_whitespace().map(|path| path.replace('\0', " ").into()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_changes_with_what_is_watched() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("Cargo.toml", "");
        write("src/lib.rs", "a");
        let look = || Depends::on_folder(folder.path(), &[]).look(None);
        let before = look();
        assert_eq!(look(), before);
        write("target/x", "built");
        write(".git/x", "hidden");
        write("scenario.wasm", "ours");
        assert_eq!(look(), before, "none of them is a source");
        write("src/lib.rs", "ab");
        let after = look();
        assert_ne!(after, before);
        write("src/b/c.rs", "new");
        assert_ne!(look(), after);
        assert_eq!(Depends::on_folder(folder.path(), &["rs"]).files().len(), 2);
    }

    #[test]
    fn what_was_written_while_it_was_built_is_not_what_was_built() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let depends = Depends::on([file.path().to_owned()]);
        let now = SystemTime::now();
        let later = now + Duration::from_secs(1);
        assert_eq!(depends.look(Some(later)), depends.look(None));
        let earlier = now - Duration::from_secs(1);
        assert_ne!(depends.look(Some(earlier)), depends.look(None));
    }

    #[test]
    fn what_something_was_made_from() {
        let found = |text, mark| listed(text, mark).unwrap_or_default();
        let rust = found("/t/x.wasm: /p/src/lib.rs /my\\ p/sdk/src/a.rs\n", ".wasm: ");
        assert_eq!(rust, [PathBuf::from("/p/src/lib.rs"), PathBuf::from("/my p/sdk/src/a.rs")]);
        let c = found("s.o: /p/a.c \\\n  /p/my\\ b.h \\\n  /p/c.h\n\n/p/c.h:\n", ".o: ");
        assert_eq!(c, ["/p/a.c", "/p/my b.h", "/p/c.h"].map(PathBuf::from));
        assert_eq!(listed("nothing", ".o: "), None);
    }
}
