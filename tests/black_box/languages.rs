//! The same scenario in each language makes the same calls; the second script of each uses everything that its
//! SDK offers and asserts for itself.

use katydid_tests::{
    Live, Peer, Run, Target, katydid, output, python, root, run, rust_script, text,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// `ApiUser` in each language, as a person would name it, and for which engine; the Rust one is what all are
/// compared with.
const SCRIPTS: &[(&str, &[&str])] = &[
    ("scripts/wat/api_user.wat", &[]),
    ("scripts/python/api_user.py", &[]),
    ("scripts/javascript/api_user.js", &[]),
    ("scripts/typescript/api_user.ts", &[]),
    ("scripts/typescript/api_user.ts", STARLINGMONKEY),
    ("scripts/c/api_user.c", &[]),
    ("scripts/cpp/api_user.cpp", &[]),
    ("scripts/zig/api_user.zig", &[]),
    ("scripts/go", &[]),
    ("scripts/assemblyscript/api_user.ts", &[]),
];

/// The engine, and what it needs for replies of thousands of values.
const STARLINGMONKEY: &[&str] = &["--engine", "starlingmonkey", "--max-memory", "134217728"];

/// What a run did: every request with its body, and the figures of each label.
#[derive(Debug, PartialEq)]
struct Did {
    calls: Vec<Value>,
    events: Vec<String>,
    labels: BTreeMap<String, (u64, u64)>,
}

/// Runs a script with a seed and a number of iterations that leave nothing to chance.
fn did(script: &Path, engine: &[&str]) -> Did {
    let log = tempfile::NamedTempFile::new().unwrap();
    let server = root().join("tests/peers/recording_server.py");
    let peer = Peer::start(python().arg(server).arg(log.path()));
    let results = tempfile::NamedTempFile::new().unwrap();
    let (url, file) = (peer.url("/"), results.path().to_str().unwrap().to_owned());
    let load = ["-H", &url, "-u", "4", "-r", "1000", "-i", "6", "--seed", "7"];
    let more = ["--request-id-header", "X-Request-Id", "--json", &file];
    let run = run(script, &[&load[..], &more, engine].concat());
    assert_eq!(run.code, 0, "{}: {}", script.display(), run.err);
    let mut calls: Vec<Value> = std::fs::read_to_string(log.path())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    calls.sort_by_key(ToString::to_string);
    let fact = |event: &Value, name: &str| format!("{name} {} ", event[name]);
    let facts = ["event", "type", "name", "user", "iteration", "request", "attempts", "bytes_sent"];
    let mut events: Vec<String> =
        run.requests().map(|event| facts.map(|name| fact(event, name)).concat()).collect();
    events.sort();
    let results: Value = serde_json::from_slice(&std::fs::read(results.path()).unwrap()).unwrap();
    let label = |label: &Value| {
        let [requests, failures] = ["requests", "failures"].map(|name| label[name].as_u64());
        (text(&label["name"]), (requests.unwrap(), failures.unwrap_or(0)))
    };
    let labels = results["labels"].as_array().unwrap().iter().map(label).collect();
    Did { calls, events, labels }
}

#[test]
fn every_language_makes_the_same_calls() {
    let expected = did(&rust_script(), &[]);
    assert_eq!((expected.calls.len(), expected.events.len(), expected.labels.len()), (24, 24, 2));
    let body = expected.calls.iter().map(ToString::to_string).collect::<String>();
    assert!(body.contains("get_random_number") && body.contains("<int>100</int>"), "{body}");
    // Most of each run is waiting.
    std::thread::scope(|scope| {
        for (script, engine) in SCRIPTS {
            let expected = &expected;
            scope.spawn(move || {
                assert_eq!(&did(&root().join(script), engine), expected, "{script} {engine:?}");
            });
        }
    });
}

/// A target, and a run against it with the arguments that a script of `tests/languages` asks for.
fn second(script: &str, target: &[&str], args: &[&str]) -> Run {
    let script = root().join("tests/languages").join(script);
    let target = Target::start(&[&["--delay", "none"], target].concat());
    let load = ["-H", &target.url, "-r", "100"];
    run(&script, &[&load[..], args].concat())
}

/// What users and iterations ended with: `place: message`, sorted, each once.
fn errors(run: &Run) -> Vec<String> {
    let errors = run.all("user_trapped").chain(run.all("iteration_failed"));
    let mut told: Vec<_> =
        errors.map(|e| format!("{}: {}", text(&e["place"]), text(&e["message"]))).collect();
    told.sort();
    told.dedup();
    told
}

/// Requests that passed and failed, by label.
fn labels(run: &Run) -> BTreeMap<String, (usize, usize)> {
    let mut labels = BTreeMap::<String, (usize, usize)>::new();
    for event in run.requests() {
        let counts = labels.entry(text(&event["name"])).or_default();
        match event["event"] == "request_success" {
            true => counts.0 += 1,
            false => counts.1 += 1,
        }
    }
    labels
}

#[test]
fn everything_that_an_sdk_offers_holds() {
    for (folder, script, engine) in [
        ("python", "everything.py", &[][..]),
        ("javascript", "everything.js", &[]),
        ("javascript", "everything.js", STARLINGMONKEY),
        ("c", "everything.c", &[]),
        ("cpp", "everything.cpp", &[]),
        ("zig", "everything.zig", &[]),
        ("go", "everything", &[]),
        ("assemblyscript", "everything.ts", &[]),
    ] {
        let of = |name: &str| {
            let path = root().join("tests/languages").join(folder).join(name);
            path.to_str().unwrap().to_owned()
        };
        let (rules, people) = (of("rules.txt"), format!("people={},per-user", of("people.csv")));
        let mut given = vec!["-u", "20", "-t", "15s", "--param", "text=a=b ž"];
        if Path::new(&of("people.csv")).exists() {
            given.extend(["--data", &people]);
        }
        given.extend(engine);
        let run = second(&format!("{folder}/{script}"), &["--script", &rules], &given);
        let script = [&[script][..], engine].concat().join(" ");
        let mut errors = errors(&run);
        // What goes wrong on purpose.
        errors.retain(|told| {
            !["Failures.err", "Traps.", "Broken."].iter().any(|place| told.starts_with(place))
        });
        assert_eq!(errors, Vec::<String>::new(), "{script}: {}", run.err);
        assert_eq!(run.code, 1, "requests fail on purpose: {}", run.err);
        let labels = labels(&run);
        if ["cpp", "zig", "assemblyscript"].contains(&folder) {
            // Over the SDK for C and not all of it once more, or a smaller one.
            assert!(labels["echo"].0 > 10, "{script}: {labels:?}");
            continue;
        }
        let expected = [
            ("Charge", (2, 2)),
            ("expected fault", (1, 0)),
            ("interopEchoTests.echoStructArray", (1, 0)),
            ("no.such.method", (0, 2)),
            ("refused", (0, 1)),
            ("system.listMethods", (1, 0)),
            ("system.multicall", (1, 0)),
            ("unjudged bad", (0, 1)),
            ("unjudged good", (1, 0)),
            ("unjudged rejected", (0, 1)),
            ("validator1.countTheEntities", (0, 1)),
            ("validator1.easyStructTest", (0, 1)),
            ("validator1.echoStructTest", (0, 1)),
            ("validator1.manyTypesTest", (0, 1)),
            ("validator1.nestedStructTest", (0, 1)),
        ];
        for (name, counts) in expected {
            assert_eq!(labels.get(name), Some(&counts), "{script}, {name}: {labels:?}");
        }
        let kinds = run.kinds();
        for kind in ["fault", "status", "timeout", "transport", "protocol", "reported"] {
            assert!(kinds.contains_key(kind), "{script}: no {kind} in {kinds:?}");
        }
        for word in ["Checks", "does not hold", "orders", "basket"] {
            assert!(run.out.contains(word), "{script}: no {word} in {}", run.out);
        }
        for line in ["] info: ", "] warn: ", "] error: "] {
            assert!(run.err.contains(line), "{script}: no {line} in {}", run.err);
        }
    }
}

/// The same seed draws the same, in each language that there is a generator in.
#[test]
fn randomness_follows_the_seed() {
    let drew = |script: &str, people: &str, seed: &str| {
        let people = format!("people={},per-user", root().join(people).display());
        let given =
            ["-T", "reports", "-u", "2", "-t", "30s", "--param", "text=a=b ž", "--data", &people];
        let run = second(script, &[], &[&given[..], &["--seed", seed][..]].concat());
        let mut lines: Vec<_> = run
            .err
            .lines()
            .filter_map(|line| Some(line.split_once(" drew ")?.1.trim().to_owned()))
            .collect();
        lines.sort();
        assert_eq!(lines.len(), 2, "{}", run.err);
        assert_ne!(lines[0], lines[1], "users draw differently");
        lines
    };
    let (script, people) = ("javascript/everything.js", "tests/languages/javascript/people.csv");
    let one = drew(script, people, "1");
    assert_eq!(drew(script, people, "1"), one);
    assert_ne!(drew(script, people, "2"), one);
}

#[test]
fn what_goes_wrong_in_a_scenario_is_told_with_its_place() {
    #[rustfmt::skip]
    let table: &[(&str, &str, &[&str], &[&str])] = &[
        ("python/broken.py", "raises", &["-t", "60s"], &[
            "Raises.deep: RuntimeError: from within\n  because of ValueError: invalid literal for int() with base 10: 'x'\n  File \"broken.py\", line 28, in Raises.deep",
            "Raises.error: KeyError: 'member'\n  File \"broken.py\", line 18, in Raises.error\n    {}[\"member\"]",
            "Raises.hoards: MemoryError",
            "Raises.leaves: SystemExit: 3",
            "Raises.recurses: RecursionError: maximum recursion depth exceeded",
            "Raises.threads: FileNotFoundError: [Errno 44] No such file or directory: 'people.csv'",
        ]),
        ("python/broken.py", "unmade", &["-t", "1s"], &["Unmade.on_start: ValueError: not made\n  File \"broken.py\", line 62"]),
        ("python/broken.py", "unstarted", &["-t", "1s"], &["Unstarted.on_start: fault -32601: method \"no.such.method\""]),
        ("python/broken.py", "loops", &["-t", "2s", "--max-cpu", "100ms"], &["Loops.forever: CPU limit of 100ms an iteration (--max-cpu)"]),
        ("javascript/broken.js", "throws", &["-t", "60s"], &[
            "Throws.deep: RangeError: from within\n  at inner (broken.js:25:",
            "Throws.error: TypeError: cannot read property 'member' of null\n  at error (broken.js:12:",
            "Throws.nothing: undefined was thrown",
            "Throws.text: just a text",
        ]),
        ("javascript/broken.js", "unmade", &["-t", "1s"], &["Unmade.on_start: TypeError: cannot read property 'member' of null\n  at Unmade (broken.js:43:"]),
        ("javascript/broken.js", "unstarted", &["-t", "1s"], &["Unstarted.on_start: fault -32601: method \"no.such.method\""]),
        ("javascript/broken.js", "hoards", &["-t", "1s"], &["Hoards.hoard: InternalError: out of memory"]),
        ("javascript/broken.js", "recurses", &["-t", "1s"], &["Recurses.recurse: stack limit of 262144 bytes"]),
        ("javascript/broken.js", "promises", &["-t", "1s"], &["Promises.promise: TypeError: promise answered a promise"]),
        ("javascript/broken.js", "loops", &["-t", "2s", "--max-cpu", "100ms"], &["Loops.forever: CPU limit of 100ms an iteration (--max-cpu)"]),
        ("go/broken", "panics", &["-t", "60s"], &[
            "Panics.deep: panic: from within\n  main.go:88, in main.(*Panics).deep.func1",
            "Panics.error: outer: file does not exist",
            "Panics.index: panic: runtime error: index out of range [3] with length 0\n  main.go:75",
            "Panics.nothing: panic: runtime error: invalid memory address or nil pointer dereference\n  main.go:80",
        ]),
        ("go/broken", "unstarted", &["-t", "1s"], &["Unstarted.on_start: fault -32601: method \"no.such.method\""]),
        ("go/broken", "loops", &["-t", "2s", "--max-cpu", "100ms"], &["Loops.forever: CPU limit of 100ms an iteration (--max-cpu)"]),
        ("go/broken", "hoards", &["-t", "1s"], &["Hoards.hoard: wasm trap: wasm `unreachable` instruction executed after the memory limit of 67108864 bytes"]),
        ("go/broken", "recurses", &["-t", "1s"], &["Recurses.recurse: stack limit of 262144 bytes"]),
        ("go/broken", "exits", &["-t", "1s"], &["Exits.exit: Exited with i32 exit status 1"]),
        ("go/broken", "waits", &["-t", "1s"], &["Waits.wait: wasm trap"]),
        ("c/traps.c", "", &["-i", "9", "--max-fuel", "100000000", "--max-memory", "8388608"], &[
            "Trapped.aborts: panicked: abort() was called",
            "Trapped.allocates: out of memory: what this made does not fit",
            "Trapped.asserts: panicked: assertion failed: user == NULL && \"there is a user\" (",
            "Trapped.exits: panicked: exit(3) was called",
            "Trapped.grows: out of memory: what this made does not fit",
            "Trapped.loops: CPU limit of 100000000 fuel an iteration",
            "Trapped.panics: panicked: 3 things at once",
            "Trapped.recurses: wasm trap: out of bounds memory access",
        ]),
    ];
    for (script, tag, args, expected) in table {
        let tags = if tag.is_empty() { &[][..] } else { &["-T", tag] };
        let run = second(script, &[], &[&["-u", "1"], tags, *args].concat());
        let told = errors(&run);
        assert_eq!(told.len(), expected.len(), "{script}, {tag}: {told:#?}");
        for (told, beginning) in told.iter().zip(*expected) {
            assert!(told.starts_with(beginning), "{script}, {tag}: {told}");
        }
        assert_eq!(run.code, 1, "{script}, {tag}");
        let lives = ["raises", "throws", "panics"].contains(tag);
        assert_eq!(run.err.contains("still alive"), lives, "{script}, {tag}: {}", run.err);
    }
}

#[test]
fn what_an_iteration_in_c_makes_is_given_back() {
    let run = second("c/flat.c", &[], &["-u", "1", "-i", "1000"]);
    // It looks at its memory itself.
    assert_eq!(errors(&run), ["Flat.makes: one in seven"], "{}", run.err);
}

#[test]
fn shapes_are_asked_in_each_language() {
    for script in ["python/shape.py", "javascript/shape.js"] {
        let run = second(script, &[], &["-t", "60s"]);
        assert_eq!((run.code, errors(&run).len()), (0, 0), "{script}: {}", run.err);
        let users = run.requests().filter_map(|event| event["user"].as_u64()).max();
        assert_eq!(users, Some(2), "{script}: three users at the end");
    }
}

#[test]
fn locustfiles_run_with_one_line_changed() {
    let run = second("locust/everything.py", &[], &["-u", "20", "-t", "60s"]);
    assert_eq!(errors(&run), Vec::<String>::new(), "{}", run.err);
    assert_eq!(labels(&run)["Charge"], (1, 1));
    assert_eq!(labels(&run)["echo"].1, 1, "good, and said to be bad");
    assert!(run.err.contains("checked out twice"), "{}", run.err);
    for script in ["locust/xmlrpc_today.py", "locust/xmlrpc_old.py"] {
        let run = second(script, &[], &["-u", "4", "-t", "3s"]);
        assert_eq!((run.code, errors(&run).len()), (0, 0), "{script}: {}", run.err);
        let labels = labels(&run);
        let names: Vec<_> = labels.keys().map(String::as_str).collect();
        assert_eq!(names, ["get_random_number", "get_time"], "{script}: each request once");
    }
}

pub(crate) fn answer(args: &[&str], folder: &Path) -> (i32, String, String) {
    output(katydid().current_dir(folder).args(args))
}

#[test]
fn bad_input_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "syntax.py",
        "from katydid import User, task\nclass A(User):\n    @task\n    def a(self:\n        pass\n",
    );
    write(
        "raises.py",
        "from katydid import User, task\nclass A(User):\n    @task\n    def a(self):\n        pass\nint('x')\n",
    );
    write("none.py", "x = 1\n");
    write(
        "shop.ts",
        "import { User } from \"katydid\";\nexport default class A extends User {\n  static tasks = { go: 1 }\n  go() { this.client.x( ; }\n}\n",
    );
    write("none.js", "export const a = 1;\n");
    write("import.js", "import left from \"left-pad\";\nexport default () => left();\n");
    write("a.rb", "puts 1\n");
    write("empty/.keep", "");
    std::fs::remove_file(folder.path().join("empty/.keep")).unwrap();
    write("two/a.py", "");
    write("two/b.py", "");
    let half = r#"(component (instance $s) (export "katydid:load/scenario@0.1.0" (instance $s)))"#;
    write("half.wat", half);
    // What needs sockets of its own finds that there are none to be had.
    let wat = std::fs::read_to_string(root().join("scripts/wat/api_user.wat")).unwrap();
    let sockets = "(module\n  (import \"wasi:sockets/tcp@0.2.0\" \"connect\" (func))\n";
    write("sockets.wat", &wat.replacen("(module\n", sockets, 1));
    let unsupported = root().join("tests/languages/locust/unsupported.py");
    #[rustfmt::skip]
    let table: &[(&str, &[&str])] = &[
        ("syntax.py", &["syntax.py\", line 4", "SyntaxError"]),
        ("raises.py", &["raises.py\", line 6", "ValueError: invalid literal for int()"]),
        ("none.py", &["none.py", "no user"]),
        ("shop.ts", &["shop.ts:4:24", "Unexpected \";\""]),
        ("none.js", &["the scenario exports no user"]),
        ("import.js", &["import.js:1:17", "Could not resolve \"left-pad\"", "npm install left-pad"]),
        ("a.rb", &["\"a.rb\" is not WebAssembly, and .rb is no language that katydid builds"]),
        ("empty", &["\"empty\" is an empty folder; name a file that ends in .wasm, .wat, "]),
        ("two", &["\"two\" holds several files that may be the scenario (\"a.py\", \"b.py\"); name one"]),
        ("half.wat", &["katydid:load/scenario"]),
        ("sockets.wat", &["does not fit the world `load`", "wasi:sockets/tcp@0.2.0"]),
        ("nowhere.py", &["nowhere.py"]),
        ("none.py --engine starlingmonkey", &["--engine starlingmonkey: \"none.py\" is in Python, which leaves no engine to choose"]),
        ("none.js --engine v8", &["'v8' for '--engine <ENGINE>'", "quickjs, starlingmonkey"]),
        ("half.wat --engine quickjs", &["--engine quickjs: \"half.wat\" is not built from sources"]),
        (unsupported.to_str().unwrap(), &["unsupported.py:4: HttpUser: not supported", "unsupported.py:5: locust: write `katydid.locust`", "unsupported.py:14: stop_timeout"]),
    ];
    for (place, (path, expected)) in table.iter().enumerate() {
        // All three build alike: each row by one of them.
        for command in ["build", "inspect", "run"].iter().skip(place % 3).take(1) {
            let (path, engine) = path.split_once(' ').unwrap_or((path, ""));
            let args = [&[*command, path][..], &engine.split_whitespace().collect::<Vec<_>>()];
            let (code, out, err) = answer(&args.concat(), folder.path());
            assert_eq!((code, out.as_str()), (2, ""), "{command} {path}: {err}");
            for words in *expected {
                assert!(err.contains(words), "{command} {path}: no {words:?} in {err}");
            }
            // What is said before is what installs the tools.
            let (_, told) = err.split_once("error: ").unwrap_or_default();
            assert!(
                !err.contains("panicked") && !told.contains("/sdk/"),
                "{command} {path}: {err}"
            );
        }
    }
}

