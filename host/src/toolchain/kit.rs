//! The folder that a toolchain keeps its things in: the SDKs that this program carries, the tools that the
//! languages' package managers have installed, and what was built.
//!
//! ```text
//! sdk/DIGEST/guest-sdk/... wit/...   what the program carries; another program, another folder
//! tools/NAME-DIGEST/                 installed once, whole or not at all
//! built/DIGEST.files, DIGEST.wasm    what a scenario depends on; what it became
//! ```

use super::embedded;
use super::{Progress, Tell};
use crate::private;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The folder.
#[derive(Debug, Clone)]
pub struct Kit(PathBuf);

/// Bytes that components take together; the longest unused go first.
const MOST_BYTES: u64 = 512 << 20;
/// Drafts that are so old were left behind.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 3_600);
/// Tools and SDKs that no program has used for so long are those of other versions.
const UNUSED: Duration = Duration::from_secs(60 * 24 * 3_600);
/// How often it is looked whether another katydid has installed what is needed here, too.
const LOOK: Duration = Duration::from_millis(200);

/// Tools, or the room to install them in.
pub(super) enum Tools {
    Ready(PathBuf),
    Missing(Draft),
}

/// Where tools are installed aside. Nobody else installs the same ones meanwhile.
pub(super) struct Draft {
    folder: PathBuf,
    finished: PathBuf,
    /// Held until this is dropped.
    _lock: File,
}

impl Kit {
    /// Uses this folder, and makes it where it is not there yet.
    ///
    /// # Errors
    /// It cannot be made, or others may write to it: what lies there is run.
    pub fn open(folder: &Path) -> Result<Self, String> {
        private::folder(folder).map_err(|error| format!("{error:#}"))?;
        Ok(Self(folder.to_owned()))
    }

    /// Where the SDKs are that this program carries.
    pub(super) fn sdk(&self) -> Result<PathBuf, String> {
        let digest = embedded::digest(&[""]);
        let folder = self.0.join("sdk").join(&digest);
        if !folder.is_dir() {
            let draft = self.0.join("sdk").join(format!(".{digest}.{}", std::process::id()));
            let unpacked = embedded::unpack(&draft).and_then(|()| fs::rename(&draft, &folder));
            if let Err(error) = unpacked {
                let _ = fs::remove_dir_all(&draft);
                // Another katydid may have been faster.
                if !folder.is_dir() {
                    return Err(cannot("write the SDKs to", &folder, &error));
                }
            }
        }
        note_use(&folder);
        Ok(folder)
    }

