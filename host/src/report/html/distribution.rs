//! How times are distributed, in the form that HdrHistogram made known: over the percentile, so that each
//! step to the right is a tenth of what was left, and the slowest requests are as wide as all others.
use super::chart::{Chart, Line, MOST_LINES};
use super::over_time::{milliseconds, milliseconds_at_axis};
use super::scale::Scale;
use crate::report::labels;
use katydid_load::{Snapshot, Times};

/// Places at which a line has a value.
const PLACES: u32 = 180;
/// Most nines that times tell apart, since percentiles have four places after the point.
const MOST_NINES: f64 = 6.0;

/// The axis: percentiles.
pub(super) struct Percentiles {
    /// How many nines it reaches: 3 is up to 99.9 %.
    nines: f64,
    places: Vec<f64>,
    names: Vec<String>,
    ticks: Vec<(f64, String)>,
}

impl Percentiles {
    /// An axis as long as so many requests make sense of.
    pub(super) fn new(requests: u64) -> Self {
        let nines = (requests.max(1) as f64).log10().clamp(1.0, MOST_NINES);
        let places: Vec<f64> = (0..=PLACES).map(|i| f64::from(i) / f64::from(PLACES)).collect();
        let names = places.iter().map(|place| name(percentile(*place, nines))).collect();
        let known = [50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999];
        let tick = |percentile: f64| {
            let place = (1.0 / (1.0 - percentile / 100.0)).log10() / nines;
            (place <= 1.0 + 1e-9).then(|| (place.min(1.0), format!("{percentile}%")))
        };
        let ticks = [(0.0, "0%".to_owned())].into_iter().chain(known.into_iter().filter_map(tick));
        Self { nines, names, ticks: ticks.collect(), places }
    }

    /// Response time and service time of all requests; and the response times of each label, the most frequent
    /// ones, where there is more than one.
    pub(super) fn charts(&self, snapshot: &Snapshot) -> Vec<Chart<'_>> {
        let total = snapshot.total.total();
        if total.requests == 0 {
            return Vec::new();
        }
        let both = vec![
            self.line("response time", &total.response),
            self.line("service time", &total.service),
        ];
        let mut charts =
            vec![self.chart("distribution", "Times in ms by percentile, all requests", both)];
        let mut labels = labels::sorted(&snapshot.total, snapshot);
        if labels.len() > 1 {
            labels.sort_by_key(|label| std::cmp::Reverse(label.stats.requests));
            let shown = labels.iter().take(MOST_LINES);
            let lines = shown.map(|label| self.line(&label.name, &label.stats.response)).collect();
            let title = match labels.len().saturating_sub(MOST_LINES) {
                0 => "Response times in ms by percentile, each label".to_owned(),
                more => format!("Response times in ms by percentile, all labels but {more}"),
            };
            charts.push(self.chart("labels", &title, lines));
        }
        charts
    }

    fn chart(&self, id: &'static str, title: &str, lines: Vec<Line>) -> Chart<'_> {
        let values = lines.iter().flat_map(|line| line.values.iter().flatten().copied());
        Chart {
            id,
            title: title.to_owned(),
            group: id,
            places: &self.places,
            names: &self.names,
            ticks: &self.ticks,
            scale: Scale::wide(values),
            lines,
            words: milliseconds,
            tick: milliseconds_at_axis,
            marks: &[],
        }
    }

    /// As far as there are samples: one stands for the last percent of a hundred.
    fn line(&self, name: &str, times: &Times) -> Line {
        let reach = (times.count().max(1) as f64).log10() / self.nines + 1e-9;
        let step = 1.0 / f64::from(PLACES);
        let value = |place: &f64| {
            let at = times.percentile_us(percentile(*place, self.nines));
            // Beyond its last sample a line has nothing to say.
            (*place < reach + step).then_some(at as f64)
        };
        Line { name: name.to_owned(), values: self.places.iter().map(value).collect() }
    }
}

/// The percentile at a place of an axis of so many nines.
fn percentile(place: f64, nines: f64) -> f64 {
    100.0 * (1.0 - 10_f64.powf(-place * nines))
}

/// A percentile with as many places as tell it from its neighbours.
fn name(percentile: f64) -> String {
    let left = 100.0 - percentile;
    let places = if left >= 10.0 { 0 } else { (1.0 - left.log10()).ceil().max(1.0) as usize };
    let text = format!("{percentile:.places$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_reaches_as_far_as_there_are_requests() {
        let last = |requests| {
            let axis = Percentiles::new(requests);
            let ticks: Vec<_> = axis.ticks.iter().map(|(_, name)| name.clone()).collect();
            (ticks.last().cloned().unwrap_or_default(), axis.names[180].clone())
        };
        let rows = [
            (0, ("90%", "90 %")),
            (1, ("90%", "90 %")),
            (1_000, ("99.9%", "99.9 %")),
            (5_502, ("99.9%", "99.982 %")),
            (u64::MAX, ("99.9999%", "99.9999 %")),
        ];
        for (requests, (tick, name)) in rows {
            assert_eq!(last(requests), (tick.to_owned(), name.to_owned()), "{requests}");
        }
    }

    #[test]
    fn a_line_ends_with_its_last_sample() {
        let mut times = Times::default();
        (1..=100).for_each(|us| times.record(us));
        let axis = Percentiles::new(10_000);
        let line = axis.line("x", &times);
        assert_eq!((line.values[0], line.values[90]), (Some(1.0), Some(99.0)), "0 % and 99 %");
        assert_eq!(line.values[91..93], [Some(100.0), None], "of a hundred one lies above 99 %");
        let whole = Percentiles::new(100).line("x", &times);
        assert!(whole.values.iter().all(Option::is_some));
    }
}
