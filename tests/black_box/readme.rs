//! The README's commands do what it says.

use katydid_tests::{katydid, output, root};
use std::process::Command;

/// Code blocks of this language.
fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let opening = format!("```{language}\n");
    readme
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_shell_blocks_run() {
    let program = katydid().get_program().to_owned();
    let folder = std::path::Path::new(&program).parent().unwrap().to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let blocks = blocks("sh");
    assert!(blocks.len() >= 3, "{blocks:?}");
    for block in blocks {
        // What a block leaves in the background would keep our pipes open.
        let block = format!("trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{block}");
        let mut command = Command::new("timeout");
        command
            .args(["60", "bash", "-euo", "pipefail", "-c", &block])
            .current_dir(root())
            .env("PATH", &path);
        let (code, out, err) = output(&mut command);
        assert_eq!(code, 0, "{block}\n{out}\n{err}");
    }
}

#[test]
fn it_opens_with_the_two_commands() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let first = readme.split("```").nth(1).unwrap();
    assert!(
        first.contains("cargo run --release -- demo") && first.contains("./tests/run"),
        "{first}"
    );
}

/// What is shown in a language is what is built and run.
#[test]
fn code_shown_is_code_built() {
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (language, script) in [
        ("rust", "scripts/rust/src/lib.rs"),
        ("python", "scripts/python/api_user.py"),
        ("ts", "scripts/typescript/api_user.ts"),
        ("js", "scripts/javascript/api_user.js"),
        ("c", "scripts/c/api_user.c"),
        ("cpp", "scripts/cpp/api_user.cpp"),
        ("zig", "scripts/zig/api_user.zig"),
        ("assemblyscript", "scripts/assemblyscript/api_user.ts"),
        ("go", "scripts/go/api_user.go"),
        ("wat", "scripts/wat/api_user.wat"),
    ] {
        let source = std::fs::read_to_string(root().join(script)).unwrap();
        let blocks = blocks(language);
        assert!(!blocks.is_empty(), "no block of {language}");
        for block in blocks {
            assert!(squeeze(&source).contains(&squeeze(&block)), "not in {script}: {block}");
        }
    }
}
