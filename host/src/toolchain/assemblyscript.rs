//! AssemblyScript: its own compiler, run by Node. What is built is a core module, which the host wraps.

use super::command::Command;
use super::depends::Depends;
use super::described::{Case, Described, Kind, Words, literal};
use super::embedded;
use super::node::{self, Tools};
use super::recipe::{Job, Made, Recipe, Template, Unit};
use crate::private;
use std::path::{Path, PathBuf};

const SDK: &str = "guest-sdk/assemblyscript";
const TOOLS: Tools = Tools {
    name: "assemblyscript",
    sdk: SDK,
    what: "AssemblyScript and what it needs",
    languages: "AssemblyScript",
};

pub(super) const ASSEMBLYSCRIPT: Recipe = Recipe {
    name: "assemblyscript",
    title: "AssemblyScript",
    extensions: &["ts"],
    sign: Some("\"katydid/exports\""),
    markers: &["asconfig.json"],
    unit: Unit::File,
    engines: &[],
    carried: &["guest-sdk/assemblyscript/"],
    build: |job| Box::pin(build(job)),
    template: Template {
        folder: "guest-sdk/assemblyscript/template",
        scenario: "scenario.ts",
        copies: &[],
        describe: Some(describe),
    },
};

async fn build(job: &mut Job<'_>) -> Result<Made, String> {
    let tools = node::tools(job, &TOOLS).await?;
    let sdk = job.kit.sdk()?.join(SDK);
    let file = job.scratch.join("made.wasm");
    let names = names(&tools)?;
    // The contract's names cannot be spelled in the language: the transform gives them to the exports.
    let command = Command::new("node")
        .arg(tools.join("node_modules/assemblyscript/bin/asc.js"))
        .arg(job.path)
        .arg("--lib")
        .arg(sdk.join("lib"))
        .arg("--transform")
        .arg(names)
        .args(["--use", "abort=~lib/katydid/index/panicked"])
        .args(["--runtime", "incremental", "-O3", "-o"])
        .arg(&file);
    let warnings = job.run(&command).await?.warnings()?;
    // Which files it has read the compiler does not say.
    Ok(Made { file, depends: Depends::around(job.path, &["ts"]), warnings })
}

/// The transform, where Node finds the compiler that it is part of: beside that one's folder.
fn names(tools: &Path) -> Result<PathBuf, String> {
    let script = format!("{SDK}/names.mjs");
    let path = tools.join(format!("names-{}.mjs", embedded::digest(&[&script])));
    if !path.exists() {
        private::replace(&path, embedded::text(&script).as_bytes())
            .map_err(|error| super::kit::cannot("write to", &path, &error))?;
    }
    Ok(path)
}

const WORDS: Words = Words {
    reserved: KEYWORDS,
    case: Case::Camel,
    comment: "//",
    sample: |kind| match kind {
        Kind::Int => "katydid.int(1)",
        Kind::Boolean => "katydid.boolean(true)",
        Kind::Double => "katydid.double(1.5)",
        Kind::Text => "katydid.text(\"text\")",
        Kind::DateTime => "katydid.dateTime(\"20260131T12:00:00\")",
        Kind::Binary => "katydid.binary(new StaticArray<u8>(2))",
        Kind::Array => "katydid.array([])",
        Kind::Struct => "katydid.struct([], [])",
        Kind::Nil => "katydid.nil()",
    },
};

/// The words of the language, and its own functions.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "abort", "abstract", "any", "as", "assert", "async", "await", "bool", "boolean", "break", "case", "catch", "changetype",
    "class", "const", "constructor", "continue", "debugger", "declare", "default", "delete", "do", "else", "enum",
    "export", "extends", "f32", "f64", "false", "finally", "for", "from", "function", "get", "i16", "i32", "i64", "i8",
    "if", "implements", "import", "in", "instanceof", "interface", "is", "isize", "katydid", "keyof", "let", "load",
    "max", "min", "module", "namespace", "new", "null", "number", "of", "override", "package", "private", "protected",
    "public", "readonly", "return", "select", "set", "sizeof", "static", "store", "string", "super", "switch", "symbol",
    "this", "throw", "trace", "true", "try", "type", "typeof", "u16", "u32", "u64", "u8", "usize", "v128", "var", "void",
    "while", "with", "yield",
];

fn describe(target: &Described) -> String {
    let tasks = target.tasks(&WORDS);
    let mut text = target.header("//");
    text += "import * as katydid from \"katydid\";\nexport * from \"katydid/exports\";\n";
    for task in &tasks {
        text.push('\n');
        task.comment.iter().for_each(|line| text += &format!("{line}\n"));
        let method = literal(&task.method);
        let arguments = match task.arguments.as_slice() {
            [] => String::new(),
            some => format!(", [{}]", some.join(", ")),
        };
        text += &format!(
            "function {}(): void {{\n  katydid.call({method}{arguments});\n}}\n",
            task.name
        );
    }
    text += &format!(
        "\nkatydid.register(\n  new katydid.UserClass(\"ApiUser\")\n    .host({})\n    .wait(katydid.between(0.1, 1))",
        literal(&target.url)
    );
    for task in &tasks {
        text += &format!("\n    .task(\"{0}\", {1}, {0})", task.name, task.weight);
    }
    text + ",\n);\n"
}