#[test]
fn a_scenario_becomes_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let script = std::fs::read_to_string(root().join("scripts/javascript/api_user.js")).unwrap();
    let main = folder.path().join("shop.js");
    std::fs::write(
        &main,
        script.replace("0, 100", "0, MOST") + "\nimport { MOST } from \"./most.js\";\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("most.js"), "export const MOST = 100;\n").unwrap();
    let build = || {
        let (code, out, err) = answer(&["build", "shop.js"], folder.path());
        assert_eq!(code, 0, "{err}");
        out
    };
    let said = build();
    for words in [
        "language  JavaScript",
        "ran       node ",
        "built     in ",
        "wrote     shop.wasm, a component of",
        "users     ApiUser (2 tasks)",
        "next      katydid run shop.wasm -u 10",
    ] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    let bytes = std::fs::read(folder.path().join("shop.wasm")).unwrap();
    assert_eq!(&bytes[..8], b"\0asm\x0d\0\x01\0", "a component");
    // Nothing has changed; then a file that it imports has.
    assert!(build().contains("none of its files has changed"));
    assert!(!build().contains("ran  "));
    std::fs::write(folder.path().join("most.js"), "export const MOST = 1_000;\n").unwrap();
    assert!(build().contains("built     in "));
    assert_ne!(std::fs::read(folder.path().join("shop.wasm")).unwrap(), bytes);
    std::fs::write(folder.path().join("most.js"), "export const MOST = 100;\n").unwrap();
    assert!(build().contains("none of its files has changed"), "what was built before is there");
    // The text of WebAssembly becomes a component as well.
    std::fs::copy(root().join("scripts/wat/api_user.wat"), folder.path().join("a.wat")).unwrap();
    let (code, _, err) = answer(&["build", "a.wat", "-o", "b.wasm"], folder.path());
    assert_eq!(code, 0, "{err}");
    assert_eq!(answer(&["inspect", "b.wasm"], folder.path()).0, 0);
    let (code, _, err) = answer(&["build", "b.wasm"], folder.path());
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("would be overwritten by itself; name another file with -o"), "{err}");
}

