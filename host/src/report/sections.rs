//! What went wrong and what was asserted: failures of the target, errors of the scenario, checks.
use super::fit;
use super::number;
use super::stats;
use super::style::Paint;
use super::table::{Cell, Column, Table};
use katydid_load::{CheckStats, ErrorKey, ErrorKind, Occurrences, Snapshot, Window};

/// Most failures, errors, checks or metrics that are listed; the most frequent come first.
pub(super) const MOST: usize = 20;
/// How many errors are shown with what follows the first line of their message: the backtrace.
const TRACED: usize = 3;
/// Longest backtrace, in lines.
const TRACE_LINES: usize = 8;
/// Longest line of text from elsewhere, in characters.
const LINE_CHARS: usize = 300;

/// The failures of all labels, the most frequent first. `None` where there is none.
pub(super) fn failures(snapshot: &Snapshot) -> Option<Table> {
    let mut rows = Vec::new();
    for (id, stats) in snapshot.total.labels() {
        let label = stats::names(snapshot, id).join(" ");
        let kept = stats.failures.kept().map(|(failure, seen)| (failure.to_string(), seen));
        let folded = stats.failures.folded().map(|(kind, seen)| (format!("{kind} (other)"), seen));
        rows.extend(kept.chain(folded).map(|(text, seen)| (text, seen, label.clone(), stats)));
    }
    rows.sort_by_key(|(_, seen, ..)| std::cmp::Reverse(seen.count));
    let mut table = Table::new(vec![
        Column::figures("count"),
        Column::figures("ratio").expendable(1),
        Column::figures("first seen").expendable(2),
        Column::figures("last seen").expendable(3),
        Column::words("Label").cut(22),
        Column::words("Failure").wrap(24),
    ]);
    for (text, seen, label, stats) in rows.iter().take(MOST) {
        let [first, last] = seen_at(seen, snapshot);
        table.row(vec![
            Cell::painted(number::count(seen.count), Paint::Bad),
            number::percent(seen.count, stats.requests).into(),
            first,
            last,
            label.as_str().into(),
            fit::escaped(text, LINE_CHARS).into(),
        ]);
    }
    note_rest(&mut table, rows.iter().skip(MOST).map(|(_, seen, ..)| seen.count));
    (!rows.is_empty()).then_some(table)
}

/// The errors of the scenario, the most frequent first. `None` where there is none.
pub(super) fn errors(snapshot: &Snapshot) -> Option<Table> {
    let errors = &snapshot.total.errors;
    let kept = errors.kept().map(|(ErrorKey { kind, place, message }, seen)| {
        (kind.as_str(), place.as_str(), message.as_str(), seen)
    });
    let folded = errors.folded().map(|(kind, seen)| (kind, "(other)", "", seen));
    let mut rows: Vec<_> = kept.chain(folded).collect();
    rows.sort_by_key(|(.., seen)| std::cmp::Reverse(seen.count));
    let mut table = Table::new(vec![
        Column::figures("count"),
        Column::figures("first seen").expendable(1),
        Column::figures("last seen").expendable(2),
        Column::words("Kind").expendable(3),
        Column::words("Place").cut(22),
        Column::words("Error").wrap(24),
    ]);
    for (place_in_list, (kind, place, message, seen)) in rows.iter().take(MOST).enumerate() {
        let [first, last] = seen_at(seen, snapshot);
        let mut lines = message.lines().map(|line| fit::escaped(line, LINE_CHARS));
        table.row(vec![
            Cell::painted(number::count(seen.count), Paint::Bad),
            first,
            last,
            (*kind).into(),
            (*place).into(),
            lines.next().unwrap_or_default().into(),
        ]);
        if place_in_list < TRACED {
            lines.by_ref().take(TRACE_LINES).for_each(|line| table.note(trace_line(&line)));
            match lines.count() as u64 {
                0 => {}
                more => table.note(trace_line(&number::counted(more, "more line"))),
            }
        }
    }
    note_rest(&mut table, rows.iter().skip(MOST).map(|(.., seen)| seen.count));
    (!rows.is_empty()).then_some(table)
}

