//! The steps of swaps: what happened, to which version, when.
use super::RunInfo;
use super::facts;
use super::fit;
use super::number;
use super::style::{Paint, Style};
use super::table::{Cell, Column, Table};
use katydid_load::{Mark, Share, Snapshot, SwapStep};

/// Most steps that are listed, the latest.
const MOST: usize = 20;
/// Longest reason that people are shown, in characters.
const REASON_CHARS: usize = 300;
/// Longest reason in a file, in characters.
const REASON_CHARS_IN_FILES: usize = 1_000;
/// Characters of a digest that are shown beside the version's number.
pub(super) const DIGEST_CHARS: usize = 8;

/// The users that are to have a version, or have it, where the step says so.
pub(super) fn share(step: &SwapStep) -> Option<Share> {
    match *step {
        SwapStep::Started { share } | SwapStep::Swapped { share, .. } => Some(share),
        SwapStep::Ready | SwapStep::Refused { .. } | SwapStep::RolledBack { .. } => None,
    }
}

/// How long the swap took, in nanoseconds, where the step is its end.
pub(super) fn took_ns(step: &SwapStep) -> Option<u64> {
    match *step {
        SwapStep::Swapped { took_ns, .. } => Some(took_ns),
        _ => None,
    }
}

/// Why, on one line, bounded: for files.
pub(super) fn reason(step: &SwapStep) -> Option<String> {
    step.reason().map(|reason| fit::escaped(reason, REASON_CHARS_IN_FILES))
}

/// The latest step in one line that fits: `+12.3 s: v2 is ready: users change, 10 % of them`.
pub(super) fn latest(snapshot: &Snapshot, style: &Style) -> Option<String> {
    let (mark, before) = snapshot.marks.split_last()?;
    let at = number::offset(mark.at_ns, snapshot.began_ns);
    let (words, paint) = in_words(mark, before);
    let line = fit::cut(&format!("{at}: v{} {words}", mark.version), style.width, style);
    Some(style.paint(paint, &line))
}

/// The latest so many steps, each in one line, the oldest of them first.
pub fn swap_lines(snapshot: &Snapshot, latest: usize) -> Vec<String> {
    let marks = &snapshot.marks;
    let line = |place: usize| {
        let at = number::offset(marks[place].at_ns, snapshot.began_ns);
        let (words, _) = in_words(&marks[place], &marks[..place]);
        format!("{at}: v{} {words}", marks[place].version)
    };
    (marks.len().saturating_sub(latest)..marks.len()).map(line).collect()
}

/// The latest steps, the oldest of them first. `None` where there is none.
pub(super) fn table(snapshot: &Snapshot, info: &RunInfo) -> Option<Table> {
    let marks = &snapshot.marks;
    let mut columns = vec![
        Column::figures("when"),
        Column::words("Version"),
        Column::words("Digest").expendable(1),
        Column::words("What happened").wrap(24),
    ];
    let named = info.scenarios.len() > 1;
    if named {
        columns.insert(2, Column::words("Scenario").cut(12).expendable(2));
    }
    let mut table = Table::new(columns);
    let hidden = marks.len().saturating_sub(MOST);
    for (place, mark) in marks.iter().enumerate().skip(hidden) {
        let (words, paint) = in_words(mark, &marks[..place]);
        let mut cells = vec![
            number::offset(mark.at_ns, snapshot.began_ns).into(),
            format!("v{}", mark.version).into(),
            facts::short(&mark.digest, DIGEST_CHARS).into(),
            Cell::painted(words, paint),
        ];
        if named {
            cells.insert(2, fit::escaped(&info.name_of(mark.scenario), REASON_CHARS).into());
        }
        table.row(cells);
    }
    let earlier = snapshot.marks_ever.saturating_sub((marks.len() - hidden) as u64);
    if earlier > 0 {
        table.note(format!("… {}", number::counted(earlier, "earlier step")));
    }
    (!marks.is_empty()).then_some(table)
}

