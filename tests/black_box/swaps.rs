//! Another version of the scenario takes the place of the running one, and nothing is lost.

use katydid_tests::{Live, Target, guest, katydid, number, root, rust_script, text, wasm_compiler};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The demo's scenario with a wait of 500 ms and, in odd versions, `get_random_number` in the place of
/// `get_time`: whose request it was can be told from the method.
fn version(number: u32) -> String {
    let wat = std::fs::read_to_string(root().join("scripts/wat/api_user.wat")).unwrap();
    let replace = |wat: String, old: &str, new: &str| {
        assert!(wat.contains(old), "the script has changed: {old}");
        wat.replace(old, new)
    };
    let wat = replace(wat, r#""\a0\86\01\00\00\00\00\00"  "#, r#""\20\a1\07\00\00\00\00\00"  "#);
    let wat =
        replace(wat, r#""\02\00\00\00\00\00\00\00"    "#, r#""\01\00\00\00\00\00\00\00"    "#);
    let odd =
        "(call $call (i32.const 16) (i32.const 17) (i32.const 288) (i32.const 2) (i32.const 320))";
    let even =
        "(call $call (i32.const 8) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 320))";
    let wat = if number % 2 == 1 { replace(wat, even, odd) } else { wat };
    format!("{wat};; version {number}\n")
}

/// Written aside and moved into its place.
fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    let aside = path.with_extension("new");
    std::fs::write(&aside, bytes).unwrap();
    std::fs::rename(aside, path).unwrap();
}

/// A run of a scenario that may change, and what it left behind.
struct Swapped {
    folder: tempfile::TempDir,
    scenario: PathBuf,
    target: Target,
    live: Live,
}

impl Swapped {
    fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scenario = folder.path().join("scenario.wat");
        put(&scenario, version(1));
        let target = Target::start(&["--delay", "none"]);
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (events, json, csv) = (path("events.jsonl"), path("results.json"), path("run"));
        let files = ["--events", &events, "--json", &json, "--csv", &csv];
        let common = ["-H", &target.url, "--watch", "--request-id-header", "X-Request-Id"];
        let live = Live::start(&scenario, &[&common[..], &files[..], args].concat());
        live.wait_for("requests (");
        Self { folder, scenario, target, live }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Ends the run, compares its figures with the target's log, whole and by version, and answers them.
    fn agree(mut self) -> (Value, Vec<Value>) {
        let (code, err) = self.live.stop();
        assert_eq!(code, 130, "{err}");
        let events: Vec<Value> = self
            .read("events.jsonl")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let results: Value = serde_json::from_str(&self.read("results.json")).unwrap();
        let Self { folder: _folder, target, .. } = self;
        let log = target.stop();
        let mut version_of = HashMap::new();
        for event in events.iter().filter(|event| text(&event["event"]).starts_with("request_")) {
            let id = format!("{:016x}-{:016x}", number(&event["user"]), number(&event["request"]));
            assert_eq!(event["event"], "request_success", "{event}");
            assert!(version_of.insert(id, number(&event["version"])).is_none(), "{event}");
        }
        assert_eq!(log.len(), version_of.len(), "what was counted is what was served");
        let mut served: HashMap<u64, u64> = HashMap::new();
        for request in &log {
            let version = version_of[&request.id];
            // Only even versions ever call it; what was refused takes a number too.
            *served.entry(version).or_default() += 1;
        }
        for version in results["versions"].as_array().unwrap() {
            let of_it = served.get(&number(&version["number"])).copied().unwrap_or(0);
            assert_eq!(number(&version["requests"]), of_it, "{version}");
            assert_eq!(number(&version["iterations"]["interrupted"]), 0, "{version}");
            assert_eq!(number(&version["scenario_errors"]), 0, "{version}");
        }
        (results, events)
    }
}

/// How many swaps: more of them with `./tests/run --soak`.
fn swaps() -> u32 {
    std::env::var("KATYDID_SWAPS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

/// 0 requests lost, 0 iterations cut, counts equal to the target's log, in total and for each version.
#[test]
fn a_hundred_swaps_under_load_lose_nothing() {
    let run = Swapped::start(&["-u", "1000", "-r", "1000", "-L", "error", "--no-rollback"]);
    let mut early = 0;
    for number in 2..swaps() + 2 {
        put(&run.scenario, version(number));
        run.live.wait_for(&format!("v{number} has all users"));
        if number == 11 {
            early = run.live.resident_kib();
        }
    }
    let late = run.live.resident_kib();
    eprintln!("resident: {early} KiB after 10 swaps, {late} KiB after {}", swaps());
    let (results, events) = run.agree();
    let versions = results["versions"].as_array().unwrap();
    assert_eq!(versions.len() as u32, swaps() + 1);
    assert!(versions.iter().all(|version| number(&version["requests"]) > 0), "{versions:?}");
    let methods = |parity: u64| -> Vec<String> {
        let requests = events.iter().filter(|event| event["event"] == "request_success");
        let of_parity = requests.filter(|event| number(&event["version"]) % 2 == parity);
        let mut names: Vec<_> = of_parity.map(|event| text(&event["name"])).collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(methods(1), ["get_random_number"]);
    assert_eq!(methods(0), ["get_random_number", "get_time"]);
    each_second_is_like_its_neighbours(&events);
}

/// Says by how much the weakest second fell behind; never fails, since a machine may be busy with other things.
fn each_second_is_like_its_neighbours(events: &[Value]) {
    let began =
        number(&events.iter().find(|event| event["event"] == "spawning_complete").map_or_else(
            || Value::from(0),
            |_| events.iter().find_map(|event| event.get("called_ns").cloned()).unwrap_or_default(),
        ));
    let mut seconds: Vec<u64> = Vec::new();
    for event in events {
        let Some(called) = event.get("called_ns").and_then(Value::as_u64) else { continue };
        let second = (called.saturating_sub(began) / 1_000_000_000) as usize;
        seconds.resize(seconds.len().max(second + 1), 0);
        seconds[second] += 1;
    }
    // The ramp and the end are no steady load.
    let steady = seconds.get(3..seconds.len().saturating_sub(2)).unwrap_or_default();
    let share = |w: &[u64]| w[1] as f64 * 2.0 / (w[0] + w[2]) as f64;
    let weakest = steady.windows(3).map(share).fold(f64::INFINITY, f64::min);
    eprintln!("the weakest second has {:.2} % of its neighbours' requests", weakest * 100.0);
}

/// (what is written in the scenario's place, what the refusal says)
#[test]
fn bad_versions_are_refused_and_the_old_one_goes_on() {
    let mut run = Swapped::start(&["-u", "20", "-r", "100", "--max-fuel", "50000000"]);
    let good = version(2);
    let constructor = "(param $class i32) (param $class_len i32) (result i32)";
    let on_start = "(param $is_state i32) (param $state i32) (param $state_len i32) (result i32)";
    let after = |place: &str, what: &str| {
        assert!(good.contains(place), "the script has changed: {place}");
        good.replace(place, &format!("{place} {what}"))
    };
    let describe = "#describe\") (result i32)";
    let table = [
        ("(module".to_owned(), "refused: "),
        ("not wasm at all".to_owned(), "refused: "),
        ("(module)".to_owned(), "refused: "),
        (good.replace("@0.1.0", "@0.9.0"), "katydid:load@0.9.0"),
        (after(describe, "unreachable"), "describe trapped"),
        (after(describe, "(loop $l (br $l))"), "--max-fuel"),
        (after(constructor, "unreachable"), "cannot be constructed"),
        (after(constructor, "(loop $l (br $l))"), "--max-fuel"),
        (after(constructor, "(drop (memory.grow (i32.const 60000))) unreachable"), "--max-memory"),
        (good.replace("\"ApiUser\")", "\"Nobodys\")"), "another scenario"),
        (after(on_start, "unreachable"), "rolled back: ApiUser.on_start"),
        (after(on_start, "(loop $l (br $l))"), "rolled back: ApiUser.on_start"),
        (
            after(on_start, "(drop (memory.grow (i32.const 60000))) unreachable"),
            "rolled back: ApiUser.on_start",
        ),
    ];
    let rolled_back = 3;
    let whole = std::fs::read(rust_script()).unwrap();
    // 200 modules in all where many swaps are asked for: some cut off while they were written (which is
    // waited for), the others with one number of the wrong type.
    let (cuts, mistyped) = if swaps() > 100 { (10, 190 - table.len()) } else { (1, 10) };
    let cut = |n: usize| (whole[..whole.len() * (n + 1) / (cuts + 1)].to_vec(), "refused: ");
    let right = "i32";
    let places: Vec<_> = good.match_indices(right).map(|(place, _)| place).collect();
    let mistype = |n: usize| {
        let (head, tail) = good.split_at(places[n * places.len() / mistyped]);
        let variant = tail.replacen(right, ["f64", "i64"][n % 2], 1);
        (format!("{head}{variant};; {n}\n").into_bytes(), "refused: ")
    };
    let kinds = table.iter().map(|(bad, reason)| (bad.clone().into_bytes(), *reason));
    let more = (0..cuts).map(cut).chain((0..mistyped).map(mistype));
    let bad: Vec<_> = kinds.chain(more).collect();
    for (place, (bad, reason)) in bad.iter().enumerate() {
        put(&run.scenario, bad);
        let line = run.live.wait_for(&format!("v{} was r", place + 2));
        assert!(line.contains(reason), "{reason}: {line}");
    }
    let last = bad.len() + 2;
    put(&run.scenario, &good);
    run.live.wait_for(&format!("v{last} has all users"));
    let err = run.live.said();
    assert!(!err.contains("panicked"), "{err}");
    let (code, _) = run.live.stop();
    assert_eq!(code, 130);
    let results: Value = serde_json::from_str(&run.read("results.json")).unwrap();
    let errors = |version: &Value| number(&version["scenario_errors"]);
    let versions = results["versions"].as_array().unwrap();
    assert!(versions.iter().map(errors).sum::<u64>() >= rolled_back, "{versions:?}");
    let times = |step: &str| err.matches(step).count() as u64;
    assert_eq!(times(" was refused: "), bad.len() as u64 - rolled_back, "{err}");
    assert_eq!(times(" was rolled back: "), rolled_back, "{err}");
    assert!(run.read("run_swaps.csv").contains(",swap_refused,"));
    // No request of the run was disturbed.
    let Swapped { folder: _folder, target, .. } = run;
    assert_eq!(number(&results["totals"]["failed"]), 0);
    assert_eq!(number(&results["totals"]["requests"]), target.stop().len() as u64);
    eprintln!("{} bad modules, each refused or rolled back", bad.len());
}

/// A file that grows is not taken before it is whole.
#[test]
fn half_a_file_is_never_loaded() {
    let run = Swapped::start(&["-u", "5", "-r", "100"]);
    let whole = std::fs::read(rust_script()).unwrap();
    let (first, second) = whole.split_at(whole.len() / 2);
    std::fs::write(&run.scenario, first).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let mut file = std::fs::OpenOptions::new().append(true).open(&run.scenario).unwrap();
    std::io::Write::write_all(&mut file, second).unwrap();
    drop(file);
    run.live.wait_for("v2 has all users");
    assert!(!run.live.said().contains("refused"), "{}", run.live.said());
    run.agree();
}

/// A canary that nobody promotes is rolled back by the first rule that it breaks.
#[test]
fn a_canary_is_rolled_back_by_rule() {
    let mut run = Swapped::start(&[
        "-u",
        "40",
        "-r",
        "100",
        "--canary",
        "25%",
        "--rollback-if",
        "failures > 10%",
    ]);
    put(&run.scenario, version(2).replace("\"get_time\")", "\"get_tame\")"));
    run.live.wait_for("v2 has 25 % of the users");
    let line = run.live.wait_for("v2 was rolled back");
    assert!(line.contains("(rule: failures > 10%)"), "{line}");
    let (code, _) = run.live.stop();
    assert_eq!(code, 130);
}

/// The state of a user outlives its module: every iteration is counted, and nobody begins anew.
#[test]
fn a_user_takes_its_state_along() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenario.wasm");
    let first = std::fs::read(guest("keeps_state")).unwrap();
    put(&scenario, &first);
    let target = Target::start(&["--delay", "none"]);
    let mut live = Live::start(
        &scenario,
        &["-H", &target.url, "--watch", "-u", "3", "-r", "100", "-i", "300"],
    );
    live.wait_for("requests (");
    // A custom section (its name is "v") makes it another module that does the same.
    put(&scenario, [&first[..], b"\0\x02\x01v"].concat());
    live.wait_for("v2 has all users");
    let (code, err) = live.end();
    assert_eq!((code, target.stop().len()), (0, 900), "{err}");
    for (line, times) in [("began with no state", 3), ("resumed at ", 3), ("stopped at 300", 3)] {
        assert_eq!(err.matches(line).count(), times, "{line}: {err}");
    }
}

/// On a terminal, keys do what the file's change does, and more.
#[test]
fn keys_swap_promote_and_roll_back() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenario.wat");
    put(&scenario, version(1));
    let target = Target::start(&["--delay", "none"]);
    let program = katydid().get_program().to_str().unwrap().to_owned();
    let path = scenario.to_str().unwrap();
    let line = format!("{program} run {path} -H {} -u 10 -r 100 --canary 50%", target.url);
    let mut live = Live::on_terminal(&line);
    live.wait_for("keys: s swap");
    live.wait_for("10/10 users");
    live.press("p");
    live.wait_for("cannot promote: there is no canary");
    put(&scenario, version(2));
    live.press("s");
    live.wait_for("v2 has 50 % of the users");
    live.press("p");
    live.wait_for("v2 has all users");
    live.press("r");
    live.wait_for("v3 has all users");
    live.press("q");
    let (code, said) = live.end();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("verdict:"), "{said}");
}

/// A Cargo project is built; what does not compile is shown, and the old version goes on.
#[test]
fn a_cargo_project_is_built_and_swapped() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("shop");
    std::fs::create_dir_all(project.join("src")).unwrap();
    let script = root().join("scripts/rust");
    let manifest = std::fs::read_to_string(script.join("Cargo.toml")).unwrap();
    let sdk = root().join("guest-sdk/rust");
    // Another name, since it is built beside the script itself.
    let manifest = manifest.replace("\"api-user\"", "\"shop-user\"");
    let manifest = manifest.replace("../../guest-sdk/rust", sdk.to_str().unwrap());
    std::fs::write(project.join("Cargo.toml"), manifest).unwrap();
    let source = std::fs::read_to_string(script.join("src/lib.rs")).unwrap();
    let code = project.join("src/lib.rs");
    std::fs::write(&code, &source).unwrap();

    let target = Target::start(&["--delay", "none"]);
    let mut command = katydid();
    command.arg("run").arg(&project).args(["-H", &target.url, "-u", "5", "-r", "100", "--watch"]);
    command.envs(wasm_compiler());
    let mut live = Live::of(command);
    live.wait_for("requests (");
    std::fs::write(&code, source.replace("fn get_time", "fn get_time(")).unwrap();
    live.wait_for("the running version stays");
    assert!(live.said().contains("error: "), "{}", live.said());
    assert!(live.said().contains("src/lib.rs"), "{}", live.said());
    std::fs::write(
        &code,
        format!("{source}\n// Another version.\n#[used]\nstatic VERSION: u8 = 2;\n"),
    )
    .unwrap();
    live.wait_for("v2 has all users");
    let (code, err) = live.stop();
    assert_eq!(code, 130, "{err}");
}
