//! Compiled modules, kept between runs.
//!
//! Machine code is trusted blindly by whoever loads it, so an entry counts only if this very user's
//! katydid wrote it: each is sealed (HMAC-SHA-256, RFC 2104) with a secret that lies beside the entries,
//! readable by nobody else. What is damaged, cut short, renamed or foreign is compiled anew.

use crate::private;
use anyhow::Context as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::hash::{Hash as _, Hasher};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use wasmtime::Engine;

/// A folder of compiled modules.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    secret: [u8; 64],
}

/// Bytes that the entries may take together; the longest unused go first.
const MOST_BYTES: u64 = 1 << 30;
const SEAL_BYTES: usize = 32;
const SUFFIX: &str = "compiled";

impl Cache {
    /// Opens the folder, and makes it where it is not there yet.
    ///
    /// # Errors
    /// It cannot be made, read or written, or others may write to it.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        private::folder(folder)?;
        let secret = secret(&folder.join("secret"))?;
        Ok(Self { folder: folder.to_owned(), secret })
    }

    /// What was compiled from this file by an engine like this one, if it is here and ours.
    pub(super) fn get(&self, digest: &str, engine: &Engine) -> Option<Vec<u8>> {
        let name = name(digest, engine);
        let path = self.path(&name);
        let mut entry = fs::read(&path).ok()?;
        let length = entry.len().checked_sub(SEAL_BYTES)?;
        let (compiled, seal) = entry.split_at(length);
        if self.mac(&name, compiled).verify_slice(seal).is_err() {
            return None;
        }
        entry.truncate(length);
        // Used just now. If that cannot be noted, it is merely thrown away sooner.
        let _ = File::open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        Some(entry)
    }

    /// Keeps what was compiled, whole or not at all.
    pub(super) fn put(&self, digest: &str, engine: &Engine, compiled: &[u8]) -> anyhow::Result<()> {
        let name = name(digest, engine);
        let seal = self.mac(&name, compiled).finalize().into_bytes();
        let draft = self.folder.join(format!("{name}.{}.draft", std::process::id()));
        let written = private(&draft).and_then(|mut file| {
            file.write_all(compiled)?;
            file.write_all(&seal)
        });
        written
            .and_then(|()| fs::rename(&draft, self.path(&name)))
            .inspect_err(|_| drop(fs::remove_file(&draft)))
            .with_context(|| format!("cannot write to {:?}", self.folder.display()))?;
        self.prune(MOST_BYTES)
    }

    /// Throws away the entries that were unused longest until the rest fits, and old drafts.
    fn prune(&self, most_bytes: u64) -> anyhow::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            // Another katydid may just have thrown it away.
            let Ok(facts) = fs::metadata(&path) else { continue };
            let kind = path.extension().and_then(|suffix| suffix.to_str());
            let age = facts.modified()?.elapsed().unwrap_or_default();
            match kind {
                Some(SUFFIX) => entries.push((age, facts.len(), path)),
                Some("draft") if age.as_secs() > 3_600 => drop(fs::remove_file(path)),
                _ => {}
            }
        }
        entries.sort();
        let mut bytes = 0;
        for (_, length, path) in entries {
            bytes += length;
            if bytes > most_bytes {
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{SUFFIX}"))
    }

    /// The name is sealed too: an entry under another one's name is foreign.
    fn mac(&self, name: &str, compiled: &[u8]) -> Hmac<Sha256> {
        let key = &self.secret.into();
        Hmac::<Sha256>::new(key).chain_update(name.as_bytes()).chain_update(compiled)
    }
}

/// SHA-256 of everything that the machine code depends on: the file, this program's version, the contract that a
/// core module is wrapped by, and the compiler's version and settings, which the engine knows how to hash.
fn name(digest: &str, engine: &Engine) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut sha = Sha(Sha256::new());
    (digest, env!("CARGO_PKG_VERSION"), super::wrap::WIT).hash(&mut sha);
    engine.precompile_compatibility_hash().hash(&mut sha);
    super::hex(&sha.0.finalize())
}

/// Reads the secret, or draws it.
fn secret(path: &Path) -> anyhow::Result<[u8; 64]> {
    let mut secret = [0; 64];
    let cure = || format!("the secret {:?}; remove it, a new one will be made", path.display());
    match File::open(path) {
        Ok(mut file) => {
            private::owned(&file.metadata()?, path)?;
            file.read_exact(&mut secret).with_context(cure)?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut secret))?;
            // Two that begin at once: the one that comes later takes the other's.
            let draft = path.with_extension(std::process::id().to_string());
            let written = private(&draft).and_then(|mut file| file.write_all(&secret));
            let linked = written.and_then(|()| fs::hard_link(&draft, path));
            let _ = fs::remove_file(&draft);
            match linked {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    return self::secret(path);
                }
                linked => linked.with_context(cure)?,
            }
        }
        Err(error) => return Err(error).with_context(cure),
    }
    Ok(secret)
}