    /// Finds tools by a name that says all that they depend on; waits where they are being installed.
    pub(super) async fn tools(&self, name: &str, tell: Tell<'_>) -> Result<Tools, String> {
        let tools = self.0.join("tools");
        let finished = tools.join(name);
        if finished.is_dir() {
            note_use(&finished);
            return Ok(Tools::Ready(finished));
        }
        let prepare = || -> io::Result<File> {
            fs::create_dir_all(&tools)?;
            File::options().create(true).append(true).open(tools.join(format!(".{name}.lock")))
        };
        let lock = prepare().map_err(|error| cannot("write to", &tools, &error))?;
        let mut waited = Duration::ZERO;
        while lock.try_lock().is_err() {
            tokio::time::sleep(LOOK).await;
            waited += LOOK;
            if waited.subsec_millis() == 0 {
                let what = "another katydid installs the same tools; waiting for it";
                tell(Progress::Working(what, waited.as_secs()));
            }
        }
        if finished.is_dir() {
            return Ok(Tools::Ready(finished));
        }
        let folder = tools.join(format!(".{name}.draft"));
        let made = match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::create_dir(&folder),
        };
        made.map_err(|error| cannot("write to", &folder, &error))?;
        Ok(Tools::Missing(Draft { folder, finished, _lock: lock }))
    }

    /// The files that the scenario of this name depended on when it was last built.
    pub(super) fn files(&self, name: &str) -> Option<Vec<PathBuf>> {
        let text = fs::read(self.built(name, "files")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// What was built from sources of this digest.
    pub(super) fn component(&self, digest: &str) -> Option<Vec<u8>> {
        let path = self.built(digest, "wasm");
        let bytes = fs::read(&path).ok()?;
        // Used just now. If that cannot be noted, it is merely thrown away sooner.
        let _ = File::options()
            .append(true)
            .open(&path)
            .and_then(|file| file.set_modified(SystemTime::now()));
        Some(bytes)
    }

    /// Keeps what was built, whole or not at all. A cache that cannot be written costs time, nothing else.
    pub(super) fn keep(&self, (name, files): (&str, &[PathBuf]), (digest, bytes): (&str, &[u8])) {
        let files = serde_json::to_vec(files).unwrap_or_default();
        let _ = fs::create_dir_all(self.0.join("built"));
        let wrote = private::replace(&self.built(digest, "wasm"), bytes)
            .and_then(|()| private::replace(&self.built(name, "files"), &files));
        drop(wrote.and_then(|()| self.prune(MOST_BYTES)));
        for kind in ["sdk", "tools"] {
            drop(self.forget(kind));
        }
    }

    /// Throws away the folders of a kind that nobody has used for long.
    fn forget(&self, kind: &str) -> io::Result<()> {
        for entry in fs::read_dir(self.0.join(kind))? {
            let entry = entry?;
            let facts = entry.metadata()?;
            if !facts.is_dir() || facts.modified()?.elapsed().unwrap_or_default() < UNUSED {
                continue;
            }
            // Out of the way at once, so that nobody ever finds half of it.
            let name = entry.file_name();
            let gone = entry.path().with_file_name(format!(".{}.gone", name.display()));
            let _ = fs::rename(entry.path(), &gone).and_then(|()| fs::remove_dir_all(&gone));
        }
        Ok(())
    }

    fn built(&self, name: &str, suffix: &str) -> PathBuf {
        self.0.join("built").join(format!("{name}.{suffix}"))
    }

    /// A new folder for what one build makes on its way.
    pub(super) fn scratch(&self) -> Result<Scratch, String> {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = self.0.join("built").join(format!(".{}-{number}", std::process::id()));
        let made =
            fs::remove_dir_all(&folder).or(Ok(())).and_then(|()| fs::create_dir_all(&folder));
        made.map_err(|error| cannot("write to", &folder, &error))?;
        Ok(Scratch(folder))
    }

    /// Throws away the components that were unused longest until the rest fits, and what was left behind.
    fn prune(&self, most_bytes: u64) -> io::Result<()> {
        let mut components = Vec::new();
        for entry in fs::read_dir(self.0.join("built"))? {
            let path = entry?.path();
            // Another katydid may just have thrown it away.
            let Ok(facts) = fs::metadata(&path) else { continue };
            let age = facts.modified()?.elapsed().unwrap_or_default();
            let suffix = path.extension().and_then(|suffix| suffix.to_str());
            if suffix == Some("wasm") {
                components.push((age, facts.len(), path));
            } else if suffix != Some("files") && age > LEFT_BEHIND {
                let _ =
                    if facts.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
        }
        components.sort();
        let mut bytes = 0;
        for (_, length, path) in components {
            bytes += length;
            if bytes > most_bytes {
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }
}

/// A folder that goes with this.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Draft {
    /// Where they are to be installed.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// They are all there: from now on they are found.
    pub(super) fn finish(self) -> Result<PathBuf, String> {
        fs::rename(&self.folder, &self.finished)
            .map_err(|error| cannot("finish", &self.finished, &error))?;
        Ok(self.finished.clone())
    }
}

/// If it cannot be noted, it is merely thrown away sooner.
fn note_use(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.set_modified(SystemTime::now()));
}

pub(super) fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} {:?}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn open() -> (tempfile::TempDir, Kit) {
        let folder = tempfile::tempdir().expect("a folder");
        let kit = Kit::open(&folder.path().join("kit")).expect("it can be made");
        (folder, kit)
    }

    #[test]
    fn the_sdks_are_unpacked_once() {
        let (_folder, kit) = open();
        let sdk = kit.sdk().expect("unpacked");
        assert!(
            sdk.join("guest-sdk/python/build.py").is_file() && sdk.join("wit/load.wit").is_file()
        );
        fs::write(sdk.join("mark"), "").expect("written");
        assert!(kit.sdk().expect("found").join("mark").is_file());
        assert_eq!(fs::read_dir(sdk.parent().expect("it has one")).expect("read").count(), 1);
    }

    #[tokio::test]
    async fn tools_are_installed_once_and_whole() {
        let (_folder, kit) = open();
        let missing = |tools| match tools {
            Ok(Tools::Missing(draft)) => draft,
            _ => unreachable!("they are missing"),
        };
        let draft = missing(kit.tools("a-1", &mut |_| {}).await);
        fs::write(draft.folder().join("half"), "").expect("written");
        drop(draft);
        let draft = missing(kit.tools("a-1", &mut |_| {}).await);
        assert!(!draft.folder().join("half").exists(), "what was not finished is gone");
        // Who comes meanwhile waits.
        let other = {
            let kit = kit.clone();
            tokio::spawn(async move { kit.tools("a-1", &mut |_| {}).await })
        };
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!other.is_finished());
        let finished = draft.finish().expect("finished");
        match other.await.expect("it does not panic") {
            Ok(Tools::Ready(found)) => assert_eq!(found, finished),
            _ => unreachable!("they are there"),
        }
    }

    #[test]
    fn components_are_kept_by_what_they_are_made_from() {
        let (_folder, kit) = open();
        assert_eq!((kit.files("n"), kit.component("d")), (None, None));
        let files = [PathBuf::from("/a b.py")];
        kit.keep(("n", &files), ("d", b"wasm"));
        assert_eq!(kit.files("n").as_deref(), Some(&files[..]));
        assert_eq!(kit.component("d").as_deref(), Some(&b"wasm"[..]));
        let scratch = kit.scratch().expect("made").join("x");
        assert!(!scratch.exists(), "gone with its folder");
        kit.prune(3).expect("pruned");
        assert_eq!((kit.files("n").is_some(), kit.component("d")), (true, None));
    }

    #[tokio::test]
    async fn what_nobody_uses_any_more_is_thrown_away() {
        let (_folder, kit) = open();
        let tools = kit.0.join("tools");
        for (name, days) in [("a-1", 61), ("a-2", 59), ("b-1", 61)] {
            fs::create_dir_all(tools.join(name).join("bin")).expect("made");
            let folder = File::open(tools.join(name)).expect("opened");
            let then = SystemTime::now() - Duration::from_secs(days * 24 * 3_600);
            folder.set_modified(then).expect("set");
        }
        let found = kit.tools("b-1", &mut |_| {}).await;
        assert!(matches!(found, Ok(Tools::Ready(_))), "and used just now");
        kit.keep(("n", &[]), ("d", b"wasm"));
        let left =
            fs::read_dir(&tools).expect("read").map(|entry| entry.expect("read").file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, ["a-2", "b-1"]);
    }

    #[test]
    fn a_folder_that_others_may_write_is_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = fs::Permissions::from_mode(0o777);
        fs::set_permissions(folder.path(), open).expect("changed");
        let error = Kit::open(folder.path()).expect_err("refused");
        assert!(error.contains("could be written by others"), "{error}");
    }
}
