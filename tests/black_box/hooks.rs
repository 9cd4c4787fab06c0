//! What a scenario declares, and what it does beside its tasks: chains, tags, figures, rows, parameters, what happens
//! once, and the load that it asks for.

use katydid_tests::{Run, Target, guest, katydid, output, run, sdk_example, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What `inspect` says of a guest.
fn inspected(scenario: &Path) -> Value {
    let (code, out, err) = output(katydid().args(["inspect", "--json"]).arg(scenario));
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_scenario_says_what_it_declares() {
    let parameter = |name: &str, kind: &str, default: Value, about: &str| json!({"name": name, "kind": kind, "default": default, "about": about});
    let declared = [
        ("markov", vec![], vec![]),
        ("setup_teardown", vec!["setup", "teardown"], vec!["setup", "teardown"]),
        ("shapes", vec!["shape"], vec!["shape"]),
        ("rows", vec![], vec![]),
        ("records", vec![], vec![]),
        ("keeps_state", vec!["state"], vec![]),
        ("parameters", vec![], vec!["tenant", "motto", "depth", "patience", "slow"]),
    ];
    for (name, hooks, parameters) in declared {
        let said = inspected(&guest(name));
        assert_eq!(said["hooks"], json!(hooks), "{name}");
        let names: Vec<_> =
            said["parameters"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
        assert_eq!(names, parameters, "{name}");
    }
    let said = inspected(&guest("parameters"));
    let expected = [
        parameter("tenant", "text", Value::Null, "whose shop it is"),
        parameter("motto", "text", json!(""), ""),
        parameter("depth", "integer", json!("-3"), "how many pages"),
        parameter("patience", "number", json!("0.5"), "in seconds"),
        parameter("slow", "boolean", json!("false"), ""),
    ];
    assert_eq!(said["parameters"], json!(expected));
    let said = inspected(&guest("tags"));
    let tags: Vec<_> = said["classes"][0]["sets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| set["tags"].clone())
        .collect();
    assert_eq!(tags, [json!(["all"]), json!(["inside", "shop"])]);
    let said = inspected(&guest("poisson"));
    assert_eq!(said["classes"][0]["wait"], json!({"kind": "poisson", "mean_us": 10_000}));
    // The contract names tasks by any numbers; here they are places.
    let chain = &inspected(&guest("markov"))["classes"][0]["sets"][1];
    assert_eq!(chain["order"], "transitions");
    assert_eq!(chain["transitions"][1], json!({"from": 0, "to": 2, "weight": 2}));
    let (_, out, _) = output(katydid().arg("inspect").arg(guest("markov")));
    for line in ["shop (set, a chain)", "then look 75.0 %, fill 25.0 %", "then out of the set"] {
        assert!(out.contains(line), "no {line:?} in {out}");
    }
}

/// The same words from Rust.
#[test]
fn a_scenario_in_rust_says_what_it_declares() {
    let said = inspected(&sdk_example("hooked"));
    assert_eq!(said["hooks"], json!(["setup", "teardown", "shape"]));
    let users = json!({"name": "users", "kind": "integer", "default": "3", "about": "users, for two seconds"});
    assert_eq!(said["parameters"], json!([users]));
    let (_, out, _) = output(katydid().arg("inspect").arg(sdk_example("hooked")));
    assert!(out.contains("hooks     setup, teardown, shape\n"), "{out}");
    assert!(out.contains("users      integer  3        users, for two seconds\n"), "{out}");
}

/// Runs a guest whose users end by themselves; answers what reached the target, too.
fn quick(scenario: &Path, args: &[&str]) -> (Run, Vec<String>) {
    let target = Target::start(&["--delay", "none"]);
    let run = run(scenario, &[&["-H", &target.url, "-r", "1000", "-t", "20s"], args].concat());
    let received = target.stop().into_iter().map(|one| one.method).collect();
    (run, received)
}

/// Nothing trapped and no iteration failed.
#[track_caller]
fn healthy(run: &Run) {
    let errors = run.all("user_trapped").chain(run.all("iteration_failed"));
    let errors: Vec<_> = errors.map(|event| text(&event["message"])).collect();
    assert!(errors.is_empty() && run.code == 0, "{errors:?}\n{}\n{}", run.out, run.err);
}

#[test]
fn chains_and_poisson_waits_are_as_declared() {
    for (name, users) in [("markov", 20), ("poisson", 6)] {
        let (run, received) = quick(&guest(name), &["-u", &users.to_string(), "--seed", "5"]);
        healthy(&run);
        assert_eq!(received.len(), users, "{name}: each came to its end");
    }
}

/// What is no figure is said, once for each, and recorded nowhere.
#[test]
fn figures_are_recorded() {
    let (run, _) = quick(&guest("records"), &["-u", "3"]);
    healthy(&run);
    for nothing in ["NaN", "inf", "-inf"] {
        let line = format!("warn: the gauge \"stock\" is not set: {nothing} is no figure");
        assert_eq!(run.err.matches(&line).count(), 3, "{}", run.err);
    }
}

#[test]
fn a_flood_of_figures_traps() {
    let (run, _) =
        quick(&guest("metric_flood"), &["-u", "1", "--max-events", "10", "--param", "figures=10"]);
    healthy(&run);
    let args = ["-u", "1", "-i", "1", "--max-events", "10", "--param", "figures=11"];
    let (run, _) = quick(&guest("metric_flood"), &args);
    let traps: Vec<_> = run.all("user_trapped").map(|event| text(&event["message"])).collect();
    assert_eq!(traps.len(), 1);
    assert!(traps[0].contains("limit of 10 events an iteration (--max-events)"), "{traps:?}");
}

#[test]
fn a_run_chooses_by_tags() {
    // (arguments, what may be called)
    #[rustfmt::skip]
    let table: [(&[&str], &[&str]); 6] = [
        (&[], &["plain", "fast", "in.fast", "in.slow"]),
        (&["--tags", "all"], &["plain", "fast", "in.fast", "in.slow"]),
        (&["--tags", "fast"], &["fast", "in.fast"]),
        (&["--tags", "shop"], &["in.fast", "in.slow"]),
        (&["--exclude-tags", "inside"], &["plain", "fast"]),
        (&["--tags", "inside", "--exclude-tags", "slow"], &["in.fast"]),
    ];
    for (args, expected) in table {
        let (_, mut received) = quick(&guest("tags"), &[&["-u", "2"], args].concat());
        received.sort();
        received.dedup();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(received, expected, "{args:?}");
    }
}

/// A file for a test, in a folder that goes with it.
fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn each_row_is_drawn_once() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..50).map(|n| format!("user {n}, \"the\" {n}th")).collect();
    let quoted = |name: &String| format!("\"{}\",x\n", name.replace('"', "\"\""));
    let csv = format!("name,other\n{}", names.iter().map(quoted).collect::<String>());
    let lines: String = names.iter().map(|name| json!({"name": name}).to_string() + "\n").collect();
    for (name, text) in [("users.csv", &csv), ("users.jsonl", &lines)] {
        let path = file(&folder, name, text);
        let data = format!("users={},unique", path.display());
        let (run, received) = quick(&guest("rows"), &["-u", "7", "--data", &data]);
        healthy(&run);
        assert_eq!(received.len(), names.len(), "{name}");
        assert_eq!(run.err.matches("there is no row left").count(), 7, "{}", run.err);
    }
    // Without the set every iteration fails, in words.
    let (run, received) = quick(&guest("rows"), &["-u", "1", "-i", "2"]);
    let errors: Vec<_> = run.all("iteration_failed").map(|event| text(&event["message"])).collect();
    assert_eq!((errors.len(), received.len()), (2, 0), "{errors:?}");
    assert!(errors[0].contains("users"), "{errors:?}");
}

#[test]
fn parameters_are_checked_before_the_run() {
    let parameters = guest("parameters");
    for given in [
        vec!["tenant=acme"],
        vec![
            "tenant=other",
            "motto=on = off",
            "depth=9223372036854775807",
            "patience=1e3",
            "slow=true",
        ],
    ] {
        let args: Vec<&str> = given.iter().flat_map(|one| ["--param", one]).collect();
        let (run, received) = quick(&parameters, &[&["-u", "2"], &args[..]].concat());
        healthy(&run);
        assert_eq!(received.len(), 2);
    }
    let args = ["--param", "depth=deep", "--param", "tenent=acme", "--param", "slow=yes"];
    let (run, received) = quick(&parameters, &args);
    assert_eq!((run.code, received.len()), (2, 0), "{}", run.out);
    for words in [
        "parameter \"tenant\" must be given: whose shop it is",
        "parameter \"depth\" is \"deep\", no whole number",
        "parameter \"slow\" is \"yes\", neither \"true\" nor \"false\"",
        "there is no parameter \"tenent\", only tenant, motto, depth, patience, slow",
    ] {
        assert!(run.err.contains(words), "no {words:?} in {}", run.err);
    }
}

#[test]
fn setup_and_teardown_happen_once() {
    // (parameters, exit code, calls received, what is said)
    #[rustfmt::skip]
    let table: [(&[&str], i32, usize, &[&str]); 8] = [
        (&[], 0, 5, &["sets up", "tears down"]),
        (&["--param", "setup=none"], 0, 5, &["sets up", "tears down"]),
        (&["--param", "setup=heavy"], 0, 5, &["sets up", "tears down"]),
        // Without a set-up there is no run.
        (&["--param", "setup=error"], 1, 1, &["the setup does not want to"]),
        (&["--param", "setup=trap"], 1, 1, &["wasm `unreachable` instruction executed"]),
        (&["--param", "setup=heavy", "--max-call-bytes", "1000000"], 1, 1, &["limit of 1000000 bytes in one call (--max-call-bytes)"]),
        (&["--param", "teardown=error"], 1, 5, &["the teardown does not want to"]),
        (&["--param", "teardown=loop", "--max-fuel", "50000000"], 1, 5, &["CPU limit of 50000000 fuel"]),
    ];
    for (args, code, calls, said) in table {
        let (run, received) = quick(&guest("setup_teardown"), &[&["-u", "3"], args].concat());
        let all = format!("{}{}", run.out, run.err);
        assert_eq!(received.len(), calls, "{args:?}: {all}");
        // Which of the codes it is when there was no run is the verdict's to say.
        assert_eq!(run.code == 0, code == 0, "{args:?}: {} {all}", run.code);
        for words in said {
            assert!(all.contains(words), "{args:?}: no {words:?} in {all}");
        }
    }
}

#[test]
fn a_shape_decides_on_the_load() {
    let (run, _) = quick(&guest("shapes"), &[]);
    healthy(&run);
    for second in 0..4 {
        assert!(run.err.contains(&format!("asked in second {second}")), "{}", run.err);
    }
    let users: std::collections::BTreeSet<_> =
        run.requests().map(|event| event["user"].as_u64().unwrap()).collect();
    assert_eq!(users.len(), 5, "{users:?}");

    let (run, received) = quick(&guest("shapes"), &["--param", "shape=arrivals"]);
    healthy(&run);
    assert!((140..=160).contains(&received.len()), "{}", received.len());

    for (shape, words) in [
        ("negative", "shape answered -1 arrivals each second, which is no rate"),
        ("nan", "shape answered NaN arrivals each second, which is no rate"),
        ("trap", "wasm `unreachable` instruction executed"),
        ("loop", "CPU limit of 50000000 fuel an iteration (--max-fuel)"),
    ] {
        let parameter = format!("shape={shape}");
        let args = ["--param", &parameter, "--max-fuel", "50000000"];
        let (run, _) = quick(&guest("shapes"), &args);
        let all = format!("{}{}", run.out, run.err);
        assert!(run.code != 0 && all.contains(words), "{shape}: {} {all}", run.code);
    }
}

#[test]
fn a_scenario_in_rust_does_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..9).map(|n| format!("user {n},{}\n", n * 1_000)).collect();
    let path = file(&folder, "users.csv", &format!("name,pin\n{rows}"));
    let data = format!("users={},unique", path.display());
    // Unique rows are dealt to as many users as there is room for.
    let args = ["--data", &data, "--param", "users=2", "--max-vus", "2"];
    let (run, received) = quick(&sdk_example("hooked"), &args);
    healthy(&run);
    assert_eq!(received.len(), 9 + 2, "{}", run.err);
    assert!(run.err.contains("0 users after 0 s"), "{}", run.err);
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for event in run.requests() {
        *counts.entry(event["user"].as_u64().unwrap()).or_default() += 1;
    }
    // Rows are dealt: user 0 has five of nine. The other two requests are nobody's.
    assert_eq!(counts, BTreeMap::from([(0, 5), (1, 4), (4_294_967_295, 2)]));
}
