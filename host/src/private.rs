//! Folders and files that nobody but us may write, since what lies there is trusted; and files that are written
//! whole.

use anyhow::Context as _;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

/// Writes a file whole or not at all: whoever reads it meanwhile sees the old one.
///
/// # Errors
/// It cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let wrote = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    wrote.inspect_err(|_| drop(fs::remove_file(&draft)))
}

/// Makes a folder that is ours alone, where it is not there yet.
///
/// # Errors
/// It cannot be made, or others may write to it.
pub fn folder(path: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the folder {:?}", path.display()))?;
    owned(&fs::metadata(path)?, path)
}

/// Refuses what somebody else could have written.
///
/// # Errors
/// It belongs to somebody else, or others may write to it.
pub fn owned(facts: &fs::Metadata, path: &Path) -> anyhow::Result<()> {
    let us = rustix::process::geteuid().as_raw();
    anyhow::ensure!(
        facts.uid() == us && facts.mode() & 0o022 == 0,
        "{:?} could be written by others; it must belong to you, and to you alone (chmod go-w)",
        path.display()
    );
    Ok(())
}
