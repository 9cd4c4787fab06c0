//! Puts the SDKs and the templates of `katydid new` into the program: it is one file, and needs no
//! other one to build a scenario.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What is embedded, by its path from the root of the repository.
pub(crate) const FOLDERS: &[&str] = &["guest-sdk", "scripts/wat", "wit"];
/// What a build does not need.
const LEFT_OUT: &[&str] = &["tests", "node_modules", "target", "__pycache__", "COMING_FROM.md"];

fn main() -> io::Result<()> {
    let root = PathBuf::from("..").canonicalize()?;
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut text = String::from("&[\n");
    // Not the folders: what tests and tools leave in them would build the program anew each time. After a file
    // was added, touch this one; a unit test reminds of it.
    println!("cargo::rerun-if-changed=build.rs");
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&root).map_err(io::Error::other)?;
        let _ = writeln!(text, "    ({:?}, include_bytes!({:?})),", name.display(), file.display());
    }
    text.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("Cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("embedded.rs"), text)
}

/// The files beneath a folder that are embedded.
pub(crate) fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if LEFT_OUT.contains(&name.as_str()) || name.starts_with('.') || name.ends_with(".wasm") {
            continue;
        }
        match path.is_dir() {
            true => collect(&path, files)?,
            false if needed(&path) => files.push(path),
            false => {}
        }
    }
    Ok(())
}

/// Manuals are for people. Those of SDKs that are copied into projects go with them, as do those of templates.
fn needed(path: &Path) -> bool {
    let within = |name: &str| path.components().any(|part| part.as_os_str() == name);
    !path.ends_with("README.md") || ["rust", "go", "template"].into_iter().any(within)
}
