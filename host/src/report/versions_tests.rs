//! Runs whose scenario was swapped, and what people see of that.
use super::golden::{assert_tidy, golden, strip_colors, wide};
use super::replay::{REFUSED, info, nothing, swaps};
use super::{RunInfo, Style, fit, live, progress_line, summary};
use katydid_load::{Snapshot, StopReason, Verdict, VersionState};

fn hundred() -> RunInfo {
    let RunInfo { mut scenarios, .. } = info();
    scenarios[0].load = "100 users, 2.5 started per second".to_owned();
    scenarios[0].peak_users = 100;
    RunInfo { scenarios, run_time_ns: Some(8_200_000_000), ..info() }
}

fn summarized(snapshot: &Snapshot, style: &Style) -> String {
    let (verdict, reason) = (Verdict::RequestsFailed, StopReason::RunTime);
    let mut text = Vec::new();
    summary(snapshot, &hundred(), &verdict, &reason, style, &mut text).expect("memory takes all");
    let text = String::from_utf8(text).expect("reports are text");
    assert_tidy(&text, style);
    text
}

fn lively(snapshot: &Snapshot, style: &Style) -> String {
    let text = live(snapshot, &hundred(), style);
    assert_tidy(&text, style);
    assert!(text.lines().count() <= style.height, "{text}");
    text
}

fn at(width: usize) -> Style {
    Style { width, height: 24, ..Style::default() }
}

fn last(run: &[Snapshot]) -> &Snapshot {
    run.last().expect("a run has an end")
}

#[test]
fn a_canary_as_it_goes() {
    let run = swaps();
    for width in [60, 120] {
        golden(&format!("live_canary_{width}"), &lively(&run[7], &at(width)));
    }
    // One was refused the second before, and one rolled back before that.
    golden("live_refused", &lively(&run[4], &at(80)));
    let color = Style { color: true, ..at(120) };
    let stripped: String =
        lively(&run[7], &color).lines().map(|line| strip_colors(line) + "\n").collect();
    assert_eq!(stripped, lively(&run[7], &at(120)));
    let lines: Vec<_> = [1, 2, 7, 8].map(|n| progress_line(&run[n], &hundred())).into();
    golden("progress_line_swaps", &(lines.join("\n") + "\n"));
}

#[test]
fn a_first_swap_is_shown_before_there_is_a_second_version() {
    let run = swaps();
    let (versions, marks) = (run[1].versions.clone(), run[7].marks[..1].to_vec());
    let text = lively(&Snapshot { versions, marks, ..run[1].clone() }, &at(100));
    assert!(text.contains("v2 is compiled and tried, for 10 % of the users"), "{text}");
    // Nothing has happened yet, or nothing that there are figures of.
    for marks in [run[7].marks.clone(), Vec::new()] {
        for versions in [run[1].versions.clone(), Vec::new()] {
            let snapshot = Snapshot { marks: marks.clone(), versions, ..Snapshot::default() };
            assert!(lively(&snapshot, &at(80)).contains("no request yet"));
            summarized(&snapshot, &at(80));
        }
    }
}

#[test]
fn however_small_the_screen_is_the_labels_stay_on_it() {
    let run = swaps();
    let mut shown = [false; 3];
    for height in 0..30 {
        for width in [0, 1, 7, 20, 33, 59, 100] {
            let text = live(&run[7], &hundred(), &Style { height, width, ..Style::default() });
            assert!(text.lines().count() <= height, "{width} × {height}");
            assert!(text.lines().all(|l| fit::width(l) <= width.max(8)), "{text}");
            let [table, mark] = ["Version", "+5.9 s: v4 has"].map(|part| text.contains(part));
            if width == 100 && height >= 9 {
                assert!(text.contains("Aggregated"), "{height}: {text}");
                shown[usize::from(table) + usize::from(mark)] = true;
            }
        }
    }
    assert_eq!(shown, [true; 3], "neither, the step alone, both");
}

