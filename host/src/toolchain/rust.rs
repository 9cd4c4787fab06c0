//! Rust: a Cargo project, whose own tool knows what has changed.

use super::command::Command;
use super::depends::{Depends, listed};
use super::described::{Case, Described, Kind, Words};
use super::recipe::{Job, Made, Recipe, Template, Unit};
use std::path::{Path, PathBuf};

pub(super) const RUST: Recipe = Recipe {
    name: "rust",
    title: "Rust",
    extensions: &["rs"],
    sign: None,
    markers: &["Cargo.toml"],
    unit: Unit::Folder,
    engines: &[],
    carried: &[],
    build: |job| Box::pin(build(job)),
    template: Template {
        folder: "guest-sdk/rust/template",
        scenario: "src/lib.rs",
        copies: &[
            ("guest-sdk/rust/Cargo.toml", "sdk/guest-sdk/rust/Cargo.toml"),
            ("guest-sdk/rust/README.md", "sdk/guest-sdk/rust/README.md"),
            ("guest-sdk/rust/src/", "sdk/guest-sdk/rust/src/"),
            ("guest-sdk/rust/macros/", "sdk/guest-sdk/rust/macros/"),
            ("wit/", "sdk/wit/"),
        ],
        describe: Some(describe),
    },
};

/// The target that a project is built for, unless Cargo is told another one (`CARGO_BUILD_TARGET`).
const TARGET: &str = "wasm32-unknown-unknown";

async fn build(job: &mut Job<'_>) -> Result<Made, String> {
    let mut cargo = Command::new("cargo")
        .args(["build", "--release", "--message-format=json-render-diagnostics"])
        .within(job.path);
    if std::env::var_os("CARGO_BUILD_TARGET").is_none() {
        cargo = cargo.args(["--target", TARGET]);
    }
    let said = job.start(&cargo).await.map_err(|error| {
        format!("cannot run cargo: {error}; install Rust, best by rustup, or name a .wasm file")
    })?;
    let name = job.path.display();
    if !said.good() {
        let cure = match said.err.contains("target may not be installed") {
            true => format!("\ntype: rustup target add {TARGET}"),
            false => String::new(),
        };
        return Err(job.does_not_build(said.status, &format!("{}{cure}", said.err.trim_end())));
    }
    let file = artefact(&said.out).ok_or_else(|| {
        format!(
            "{name:?} builds no .wasm file; its Cargo.toml needs: [lib] crate-type = [\"cdylib\"]"
        )
    })?;
    let depends = sources(&file).unwrap_or_else(|| Depends::on_folder(job.path, &[]));
    let settings =
        ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"].map(|name| job.path.join(name));
    let depends = depends.and(&Depends::on(settings));
    Ok(Made { file, depends, warnings: String::new() })
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

/// What Cargo says beside a module that it was made from: crates by path are there, too.
fn sources(module: &Path) -> Option<Depends> {
    let text = std::fs::read_to_string(module.with_extension("d")).ok()?;
    listed(&text, ".wasm: ").map(Depends::on)
}

const WORDS: Words = Words {
    reserved: KEYWORDS,
    case: Case::Snake,
    comment: "//",
    sample: |kind| match kind {
        Kind::Int => "1",
        Kind::Boolean => "true",
        Kind::Double => "1.5",
        Kind::Text => "\"text\"",
        Kind::DateTime => "Value::DateTime(\"20260131T12:00:00\".into())",
        Kind::Binary => "Value::Binary(vec![0, 1])",
        Kind::Array => "Value::Array(vec![])",
        Kind::Struct => "Value::Struct(Default::default())",
        Kind::Nil => "Value::Nil",
    },
};

/// Rust's own words, and the hooks of a user.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    "on_start", "on_stop", "wait_time", "save_state", "restore_state",
];
/// Arguments that a tuple holds.
const TUPLE: usize = 8;

fn describe(target: &Described) -> String {
    let mut text = target.header("//!");
    text += &format!(
        "\n#![allow(non_snake_case, reason = \"names are those of the target\")]\n\nuse katydid_sdk::prelude::*;\n\n#[derive(Default)]\nstruct ApiUser;\n\n#[user(host = {:?}, wait_time = between(0.1, 1.0))]\nimpl ApiUser {{\n",
        target.url
    );
    for (place, task) in target.tasks(&WORDS).iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        task.comment.iter().for_each(|line| text += &format!("    {line}\n"));
        let weight = if task.weight == 1 { String::new() } else { format!("({})", task.weight) };
        let arguments = match task.arguments.as_slice() {
            [] => "()".to_owned(),
            [one] => format!("({one},)"),
            few if few.len() <= TUPLE => format!("({})", few.join(", ")),
            many => {
                let values = many.iter().map(|one| match one.starts_with("Value::") {
                    true => (*one).to_owned(),
                    false => format!("Value::from({one})"),
                });
                format!("vec![{}]", values.collect::<Vec<_>>().join(", "))
            }
        };
        text += &format!(
            "    #[task{weight}]\n    fn {}(&mut self, client: &Client) -> Reply {{\n        client.call({:?}, {arguments})\n    }}\n",
            task.name, task.method
        );
    }
    text + "}\n\nscenario!(ApiUser);\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SDK that a project gets is built with what it is built with here.
    #[test]
    fn a_project_has_the_dependencies_of_this_workspace() {
        let ours = include_str!("../../../Cargo.toml").replace("guest-sdk/rust/macros", "MACROS");
        let theirs = include_str!("../../../guest-sdk/rust/template/sdk/Cargo.toml.template");
        let theirs = theirs.replace("guest-sdk/rust/macros", "MACROS");
        let (_, tables) = theirs.split_once("[workspace.package]").unwrap_or_default();
        for line in tables.lines().filter(|line| line.contains(" = ")) {
            assert!(ours.lines().any(|own| own == line), "{line}");
        }
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
