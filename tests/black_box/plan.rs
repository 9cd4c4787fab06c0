//! A run that stands in a file.

use katydid_tests::{Live, Target, katydid, number, output, root, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder with the demo's scenario and a run of two: so many users, and so many arrivals, at one target each.
struct Plan {
    folder: tempfile::TempDir,
    targets: [Target; 2],
}

impl Plan {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let targets = [Target::start(&["--delay", "none"]), Target::start(&["--delay", "none"])];
        std::fs::create_dir(folder.path().join("scripts")).unwrap();
        let script = folder.path().join("scripts/api_user.wat");
        std::fs::copy(root().join("scripts/wat/api_user.wat"), script).unwrap();
        let plan = format!(
            r#"
katydid = 1
seed = 7
thresholds = ["failures < 1%"]
run-time = "2s"
path = "scripts/api_user.wat"
request_id_header = "X-Request-Id"

[[scenario]]
name = "browse"
host = "{}"
users = 3
spawn_rate = 1000
[scenario.params]
tenant = "acme"

[[scenario]]
name = "checkout"
host = "{}"
start = "1s"
arrivals = "20/s"
max_vus = 10
"#,
            targets[0].url, targets[1].url
        );
        std::fs::write(folder.path().join("plan.toml"), plan).unwrap();
        Self { folder, targets }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `katydid run plan.toml` with these flags; answers the exit code, standard output, standard error.
    fn run(&self, file: &str, flags: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
        let mut command = katydid();
        command.current_dir(self.folder.path()).args(["run", file]).args(flags);
        output(command.envs(variables.iter().copied()))
    }
}

fn results(file: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn two_scenarios_run_side_by_side_each_with_its_own() {
    let plan = Plan::new();
    let rules = ["browse", "checkout"].map(|name| format!("scenario {name}: requests > 1"));
    let mut flags = vec!["--json", "out.json"];
    rules.iter().for_each(|rule| flags.extend(["--threshold", rule]));
    let (code, out, err) = plan.run("plan.toml", &flags, &[]);
    assert_eq!(code, 0, "{out}\n{err}");
    let results = results(&plan.file("out.json"));
    let told = |place: usize| text(&results["thresholds"][place]["value"]);
    let (browsing, checking_out) = (told(0), told(1));
    let scenarios = results["run"]["scenarios"].as_array().unwrap();
    let names: Vec<_> = scenarios.iter().map(|scenario| text(&scenario["name"])).collect();
    assert_eq!(names, ["browse", "checkout"]);
    let open: Vec<_> = scenarios.iter().map(|scenario| scenario["open"].as_bool()).collect();
    assert_eq!(open, [Some(false), Some(true)]);
    assert_eq!(scenarios[0]["parameters"][0]["value"], "acme");
    assert_eq!(scenarios[1]["parameters"].as_array().map(Vec::len), Some(0));
    assert_eq!(number(&results["run"]["seed"]), 7);
    // The second begins a second later and then takes its two.
    assert_eq!(number(&results["run"]["run_time_us"]), 3_000_000);
    assert_eq!(number(&results["arrivals"]["scheduled"]), 40, "{}", results["arrivals"]);
    assert!(out.contains("browse") && out.contains("checkout"), "{out}");
    // Each at its own target: what was counted is what was served.
    let requests = number(&results["totals"]["requests"]);
    let [browsed, checked_out] = plan.targets.map(|target| target.stop().len() as u64);
    assert_eq!(browsed + checked_out, requests);
    assert_eq!([browsing, checking_out], [browsed, checked_out].map(|served| served.to_string()));
    assert!(browsed >= 3 && checked_out >= 30, "{browsed} and {checked_out}");
}

#[test]
fn flags_and_variables_have_more_to_say_than_the_file() {
    let plan = Plan::new();
    let flags = ["--seed", "9", "-t", "1s", "--json", "out.json"];
    let variables = [("KATYDID_SEED", "8"), ("KATYDID_MAX_VUS", "5"), ("KATYDID_QUIET", "1")];
    let (code, out, err) = plan.run("plan.toml", &flags, &variables);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    let results = results(&plan.file("out.json"));
    assert_eq!(number(&results["run"]["seed"]), 9);
    let peaks = results["run"]["scenarios"].as_array().unwrap().iter();
    let peaks: Vec<_> = peaks.map(|scenario| number(&scenario["peak_users"])).collect();
    assert_eq!(peaks, [5, 5]);
    assert_eq!(number(&results["run"]["run_time_us"]), 2_000_000);
}

#[test]
fn what_is_printed_runs_the_same() {
    let plan = Plan::new();
    let calls = |file: &str| {
        let (code, out, err) = plan.run(file, &["--only-summary", "--json", "out.json"], &[]);
        assert_eq!(code, 0, "{out}\n{err}");
        results(&plan.file("out.json"))["run"]["scenarios"].clone()
    };
    let (code, printed, err) = plan.run("plan.toml", &["--print-spec", "-r500"], &[]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(printed.contains("spawn_rate = 500 # command line"), "{printed}");
    std::fs::write(plan.file("printed.toml"), &printed).unwrap();
    let (_, again, _) = plan.run("printed.toml", &["--print-spec"], &[]);
    let said = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split(" # ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(said(&printed), said(&again));
    let (_, flags_alone, _) = plan.run("scripts/api_user.wat", &["-u5", "--print-spec"], &[]);
    assert!(
        flags_alone.contains("path = \"scripts/api_user.wat\" # command line"),
        "{flags_alone}"
    );
    // Where nothing is left out, the same scenarios come out. `-r` took the arrivals' place.
    assert_eq!(calls("printed.toml")[0]["load"], "3 users, 500 started per second");
}

#[test]
fn mistakes_have_lines() {
    let plan = Plan::new();
    let write = |text: &str| std::fs::write(plan.file("bad.toml"), text).unwrap();
    let told = |flags: &[&str]| {
        let (code, out, err) = plan.run("bad.toml", flags, &[]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        err
    };
    write("sed = 7\nshards = 0\n[[scenario]]\npath = \"x.wasm\"\nuser = 5\n");
    assert_eq!(
        told(&[]),
        "error: bad.toml:1: unknown key \"sed\"; did you mean \"seed\"?\n\
         error: bad.toml:2: --shards 0 leaves nobody to work; use 1 or more\n\
         error: bad.toml:5: unknown key \"user\"; did you mean \"users\"?\n"
    );
    // Those that only the scenarios themselves can tell.
    write(
        "host = \"ftp://x\"\n[[scenario]]\npath = \"x.wasm\"\n[[scenario]]\npath = \"scripts/api_user.wat\"\n",
    );
    let gone = told(&[]);
    assert!(gone.starts_with("error: bad.toml:3: cannot read the scenario \"x.wasm\""), "{gone}");
    write(
        "path = \"scripts/api_user.wat\"\n[[scenario]]\nname = \"a\"\nhost = \"ftp://x\"\n\
         [[scenario]]\nname = \"b\"\nstages = [\"1m:5\",\n\"x\"]\ntags = [\"none\"]\n",
    );
    let several = told(&[]);
    assert!(several.contains("error: bad.toml:2: scenario \"a\": "), "{several}");
    assert!(several.contains("error: bad.toml:8: --stage: "), "{several}");
    assert!(several.contains("error: bad.toml:9: --tags none: no task is left"), "{several}");
    let (code, _, err) = plan.run("nowhere.toml", &[], &[]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot read the run spec \"nowhere.toml\""), "{err}");
}

/// Each scenario is swapped by its own file; keys need to know which one is meant.
#[test]
fn each_scenario_is_watched() {
    let plan = Plan::new();
    let put = |name: &str, comment: &str| {
        let wat = std::fs::read_to_string(plan.file("scripts/api_user.wat")).unwrap();
        std::fs::write(plan.file("aside"), format!("{wat};; {comment}\n")).unwrap();
        std::fs::rename(plan.file("aside"), plan.file(name)).unwrap();
    };
    put("a.wat", "a 1");
    put("b.wat", "b 1");
    let text = format!(
        "watch = true\nhost = \"{}\"\n[[scenario]]\npath = \"a.wat\"\nusers = 2\nspawn_rate = 100\n\
         [[scenario]]\npath = \"b.wat\"\narrivals = \"10/s\"\n",
        plan.targets[0].url
    );
    std::fs::write(plan.file("watched.toml"), text).unwrap();
    let file = plan.file("watched.toml");
    let json = plan.file("out.json");
    let mut live = Live::start(&file, &["--json", json.to_str().unwrap()]);
    live.wait_for("requests (");
    put("b.wat", "b 2");
    live.wait_for("v3");
    put("a.wat", "a 2");
    live.wait_for("v4");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let (code, err) = live.stop();
    assert_eq!(code, 130, "{err}");
    let results = results(&json);
    let versions = results["versions"].as_array().unwrap().iter();
    let scenarios: Vec<_> = versions.map(|version| version["scenario"].clone()).collect();
    assert_eq!(scenarios.len(), 4, "{scenarios:?}");
    // The first of each, then the second of the second, then the second of the first.
    assert_eq!((&scenarios[0], &scenarios[1]), (&scenarios[3], &scenarios[2]), "{scenarios:?}");
    assert_ne!(scenarios[0], scenarios[1]);
}