#[test]
fn a_run_with_swaps_as_it_went() {
    let run = swaps();
    for width in [60, 120] {
        let style = Style { width, ..Style::default() };
        golden(&format!("summary_swaps_{width}"), &summarized(last(&run), &style));
    }
    for width in 0..60 {
        let (verdict, reason) = (Verdict::RequestsFailed, StopReason::RunTime);
        let style = Style { width, ..Style::default() };
        let mut text = Vec::new();
        summary(last(&run), &hundred(), &verdict, &reason, &style, &mut text).expect("memory");
        assert!(text.ends_with(b"\n"), "{width}");
    }
}

#[test]
fn a_run_without_swaps_says_nothing_of_versions() {
    let run = swaps();
    for snapshot in [&nothing()[0], &run[0]] {
        let text = summarized(snapshot, &wide()) + &lively(snapshot, &wide());
        let text = text + &progress_line(snapshot, &hundred());
        let said = ["Version", "Swaps", "v1", "against"].map(|word| text.contains(word));
        assert_eq!(said, [false; 4], "{text}");
    }
}

#[test]
fn of_old_versions_the_counts_remain() {
    let run = swaps();
    let end = last(&run);
    let version = |number: u32| {
        let VersionState { counts, total, .. } = end.versions[1].clone();
        // The last eight are kept whole.
        let total = total.filter(|_| number > 22);
        VersionState { number, digest: "<\u{1b}[2J>".into(), counts, total, ..Default::default() }
    };
    let snapshot = Snapshot { versions: (1..=30).map(version).collect(), ..end.clone() };
    let text = summarized(&snapshot, &wide());
    let rows = text.lines().filter(|line| line.starts_with('v') && line.contains("<\\u{1b}"));
    assert_eq!(rows.clone().count(), 20, "{text}");
    assert_eq!(rows.filter(|row| row.contains("50.0 %  ")).count(), 20, "{text}");
    assert!(
        text.contains("\n… 10 older versions: 200 requests, 100 failures, 20 errors\n"),
        "{text}"
    );
    assert!(text.contains("\nv29 against v30: response times in ms\n"), "{text}");
    // Four at most, whoever has users.
    let mut all_used = snapshot.clone();
    all_used.versions.iter_mut().for_each(|version| version.users = 1);
    let mut two_used = snapshot;
    two_used.versions.iter_mut().take(2).for_each(|version| version.users = 1);
    for (snapshot, expected) in [(all_used, [27, 28, 29, 30]), (two_used, [1, 2, 29, 30])] {
        let text = lively(&snapshot, &wide());
        let rows = text.lines().filter(|line| line.starts_with('v'));
        let shown: Vec<_> = rows.filter_map(|row| row.split(' ').next()).collect();
        assert_eq!(shown, expected.map(|n| format!("v{n}")), "{text}");
    }
}

#[test]
fn versions_are_compared_with_what_they_were_to_replace() {
    let run = swaps();
    // After the roll back it is still told why; the next canary is measured by the same first version.
    for (snapshot, title) in [(&run[4], "v1 against v2"), (last(&run), "v1 against v4")] {
        let text = summarized(snapshot, &wide());
        assert!(text.contains(&format!("\n{title}: response times in ms\n")), "{text}");
    }
}

#[test]
fn versions_without_requests_are_not_compared() {
    let run = swaps();
    let mut snapshot = last(&run).clone();
    snapshot.versions.push(VersionState {
        number: 5,
        total: Some(Default::default()),
        ..VersionState::default()
    });
    let text = summarized(&snapshot, &wide());
    assert!(text.contains("\nVersions\n") && !text.contains("against"), "{text}");
}

#[test]
fn a_reason_moves_no_cursor_and_fills_no_screen() {
    let run = swaps();
    assert!(REFUSED.contains("\u{1b}[2J") && run[4].marks.len() == 6);
    let text = summarized(last(&run), &wide());
    assert!(text.contains("was refused: not a module:\\r\\n\\u{1b}[2J"), "{text}");
    let swaps = text.split("\nSwaps\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    assert!(swaps.is_some_and(|swaps| swaps.lines().count() < 20), "{text}");
}
