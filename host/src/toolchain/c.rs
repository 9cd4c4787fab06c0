//! C and C++: the compiler of Zig, which has a C library and one of C++ with it. What is built is a bare core
//! module, which the host wraps.

use super::depends::{Depends, listed};
use super::described::{Case, Described, Kind, Words, quoted};
use super::recipe::{Job, Made, Recipe, Template, Unit};
use super::zig;

pub(super) const C: Recipe = Recipe {
    name: "c",
    title: "C",
    extensions: &["c"],
    sign: None,
    markers: &[],
    unit: Unit::File,
    engines: &[],
    carried: &["guest-sdk/c/"],
    build: |job| Box::pin(build(job, "cc", &[], &[])),
    template: Template {
        folder: "guest-sdk/c/template",
        scenario: "scenario.c",
        copies: &[],
        describe: Some(describe_c),
    },
};

pub(super) const CPP: Recipe = Recipe {
    name: "cpp",
    title: "C++",
    extensions: &["cpp", "cc", "cxx"],
    sign: None,
    markers: &[],
    unit: Unit::File,
    engines: &[],
    carried: &["guest-sdk/c/", "guest-sdk/cpp/"],
    build: |job| Box::pin(build(job, "c++", &["-std=c++20", "-fno-exceptions"], &["cpp"])),
    template: Template {
        folder: "guest-sdk/cpp/template",
        scenario: "scenario.cpp",
        copies: &[],
        describe: Some(describe_cpp),
    },
};

/// For the scenario and the SDK alike. `assert` stays; what traps is shown by the names of functions. The SDK's
/// own ways to die have names that the C library does not have, whose own would die without a word.
const FLAGS: &[&str] = &[
    "-target",
    "wasm32-wasi",
    "-Os",
    "-g",
    "-UNDEBUG",
    "-D__assert_fail=katydid_assert_fail",
    "-Dabort=katydid_abort",
];

async fn build(
    job: &mut Job<'_>,
    compiler: &str,
    flags: &[&str],
    sdks: &[&str],
) -> Result<Made, String> {
    let zig = zig::tools(job).await?;
    let sdk = job.kit.sdk()?.join("guest-sdk");
    let (object, listing) = (job.scratch.join("scenario.o"), job.scratch.join("scenario.d"));
    let mut compile = zig.command().arg(compiler).args(FLAGS).arg("-Wall").args(flags);
    for name in [&["c"], sdks].concat() {
        compile = compile.arg("-I").arg(sdk.join(name));
    }
    let compile = compile.arg("-MMD").arg("-MF").arg(&listing);
    let compile = compile.arg("-c").arg(job.path).arg("-o").arg(&object);
    let warnings = job.compile(&compile).await?;
    let made_from = std::fs::read_to_string(&listing).ok().and_then(|text| listed(&text, ".o: "));
    // What comes with this program is in the name of what it becomes.
    let made_from =
        made_from.unwrap_or_default().into_iter().filter(|path| !path.starts_with(&sdk));
    let depends = Depends::on(made_from.chain([job.path.to_owned()]));

    let file = job.scratch.join("made.wasm");
    // The SDK goes first: what it has in place of the C library's own is then found first.
    let link = zig.command().arg(compiler).args(FLAGS).arg("-mexec-model=reactor");
    let link = link.arg(format!("-Wl,-z,stack-size={}", zig::STACK_BYTES)).args(["-x", "c"]);
    let link = link.args(zig::sdk_sources(&sdk)).args(["-x", "none"]).arg(object);
    job.compile(&link.arg("-o").arg(&file)).await?;
    Ok(Made { file, depends, warnings })
}

const C_WORDS: Words = Words {
    reserved: C_KEYWORDS,
    case: Case::Snake,
    comment: "//",
    sample: |kind| match kind {
        Kind::Int => "k_int(1)",
        Kind::Boolean => "k_bool(true)",
        Kind::Double => "k_double(1.5)",
        Kind::Text => "k_text(\"text\")",
        Kind::DateTime => "k_date_time(\"20260131T12:00:00\")",
        Kind::Binary => "k_binary(\"\\0\\1\", 2)",
        Kind::Array => "k_array()",
        Kind::Struct => "k_struct()",
        Kind::Nil => "k_nil()",
    },
};