/// A new file that nobody else can read.
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Build, Limits};
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn open() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        (folder, cache)
    }

    fn engine() -> Engine {
        Engine::new(&Limits::default().config(Build::default())).unwrap()
    }

    #[test]
    fn what_was_kept_is_found_by_file_and_settings() {
        let (folder, cache) = open();
        let engine = engine();
        assert_eq!(cache.get("a", &engine), None);
        cache.put("a", &engine, b"code").unwrap();
        assert_eq!(cache.get("a", &engine).as_deref(), Some(&b"code"[..]));
        assert_eq!(cache.get("b", &engine), None, "another file");
        let mut limits = Limits::default();
        limits.memory_bytes *= 2;
        let other = Engine::new(&limits.config(Build::default())).unwrap();
        assert_eq!(cache.get("a", &other), None, "other settings");
        // Another process of the same user finds it too.
        assert!(Cache::open(folder.path()).unwrap().get("a", &engine).is_some());
    }

    #[test]
    fn an_entry_that_is_not_ours_as_we_wrote_it_is_none() {
        /// Does something to an entry.
        type Harm = fn(&Path);
        #[rustfmt::skip]
        let table: &[(&str, Harm)] = &[
            ("empty", |path| fs::write(path, b"").unwrap()),
            ("shorter than a seal", |path| fs::write(path, b"code").unwrap()),
            ("cut", |path| { let bytes = fs::read(path).unwrap(); fs::write(path, &bytes[..bytes.len() - 1]).unwrap(); }),
            ("a bit moved", |path| { let mut bytes = fs::read(path).unwrap(); bytes[34] ^= 1; fs::write(path, bytes).unwrap(); }),
            ("more behind it", |path| { let mut bytes = fs::read(path).unwrap(); bytes.push(0); fs::write(path, bytes).unwrap(); }),
            ("a folder", |path| { fs::remove_file(path).unwrap(); fs::create_dir(path).unwrap(); }),
        ];
        for (what, harm) in table {
            let (_folder, cache) = open();
            let engine = engine();
            cache.put("a", &engine, b"code").unwrap();
            harm(&cache.path(&name("a", &engine)));
            assert_eq!(cache.get("a", &engine), None, "{what}");
        }
    }

    #[test]
    fn entries_of_another_name_or_another_secret_are_foreign() {
        let (_folder, cache) = open();
        let (_other_folder, other) = open();
        let engine = engine();
        cache.put("a", &engine, b"code").unwrap();
        let path = cache.path(&name("a", &engine));
        fs::copy(&path, cache.path(&name("b", &engine))).unwrap();
        assert_eq!(cache.get("b", &engine), None);
        fs::copy(&path, other.path(&name("a", &engine))).unwrap();
        assert_eq!(other.get("a", &engine), None);
    }

    #[test]
    fn a_folder_or_secret_that_others_may_write_is_refused() {
        let (folder, _) = open();
        for path in [folder.path().join("secret"), folder.path().to_owned()] {
            let before = fs::metadata(&path).unwrap().permissions();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o722)).unwrap();
            let error = Cache::open(folder.path()).unwrap_err().to_string();
            assert!(error.contains("could be written by others"), "{error}");
            fs::set_permissions(&path, before).unwrap();
        }
        fs::write(folder.path().join("secret"), b"short").unwrap();
        let error = format!("{:#}", Cache::open(folder.path()).unwrap_err());
        assert!(error.contains("remove it"), "{error}");
    }

    #[test]
    fn the_longest_unused_go_first() {
        let (_folder, cache) = open();
        let engine = engine();
        for (digest, age_s) in [("old", 20), ("older", 30), ("new", 10)] {
            cache.put(digest, &engine, &[0; 100]).unwrap();
            let file = File::open(cache.path(&name(digest, &engine))).unwrap();
            let then = SystemTime::now() - std::time::Duration::from_secs(age_s);
            file.set_modified(then).unwrap();
        }
        assert!(cache.get("older", &engine).is_some(), "and so it is the newest");
        cache.prune(2 * (100 + SEAL_BYTES as u64)).unwrap();
        let kept = ["old", "older", "new"].map(|digest| cache.get(digest, &engine).is_some());
        assert_eq!(kept, [false, true, true]);
    }
}