/// A line below an error.
fn trace_line(line: &str) -> String {
    format!("         {}", line.trim())
}

/// The checks by name, those that failed first. `None` where there is none.
pub(super) fn checks(window: &Window) -> Option<Table> {
    let kept = window.checks.kept().map(|(name, stats)| (name.as_str(), stats));
    let mut rows: Vec<_> =
        kept.chain(window.checks.folded().map(|(_, stats)| ("(other)", stats))).collect();
    rows.sort_by_key(|(_, stats)| std::cmp::Reverse(stats.failed));
    let mut table = Table::new(vec![
        Column::words("Check").cut(20),
        Column::figures("# passed"),
        Column::figures("# failed"),
        Column::figures("share passed").expendable(1),
    ]);
    for (name, CheckStats { passed, failed }) in rows.iter().take(MOST) {
        let ratio = number::percent(*passed, passed + failed);
        let paint = |is: bool, paint| if is { paint } else { Paint::Plain };
        let (bad, good) = (paint(*failed > 0, Paint::Bad), paint(*failed == 0, Paint::Good));
        table.row(vec![
            (*name).into(),
            number::count(*passed).into(),
            Cell::painted(number::count(*failed), bad),
            Cell::painted(ratio, good),
        ]);
    }
    let rest = rows.iter().skip(MOST).map(|(_, stats)| stats.passed + stats.failed);
    note_rest(&mut table, rest);
    (!rows.is_empty()).then_some(table)
}

/// The calls inside `system.multicall`, by method and what came of them. `None` where there is none.
pub(super) fn inner_calls(window: &Window) -> Option<Table> {
    let kept = window.inner_calls.kept().map(|(call, seen)| {
        (call.method.as_str(), call.failure.as_deref().unwrap_or("good"), seen.count)
    });
    let folded = window.inner_calls.folded().map(|(kind, seen)| ("(other)", kind, seen.count));
    let mut rows: Vec<_> = kept.chain(folded).collect();
    rows.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
    let mut table = Table::new(vec![
        Column::figures("count"),
        Column::words("Method").cut(20),
        Column::words("Outcome").wrap(24),
    ]);
    for (method, outcome, count) in rows.iter().take(MOST) {
        let paint = if *outcome == "good" { Paint::Plain } else { Paint::Bad };
        let count = Cell::painted(number::count(*count), paint);
        table.row(vec![count, (*method).into(), fit::escaped(outcome, LINE_CHARS).into()]);
    }
    note_rest(&mut table, rows.iter().skip(MOST).map(|(.., count)| *count));
    (!rows.is_empty()).then_some(table)
}

/// How many errors of this kind there were: traps, or failed iterations.
pub(super) fn count_errors(window: &Window, kind: ErrorKind) -> u64 {
    let kept = window.errors.kept().filter(|(key, _)| key.kind == kind).map(|(_, seen)| seen);
    let folded =
        window.errors.folded().filter(|(name, _)| *name == kind.as_str()).map(|(_, seen)| seen);
    kept.chain(folded).map(|seen| seen.count).sum()
}

/// When it was seen, first and last.
fn seen_at(seen: &Occurrences, snapshot: &Snapshot) -> [Cell; 2] {
    [seen.first_ns, seen.last_ns].map(|at| number::offset(at, snapshot.began_ns).into())
}

/// What was left out, if anything.
pub(super) fn note_rest(table: &mut Table, rest: impl Iterator<Item = u64>) {
    let (kinds, count) =
        rest.fold((0, 0_u64), |(kinds, sum), n| (kinds + 1, sum.saturating_add(n)));
    if kinds > 0 {
        let (kinds, times) = (number::counted(kinds, "other"), number::counted(count, "time"));
        table.note(format!("… {kinds}, {times}"));
    }
}
