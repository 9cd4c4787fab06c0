//! Zig, and its compiler, which builds C and C++ as well. It comes as a package of Python, whole.

use super::command::Command;
use super::depends::Depends;
use super::described::{Case, Described, Kind, Words};
use super::embedded;
use super::pip;
use super::recipe::{Job, Made, Recipe, Template, Unit};
use std::path::{Path, PathBuf};

pub(super) const ZIG: Recipe = Recipe {
    name: "zig",
    title: "Zig",
    extensions: &["zig"],
    sign: None,
    markers: &[],
    unit: Unit::File,
    engines: &[],
    carried: &["guest-sdk/c/", "guest-sdk/zig/"],
    build: |job| Box::pin(build(job)),
    template: Template {
        folder: "guest-sdk/zig/template",
        scenario: "scenario.zig",
        copies: &[],
        describe: Some(describe),
    },
};

const TOOLS: pip::Tools = pip::Tools {
    name: "zig",
    pins: "guest-sdk/c/requirements.txt",
    why: "scenarios in C, C++ and Zig are built by Zig, which comes as a package of Python",
    what: "which builds scenarios in C, C++ and Zig",
};

/// The stack of a user, in bytes of its memory; it lies below everything else, so that its end is a trap.
pub(super) const STACK_BYTES: u32 = 128 << 10;

/// Zig, installed.
pub(super) struct Zig(PathBuf);

/// Finds it, or installs it.
pub(super) async fn tools(job: &mut Job<'_>) -> Result<Zig, String> {
    pip::tools(job, &TOOLS).await.map(Zig)
}

impl Zig {
    /// A command of it. The C library is compiled once, and kept where Zig itself is.
    pub(super) fn command(&self) -> Command {
        let kept = self.0.join("kept");
        Command::new(self.0.join("bin/python"))
            .args(["-I", "-m", "ziglang"])
            .variable("ZIG_GLOBAL_CACHE_DIR", &kept)
            .variable("ZIG_LOCAL_CACHE_DIR", &kept)
    }
}

/// What the SDK for C is made of, unpacked.
pub(super) fn sdk_sources(sdk: &Path) -> Vec<PathBuf> {
    let files = embedded::beneath("guest-sdk/c/").filter_map(|(path, _)| {
        let path = path.strip_prefix("guest-sdk/")?;
        let within = path.starts_with("c/src/") || path.starts_with("c/bindings/");
        (within && path.ends_with(".c")).then(|| sdk.join(path))
    });
    files.collect()
}

async fn build(job: &mut Job<'_>) -> Result<Made, String> {
    let zig = tools(job).await?;
    let sdk = job.kit.sdk()?.join("guest-sdk");
    let file = job.scratch.join("made.wasm");
    let joined = |before: &str, path: &Path| format!("{before}{}", path.display());
    let command = zig
        .command()
        .args(["build-exe", "-target", "wasm32-wasi", "-mexec-model=reactor"])
        // With its checks: what goes wrong is a panic with a message.
        .args(["-O", "ReleaseSafe", "-fno-sanitize-c", "-fno-strip", "-rdynamic", "-lc"])
        .args(["--stack", &STACK_BYTES.to_string()])
        .arg("-I")
        .arg(sdk.join("c"))
        .args(sdk_sources(&sdk))
        .args(["--dep", "katydid"])
        .arg(joined("-Mroot=", job.path))
        .arg(joined("-Mkatydid=", &sdk.join("zig/katydid.zig")))
        .arg(joined("-femit-bin=", &file));
    let warnings = job.compile(&command).await?;
    Ok(Made { file, depends: Depends::around(job.path, &["zig"]), warnings })
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
        Kind::DateTime => "katydid.DateTime{ .text = \"20260131T12:00:00\" }",
        Kind::Binary => "katydid.Binary{ .bytes = \"\\x00\\x01\" }",
        Kind::Array => "katydid.Value.array()",
        Kind::Struct => "katydid.Value.structure()",
        Kind::Nil => "null",
    },
};

/// Zig's own words, and what a user has already.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "addrspace", "align", "allowzero", "and", "anyframe", "anytype", "asm", "async", "await", "break", "callconv",
    "catch", "comptime", "const", "continue", "defer", "else", "enum", "errdefer", "error", "export", "extern", "false",
    "fn", "for", "if", "inline", "linksection", "noalias", "noinline", "nosuspend", "null", "opaque", "or", "orelse",
    "packed", "pub", "resume", "return", "struct", "suspend", "switch", "test", "threadlocal", "true", "try",
    "undefined", "union", "unreachable", "usingnamespace", "var", "void", "volatile", "while", "bool", "type",
    "anyerror", "anyopaque", "katydid", "panic", "onStart", "onStop", "waitTime", "saveState", "restoreState",
];

/// A text between double quotes: Zig has no digits in the base of eight.
fn text_of(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            '"' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    format!("\"{out}\"")
}

fn describe(target: &Described) -> String {
    let mut text = target.header("//!");
    text += "\nconst katydid = @import(\"katydid\");\n\npub const panic = katydid.panic;\n\nconst ApiUser = struct {\n";
    let tasks = target.tasks(&WORDS);
    for (place, task) in tasks.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        task.comment.iter().for_each(|line| text += &format!("    {line}\n"));
        let arguments = match task.arguments.as_slice() {
            [] => ".{}".to_owned(),
            [one] => format!(".{{{one}}}"),
            several => format!(".{{ {} }}", several.join(", ")),
        };
        let call = format!("_ = try katydid.call({}, {arguments});", text_of(&task.method));
        text += &format!("    fn {}(_: *ApiUser) !void {{\n        {call}\n    }}\n", task.name);
    }
    text += &format!(
        "}};\n\nconst api_user = katydid.Class(ApiUser, .{{\n    .name = \"ApiUser\",\n    .host = {},\n    .wait = katydid.between(0.1, 1),\n    .tasks = &.{{\n",
        text_of(&target.url)
    );
    for task in &tasks {
        let options = if task.weight == 0 { ".{ .weight = katydid.never }" } else { ".{}" };
        text += &format!("        katydid.task(\"{0}\", ApiUser.{0}, {options}),\n", task.name);
    }
    text + "    },\n});\n\ncomptime {\n    katydid.scenario(.{ .classes = &.{api_user} }, .{});\n}\n"
}
