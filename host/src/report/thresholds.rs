//! What the run was to hold, and whether it did.
use super::fit;
use super::number::count;
use super::style::{Paint, Style};
use super::table::{Cell, Column, Table};
use katydid_load::{Holds, Snapshot, ThresholdState};

/// Most breached thresholds of which the live view has a line.
const MOST_LIVE: usize = 3;
/// Most breached thresholds that the verdict names.
const MOST_NAMED: usize = 5;
/// Longest rule or value that is shown, in characters.
const TEXT_CHARS: usize = 300;

/// All of them, in the order in which they were given. `None` where there is none.
pub(super) fn table(snapshot: &Snapshot) -> Option<Table> {
    let mut table = Table::new(vec![
        Column::words("Result"),
        Column::words("Threshold").cut(24),
        Column::words("Value").cut(16),
        Column::words("On breach").expendable(1),
    ]);
    for ThresholdState { rule, holds, value, aborts } in &snapshot.thresholds {
        table.row(vec![
            Cell::painted(holds.as_str(), paint(*holds)),
            fit::escaped(rule, TEXT_CHARS).into(),
            Cell::painted(fit::escaped(value, TEXT_CHARS), paint(*holds)),
            if *aborts { "ends the run" } else { "" }.into(),
        ]);
    }
    (!snapshot.thresholds.is_empty()).then_some(table)
}

fn paint(holds: Holds) -> Paint {
    match holds {
        Holds::Yes => Paint::Good,
        Holds::No => Paint::Bad,
        Holds::Unknown => Paint::Doubt,
    }
}

/// Those that are breached, one line for each of the first.
pub(super) fn live(snapshot: &Snapshot, style: &Style) -> Vec<String> {
    let line = |text: &str| style.paint(Paint::Bad, &fit::cut(text, style.width, style));
    let each = |state: &ThresholdState| line(&format!("threshold breached: {}", in_words(state)));
    let mut lines: Vec<_> = breached(snapshot).take(MOST_LIVE).map(each).collect();
    let more = number_breached(snapshot).saturating_sub(MOST_LIVE as u64);
    if let (Some(last), 1..) = (lines.last_mut(), more) {
        *last = line(&format!("… {} more thresholds breached", count(more + 1)));
    }
    lines
}

/// How many are breached.
pub(super) fn number_breached(snapshot: &Snapshot) -> u64 {
    breached(snapshot).count() as u64
}

/// The breached ones in half a sentence, for the verdict. `None` where there is none.
pub(super) fn named(snapshot: &Snapshot) -> Option<String> {
    let mut names: Vec<_> = breached(snapshot).take(MOST_NAMED).map(in_words).collect();
    let more = number_breached(snapshot).saturating_sub(MOST_NAMED as u64);
    if more > 0 {
        names.push(format!("{} more", count(more)));
    }
    (!names.is_empty()).then(|| names.join(", "))
}

fn breached(snapshot: &Snapshot) -> impl Iterator<Item = &ThresholdState> {
    snapshot.thresholds.iter().filter(|state| state.holds == Holds::No)
}

/// `get_time: p95 < 200ms (is 231 ms)`
fn in_words(state: &ThresholdState) -> String {
    let [rule, value] = [&state.rule, &state.value].map(|text| fit::escaped(text, TEXT_CHARS));
    format!("{rule} (is {value})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(n: usize) -> Snapshot {
        let state = |i| ThresholdState {
            rule: format!("m{i}: p95 < 1ms"),
            holds: Holds::No,
            value: "2 ms".to_owned(),
            aborts: false,
        };
        let held = ThresholdState { holds: Holds::Yes, ..state(99) };
        let thresholds = [held].into_iter().chain((0..n).map(state)).collect();
        Snapshot { thresholds, ..Snapshot::default() }
    }

    #[test]
    fn the_live_view_has_three_lines_at_most() {
        let lines = |n| live(&breaches(n), &Style::default());
        assert!(lines(0).is_empty());
        assert_eq!(lines(1), ["threshold breached: m0: p95 < 1ms (is 2 ms)"]);
        assert_eq!(lines(3)[2], "threshold breached: m2: p95 < 1ms (is 2 ms)");
        assert_eq!(lines(9)[1..], [&*lines(9)[1], "… 7 more thresholds breached"]);
        assert_eq!(lines(9).len(), 3);
        let narrow = live(&breaches(1), &Style { width: 20, ..Style::default() });
        assert_eq!(narrow, ["threshold breached:…"]);
    }

    #[test]
    fn the_verdict_names_five_at_most() {
        assert_eq!(named(&breaches(0)), None);
        let two = "m0: p95 < 1ms (is 2 ms), m1: p95 < 1ms (is 2 ms)";
        assert_eq!(named(&breaches(2)).as_deref(), Some(two));
        assert!(
            named(&breaches(7))
                .is_some_and(|text| text.ends_with("m4: p95 < 1ms (is 2 ms), 2 more"))
        );
    }
}
