//! Layers put together: exact words of each mistake, who has the last word, and the way there and back.

#![allow(clippy::panic)]

use super::*;
use crate::cli::run::{mistakes_alone, options};
use clap::CommandFactory as _;

/// What comes of these words, these variables and a file of this text, which is called `plan.toml`.
fn together(text: &str, flags: &[&str], variables: &[(&str, &str)]) -> Result<Vec<Part>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.toml");
    std::fs::write(&path, text).expect("written");
    let here = format!("{}/", folder.path().display());
    let path = path.to_str().expect("plain").to_owned();
    with_path(&path, flags, variables).map_err(|told| told.replace(&here, ""))
}

fn with_path(path: &str, flags: &[&str], variables: &[(&str, &str)]) -> Result<Vec<Part>, String> {
    let options = options();
    let words: Vec<OsString> = flags.iter().chain([&path]).map(Into::into).collect();
    let typed = options.parse(&words).expect("it is typed well");
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let parts = put_together(&options, &typed, &variables, &mistakes_alone);
    parts.map_err(|Usage(told)| told.join("\n"))
}

/// What would be typed for a part, without the folder of the file.
fn words(part: &Part) -> String {
    let all = part.entries.words(&options());
    let shown = all.iter().map(|word| word.to_str().expect("plain"));
    let shown = shown.map(|word| match word.rsplit_once("/.") {
        // Temporary folders begin with a dot.
        Some((_, rest)) => rest.split_once('/').map_or(word, |(_, file)| file),
        None => word,
    });
    shown.filter(|word| *word != "--").collect::<Vec<_>>().join(" ")
}

