//! Guests that were built for WASI find an empty one.

use katydid_tests::{Target, guest, number, run, text};

/// What `wasi` printed in a run with this seed, sorted.
fn printed(seed: &str, shards: &str) -> Vec<String> {
    let target = Target::start(&["--delay", "none"]);
    let args = ["-u", "3", "-r", "100", "-t", "10s", "--seed", seed, "--shards", shards];
    let run = run(&guest("wasi"), &[&["-H", &target.url][..], &args].concat());
    assert_eq!(run.code, 0, "{}\n{}", run.out, run.err);
    // A line that was printed in two pieces is one, an unfinished one ends with its iteration, and
    // control characters are gone.
    for (line, times) in [("] info: and no new line", 6), ("] warn: a bad  [31mfeeling", 6)] {
        let seen = run.err.lines().filter(|shown| shown.ends_with(line)).count();
        assert_eq!(seen, times, "{line}: {}", run.err);
    }
    let mut drawn: Vec<_> =
        run.err.lines().filter(|line| line.contains(" drew ")).map(str::to_owned).collect();
    drawn.sort();
    assert_eq!(drawn.len(), 6);
    drawn
}

#[test]
fn wasi_is_empty_and_its_randomness_follows_the_seed() {
    let first = printed("1", "2");
    assert_eq!(first, printed("1", "1"), "whatever carries the users");
    let other = printed("2", "2");
    assert!(first.iter().all(|line| !other.contains(line)));
    let distinct: std::collections::HashSet<_> = first.iter().collect();
    assert_eq!(distinct.len(), 6, "no user and no iteration draws as another");
}

/// What WASI makes the host keep is bounded like everything else; `exit` ends an instance, not us.
#[test]
fn wasi_is_inside_the_sandbox() {
    let target = Target::start(&["--delay", "none"]);
    let rows = [
        (guest("wasi_hoards"), "limit of 1000 handles (--max-handles)"),
        (guest("wasi_floods"), "exceeds limit 65536"),
        (guest("wasi_exits"), "exit"),
    ];
    for (scenario, message) in rows {
        let load = ["-H", &target.url, "-u", "3", "-r", "1000", "-t", "1s", "--only-summary"];
        let run = run(&scenario, &load);
        let traps: Vec<_> = run.all("user_trapped").collect();
        assert!(!traps.is_empty(), "{scenario:?}: {}", run.out);
        for trap in traps {
            assert_eq!(text(&trap["place"]), "Bad.task");
            let said = text(&trap["message"]);
            assert!(said.contains(message), "{scenario:?}: {said}");
        }
        assert!(run.all("request_success").filter(|event| number(&event["user"]) < 2).count() > 10);
        assert!(run.err.len() < 500_000, "{} bytes of log", run.err.len());
    }
    let _ = target.stop();
}
