//! Runs of the open model and of several scenarios, and what people see of them: arrivals, thresholds,
//! metrics, failed exchanges.
use super::golden::{assert_tidy, golden, strip_colors, wide};
use super::replay::{everything, info, nothing};
use super::replay_open::{MARKUP, arrivals_info, open, several, several_info};
use super::{RunInfo, Style, exchanges, fit, live, progress_line, summary};
use katydid_load::{Holds, Snapshot, StopReason, ThresholdState, Verdict};

fn at(width: usize) -> Style {
    Style { width, height: 24, ..Style::default() }
}

fn last(run: &[Snapshot]) -> &Snapshot {
    run.last().expect("a run has an end")
}

fn summarized(snapshot: &Snapshot, info: &RunInfo, verdict: &Verdict, style: &Style) -> String {
    let mut text = Vec::new();
    summary(snapshot, info, verdict, &StopReason::RunTime, style, &mut text).expect("memory");
    let text = String::from_utf8(text).expect("reports are text");
    assert_tidy(&text, style);
    text
}

fn lively(snapshot: &Snapshot, info: &RunInfo, style: &Style) -> String {
    let text = live(snapshot, info, style);
    assert_tidy(&text, style);
    assert!(text.lines().count() <= style.height, "{text}");
    text
}

fn shown(snapshot: &Snapshot, style: &Style) -> String {
    let mut text = Vec::new();
    exchanges(snapshot, style, &mut text).expect("memory takes all");
    let text = String::from_utf8(text).expect("reports are text");
    assert_tidy(&text, style);
    text
}

#[test]
fn an_open_run_as_it_went() {
    let run = open();
    for width in [60, 100] {
        let style = Style { width, ..Style::default() };
        let breached = Verdict::ThresholdBreached;
        let text = summarized(last(&run), &arrivals_info(), &breached, &style);
        golden(&format!("summary_open_{width}"), &text);
    }
    // Whatever else a run came to, what the verdict rests on is what it names.
    let text = summarized(last(&run), &arrivals_info(), &Verdict::Interrupted, &wide());
    assert!(!text.contains("verdict: interrupted (exit code 130): failures"), "{text}");
    for width in 0..60 {
        let style = Style { width, ..Style::default() };
        let (verdict, reason) = (Verdict::ThresholdBreached, StopReason::RunTime);
        let mut text = Vec::new();
        summary(last(&run), &arrivals_info(), &verdict, &reason, &style, &mut text)
            .expect("memory");
        assert!(text.ends_with(b"\n"), "{width}");
    }
}

#[test]
fn an_open_run_as_it_goes() {
    let run = open();
    let mut now = run[5].clone();
    now.thresholds = last(&run).thresholds.clone();
    now.warnings = last(&run).warnings.clone();
    for width in [60, 120] {
        golden(&format!("live_open_{width}"), &lively(&now, &arrivals_info(), &at(width)));
    }
    let color = Style { color: true, ..at(120) };
    let colored = lively(&now, &arrivals_info(), &color);
    let stripped: String = colored.lines().map(|line| strip_colors(line) + "\n").collect();
    assert_eq!(stripped, lively(&now, &arrivals_info(), &at(120)));
    let lines = run[..3].iter().chain([&now]).map(|s| progress_line(s, &arrivals_info()));
    golden("progress_line_open", &(lines.collect::<Vec<_>>().join("\n") + "\n"));
}

#[test]
fn however_small_the_screen_is_the_view_stays_on_it() {
    let mut now = open()[5].clone();
    now.thresholds = vec![
        ThresholdState {
            rule: "p95 < 1ms".to_owned(),
            holds: Holds::No,
            value: "2 ms".to_owned(),
            aborts: false,
        };
        9
    ];
    for height in 0..30 {
        for width in [0, 1, 7, 20, 33, 59, 100] {
            let text = live(&now, &arrivals_info(), &Style { height, width, ..Style::default() });
            assert!(text.lines().count() <= height, "{width} × {height}");
            // What hangs behind a word has room for that and a character.
            assert!(text.lines().all(|l| fit::width(l) <= width.max(12)), "{text}");
        }
    }
}

#[test]
fn a_paused_run_says_so_until_it_ends() {
    let mut snapshot = open()[5].clone();
    snapshot.paused = true;
    assert!(progress_line(&snapshot, &arrivals_info()).starts_with("paused 5 s of 6 s, "));
    assert!(lively(&snapshot, &arrivals_info(), &wide()).starts_with("paused   "));
    snapshot.stage = katydid_load::Stage::Stopping;
    assert!(progress_line(&snapshot, &arrivals_info()).starts_with("stopping 5 s of 6 s, "));
}

#[test]
fn scenarios_side_by_side() {
    let run = several(false);
    let text = summarized(last(&run), &several_info(), &Verdict::Passed, &wide());
    golden("summary_several", &text);
    // Scenarios are no versions of each other.
    let said = ["\nVersions\n", "against", "Swaps"].map(|word| text.contains(word));
    assert_eq!(said, [false; 3], "{text}");
    assert!(!progress_line(last(&run), &several_info()).contains("v1"));
    assert!(!lively(&run[3], &several_info(), &wide()).contains("Version"));
}

#[test]
fn a_swap_of_one_of_several_scenarios() {
    let run = several(true);
    let text = summarized(last(&run), &several_info(), &Verdict::Passed, &wide());
    golden("summary_several_swapped", &text);
    assert!(text.contains("\nv2 against v3: response times in ms\n"), "{text}");
    golden("live_several_swapped", &lively(&run[3], &several_info(), &at(100)));
}

#[test]
fn runs_without_arrivals_thresholds_and_metrics_say_nothing_of_them() {
    for run in [everything(), nothing()] {
        let snapshot = last(&run);
        let text = summarized(snapshot, &info(), &Verdict::Passed, &wide())
            + &lively(snapshot, &info(), &wide())
            + &progress_line(snapshot, &info());
        let words = ["arrivals", "Thresholds", "threshold", "Trends", "Scenarios", "parameters"];
        assert_eq!(words.map(|word| text.contains(word)), [false; 6], "{text}");
        assert_eq!(shown(snapshot, &wide()), "");
    }
}

#[test]
fn failed_exchanges() {
    let run = open();
    for width in [60, 100] {
        let style = Style { width, ..Style::default() };
        golden(&format!("exchanges_{width}"), &shown(last(&run), &style));
    }
    assert!(shown(last(&run), &wide()).contains(MARKUP), "what is no control character stays");
    for width in 0..20 {
        let mut text = Vec::new();
        let style = Style { width, ..Style::default() };
        exchanges(last(&run), &style, &mut text).expect("memory takes all");
        assert!(text.ends_with(b"\n"), "{width}");
    }
}

#[test]
fn no_more_metrics_are_listed_than_are_read() {
    use katydid_load::metric::Recorded;
    let mut run = super::replay::Replay::default();
    for i in 0..250_u64 {
        run.second().record_metric(&format!("metric {i:03}"), Recorded::Counter(i), i);
    }
    run.publish(1_000_000_000, 1, katydid_load::Stage::Finished);
    let text = summarized(&run.snapshots[0], &info(), &Verdict::Passed, &wide());
    assert!(text.contains("\nmetric 019"), "{text}");
    assert!(!text.contains("metric 020"), "{text}");
    assert!(text.contains("… 181 others, "), "180 and all that were not told apart: {text}");
}