#[test]
fn every_mistake_of_a_file_is_told_with_its_line() {
    let yes = "[[scenario]]\npath = \"a.wasm\"\n";
    let after = |top: &str| format!("{top}\n{yes}");
    let under = |own: &str| format!("{yes}{own}\n");
    #[rustfmt::skip]
    let table = [
        (after("katydid = 1"), ""),
        (after("katydid = 2"), "plan.toml:1: katydid = 2 is a version of this format that is not known here; write katydid = 1, or leave it out"),
        (after("katydid = \"1\""), "plan.toml:1: katydid = \"1\" is a version of this format that is not known here; write katydid = 1, or leave it out"),
        // Keys.
        (after("sed = 7"), "plan.toml:1: unknown key \"sed\"; did you mean \"seed\"?"),
        (after("treshold = []"), "plan.toml:1: unknown key \"treshold\"; did you mean \"thresholds\"?"),
        (after("max-lables = 7"), "plan.toml:1: unknown key \"max-lables\"; did you mean \"max_labels\"?"),
        (after("zzz = 7"), "plan.toml:1: unknown key \"zzz\"; keys are the options of `katydid run --help`"),
        (after("print_spec = true"), "plan.toml:1: unknown key \"print_spec\"; keys are the options of `katydid run --help`"),
        (after("help = true"), "plan.toml:1: unknown key \"help\"; keys are the options of `katydid run --help`"),
        (under("usres = 5"), "plan.toml:3: unknown key \"usres\"; did you mean \"users\"?"),
        (under("[scenario.prams]\na = 1"), "plan.toml:3: unknown key \"prams\"; did you mean \"params\"?"),
        (after("run_time = 5\nseed = 1\nrun-time = 6"), "plan.toml:3: \"run-time\" is given twice, first on line 1"),
        (under("stage = \"30s:5\"\nstages = []"), "plan.toml:4: \"stages\" is given twice, first on line 3"),
        (under("seed = 5"), "plan.toml:3: \"seed\" is for the whole run; write it above the first [[scenario]]"),
        (under("thresholds = []"), "plan.toml:3: \"thresholds\" is for the whole run: rules cannot name a scenario yet; write it above the first [[scenario]]"),
        // Types.
        (under("users = \"5\""), "plan.toml:3: \"users\" must be a number, not \"5\""),
        (under("users = [5]"), "plan.toml:3: \"users\" must be a number, not a list"),
        (under("host = 5"), "plan.toml:3: \"host\" must be text in quotes, not 5"),
        (under("run_time = true"), "plan.toml:3: \"run_time\" must be text in quotes, or a number, not true"),
        (under("run_time = 07:32:00"), "plan.toml:3: \"run_time\" must be text in quotes, or a number, not a date"),
        (under("poisson = \"yes\"\narrivals = \"5/s\""), "plan.toml:3: \"poisson\" must be true or false, not \"yes\""),
        (under("stages = [\n  \"30s:5\",\n  30]"), "plan.toml:5: \"stages\" must be a list of text in quotes, not 30"),
        (under("stages = {}"), "plan.toml:3: \"stages\" must be a list of text in quotes, not a table"),
        (under("[scenario.params]\na = 1\nb = [1]"), "plan.toml:5: \"b\" must be text, a number, true or false, not a list"),
        (under("[scenario.params]\n\"a=b\" = 1"), "plan.toml:4: \"a=b\" must be a name without \"=\""),
        ("scenario = 5".to_owned(), "plan.toml:1: each scenario is a table of its own: write [[scenario]]"),
        ("[scenario]\npath = \"a.wasm\"".to_owned(), "plan.toml:1: each scenario is a table of its own: write [[scenario]]"),
        // Values, in the words of the command line.
        (under("users = -5"), "plan.toml:3: invalid value '-5' for '--users <N>': -5 is not in 0..=4294967295"),
        (after("timeout = \"soon\""), "plan.toml:1: invalid value 'soon' for '--timeout <TIME>': duration \"soon\" has an unknown unit, write it like 250ms, 1.4s, 2m, 1h30m, or 5 for seconds"),
        (after("loglevel = \"loud\""), "plan.toml:1: invalid value 'loud' for '--loglevel <LEVEL>' [possible values: debug, info, warn, error]"),
        (after("headers = [\n\"a: b\",\n\"c\"]"), "plan.toml:3: --header \"c\": header \"c\" has no colon; write it as \"Name: value\""),
        (after("max_stack = 5"), "plan.toml:1: --max-stack 5 is not between 16384 and 67108864"),
        (after("shards = 0"), "plan.toml:1: --shards 0 leaves nobody to work; use 1 or more"),
        (under("params = [\"a=1\", \"b\"]"), "plan.toml:3: --param \"b\" is not NAME=VALUE"),
        (under("name = \"\""), "plan.toml:3: invalid value '' for '--name <NAME>': a name has 1 to 100 characters, none of them for control"),
        // What does not go together.
        (under("iterations = 5\narrivals = \"5/s\""), "plan.toml:4: the argument '--arrivals <RATE>' cannot be used with '--iterations <N>'"),
        (under("spawn_rate = 5\nstages = [\"5s:5\"]"), "plan.toml:4: the argument '--stage <TIME:LOAD>' cannot be used with '--spawn-rate <RATE>'"),
        (after("csv_full_history = true"), "plan.toml:1: the argument '--csv-full-history' needs '--csv <PREFIX>'"),
        (after("csv_full_history = true\ncsv = 5"), "plan.toml:2: \"csv\" must be text in quotes, not 5"),
        (after("csv_full_history = false"), ""),
        // Scenarios.
        ("seed = 1".to_owned(), "plan.toml:1: there is no scenario; write [[scenario]], and below it path = \"scenario.wasm\""),
        ("path = \"a.wasm\"".to_owned(), ""),
        ("\n[[scenario]]\nname = \"a\"".to_owned(), "plan.toml:2: this scenario has no path; say where its file is: path = \"scenario.wasm\""),
        ("[[scenario]]\npath = 5".to_owned(), "plan.toml:2: \"path\" must be text in quotes, not 5"),
        (format!("{yes}{yes}"), "plan.toml:3: two scenarios are called \"a\"; give each a name of its own"),
        (format!("{yes}[[scenario]]\npath = \"b.wasm\"\nname = \"a\""), "plan.toml:5: two scenarios are called \"a\"; give each a name of its own"),
        (format!("{yes}name = \"b\"\n{yes}"), ""),
        // No TOML.
        ("seed = \"abc\n[[scenario]]\na = = 3".to_owned(), "plan.toml:1: invalid basic string, expected `\"`\nplan.toml:3: extra `=`, expected nothing\nplan.toml:3: unexpected key or value, expected newline, `#`"),
        (after("seed = 1\nseed = 2"), "plan.toml:2: duplicate key"),
        // All of them at once, in their order.
        ("shards = 0\nsed = 1\n[[scenario]]\nusers = []\n[[scenario]]\npath = 5".to_owned(), "plan.toml:1: --shards 0 leaves nobody to work; use 1 or more\nplan.toml:2: unknown key \"sed\"; did you mean \"seed\"?\nplan.toml:3: this scenario has no path; say where its file is: path = \"scenario.wasm\"\nplan.toml:4: \"users\" must be a number, not a list\nplan.toml:6: \"path\" must be text in quotes, not 5"),
    ];
    for (text, expected) in table {
        let told = together(&text, &[], &[]).err().unwrap_or_default();
        assert_eq!(told, expected, "{text}");
    }
}

