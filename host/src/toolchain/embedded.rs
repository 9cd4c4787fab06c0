//! What the program carries with it: the SDKs, the contract, the templates. See `host/build.rs`.

use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Files by their path from the root of the repository, sorted.
pub(super) const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The files whose paths begin so.
pub(super) fn beneath(prefix: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES.iter().copied().filter(move |(path, _)| path.starts_with(prefix))
}

/// One file's text; empty where there is none, which a test would notice.
pub(super) fn text(path: &str) -> &'static str {
    let bytes = beneath(path).find(|(found, _)| *found == path).map_or(&[][..], |(_, bytes)| bytes);
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Sixteen hexadecimal digits that differ where a file beneath one of the prefixes does.
pub(super) fn digest(prefixes: &[&str]) -> String {
    let mut sha = Sha256::new();
    for (path, bytes) in prefixes.iter().flat_map(|prefix| beneath(prefix)) {
        add(&mut sha, path.as_bytes());
        add(&mut sha, bytes);
    }
    short(sha)
}

/// Adds a part so that no two lists of parts are alike.
pub(super) fn add(sha: &mut Sha256, part: &[u8]) {
    sha.update((part.len() as u64).to_le_bytes());
    sha.update(part);
}

/// As much of a digest as nobody meets twice by accident.
pub(super) fn short(sha: Sha256) -> String {
    sha.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes all files into a folder, by their paths.
pub(super) fn unpack(folder: &Path) -> std::io::Result<()> {
    write(folder, FILES.iter().copied())
}

/// Writes files into a folder, with the folders that they lie in.
pub(super) fn write<'f>(
    folder: &Path,
    files: impl Iterator<Item = (&'f str, &'f [u8])>,
) -> std::io::Result<()> {
    for (name, bytes) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(dead_code, clippy::print_stdout)]
#[path = "../../build.rs"]
mod script;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_was_added_since_the_program_was_built() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let mut found = Vec::new();
        for folder in script::FOLDERS {
            script::collect(&root.join(folder), &mut found).expect("it can be read");
        }
        found.sort();
        let names = found.iter().filter_map(|path| path.strip_prefix(root).ok()?.to_str());
        let names: Vec<_> = names.collect();
        let embedded: Vec<_> = FILES.iter().map(|(path, _)| *path).collect();
        assert!(names == embedded, "files came or went: touch host/build.rs");
    }

    #[test]
    fn everything_that_a_build_needs_is_there() {
        for path in [
            "wit/load.wit",
            "guest-sdk/python/build.py",
            "guest-sdk/python/requirements.txt",
            "guest-sdk/python/katydid/__init__.py",
            "guest-sdk/javascript/build.mjs",
            "guest-sdk/javascript/package-lock.json",
            "guest-sdk/javascript/starlingmonkey/package-lock.json",
            "guest-sdk/javascript/src/index.js",
            "guest-sdk/javascript/index.d.ts",
            "guest-sdk/rust/README.md",
            "guest-sdk/rust/src/lib.rs",
        ] {
            assert!(!text(path).is_empty(), "{path}");
        }
        let unwanted = |path: &str| {
            ["/tests/", "node_modules", "__pycache__"].iter().any(|part| path.contains(part))
        };
        assert!(!beneath("").any(|(path, _)| unwanted(path)));
    }

    #[test]
    fn a_digest_is_of_paths_and_contents() {
        assert_eq!(digest(&["wit/"]), digest(&["wit/"]));
        assert_ne!(digest(&["wit/"]), digest(&["guest-sdk/python/"]));
        assert_eq!(digest(&["wit/"]).len(), 16);
    }
}
