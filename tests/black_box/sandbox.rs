//! A sandbox that holds: guests that break in every way that we could think of, each beside two healthy
//! users. The run goes on, counts it, says so with the name of the limit, and makes the user anew.

use katydid_tests::{Run, Target, guest, katydid, number, output, root, run, text};
use std::path::PathBuf;

/// A second and a half of this scenario.
fn briefly(scenario: &std::path::Path, args: &[&str]) -> (Run, usize) {
    let target = Target::start(&["--delay", "none"]);
    let load =
        ["-H", &target.url, "-u", "3", "-r", "1000", "-t", "1.5s", "--graceful-stop", "500ms"];
    let run = run(scenario, &[&load[..], args].concat());
    (run, target.stop().len())
}

/// What a breaking guest comes to.
struct Broken {
    run: Run,
    /// Places and messages of its errors.
    errors: Vec<(String, String)>,
}

/// Runs a guest of `tests/guests` beside its healthy users, and sees that those were not disturbed.
fn broken(name: &str, args: &[&str]) -> Broken {
    let (run, received) = briefly(&guest(name), args);
    let healthy = run.all("request_success").filter(|event| number(&event["user"]) < 2).count();
    assert!(healthy >= 20, "{healthy} calls of the healthy users: {}\n{}", run.out, run.err);
    let unsent = run.requests().filter(|event| event["attempts"] == 0).count();
    let reported = run.requests().filter(|event| event["type"] != "xmlrpc").count();
    assert_eq!(run.requests().count() - unsent - reported, received, "counted, and received");
    let broke = run.all("user_trapped").chain(run.all("iteration_failed"));
    let errors: Vec<_> =
        broke.map(|event| (text(&event["place"]), text(&event["message"]))).collect();
    for (place, _) in &errors {
        assert!(place.starts_with("Bad."), "a healthy user broke: {errors:?}");
        assert!(run.out.contains(place.as_str()), "{place} is not shown in {}", run.out);
    }
    Broken { run, errors }
}

/// It traps there, with these words, and is made anew, more slowly each time.
#[track_caller]
fn traps(name: &str, args: &[&str], place: &str, message: &str) {
    let Broken { run, errors } = broken(name, args);
    assert!(!errors.is_empty(), "{}", run.out);
    for (at, said) in &errors {
        assert_eq!((at.as_str(), said.contains(message)), (place, true), "{at}: {said}");
    }
    assert!((1..=6).contains(&errors.len()), "made anew {} times", errors.len());
    assert_eq!(run.code, 1, "{}", run.out);
}

const FUEL: [&str; 2] = ["--max-fuel", "20000000"];

#[test]
fn panics_are_told_with_message_and_place() {
    let Broken { errors, .. } = broken("panics", &[]);
    let (place, message) = &errors[0];
    assert_eq!(place, "Bad.task");
    assert!(message.starts_with("panicked at guests/panics.rs:"), "{message}");
    assert!(message.contains("out of luck"), "{message}");
    assert!(message.contains("\n  at "), "no backtrace in {message}");
}

#[test]
fn traps_in_any_function_are_survived() {
    traps("constructor_panics", &[], "Bad.constructor", "unreachable");
    traps("on_start_panics", &[], "Bad.on_start", "unreachable");
    traps("on_start_fails", &[], "Bad.on_start", "no licence");
    traps("wait_panics", &[], "Bad.wait_us", "unreachable");
    traps("stop_panics", &[], "Bad.on_stop", "unreachable");
    traps("invalid_text", &[], "Bad.task", "utf-8");
}

#[test]
fn computing_is_limited_by_fuel() {
    let limit = "CPU limit of 20000000 fuel an iteration (--max-fuel)";
    traps("task_loops", &FUEL, "Bad.task", limit);
    traps("constructor_loops", &FUEL, "Bad.constructor", limit);
    traps("stop_loops", &FUEL, "Bad.on_stop", limit);
}

#[test]
fn memory_and_stack_are_limited() {
    let memory = "after the memory limit of 8388608 bytes (it asked for ";
    traps("memory_bomb", &["--max-memory", "8388608"], "Bad.task", memory);
    // Rust keeps a stack of its own in linear memory, which ends first.
    traps("recurses", &[], "Bad.task", "out of bounds memory access");
}

#[test]
fn events_are_limited_because_none_is_dropped_in_silence() {
    let limit = "limit of 5000 events an iteration (--max-events)";
    traps("check_flood", &["--max-events", "5000"], "Bad.task", limit);
    traps("event_flood", &["--max-events", "5000"], "Bad.task", limit);
    traps("rejected_flood", &["--max-events", "5000"], "Bad.task", limit);
    let Broken { run, .. } = broken("event_flood", &["--max-events", "5000"]);
    let reported = run.requests().filter(|event| event["type"] == "flood").count();
    assert_eq!(reported, 5_000 * run.all("user_trapped").count(), "what came before still counts");
}