#[test]
fn a_threshold_that_nobody_can_read_is_told_with_its_line() {
    let text = "path = \"a.wasm\"\nthresholds = [\"p95 < 5s\",\n\"p95 <\"]\nabort_unless = [\"x\"]";
    let told = together(text, &[], &[]).err().expect("two mistakes");
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].starts_with("plan.toml:3: --threshold: the threshold \"p95 <\""), "{told}");
    assert!(lines[1].starts_with("plan.toml:4: --abort-unless: the threshold \"x\""), "{told}");
    assert_eq!(lines.len(), 2);
}

#[test]
fn every_mistake_of_the_environment_is_told_with_its_variable() {
    #[rustfmt::skip]
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("KATYDID_USERS", "x")], "KATYDID_USERS: invalid value 'x' for '--users <N>': invalid digit found in string"),
        (&[("KATYDID_QUIET", "maybe")], "KATYDID_QUIET: \"maybe\" is neither \"true\" nor \"false\""),
        (&[("KATYDID_USRES", "5")], "KATYDID_USRES: there is no such option; did you mean KATYDID_USERS?"),
        (&[("KATYDID_HEADER", "a: b\nc")], "KATYDID_HEADER: --header \"c\": header \"c\" has no colon; write it as \"Name: value\""),
        (&[("KATYDID_SPAWN_RATE", "5"), ("KATYDID_ARRIVALS", "5/s")], "KATYDID_ARRIVALS: the argument '--arrivals <RATE>' cannot be used with '--spawn-rate <RATE>'"),
        (&[("KATYDID_CSV_FULL_HISTORY", "1")], "KATYDID_CSV_FULL_HISTORY: the argument '--csv-full-history' needs '--csv <PREFIX>'"),
        // What others put there is none of ours.
        (&[("KATYDID_PORT", "tcp://10.0.0.1:80"), ("KATYDID_API_TOKEN", "x"), ("KATYDID", "x"), ("USERS", "x"), ("KATYDID_USERS", "")], ""),
    ];
    for (variables, expected) in table {
        let told = with_path("a.wasm", &[], variables).err().unwrap_or_default();
        assert_eq!(told, *expected, "{variables:?}");
    }
}

/// Flags, then the environment, then the scenario's own table, then what holds for all.
#[test]
fn who_has_the_last_word() {
    let file = |top: &str, own: &str| format!("{top}\n[[scenario]]\npath = \"/a.wasm\"\n{own}\n");
    type Row<'a> = (String, &'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    #[rustfmt::skip]
    let table: &[Row<'_>] = &[
        (file("users = 1", ""), &[], &[], "--users=1 /a.wasm"),
        (file("users = 1", "users = 2"), &[], &[], "--users=2 /a.wasm"),
        (file("users = 1", "users = 2"), &[], &[("KATYDID_USERS", "3")], "--users=3 /a.wasm"),
        (file("users = 1", "users = 2"), &["-u4"], &[("KATYDID_USERS", "3")], "--users=4 /a.wasm"),
        // Both spellings, numbers as they are typed.
        (file("run-time = 90\nmax_fuel = 0x1_000", "spawn_rate = 1.5"), &[], &[], "--spawn-rate=1.5 --run-time=90 --max-fuel=4096 /a.wasm"),
        // A list is replaced whole; what has names, name by name.
        (file("headers = [\"a: 1\", \"b: 2\"]", ""), &["--header", "c: 3"], &[], "--header=c: 3 /a.wasm"),
        (file("tags = [\"a\"]", "tags = []"), &[], &[], "/a.wasm"),
        (file("[params]\na = 1\nb = 1\nc = 1", "[scenario.params]\na = 2\nb = 2"), &["--param", "a=3"], &[], "--param=a=3 --param=b=2 --param=c=1 /a.wasm"),
        (file("data = [\"x=/x.csv\", \"y=/y.csv,unique\"]", ""), &["--data", "x=z.csv"], &[], "--data=x=z.csv --data=y=/y.csv,unique /a.wasm"),
        (file("", ""), &[], &[("KATYDID_HEADER", "a: 1\n\n b: 2 \n"), ("KATYDID_TAGS", "a,b")], "--tags=a,b --header=a: 1 --header=b: 2 /a.wasm"),
        (file("headers = \"a: 1\"", ""), &[], &[], "--header=a: 1 /a.wasm"),
        // A switch can be turned off.
        (file("quiet = true\ncookies = true", ""), &[], &[("KATYDID_QUIET", "false"), ("KATYDID_COMPRESSED", "1")], "--cookies --compressed /a.wasm"),
        (file("arrivals = \"5/s\"\npoisson = true", "poisson = false"), &[], &[], "--arrivals=5/s /a.wasm"),
        // What cannot stand beside it gives way to whoever has more to say.
        (file("", "arrivals = \"5/s\"\npoisson = true\nmax_vus = 9"), &["-r2"], &[], "--spawn-rate=2 --max-vus=9 /a.wasm"),
        (file("spawn_rate = 5", "stages = [\"1m:5\", \"1m:0\"]"), &[], &[], "--stage=1m:5 --stage=1m:0 /a.wasm"),
        (file("quiet = true", ""), &["--only-summary"], &[], "--only-summary /a.wasm"),
        (file("only_summary = true", ""), &[], &[("KATYDID_QUIET", "false")], "--only-summary /a.wasm"),
        // What one of them needs, another may say.
        (file("csv = \"/out\"", ""), &["--csv-full-history"], &[], "--csv=/out --csv-full-history /a.wasm"),
        (file("json = \"-\"", ""), &[], &[], "--json=- /a.wasm"),
    ];
    for (text, flags, variables, expected) in table {
        let words_typed: Vec<OsString> =
            ["katydid", "run"].into_iter().chain(flags.iter().copied()).map(Into::into).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, text).expect("written");
        let typed_words = [words_typed, vec![path.into()]].concat();
        let matches = typed(crate::cli::Cli::command, &typed_words).expect("typed well");
        let (_, run) = matches.subcommand().expect("run");
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let parts = put_together(&options(), run, &variables, &mistakes_alone);
        let parts = parts.unwrap_or_else(|told| panic!("{text}: {told}"));
        assert_eq!(words(&parts[0]), *expected, "{text} {flags:?}");
    }
}

