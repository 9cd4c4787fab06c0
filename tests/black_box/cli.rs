//! What a person types, and what is answered.

use katydid_tests::{Target, guest, katydid, output, root, rust_script};
use std::io::Write as _;
use std::process::Command;

fn answer(args: &[&str]) -> (i32, String, String) {
    output(katydid().current_dir(root()).args(args))
}

/// Compares with a golden file; `UPDATE_GOLDEN=1` writes it.
fn golden(name: &str, text: &str) {
    let file = root().join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(expected, text, "{name} differs; look at it, then UPDATE_GOLDEN=1");
}

#[test]
fn help_is_as_it_was() {
    for command in ["run", "demo", "target", "new", "build", "inspect"] {
        let (code, out, err) = answer(&[command, "--help"]);
        assert_eq!((code, err.as_str()), (0, ""));
        golden(&format!("help_{command}.txt"), &out);
    }
    golden("help.txt", &answer(&["--help"]).1);
}

#[test]
fn the_demo_needs_nothing() {
    let (code, out, err) = answer(&["demo", "-t", "2s", "-u", "5", "-r", "100", "--seed", "1"]);
    assert_eq!(code, 0, "{err}");
    for word in ["get_time", "get_random_number", "Aggregated", "99.99%", "verdict: passed"] {
        assert!(out.contains(word), "no {word} in {out}");
    }
    assert!(err.contains("running"), "no progress in {err}");
}

#[test]
fn inspect_tells_what_a_scenario_is() {
    let (code, out, err) = answer(&["inspect", "scripts/wat/api_user.wat"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for word in ["ApiUser", "get_time", "66.7 %", "katydid:load@0.1.0", "between 100 ms and 1 s"] {
        assert!(out.contains(word), "no {word} in {out}");
    }
    // The same scenario in Rust says the same of itself.
    let json = |path: &str| -> serde_json::Value {
        let (code, out, err) = answer(&["inspect", "--json", path]);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    };
    let wat = json("scripts/wat/api_user.wat");
    let rust = json(rust_script().to_str().unwrap());
    assert_eq!(wat["classes"], rust["classes"]);
    assert!(wat["classes"].is_array(), "{wat}");
}

#[test]
fn both_scripts_make_the_same_calls() {
    let target = Target::start(&["--delay", "none"]);
    let events = |path: &std::path::Path| {
        let load = ["-H", &target.url, "-u", "8", "-r", "1000", "-t", "2s", "--seed", "3"];
        let run = katydid_tests::run(path, &load);
        assert_eq!(run.code, 0, "{}", run.out);
        let mut calls: Vec<_> = run
            .requests()
            .map(|e| {
                (e["user"].as_u64(), e["request"].as_u64(), e["name"].as_str().map(String::from))
            })
            // What both surely reached.
            .filter(|call| call.1 < Some(2))
            .collect();
        calls.sort();
        calls
    };
    let wat = events(&root().join("scripts/wat/api_user.wat"));
    assert_eq!(wat, events(&rust_script()));
    assert_eq!(wat.len(), 16);
}

#[test]
fn mistakes_are_told_all_at_once() {
    let flood = guest("flood");
    let flood = flood.to_str().unwrap();
    #[rustfmt::skip]
    let table: &[(&[&str], &[&str])] = &[
        (&["run", "no-such-file.wasm"], &["cannot read the scenario \"no-such-file.wasm\"", "check the path"]),
        (&["run", "README.md"], &["not WebAssembly"]),
        (&["run", "scripts"], &["\"scripts\" is a folder without a scenario; name a file that ends in .wasm, .wat"]),
        (&["run", flood], &["user class \"Flood\" has no host; name the target with --host URL"]),
        (&["run", flood, "-H", "ftp://x", "-u", "0", "-r", "-1", "--param", "x", "--shards", "0"],
            &["the scheme \"ftp\" is not supported", "user", "rate", "--param \"x\" is not NAME=VALUE", "--shards 0"]),
        (&["run", flood, "-H", "http://127.0.0.1/", "--request-id-header", "a b:"], &["is not allowed"]),
        (&["run", flood, "-t", "soon"], &["\"soon\"", "1h30m"]),
        (&["run", flood, "-H", "http://127.0.0.1/", "--max-memory", "65536"], &["--max-memory"]),
        (&["inspect", "Cargo.toml"], &["not WebAssembly"]),
        (&["target", "--delay", "often"], &["often"]),
        (&["target", "--inject", "sometimes explode"], &["sometimes"]),
        (&["run"], &["<SCENARIO>"]),
        (&["fly"], &["fly"]),
    ];
    for (args, expected) in table {
        let (code, out, err) = answer(args);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert_eq!(out, "", "{args:?}");
        for words in *expected {
            assert!(err.contains(words), "{args:?}: no {words:?} in {err}");
        }
        assert!(!err.contains("panicked"), "{err}");
    }
}

#[test]
fn another_version_of_the_world_is_named() {
    let wat = std::fs::read_to_string(root().join("scripts/wat/api_user.wat")).unwrap();
    let mut file = tempfile::Builder::new().suffix(".wat").tempfile().unwrap();
    file.write_all(wat.replace("@0.1.0", "@0.7.0").as_bytes()).unwrap();
    let (code, _, err) = answer(&["inspect", file.path().to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("katydid:load@0.7.0") && err.contains("katydid:load@0.1.0"), "{err}");
}

/// On a terminal the table is drawn in place, in colour unless told otherwise.
#[test]
fn a_terminal_gets_a_live_table() {
    // `script` is part of util-linux, which every Debian has.
    let program = katydid().get_program().to_str().unwrap().to_owned();
    let draw = |prefix: &str| {
        let line = format!("{prefix} {program} demo -t 3s -u 4 -r 100");
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
        output(&mut command).1
    };
    let drawn = draw("stty cols 100 rows 40;");
    assert!(drawn.contains("\x1b[J"), "not redrawn: {drawn}");
    assert!(drawn.contains("\x1b[1m") || drawn.contains("\x1b[32m"), "no colour: {drawn}");
    assert!(drawn.contains("users"), "{drawn}");
    let plain = draw("NO_COLOR=1");
    assert!(!plain.contains("\x1b[32m") && !plain.contains("\x1b[1m"), "{plain}");
}

#[test]
fn a_reader_that_has_seen_enough_changes_no_verdict() {
    let wat = "scripts/wat/api_user.wat";
    let refused = ["run", wat, "-H", "http://127.0.0.1:1/", "-u", "1", "-i", "1"];
    for (args, code) in [(&["inspect", wat][..], 0), (&refused, 1)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = katydid().current_dir(root()).args(args).stdout(writer).output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{args:?}: {told}");
        assert!(!told.contains("cannot print"), "{args:?}: {told}");
    }
}