#[test]
fn what_crosses_in_one_call_is_limited() {
    let limit = "limit of 16777216 bytes in one call (--max-call-bytes)";
    traps("heavy_text", &[], "Bad.task", limit);
    let Broken { run, errors } = broken("heavy_error", &[]);
    assert!(errors.iter().all(|(_, message)| message.len() < 5_000), "{}", run.out);
    let Broken { run, errors } =
        broken("hostile_documents", &["--max-nodes", "100000", "--max-request-bytes", "1000000"]);
    assert_eq!(errors, [], "{}", run.out);
    assert!(run.kinds()["rejected"] >= 10, "{}", run.out);
}

#[test]
fn a_state_that_nobody_asks_for_may_be_of_any_size() {
    let Broken { run, errors } = broken("state_bomb", &[]);
    assert_eq!((run.code, errors), (0, vec![]), "{}", run.out);
}

#[test]
fn a_task_that_fails_keeps_its_user() {
    let Broken { run, errors } = broken("task_fails", &[]);
    assert!(errors.iter().all(|error| *error == ("Bad.task".into(), "a task may fail".into())));
    assert!(errors.len() > 20, "once each 10 ms, not slowed down: {}", errors.len());
    assert_eq!(run.code, 1);
}

#[test]
fn the_log_is_limited_and_says_so() {
    let Broken { run, errors } = broken("log_flood", &["--max-log-lines", "25"]);
    assert_eq!(errors, []);
    let lines = run.err.lines().filter(|line| line.contains("info: line ")).count();
    assert_eq!(lines, 25, "{}", run.err);
    assert!(run.err.contains("warn: log limit of 25 lines (--max-log-lines)"), "{}", run.err);
    assert!(
        run.out.contains("9,975 lines were dropped") || run.out.contains("9975 lines"),
        "{}",
        run.out
    );
    let Broken { run, .. } = broken("log_heavy", &["--max-log-bytes", "40000"]);
    assert!(run.err.contains("info: aaa") && !run.err.contains("info: bbb"), "cut at 40000 bytes");
    assert!(run.err.contains("(--max-log-bytes)"));
}

#[test]
fn a_flood_of_check_names_is_bounded() {
    let Broken { run, errors } = broken("check_names", &[]);
    assert_eq!(errors, []);
    assert!(run.out.len() < 100_000, "{} bytes of summary", run.out.len());
}

#[test]
fn who_sleeps_or_waits_for_ever_is_ended_with_the_run() {
    for name in [("sleeps"), ("stops_slowly"), ("waits")] {
        let Broken { run, errors } = broken(name, &[]);
        assert_eq!((run.code, errors), (0, vec![]), "{name}: {}", run.out);
    }
}

/// `inspect` and `run` refuse it, with these words.
#[track_caller]
fn refused(scenario: &std::path::Path, args: &[&str], messages: &[&str]) {
    for command in [("inspect"), ("run")] {
        let (code, out, err) = output(katydid().arg(command).arg(scenario).args(args));
        assert_eq!((code, out.as_str()), (2, ""), "{command}: {err}");
        for message in messages {
            assert!(err.contains(message), "{message} is not in {err}");
        }
        assert!(err.len() < 5_000, "{} bytes of error", err.len());
    }
}

#[test]
fn who_cannot_describe_itself_is_refused() {
    let limit = "describe trapped: CPU limit of 20000000 fuel";
    refused(&guest("describe_loops"), &FUEL, &[limit]);
    let said = ["describe trapped: panicked at guests/describe_panics.rs:", "who am I?"];
    refused(&guest("describe_panics"), &[], &said);
    let limit = "after the memory limit of 8388608 bytes (it asked for ";
    refused(&guest("describe_bomb"), &["--max-memory", "8388608"], &[limit]);
    refused(&guest("describe_heavy"), &[], &["--max-call-bytes"]);
    let mistakes = [
        "number 1 has no name",
        "host is too long or contains",
        "between 5",
        "id 0",
        "parameter \"depth\" is declared twice",
        "parameter \"depth\": the default is \"deep\", no whole number",
        "task set number 1: a tag has no name",
        "transition to or from task 4294967295, which is not in it",
        "task set number 2 is never entered",
    ];
    refused(&guest("describe_nonsense"), &[], &mistakes);
    // There is no target yet; the call fails, the description counts.
    let (code, out, err) = output(katydid().arg("inspect").arg(guest("describe_calls")));
    assert_eq!((code, out.contains("Fine")), (0, true), "{err}");
}

/// The demo's scenario in WAT with one part exchanged: what no compiler would write.
fn patched(name: &str, from: &str, to: &str) -> PathBuf {
    let wat = std::fs::read_to_string(root().join("scripts/wat/api_user.wat")).unwrap();
    assert!(wat.contains(from), "the script has changed");
    let file = root().join(format!("target/{name}.wat"));
    std::fs::write(&file, wat.replacen(from, to, 1)).unwrap();
    file
}

const TASK: &str = "    (global.set $heap (i32.const 512))\n";
const MEMORY: &str = "  (memory (export \"memory\") 1)\n";

