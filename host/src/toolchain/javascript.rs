//! TypeScript and JavaScript: `guest-sdk/javascript/build.mjs`, run by Node, with esbuild and an
//! engine: QuickJS, which lies in the SDK, or StarlingMonkey with componentize-js.

use super::command::Command;
use super::described::{Case, Described, Kind, Task, Words, has_dates, literal};
use super::node::{self, Tools};
use super::recipe::{Job, Made, Recipe, Template, Unit};

const SDK: &str = "guest-sdk/javascript";
const TOOLS: Tools = Tools { name: "javascript", sdk: SDK, what: "esbuild", languages: LANGUAGES };
/// The other engine's are two hundred megabytes: whoever does not ask for it never installs them.
const STARLINGMONKEY_TOOLS: Tools = Tools {
    name: STARLINGMONKEY,
    sdk: "guest-sdk/javascript/starlingmonkey",
    what: "esbuild and componentize-js",
    languages: LANGUAGES,
};
const LANGUAGES: &str = "TypeScript and JavaScript";
const STARLINGMONKEY: &str = "starlingmonkey";

pub(super) const TYPESCRIPT: Recipe = Recipe {
    name: "typescript",
    title: "TypeScript",
    extensions: &["ts", "mts"],
    sign: None,
    markers: &["tsconfig.json", "package.json"],
    unit: Unit::File,
    engines: &["quickjs", STARLINGMONKEY],
    carried: &["guest-sdk/javascript/", "wit/"],
    build: |job| Box::pin(build(job)),
    template: Template {
        folder: "guest-sdk/javascript/template/typescript",
        scenario: "scenario.ts",
        copies: &[("guest-sdk/javascript/index.d.ts", "types/katydid.d.ts")],
        describe: Some(describe_typescript),
    },
};

pub(super) const JAVASCRIPT: Recipe = Recipe {
    name: "javascript",
    title: "JavaScript",
    extensions: &["js", "mjs"],
    sign: None,
    markers: &["package.json", "jsconfig.json"],
    template: Template {
        folder: "guest-sdk/javascript/template/javascript",
        scenario: "scenario.js",
        copies: &[("guest-sdk/javascript/index.d.ts", "types/katydid.d.ts")],
        describe: Some(describe_javascript),
    },
    ..TYPESCRIPT
};

async fn build(job: &mut Job<'_>) -> Result<Made, String> {
    let set = match job.engine {
        Some(STARLINGMONKEY) => &STARLINGMONKEY_TOOLS,
        _ => &TOOLS,
    };
    let tools = node::tools(job, set).await?;
    let sdk = job.kit.sdk()?;
    let script = Command::new("node").arg(sdk.join(SDK).join("build.mjs"));
    let script = script.args(job.engine.into_iter().flat_map(|engine| ["--engine", engine]));
    job.script(script.arg("--tools").arg(tools)).await
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
        Kind::DateTime => "new DateTime(\"20260131T12:00:00\")",
        Kind::Binary => "Uint8Array.of(0, 1)",
        Kind::Array => "[]",
        Kind::Struct => "{}",
        Kind::Nil => "null",
    },
};

/// What a class of the user's has already.
const KEYWORDS: &[&str] = &[
    "constructor",
    "client",
    "onStart",
    "onStop",
    "waitTime",
    "saveState",
    "restoreState",
    "user",
    "parent",
    "toString",
    "valueOf",
    "toJSON",
    "then",
];
/// What `this.client` means otherwise than a method of the target.
#[rustfmt::skip]
const CLIENT: &[&str] = &[
    "call", "with", "request", "multicall", "then", "toString", "valueOf", "toJSON", "constructor", "prototype",
    "arguments", "caller", "apply", "bind",
];

fn describe_typescript(target: &Described) -> String {
    let decorated = |task: &Task| match task.weight {
        1 => "  @task\n".to_owned(),
        weight => format!("  @task({weight})\n"),
    };
    describe(target, "between, task, User", "", decorated)
}

fn describe_javascript(target: &Described) -> String {
    let listed = |task: &Task| format!("    {}: {},\n", task.name, task.weight);
    let tasks: String = target.tasks(&WORDS).iter().map(listed).collect();
    let tasks = format!("  static tasks = {{\n{tasks}  }};\n");
    describe(target, "between, User", &tasks, |_| String::new())
}

fn describe(
    target: &Described,
    names: &str,
    listed: &str,
    mark: impl Fn(&Task) -> String,
) -> String {
    let tasks = target.tasks(&WORDS);
    let dates = if has_dates(&tasks) { "DateTime, " } else { "" };
    let mut text = target.header("//");
    text += &format!(
        "import {{ {dates}{names} }} from \"katydid\";\n\nexport default class ApiUser extends User {{\n  static host = {};\n  static waitTime = between(0.1, 1);\n{listed}",
        literal(&target.url)
    );
    for task in tasks {
        text.push('\n');
        task.comment.iter().for_each(|line| text += &format!("  {line}\n"));
        text += &mark(&task);
        let call = task.attribute_call(CLIENT, literal);
        text += &format!("  {}() {{\n    this.client.{call};\n  }}\n", task.name);
    }
    text + "}\n"
}
