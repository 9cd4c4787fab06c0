//! The closed model, through the binary: who runs, how often, how fast. Exact laws about time are
//! tested in virtual time beside the code; here are counts and orders.

use katydid_tests::{Run, Target, guest, katydid, number, output, root, run, text};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// user → the calls it made, in order.
fn calls_of(run: &Run) -> BTreeMap<u64, Vec<(u64, String)>> {
    let mut calls: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for event in run.requests() {
        let call = (number(&event["request"]), text(&event["name"]));
        calls.entry(number(&event["user"])).or_default().push(call);
    }
    calls.values_mut().for_each(|calls| calls.sort());
    calls
}

fn classes(shards: &str, seed: &str) -> Run {
    let target = Target::start(&["--delay", "none"]);
    let load = ["-H", &target.url, "-u", "12", "-r", "1000", "-t", "1s"];
    // Their methods do not exist at the target: each call is a fault, and that does not matter here.
    run(&guest("classes"), &[&load[..], &["--shards", shards, "--seed", seed]].concat())
}

#[test]
fn users_are_of_the_classes_that_weights_and_counts_say() {
    let run = classes("2", "1");
    let mut users: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for (user, calls) in calls_of(&run) {
        for (_, name) in calls {
            let class = name.split('.').next().unwrap().to_owned();
            users.entry(class).or_default().insert(user);
        }
    }
    let counts: Vec<_> = users.iter().map(|(class, users)| (class.as_str(), users.len())).collect();
    // 12 users: 2 + 1 + 1 by count, the other 8 as 1 to 3.
    assert_eq!(counts, [("asking", 1), ("heavy", 6), ("light", 2), ("nested", 1), ("paced", 2)]);
    assert_eq!(run.all("spawning_complete").count(), 1);
    assert_eq!(run.all("run_started").count(), 1);
    assert_eq!(run.all("run_finished").count(), 1);
}

#[test]
fn sets_are_sequential_nested_and_left() {
    let run = classes("1", "1");
    let nested = calls_of(&run)
        .into_values()
        .find(|calls| calls[0].1.starts_with("nested"))
        .expect("one user is nested");
    let tasks: String = nested.iter().map(|(_, name)| name.rsplit('.').next().unwrap()).collect();
    // Outer: task 0, then the inner set with 1 and 2, left by 2; over and over.
    assert!(tasks.len() >= 9, "{tasks}");
    assert!("012".repeat(tasks.len() / 3 + 1).starts_with(&tasks), "{tasks}");
}

/// The same seed makes the same calls, whatever carries the users.
#[test]
fn the_seed_determines_what_each_user_does() {
    let target = Target::start(&["--delay", "none"]);
    let script = katydid_tests::rust_script();
    let calls = |seed: &str, shards: &str| {
        let load = ["-H", &target.url, "-u", "6", "-r", "1000", "-t", "2s"];
        calls_of(&run(&script, &[&load[..], &["--seed", seed, "--shards", shards]].concat()))
    };
    let (one, two, other) = (calls("7", "1"), calls("7", "3"), calls("8", "1"));
    let common = |a: &BTreeMap<u64, Vec<_>>, b: &BTreeMap<u64, Vec<_>>| {
        a.iter().all(|(user, calls)| {
            let n = calls.len().min(b[user].len());
            n > 0 && calls[..n] == b[user][..n]
        })
    };
    assert!(common(&one, &two), "{one:?} {two:?}");
    assert!(!common(&one, &other));
}

/// A run bounded by iterations makes the same calls, whatever carries its users.
#[test]
fn iterations_bound_a_run_and_the_seed_makes_it_the_same() {
    let target = Target::start(&["--delay", "none"]);
    let script = katydid_tests::rust_script();
    let calls = |shards: &str| {
        let load = ["-H", &target.url, "-u", "7", "-r", "1000", "--iterations", "4", "--seed", "7"];
        let run = run(&script, &[&load[..], &["--shards", shards]].concat());
        assert_eq!(run.code, 0, "{}", run.out);
        assert!(
            run.out.contains("7 users, 1000 started per second, 4 iterations each"),
            "{}",
            run.out
        );
        assert!(run.out.contains("28 completed"), "{}", run.out);
        calls_of(&run)
    };
    let one = calls("1");
    assert_eq!(one.values().map(Vec::len).sum::<usize>(), 28);
    assert_eq!(one, calls("4"));
    // A user that fails each time ends too.
    let bounded = ["-H", &target.url, "-u", "3", "-r", "100", "-i", "3"];
    let run = run(&guest("on_start_fails"), &bounded);
    assert_eq!((run.code, run.all("iteration_failed").count()), (1, 3), "{}", run.out);
}

/// A limit of the machine that is too low is told before the run, with its name.
#[test]
fn a_limit_of_the_machine_is_told() {
    let target = Target::start(&["--delay", "none"]);
    let program = katydid();
    let mut command = Command::new("bash");
    command.env("XDG_CACHE_HOME", root().join("target/test-cache"));
    command.args(["-c", "ulimit -n 120; exec \"$0\" \"$@\""]).arg(program.get_program());
    command.arg("run").arg(guest("idles")).args(["-H", &target.url, "-u", "50", "-r", "1000"]);
    let (code, out, err) = output(command.args(["-t", "1s", "--only-summary"]));
    assert!(err.contains("warning: ulimit -n is 120, the run may need 150; raise"), "{err}");
    assert_eq!((code, target.stop().len()), (0, 50), "it went well all the same: {out}");
}