#[test]
fn packages_of_python_come_from_the_environment_beside_the_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = "from greeting import hello\nfrom katydid import User, task\n\n\nclass Greeter(User):\n    @task\n    def greet(self):\n        print(hello())\n";
    std::fs::write(folder.path().join("greeter.py"), scenario).unwrap();
    let run = ["run", "greeter.py", "-H", "http://127.0.0.1:1/", "-u", "1", "-i", "1"];
    let (code, _, told) = answer(&run, folder.path());
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("ModuleNotFoundError: No module named 'greeting'"), "{told}");
    assert!(told.contains(".venv/bin/pip install greeting"), "{told}");

    let packages = folder.path().join(".venv/lib/python3.11/site-packages");
    for (version, word) in [("1", "hello"), ("2", "good day")] {
        let write = |name: &str, text: &str| {
            let path = packages.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("greeting/__init__.py", &format!("def hello():\n    return {word:?}\n"));
        // As an installer leaves it behind.
        write("greeting.dist-info/RECORD", &format!("greeting/__init__.py,sha256={version},9\n"));
        let (_, _, told) = answer(&run, folder.path());
        assert!(told.contains(&format!("info: {word}")), "{version}: {told}");
    }
}

/// Each file that a scenario is built from is watched; what does not build is shown, and the old one goes on.
#[test]
fn a_source_that_changes_is_built_and_swapped() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("most.js", "export const MOST = 100;\n");
    let script = std::fs::read_to_string(root().join("scripts/javascript/api_user.js")).unwrap();
    let script = script.replace("0, 100", "0, MOST") + "\nimport { MOST } from \"./most.js\";\n";
    put("scenario.js", &script);
    let target = Target::start(&["--delay", "none"]);
    let mut command = katydid();
    command.arg("run").arg(folder.path());
    command.args(["-H", &target.url, "-u", "5", "-r", "100", "--watch", "--no-rollback"]);
    let mut live = Live::of(command);
    live.wait_for("requests (");
    put("most.js", "export const MOST = ;\n");
    live.wait_for("the running version stays");
    assert!(live.said().contains("most.js:1:"), "{}", live.said());
    put("most.js", "export const MOST = 1;\n");
    live.wait_for("v2 has all users");
    // A file that is missing at first is waited for, too.
    put("scenario.js", &script.replace("most.js", "least.js"));
    live.wait_for("Could not resolve");
    put("least.js", "export const MOST = 2;\n");
    live.wait_for("v3 has all users");
    let (code, err) = live.stop();
    assert_eq!(code, 130, "{err}");
    assert!(!err.contains("v4"), "no swap but where something changed: {err}");
}
