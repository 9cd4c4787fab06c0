//! Python: `guest-sdk/python/build.py`, run by a Python of its own that has `componentize-py`.

use super::command::Command;
use super::described::{Case, Described, Kind, Words, has_dates, quoted};
use super::pip::{self, Tools};
use super::recipe::{Job, Made, Recipe, Template, Unit};

const SDK: &str = "guest-sdk/python";
const TOOLS: Tools = Tools {
    name: "python",
    pins: "guest-sdk/python/requirements.txt",
    why: "scenarios in Python are built by Python",
    what: "which builds scenarios in Python",
};

pub(super) const PYTHON: Recipe = Recipe {
    name: "python",
    title: "Python",
    extensions: &["py"],
    sign: None,
    markers: &["pyproject.toml"],
    unit: Unit::File,
    engines: &[],
    carried: &["guest-sdk/python/", "wit/"],
    build: |job| Box::pin(build(job)),
    template: Template {
        folder: "guest-sdk/python/template",
        scenario: "scenario.py",
        copies: &[],
        describe: Some(describe),
    },
};

async fn build(job: &mut Job<'_>) -> Result<Made, String> {
    let python = pip::tools(job, &TOOLS).await?.join("bin/python");
    let sdk = job.kit.sdk()?;
    // Nothing of this machine's Python gets in (-I).
    job.script(Command::new(python).arg("-I").arg(sdk.join(SDK).join("build.py"))).await
}

const WORDS: Words = Words {
    reserved: KEYWORDS,
    case: Case::Snake,
    comment: "#",
    sample: |kind| match kind {
        Kind::Int => "1",
        Kind::Boolean => "True",
        Kind::Double => "1.5",
        Kind::Text => "\"text\"",
        Kind::DateTime => "DateTime(\"20260131T12:00:00\")",
        Kind::Binary => "b\"\\x00\\x01\"",
        Kind::Array => "[]",
        Kind::Struct => "{}",
        Kind::Nil => "None",
    },
};

/// Python's own words, and what a user has already.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    "host", "wait_time", "weight", "fixed_count", "abstract", "tasks", "sequential", "client", "made", "on_start",
    "on_stop", "save_state", "restore_state", "stop", "task", "tag",
];
/// What `self.client` means otherwise than a method of the target, besides Python's own words.
const CLIENT: &[&str] = &["call", "request", "multicall", "_methods", "_name"];

fn describe(target: &Described) -> String {
    let tasks = target.tasks(&WORDS);
    let names =
        if has_dates(&tasks) { "DateTime, User, between, task" } else { "User, between, task" };
    let head = target.head().join("\n");
    let mut text = format!(
        "\"\"\"{}\n\"\"\"\n\nfrom katydid import {names}\n\n\nclass ApiUser(User):\n    host = {}\n    wait_time = between(0.1, 1)\n",
        head.replace('\\', "/"),
        quoted(&target.url)
    );
    let taken = [KEYWORDS, CLIENT].concat();
    for task in tasks {
        text.push('\n');
        task.comment.iter().for_each(|line| text += &format!("    {line}\n"));
        let weight = if task.weight == 1 { String::new() } else { format!("({})", task.weight) };
        let call = task.attribute_call(&taken, quoted);
        text += &format!(
            "    @task{weight}\n    def {}(self):\n        self.client.{call}\n",
            task.name
        );
    }
    text
}
