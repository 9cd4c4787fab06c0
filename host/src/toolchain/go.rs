//! Go: a module, by Go itself, which comes as a package of Python, whole. What is built is a core module, which the
//! host wraps.

use super::command::Command;
use super::depends::Depends;
use super::described::{Case, Described, Kind, Words, quoted};
use super::pip::{self, Tools};
use super::recipe::{Job, Made, Recipe, Template, Unit};
use std::path::{Path, PathBuf};

pub(super) const GO: Recipe = Recipe {
    name: "go",
    title: "Go",
    extensions: &["go"],
    sign: None,
    markers: &["go.mod"],
    unit: Unit::Folder,
    engines: &[],
    carried: &[],
    build: |job| Box::pin(build(job)),
    template: Template {
        folder: "guest-sdk/go/template",
        scenario: "main.go",
        copies: &[("guest-sdk/go/", "sdk/")],
        describe: Some(describe),
    },
};

const TOOLS: Tools = Tools {
    name: "go",
    pins: "guest-sdk/go/requirements.txt",
    why: "scenarios in Go are built by Go, which comes as a package of Python",
    what: "which builds scenarios in Go",
};

async fn build(job: &mut Job<'_>) -> Result<Made, String> {
    let tools = pip::tools(job, &TOOLS).await?;
    let root = root(&tools)?;
    let file = job.scratch.join("made.wasm");
    // A library, whose `main` is never called; `-checklinkname=0` lets the SDK reach into Go's runtime.
    let command = Command::new(root.join("bin/go"))
        .within(job.path)
        .variable("GOROOT", &root)
        .variable("GOOS", "wasip1")
        .variable("GOARCH", "wasm")
        .variable("GOTOOLCHAIN", "local")
        .variable("GOWORK", "off")
        .variable("CGO_ENABLED", "0")
        .variable("GOCACHE", tools.join("kept"))
        .args(["build", "-mod=mod", "-trimpath", "-buildmode=c-shared"])
        .args(["-ldflags=-checklinkname=0 -w", "-o"])
        .arg(&file)
        .arg(".");
    let warnings = job.compile(&command).await?;
    // Where the SDK lies elsewhere, it is watched as well.
    let mut depends = Depends::on_folder(job.path, FILES);
    for folder in replaced(job.path) {
        depends = depends.and(&Depends::on_folder(&folder, FILES));
    }
    Ok(Made { file, depends, warnings })
}

/// What a build reads.
const FILES: &[&str] = &["go", "s", "mod", "sum"];

/// Go's own folder within the package.
fn root(tools: &Path) -> Result<PathBuf, String> {
    let library = tools.join("lib");
    let versions = std::fs::read_dir(&library);
    let versions = versions.map_err(|error| super::kit::cannot("read", &library, &error))?;
    let roots = versions.flatten().map(|entry| entry.path().join("site-packages/go"));
    let found = roots.into_iter().find(|root| root.join("bin/go").is_file());
    found.ok_or_else(|| {
        format!("there is no Go in {:?}; remove that folder, it is installed anew", tools.display())
    })
}

/// The folders that `go.mod` has put in the place of modules.
fn replaced(folder: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(folder.join("go.mod")).unwrap_or_default();
    let paths = text.lines().filter_map(|line| line.split_once("=>")).map(|(_, path)| path.trim());
    paths
        .filter(|path| path.starts_with('.') || path.starts_with('/'))
        .map(|path| folder.join(path))
        .collect()
}

const WORDS: Words = Words {
    reserved: KEYWORDS,
    case: Case::Camel,
    comment: "//",
    sample: |kind| match kind {
        Kind::Int => "1",
        Kind::Boolean => "true",
        Kind::Double => "1.5",
        Kind::Text => "\"text\"",
        Kind::DateTime => "katydid.DateTime(\"20260131T12:00:00\")",
        Kind::Binary => "[]byte{0, 1}",
        Kind::Array => "[]any{}",
        Kind::Struct => "map[string]any{}",
        Kind::Nil => "nil",
    },
};

/// Go's own words.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto",
    "if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type", "var",
    "init", "main",
];

fn describe(target: &Described) -> String {
    let tasks = target.tasks(&WORDS);
    let mut text = target.header("//");
    text += "package main\n\nimport (\n\t\"time\"\n\n\t\"katydid\"\n)\n\ntype ApiUser struct{}\n\n";
    text += &format!(
        "func init() {{\n\tkatydid.Register(katydid.User[ApiUser]{{\n\t\tHost: {},\n\t\tWait: katydid.Between(100*time.Millisecond, time.Second),\n\t\tTasks: []katydid.Task[ApiUser]{{\n",
        quoted(&target.url)
    );
    for task in &tasks {
        let weight = if task.weight == 0 { ", Weight: katydid.Never" } else { "" };
        // Its name, since a method's may be one that no task can have.
        let name = &task.name;
        text += &format!("\t\t\t{{Name: {name:?}{weight}, Run: (*ApiUser).{name}}},\n");
    }
    text += "\t\t},\n\t})\n}\n";
    for task in &tasks {
        text.push('\n');
        task.comment.iter().for_each(|line| text += &format!("{line}\n"));
        let arguments: String = task.arguments.iter().map(|one| format!(", {one}")).collect();
        text += &format!(
            "func (user *ApiUser) {}(client *katydid.Client) error {{\n\t_, err := client.Call({}{arguments})\n\treturn err\n}}\n",
            task.name,
            quoted(&task.method)
        );
    }
    text + "\nfunc main() {}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_may_lie_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "module a\nreplace katydid => ./sdk\nreplace b => example.org/b v1.0.0\n";
        std::fs::write(folder.path().join("go.mod"), text).expect("written");
        assert_eq!(replaced(folder.path()), [folder.path().join("./sdk")]);
    }
}