/// The environment and flags work without a file as well.
#[test]
fn a_scenario_by_itself() {
    let variables = [("KATYDID_USERS", "5"), ("KATYDID_RUN_TIME", "1m")];
    let parts = with_path("b/a.wasm", &["-t", "2m"], &variables).expect("it is good");
    assert_eq!((parts.len(), parts[0].name.as_str()), (1, "a"));
    assert_eq!(words(&parts[0]), "--users=5 --run-time=2m b/a.wasm");
}

/// Paths start from the file's folder, whatever they are for; those that were typed from where we are.
#[test]
fn paths_of_a_file_start_from_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plan.toml");
    let text = "ca = \"ca.pem\"\njson = \"-\"\nhtml = \"/x.html\"\n[[scenario]]\npath = \"../a.wasm\"\n\
                data = [\"rows=b/rows.csv,unique\"]\n";
    std::fs::write(&file, text).expect("written");
    let path = file.to_str().expect("plain");
    let parts = with_path(path, &["--csv", "out"], &[]).expect("it is good");
    let here = format!("{}/", folder.path().display());
    let words = parts[0].entries.words(&options());
    let words: Vec<_> =
        words.iter().map(|word| word.to_str().expect("plain").replace(&here, "HERE/")).collect();
    let expected = [
        "--data=rows=HERE/b/rows.csv,unique",
        "--ca=HERE/ca.pem",
        "--csv=out",
        "--json=-",
        "--html=/x.html",
        "--",
        "HERE/../a.wasm",
    ];
    assert_eq!(words, expected);
}

