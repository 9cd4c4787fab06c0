//! The open model beside the figures: what was due, what was begun, and how late. A percentile of a run that
//! dropped arrivals, or was late itself, does not say what it seems to.
use super::fit;
use super::number::{self, count};
use super::style::{Paint, Style};
use katydid_load::{Arrivals, Snapshot};

/// What became of the arrivals of the whole run, as a line below tables, or as many as it needs. Nothing
/// where nothing was ever due: in the closed model.
pub(super) fn lines(snapshot: &Snapshot, style: &Style) -> Vec<String> {
    let arrivals = &snapshot.total.arrivals;
    let paint = if arrivals.dropped > 0 { Paint::Doubt } else { Paint::Plain };
    // A figure is not torn from its unit.
    let glued = |text: String| text.replace(" ms", "\u{a0}ms");
    let line = |text: String| fit::hanging("arrivals:", &glued(text), paint, style);
    in_words(arrivals).map(line).unwrap_or_default()
}

/// The same for readers without columns: what is due in a second, and what was dropped since the beginning.
pub(super) fn progress(snapshot: &Snapshot) -> Option<String> {
    let Arrivals { scheduled, dropped, lateness, .. } = &snapshot.total.arrivals;
    let now = count(snapshot.window.arrivals.scheduled);
    let dropped = count(*dropped);
    let late = number::ms(lateness.percentile_us(99.0));
    (*scheduled > 0).then(|| format!("{now} arrivals/s, {dropped} dropped, p99 {late} ms late"))
}

/// `12,000 scheduled, 11,990 started, 10 dropped (0.08 %); begun 0.052 ms late (median), 1.20 ms (p99),
/// 3.40 ms (most)`
pub(super) fn in_words(arrivals: &Arrivals) -> Option<String> {
    let Arrivals { scheduled, started, dropped, lateness } = arrivals;
    if *scheduled == 0 {
        return None;
    }
    let mut words = format!(
        "{} scheduled, {} started, {} dropped",
        count(*scheduled),
        count(*started),
        count(*dropped)
    );
    if *dropped > 0 {
        words += &format!(" ({})", number::percent(*dropped, *scheduled));
    }
    if lateness.count() > 0 {
        let at = |percentile| number::ms(lateness.percentile_us(percentile));
        let (median, p99, most) = (at(50.0), at(99.0), at(100.0));
        words += &format!("; begun {median} ms late (median), {p99} ms (p99), {most} ms (most)");
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_in_words() {
        let mut arrivals = Arrivals::default();
        assert_eq!(in_words(&arrivals), None, "the closed model has none");
        (arrivals.scheduled, arrivals.dropped) = (3, 3);
        let none_begun = "3 scheduled, 0 started, 3 dropped (100 %)";
        assert_eq!(in_words(&arrivals).as_deref(), Some(none_begun));
        (arrivals.scheduled, arrivals.started, arrivals.dropped) = (12_000, 12_000, 0);
        (0..12_000).for_each(|n| arrivals.lateness.record(n / 100));
        let all_begun = "12,000 scheduled, 12,000 started, 0 dropped; begun 0.059 ms late (median), \
                         0.118 ms (p99), 0.119 ms (most)";
        assert_eq!(in_words(&arrivals).as_deref(), Some(all_begun));
    }
}
