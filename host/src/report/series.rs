//! The run second by second.
use super::stats;
use katydid_load::{Arrivals, Snapshot, Times};
use serde::Serialize;
use std::collections::BTreeMap;

/// What each second of a run was like, all labels together. It grows by about 100 bytes a second, however
/// much happens in it; in the open model by 56 more, and from the second version of a scenario on by 24 for
/// each version that had users in that second or made requests: one, and two while a swap goes on.
#[derive(Debug, Clone, Default)]
pub struct Series {
    pub(super) points: Vec<Point>,
    /// Requests and failures up to the last point.
    counted: [u64; 2],
    /// Arrivals that were scheduled, started and dropped up to the last point.
    arrived: [u64; 3],
    /// Requests and failures of each version, by its number.
    of_versions: BTreeMap<u32, [u64; 2]>,
}

/// One second, or what there was of it when the run ended.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Point {
    pub(super) at_us: u64,
    pub(super) users: u32,
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) response_time: Option<PointTimes>,
    pub(super) busy_share: f64,
    /// `None` in the closed model.
    pub(super) arrivals: Option<Box<PointArrivals>>,
    /// `None` where there was only one.
    pub(super) versions: Option<Box<[PointVersion]>>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct PointTimes {
    pub(super) mean_us: f64,
    pub(super) p50_us: u64,
    pub(super) p95_us: u64,
    pub(super) p99_us: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct PointArrivals {
    pub(super) scheduled: u64,
    pub(super) started: u64,
    pub(super) dropped: u64,
    pub(super) lateness: Option<PointLateness>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct PointLateness {
    pub(super) p50_us: u64,
    pub(super) p99_us: u64,
    pub(super) max_us: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct PointVersion {
    number: u32,
    users: u32,
    requests: u64,
    failed: u64,
}

impl Series {
    /// Adds the second that a snapshot ends. A snapshot that was added before adds nothing.
    ///
    /// Requests, failures and arrivals are the difference of the totals, so that all points together are the
    /// whole run even where a snapshot was missed; times are those of the snapshot's own second.
    pub fn push(&mut self, snapshot: &Snapshot) {
        let counted = stats::since_the_beginning(snapshot);
        let Arrivals { scheduled, started, dropped, .. } = snapshot.total.arrivals;
        let arrived = [scheduled, started, dropped];
        let at_us = snapshot.elapsed_ns / 1_000;
        let known = self.counted == counted && self.arrived == arrived;
        if known && self.points.last().is_some_and(|last| last.at_us == at_us) {
            return;
        }
        let [requests, failed] = since(&mut self.counted, counted);
        let arrivals = self.arrivals(snapshot, arrived);
        let versions = self.versions(snapshot);
        let shares = snapshot.shards.iter().map(|shard| shard.busy_share);
        self.points.push(Point {
            at_us,
            users: snapshot.users,
            requests,
            failed,
            response_time: PointTimes::new(&snapshot.window.total().response),
            busy_share: shares.fold(0.0, f64::max),
            arrivals,
            versions,
        });
    }

    /// What was due since the last point, where anything ever was.
    fn arrivals(&mut self, snapshot: &Snapshot, arrived: [u64; 3]) -> Option<Box<PointArrivals>> {
        let [scheduled, started, dropped] = since(&mut self.arrived, arrived);
        let times = &snapshot.window.arrivals.lateness;
        let at = |percentile| times.percentile_us(percentile);
        let [p50_us, p99_us, max_us] = [50.0, 99.0, 100.0].map(at);
        let lateness = (times.count() > 0).then_some(PointLateness { p50_us, p99_us, max_us });
        (arrived[0] > 0).then(|| PointArrivals { scheduled, started, dropped, lateness }.into())
    }

    /// The versions that have users or made requests since the last point, where there is more than one.
    fn versions(&mut self, snapshot: &Snapshot) -> Option<Box<[PointVersion]>> {
        let points = snapshot.versions.iter().map(|version| {
            let counted = [version.counts.requests, version.counts.failed];
            let [requests, failed] =
                since(self.of_versions.entry(version.number).or_default(), counted);
            PointVersion { number: version.number, users: version.users, requests, failed }
        });
        let points: Vec<_> = points.filter(|p| p.users > 0 || p.requests > 0).collect();
        (snapshot.versions.len() > 1).then(|| points.into())
    }
}

/// What came since the last time, which is now.
fn since<const N: usize>(seen: &mut [u64; N], counted: [u64; N]) -> [u64; N] {
    let new = std::array::from_fn(|i| counted[i].saturating_sub(seen[i]));
    *seen = counted;
    new
}

impl PointTimes {
    fn new(times: &Times) -> Option<Self> {
        let [p50_us, p95_us, p99_us] = [50.0, 95.0, 99.0].map(|p| times.percentile_us(p));
        // Three places after the point: no clock knows more.
        let mean_us = (times.mean_us() * 1_000.0).round() / 1_000.0;
        (times.count() > 0).then_some(Self { mean_us, p50_us, p95_us, p99_us })
    }
}