/// C's own words, and the functions of its library that a scenario may meet.
#[rustfmt::skip]
const C_KEYWORDS: &[&str] = &[
    "alignas", "alignof", "auto", "bool", "break", "case", "char", "const", "constexpr", "continue", "default", "do",
    "double", "else", "enum", "extern", "false", "float", "for", "goto", "if", "inline", "int", "long", "nullptr",
    "register", "restrict", "return", "short", "signed", "sizeof", "static", "static_assert", "struct", "switch",
    "thread_local", "true", "typedef", "typeof", "union", "unsigned", "void", "volatile", "while", "main", "api_user",
    "user", "abort", "abs", "exit", "free", "malloc", "memcpy", "printf", "puts", "rand", "remove", "time", "NULL",
];

fn describe_c(target: &Described) -> String {
    let mut text = target.header("//");
    text += "\n#include \"katydid.h\"\n";
    let tasks = target.tasks(&C_WORDS);
    for task in &tasks {
        text.push('\n');
        task.comment.iter().for_each(|line| text += &format!("{line}\n"));
        let mut arguments = vec![quoted(&task.method)];
        arguments.extend(task.arguments.iter().map(|&one| one.to_owned()));
        text += &format!(
            "static k_result {}(void *user) {{\n    (void)user;\n    return k_failed(k_call({}));\n}}\n",
            task.name,
            arguments.join(", ")
        );
    }
    let rows = tasks.iter().map(|task| {
        let weight = if task.weight == 0 { ", .weight = K_NEVER" } else { "" };
        format!("{{{}, {}{weight}}}", quoted(&task.name), task.name)
    });
    let rows = rows.collect::<Vec<_>>().join(",\n                     ");
    text + &format!(
        "\nstatic const k_class api_user = {{\n    .name = \"ApiUser\",\n    .host = {},\n    .wait = K_BETWEEN(0.1, 1),\n    .tasks = K_TASKS({rows}),\n}};\n\nK_SCENARIO(.classes = K_CLASSES(&api_user))\n",
        quoted(&target.url)
    )
}

const CPP_WORDS: Words = Words {
    reserved: CPP_KEYWORDS,
    case: Case::Snake,
    comment: "//",
    sample: |kind| match kind {
        Kind::Int => "1",
        Kind::Boolean => "true",
        Kind::Double => "1.5",
        Kind::Text => "\"text\"",
        Kind::DateTime => "DateTime{\"20260131T12:00:00\"}",
        Kind::Binary => "Binary{\"\\0\\1\", 2}",
        Kind::Array => "array()",
        Kind::Struct => "structure({})",
        Kind::Nil => "nullptr",
    },
};

/// The words of C++, and those that a call is written with.
#[rustfmt::skip]
const CPP_KEYWORDS: &[&str] = &[
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
    "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
    "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
    "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "return", "short", "signed",
    "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local", "throw",
    "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
    "wchar_t", "while", "xor", "xor_eq", "ApiUser", "client", "array", "structure", "Binary", "DateTime", "Reply",
];

fn describe_cpp(target: &Described) -> String {
    let mut text = target.header("//");
    text += "\n#include \"katydid.hpp\"\n\nusing namespace katydid;\n\nstruct ApiUser {\n";
    let tasks = target.tasks(&CPP_WORDS);
    for task in &tasks {
        task.comment.iter().for_each(|line| text += &format!("    {line}\n"));
        let mut arguments = vec![quoted(&task.method)];
        arguments.extend(task.arguments.iter().map(|&one| one.to_owned()));
        let call = format!("return client.call({});", arguments.join(", "));
        text += &format!("    Reply {}() {{ {call} }}\n", task.name);
    }
    let rows = tasks.iter().map(|task| {
        let weight = if task.weight == 0 { ", 0" } else { "" };
        format!("task<&ApiUser::{}>({}{weight})", task.name, quoted(&task.name))
    });
    let rows = rows.collect::<Vec<_>>().join(",\n           ");
    text + &format!(
        "}};\n\nconstexpr auto api_user = Class<ApiUser>(\"ApiUser\")\n    .host({})\n    .wait(between(0.1, 1))\n    .tasks({rows});\n\nKATYDID_SCENARIO(scenario<api_user>())\n",
        quoted(&target.url)
    )
}
