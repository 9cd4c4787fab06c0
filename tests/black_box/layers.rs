//! Taste, as far as a test can have it: layers look down, names stay where they belong, files can be
//! read in one sitting.

use katydid_tests::root;
use std::path::{Path, PathBuf};

/// Modules of the host by layer; siblings do not know each other.
const LAYERS: &[(&str, u32)] = &[
    ("clock", 0),
    ("duration", 0),
    ("private", 0),
    ("guest", 1),
    ("wire", 1),
    ("run", 2),
    ("compare", 3),
    ("export", 3),
    ("report", 3),
    ("target", 3),
    ("toolchain", 3),
    ("server", 4),
    ("cli", 5),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn host_sources() -> Vec<(String, PathBuf, String)> {
    let src = root().join("host/src");
    sources(&src)
        .into_iter()
        .map(|path| {
            let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
            let module = Path::new(first.as_os_str()).file_stem().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            (module.to_owned(), path.clone(), text)
        })
        .collect()
}

fn layer(module: &str) -> Option<u32> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

#[test]
fn layers_only_look_down() {
    for (module, path, text) in host_sources() {
        if module == "lib" || module == "main" {
            continue;
        }
        let own = layer(&module).unwrap_or_else(|| panic!("{module} has no layer"));
        for rest in text.split("crate::").skip(1) {
            let other: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if let Some(layer) = layer(&other)
                && other != module
            {
                assert!(layer < own, "{} looks up or aside to {other}", path.display());
            }
        }
    }
}

#[test]
fn names_stay_where_they_belong() {
    let rules: &[(&str, &[&str])] = &[
        ("wasmtime::", &["guest"]),
        ("TcpStream", &["wire", "server"]),
        ("TcpListener", &["wire", "server"]),
        ("axum::", &["server"]),
        ("clap::", &["cli"]),
    ];
    for (module, path, text) in host_sources() {
        for (name, allowed) in rules {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let found = code.filter(|line| line.contains(name)).count();
            let fine = found == 0 || allowed.contains(&module.as_str());
            assert!(fine, "{} names {name}", path.display());
        }
    }
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let everywhere =
        ["host", "guest-sdk", "tests", "scripts"].map(|folder| sources(&root().join(folder)));
    for path in everywhere.into_iter().flatten() {
        if path.components().any(|part| part.as_os_str() == "target" && path.extension().is_none())
        {
            continue;
        }
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_module_is_named_after_nothing() {
    for (_, path, _) in host_sources() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let banned = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];
        assert!(!banned.contains(&name), "{}", path.display());
    }
}