#[test]
fn hostile_code_traps_alone() {
    let call = |args: &str| {
        format!("(call $call (i32.const 8) (i32.const 8) {args} (i32.const 320)) {TASK}")
    };
    let with = |extra: &str| format!("{extra}\n{MEMORY}");
    #[rustfmt::skip]
    let table = [
        ("stack", with("(func $down (call $down) (call $down))"), "(call $down)", "stack limit of 262144 bytes (--max-stack)"),
        ("table", with("(table $t 1 funcref)"), "(if (i32.eq (table.grow $t (ref.null func) (i32.const 1000000)) (i32.const -1)) (then (unreachable)))", "after the table limit of 20000 elements (it asked for 1000001; --max-table-elements)"),
        ("method_of_no_text", with("(data (i32.const 400) \"\\ff\\fe\")"), "(call $call (i32.const 400) (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 320))", "utf-8"),
        ("handles", with(""), "(loop $l (drop (call $new_user (i32.const 1))) (br $l))", "limit of 1000 handles (--max-handles)"),
    ];
    for (name, to, task, message) in table {
        let file = patched(&format!("hostile_{name}"), MEMORY, &to);
        let wat = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, wat.replacen(TASK, &format!("{task}\n{TASK}"), 1)).unwrap();
        hostile(&file, message);
    }
    #[rustfmt::skip]
    let table = [
        ("list_beyond_memory", TASK, call("(i32.const 65520) (i32.const 100000)"), "out of bounds"),
        ("list_of_everything", TASK, call("(i32.const 16) (i32.const 0xffffffff)"), "out of bounds"),
        ("list_not_aligned", TASK, call("(i32.const 3) (i32.const 1)"), "not aligned"),
        ("node_of_no_kind", "\"\\02\\00\\00\\00\\00\\00\\00\\00\" \"\\00\\00\\00\\00\\00\\00\\00\\00\"\n", "\"\\63\\00\\00\\00\\00\\00\\00\\00\" \"\\00\\00\\00\\00\\00\\00\\00\\00\"\n".into(), "unexpected discriminant"),
        ("answer_beyond_memory", "    ;; Whatever came of the call has been counted; this user goes on.\n    (i32.const 344))", "    (i32.const 65532))".into(), "out of bounds"),
        ("answer_of_no_kind", "  (global $heap", "  (data (i32.const 344) \"\\07\") (global $heap".into(), "discriminant"),
        ("allocator_lies", "    (local.get $at))", "    (i32.const 0xfffffff0))".into(), "realloc return: beyond end of memory"),
        ("allocator_calls", "    (local $at i32) (local $missing i32)\n", format!("    (local $at i32) (local $missing i32)\n {}", "(call $call (i32.const 8) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 320))"), "cannot leave component instance"),
    ];
    for (name, from, to, message) in table {
        hostile(&patched(&format!("hostile_{name}"), from, &to), message);
    }
}

/// Its users trap with these words, and nothing else happens.
#[track_caller]
fn hostile(scenario: &std::path::Path, message: &str) {
    let (run, _) = briefly(scenario, &[]);
    let traps: Vec<_> = run.all("user_trapped").map(|event| text(&event["message"])).collect();
    assert!(!traps.is_empty(), "{scenario:?}: {}\n{}", run.out, run.err);
    assert!(traps.iter().all(|trap| trap.contains(message)), "{scenario:?}: {traps:?}");
    assert_eq!(run.code, 1);
}

#[test]
fn hostile_modules_are_refused() {
    let with = |extra: &str| format!("{extra}\n{MEMORY}");
    let many = |what: &str, n: usize| with(&what.repeat(n));
    #[rustfmt::skip]
    let table = [
        ("start_loops", MEMORY, with("(func $start (loop $l (br $l))) (start $start)"), &FUEL[..], "describe trapped: CPU limit of 20000000 fuel"),
        ("start_traps", MEMORY, with("(func $start (unreachable)) (start $start)"), &[], "describe trapped: wasm trap: wasm `unreachable`"),
        ("large", MEMORY, with("").replace("\") 1)", "\") 2000)"), &[], "needs 131072000 bytes of memory for each user, more than the limit of 67108864; raise --max-memory"),
        ("many_tables", MEMORY, many("(table 1 funcref)", 60), &[], "tables for each user, more than the limit of 50; raise --max-tables"),
        ("wide_table", MEMORY, with("(table 30000 funcref)"), &[], "needs 30000 elements of a table for each user, more than the limit of 20000; raise --max-table-elements"),
        ("many_classes", "\"\\88\\00\\00\\00\" \"\\01\\00\\00\\00\"", "\"\\88\\00\\00\\00\" \"\\ff\\ff\\ff\\ff\"".into(), &[], "describe trapped"),
        ("heavy", "\"ApiUser\"", "\"ApiUser\"".into(), &["--max-module-bytes", "100"], "more than the limit of 100; raise --max-module-bytes"),
        ("slow", "\"ApiUser\"", "\"ApiUser\"".into(), &["--max-compile-time", "1ns", "--no-cache"], "compiling it takes longer than"),
        ("few_instances", "\"ApiUser\"", "\"ApiUser\"".into(), &["--max-instances", "1"], "limit of 1 instances (--max-instances)"),
    ];
    for (name, from, to, args, message) in table {
        refused(&patched(&format!("refused_{name}"), from, &to), args, &[message]);
    }
}