/// What is printed, read back, is the same run; and says the same when it is printed again.
#[test]
fn what_is_printed_reads_back() {
    let text = "seed = 18446744073709551615\nthresholds = [\"p95 < 5s\", \"a \\\"b\\\": failures < 1%\"]\nquiet = true\n\
                timeout = 2.5\nmax_fuel = 0xfff_fff\ncanary = 0.25\nloglevel = \"warn\"\nheaders = [\"x: \\u00fc\\t\\\\\"]\n\
                [params]\n\"a b\" = \"c = d\"\nn = 5\n\
                [[scenario]]\nname = \"a\"\npath = \"a.wasm\"\nspawn_rate = 5\nusers = 7\ntags = [\"x\", \"y\"]\n\
                [[scenario]]\nname = \"Ünicode \\\"two\\\"\"\nstart = \"5s\"\npath = \"b.wat\"\narrivals = \"5/s\"\npoisson = true\n\
                stages = [\"1m:50/s\"]\ndata = [\"d=d.csv,unique\"]\nhost = \"http://x/\"\nmax_vus = 5\n\
                [scenario.params]\nn = 6\n";
    let flags = ["--run-time", "1h30m", "--source", "127.0.0.1", "-r.5"];
    let variables = [("KATYDID_COOKIES", "true"), ("KATYDID_SHARDS", "02")];
    let options = options();
    let all = |parts: &[Part]| parts.iter().map(words).collect::<Vec<_>>();
    // `-r` takes the place of arrivals and stages, so the second time without it.
    for flags in [&flags[..4], &flags[..]] {
        let parts = together(text, flags, &variables).expect("it is good");
        let printed = print(&parts, &options).expect("all of it is Unicode");
        let again = together(&printed, &[], &[]).unwrap_or_else(|told| panic!("{told}\n{printed}"));
        let normal =
            |words: Vec<String>| words.join("\n").replace("=02", "=2").replace("=.5", "=0.5");
        assert_eq!(normal(all(&again)), normal(all(&parts)), "{printed}");
        let names = |parts: &[Part]| parts.iter().map(|part| part.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&again), ["a", "Ünicode \"two\""]);
        let reprinted = print(&again, &options).expect("it is good");
        let without_places = |text: &str| {
            let lines =
                text.lines().map(|line| line.split(" # ").next().unwrap_or(line).to_owned());
            lines.collect::<Vec<_>>()
        };
        assert_eq!(without_places(&reprinted), without_places(&printed));
    }
}

/// What is printed says where each line comes from, and what holds by default.
#[test]
fn what_is_printed() {
    let text = "path = \"/a.wasm\"\nseed = 7\nrun_time = \"1m\"";
    let parts = together(text, &["-u", "5"], &[("KATYDID_TIMEOUT", "5s")]).expect("it is good");
    let printed = print(&parts, &options()).expect("it is good");
    for line in [
        "katydid = 1",
        "timeout = \"5s\" # KATYDID_TIMEOUT",
        "# graceful_stop = \"30s\"",
        "# max_redirects = 3",
        "[[scenario]]\nname = \"a\"\n",
        "users = 5 # command line",
    ] {
        assert!(printed.contains(line), "no {line} in {printed}");
    }
    let seed = printed.lines().find(|line| line.starts_with("seed")).expect("it has one");
    assert!(seed.starts_with("seed = 7 # ") && seed.ends_with("plan.toml:2"), "{seed}");
}

/// Nobody has to remember the file or the environment when a flag is added.
#[test]
fn every_option_has_a_key_of_its_own() {
    let options = options();
    let mut seen = std::collections::BTreeSet::new();
    for option in options.all() {
        for name in option.names() {
            assert!(seen.insert(name.to_owned()), "{name} is that of two");
        }
        let key = option.key();
        assert_eq!(options.find(&key).map(|found| found.id()), Some(option.id()), "{key}");
        assert!(!["katydid", "scenario"].contains(&key.as_str()), "{key} means something else");
    }
    assert!(seen.contains("users") && seen.contains("thresholds") && !seen.contains("print-spec"));
}

#[test]
fn mistakes_that_are_found_later_have_their_places_too() {
    let text = "host = \"ftp://x\"\n[[scenario]]\npath = \"a.wasm\"\nstages = [\n\"1m:5\",\n\"x\"]\n[scenario.params]\nn = 5";
    let parts = together(text, &["--data", "a=b.csv"], &[]).expect("it is good so far");
    let places = &parts[0].places;
    let file = |text: String| text.rsplit('/').next().unwrap_or_default().to_owned();
    for (mistake, expected) in [
        ("--stage: \"x\" is no stage", "plan.toml:6: --stage: \"x\" is no stage"),
        ("--stage: what?", "plan.toml:5: --stage: what?"),
        ("--data \"a=b.csv\" is bad", "--data \"a=b.csv\" is bad"),
        ("parameter \"n\" is \"5\"", "plan.toml:8: parameter \"n\" is \"5\""),
        (
            "parameter \"m\" must be given",
            "plan.toml:2: scenario \"a\": parameter \"m\" must be given",
        ),
        ("there is never a user", "plan.toml:2: scenario \"a\": there is never a user"),
    ] {
        assert_eq!(file(places.placed(mistake)), expected);
    }
    assert_eq!(file(places.placed_at_path("it is gone")), "plan.toml:3: it is gone");
}
