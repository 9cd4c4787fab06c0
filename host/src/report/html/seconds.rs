//! The run in as many stretches of time as a chart can show: seconds, or more of them together where the run
//! is long.
use crate::report::series::{Point, PointArrivals, Series};

/// Most stretches. A chart is not much wider in pixels.
const MOST: f64 = 300.0;
/// How long a stretch may be, in seconds: lengths that people count in.
const LENGTHS: [f64; 12] =
    [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];

/// The shortest time that a rate is taken over, in seconds.
const SHORTEST_S: f64 = 0.5;

/// A stretch of the run. Of what is no count, the highest of its seconds: a peak must not go under.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Stretch {
    /// When it ended, in seconds since the run began.
    pub(super) end_s: f64,
    /// How long it was, in seconds; nothing for the beginning of the run.
    span_s: f64,
    pub(super) users: u32,
    requests: u64,
    failed: u64,
    /// Median, 95th and 99th percentile of its response times, in microseconds.
    pub(super) times: Option<[u64; 3]>,
    pub(super) busy_share: f64,
    pub(super) arrivals: Option<Due>,
}

/// Arrivals of a stretch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Due {
    scheduled: u64,
    started: u64,
    dropped: u64,
    /// How late iterations began, in microseconds: 99th percentile, and the worst.
    pub(super) late: Option<[u64; 2]>,
}

impl Stretch {
    pub(super) fn requests_per_s(&self) -> f64 {
        self.per_s(self.requests)
    }

    pub(super) fn failures_per_s(&self) -> f64 {
        self.per_s(self.failed)
    }

    /// Arrivals per second: scheduled, started, dropped.
    pub(super) fn arrivals_per_s(&self) -> Option<[f64; 3]> {
        let Due { scheduled, started, dropped, .. } = self.arrivals?;
        Some([scheduled, started, dropped].map(|count| self.per_s(count)))
    }

    fn per_s(&self, count: u64) -> f64 {
        // A rate over a few milliseconds would tower over all others.
        count as f64 / self.span_s.max(SHORTEST_S)
    }

    fn add(&mut self, point: &Point, before_s: f64) {
        self.end_s = point.at_us as f64 / 1e6;
        self.span_s += (self.end_s - before_s).max(0.0);
        self.users = self.users.max(point.users);
        self.requests += point.requests;
        self.failed += point.failed;
        let times = point.response_time.map(|times| [times.p50_us, times.p95_us, times.p99_us]);
        self.times = highest(self.times, times);
        self.busy_share = self.busy_share.max(point.busy_share);
        if let Some(arrivals) = &point.arrivals {
            self.arrivals.get_or_insert_default().add(arrivals);
        }
    }

    /// Adds the stretch that follows.
    fn append(&mut self, other: Stretch) {
        self.end_s = other.end_s;
        // A few milliseconds after the last second, in which everybody goes home, would look like a collapse.
        if other.span_s > SHORTEST_S {
            self.span_s += other.span_s;
        }
        self.requests += other.requests;
        self.failed += other.failed;
        self.times = highest(self.times, other.times);
        self.busy_share = self.busy_share.max(other.busy_share);
        if let (Some(due), Some(more)) = (&mut self.arrivals, other.arrivals) {
            due.scheduled += more.scheduled;
            due.started += more.started;
            due.dropped += more.dropped;
            due.late = highest(due.late, more.late);
        }
    }
}

impl Due {
    fn add(&mut self, point: &PointArrivals) {
        self.scheduled += point.scheduled;
        self.started += point.started;
        self.dropped += point.dropped;
        self.late = highest(self.late, point.lateness.map(|late| [late.p99_us, late.max_us]));
    }
}

fn highest<const N: usize>(a: Option<[u64; N]>, b: Option<[u64; N]>) -> Option<[u64; N]> {
    match (a, b) {
        (Some(a), Some(b)) => Some(std::array::from_fn(|i| a[i].max(b[i]))),
        (one, other) => one.or(other),
    }
}

/// The stretches of a run, and how long each is, in seconds. What was left of a second when the run ended
/// belongs to the second before.
pub(super) fn stretches(series: &Series) -> (Vec<Stretch>, f64) {
    let whole = series.points.last().map_or(0.0, |point| point.at_us as f64 / 1e6);
    let length = LENGTHS.into_iter().find(|length| whole / length <= MOST);
    let length = length.unwrap_or((whole / MOST / 3_600.0).ceil() * 3_600.0);
    let mut stretches: Vec<Stretch> = Vec::new();
    let (mut open, mut before_s) = (None::<Stretch>, 0.0);
    for point in &series.points {
        let stretch = open.get_or_insert_default();
        stretch.add(point, before_s);
        before_s = stretch.end_s;
        // The beginning itself is a point of its own. Seconds are published a little early or late.
        if stretches.is_empty() && stretch.span_s < 0.1 || stretch.span_s > length - 0.5 {
            stretches.extend(open.take());
        }
    }
    match (stretches.last_mut(), open) {
        (Some(last), Some(rest)) if last.span_s > 0.0 && rest.span_s < length / 2.0 => {
            last.append(rest)
        }
        (_, rest) => stretches.extend(rest),
    }
    (stretches, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::replay::{everything, nothing};
    use crate::report::replay_open::open;
    use katydid_load::Snapshot;

    fn series(run: &[Snapshot]) -> Series {
        let mut series = Series::default();
        run.iter().for_each(|snapshot| series.push(snapshot));
        series
    }

    fn sum(stretches: &[Stretch]) -> [u64; 2] {
        let add = |sum: [u64; 2], s: &Stretch| [sum[0] + s.requests, sum[1] + s.failed];
        stretches.iter().fold([0, 0], add)
    }

    #[test]
    fn seconds_are_seconds() {
        let (stretches, length) = stretches(&series(&everything()));
        assert_eq!((stretches.len(), length), (5, 1.0), "the last 20 ms are the fourth second's");
        assert_eq!(sum(&stretches), [87, 11]);
        assert!((stretches[1].requests_per_s() - 40.0).abs() < 0.01);
        assert_eq!(stretches[4].end_s, 4.02);
        assert_eq!((stretches[3].times, stretches[3].requests_per_s()), (None, 0.0));
        // Its users are those that it had before they all went home.
        assert_eq!(stretches[4].users, 3);
        let (stretches, _) = super::stretches(&series(&open()));
        assert_eq!(
            stretches[4].arrivals_per_s().map(|rates| rates.map(f64::round)),
            Some([40.0, 5.0, 35.0])
        );
        assert_eq!(stretches[0].arrivals, None);
    }

    #[test]
    fn a_long_run_is_thinned_out_and_loses_nothing() {
        let mut series = series(&open());
        let points = series.points.split_off(1);
        for second in 0..10_000_u64 {
            let point = points[second as usize % 6].clone();
            series.points.push(Point { at_us: (second + 1) * 1_000_400, ..point });
        }
        let (stretches, length) = stretches(&series);
        assert_eq!((length, stretches.len()), (60.0, 1 + 167));
        let [requests, failed] =
            series.points.iter().fold([0, 0], |s, p| [s[0] + p.requests, s[1] + p.failed]);
        assert_eq!(sum(&stretches), [requests, failed]);
        let peak = points.iter().filter_map(|point| point.response_time).map(|t| t.p99_us).max();
        assert!(stretches[1..].iter().all(|s| s.times.map(|times| times[2]) == peak));
    }

    #[test]
    fn a_run_of_nothing() {
        assert_eq!(stretches(&Series::default()), (Vec::new(), 1.0));
        assert_eq!(stretches(&series(&nothing())).0.len(), 1);
    }
}