/// What happened, as the rest of a sentence that begins with the version. `before` are the steps before it.
fn in_words(mark: &Mark, before: &[Mark]) -> (String, Paint) {
    let because = |reason| fit::escaped(reason, REASON_CHARS);
    match &mark.step {
        SwapStep::Started { share } => {
            (format!("is compiled and tried, for {}", users(*share)), Paint::Plain)
        }
        SwapStep::Ready => {
            let own = before.iter().rev().filter(|earlier| earlier.version == mark.version);
            let asked = own.filter_map(|earlier| share(&earlier.step)).next();
            let part = asked.filter(|share| !share.is_all());
            let part = part.map_or(String::new(), |share| format!(", {share} of them"));
            (format!("is ready: users change{part}"), Paint::Plain)
        }
        SwapStep::Swapped { share, took_ns } => {
            let (users, took) = (users(*share), number::span(*took_ns));
            (format!("has {users} after {took}"), Paint::Good)
        }
        SwapStep::Refused { reason } => (format!("was refused: {}", because(reason)), Paint::Bad),
        SwapStep::RolledBack { reason } => {
            (format!("was rolled back: {}", because(reason)), Paint::Doubt)
        }
    }
}

fn users(share: Share) -> String {
    if share.is_all() { "all users".to_owned() } else { format!("{share} of the users") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::replay::info;

    const S: u64 = 1_000_000_000;

    fn mark(version: u32, step: SwapStep) -> Mark {
        let digest = "ab12".repeat(16).into();
        Mark { at_ns: 77 * S + 12_300_000_000, version, scenario: 0, digest, step }
    }

    #[test]
    fn steps_in_words() {
        let part = Share::new(0.125).expect("a share");
        let swapped = |share| SwapStep::Swapped { share, took_ns: 1_200_000_000 };
        let reason = "no\r\nroom \u{1b}[2J\u{202e}".to_owned();
        let rows = [
            (SwapStep::Started { share: Share::ALL }, "is compiled and tried, for all users"),
            // No step before it says for whom.
            (SwapStep::Ready, "is ready: users change"),
            (swapped(part), "has 12.5 % of the users after 1.2 s"),
            (swapped(Share::ALL), "has all users after 1.2 s"),
            (
                SwapStep::Refused { reason: reason.clone() },
                "was refused: no\\r\\nroom \\u{1b}[2J\\u{202e}",
            ),
            (SwapStep::RolledBack { reason }, "was rolled back: no\\r\\nroom \\u{1b}[2J\\u{202e}"),
        ];
        for (step, expected) in rows {
            assert_eq!(in_words(&mark(2, step), &[]).0, expected);
        }
        let long = SwapStep::Refused { reason: "x".repeat(5_000) };
        assert!(in_words(&mark(2, long.clone()), &[]).0.len() < 330, "reasons are bounded");
        assert_eq!(reason_chars(&long), 1_001, "in files too: an ellipsis at the end");
    }

    fn reason_chars(step: &SwapStep) -> usize {
        reason(step).map_or(0, |reason| reason.chars().count())
    }

    #[test]
    fn the_latest_step_knows_for_whom_it_is() {
        let started = |version, share| {
            mark(version, SwapStep::Started { share: Share::new(share).expect("a share") })
        };
        let marks = vec![started(2, 0.1), started(3, 1.0), mark(2, SwapStep::Ready)];
        let snapshot = Snapshot { began_ns: 77 * S, marks, ..Snapshot::default() };
        let at = |width| latest(&snapshot, &Style { width, ..Style::default() });
        let whole = "+12.3 s: v2 is ready: users change, 10 % of them";
        assert_eq!(at(80).as_deref(), Some(whole));
        assert_eq!(at(20).as_deref(), Some("+12.3 s: v2 is read…"));
        assert_eq!(latest(&Snapshot::default(), &Style::default()), None);
    }

    #[test]
    fn the_latest_are_listed_and_the_others_counted() {
        let marks: Vec<_> = (0..200).map(|n| mark(n, SwapStep::Ready)).collect();
        let snapshot = Snapshot { marks, marks_ever: 1_234, ..Snapshot::default() };
        let table = |snapshot: &Snapshot| super::table(snapshot, &info());
        let lines = table(&snapshot).expect("there are steps").lines(&Style::default());
        assert_eq!(lines.len(), 1 + 20 + 1);
        assert!(lines[1].contains(" v180 ") && lines[20].contains(" v199 "), "{lines:?}");
        assert_eq!(lines[21], "… 1,214 earlier steps");
        assert!(table(&Snapshot::default()).is_none());
    }
}
