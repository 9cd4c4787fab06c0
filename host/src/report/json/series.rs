//! The run second by second.
use super::figures::{micros, thousandths};
use crate::report::stats;
use katydid_load::{Snapshot, Times};
use serde::Serialize;
use std::collections::BTreeMap;

/// What each second of a run was like, all labels together. It grows by less than 100 bytes a second,
/// however much happens in it; from the second version of the scenario on by 24 more for each version that
/// had users in that second or made requests: one, and two while a swap goes on.
#[derive(Debug, Clone, Default)]
pub struct Series {
    pub(super) points: Vec<Point>,
    /// Requests and failures up to the last point.
    counted: [u64; 2],
    /// The same for each version, by its number.
    of_versions: BTreeMap<u32, [u64; 2]>,
}

/// One second, or what there was of it when the run ended.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Point {
    at_us: u64,
    users: u32,
    requests: u64,
    failed: u64,
    response_time: Option<PointTimes>,
    busy_share: f64,
    /// `None` where there was only one.
    versions: Option<Box<[PointVersion]>>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct PointTimes {
    mean_us: f64,
    p50_us: u64,
    p95_us: u64,
    p99_us: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct PointVersion {
    number: u32,
    users: u32,
    requests: u64,
    failed: u64,
}

impl Series {
    /// Adds the second that a snapshot ends. A snapshot that was added before adds nothing.
    ///
    /// Requests and failures are the difference of the totals, so that all points together are the whole
    /// run even where a snapshot was missed; times are those of the snapshot's own second.
    pub fn push(&mut self, snapshot: &Snapshot) {
        let counted = stats::since_the_beginning(snapshot);
        let at_us = micros(snapshot.elapsed_ns);
        if self.points.last().is_some_and(|last| last.at_us == at_us) && self.counted == counted {
            return;
        }
        let [requests, failed] = [0, 1].map(|i| counted[i].saturating_sub(self.counted[i]));
        self.counted = counted;
        let versions = self.versions(snapshot);
        let shares = snapshot.shards.iter().map(|shard| shard.busy_share);
        self.points.push(Point {
            at_us,
            users: snapshot.users,
            requests,
            failed,
            response_time: PointTimes::new(&snapshot.window.total().response),
            busy_share: shares.fold(0.0, f64::max),
            versions,
        });
    }

    /// The versions that have users or made requests since the last point, where there is more than one.
    fn versions(&mut self, snapshot: &Snapshot) -> Option<Box<[PointVersion]>> {
        let points = snapshot.versions.iter().map(|version| {
            let counted = [version.counts.requests, version.counts.failed];
            let before = self.of_versions.insert(version.number, counted).unwrap_or_default();
            let [requests, failed] = [0, 1].map(|i| counted[i].saturating_sub(before[i]));
            PointVersion { number: version.number, users: version.users, requests, failed }
        });
        let points: Vec<_> = points.filter(|p| p.users > 0 || p.requests > 0).collect();
        (snapshot.versions.len() > 1).then(|| points.into())
    }
}

impl PointTimes {
    fn new(times: &Times) -> Option<Self> {
        let [p50_us, p95_us, p99_us] = [50.0, 95.0, 99.0].map(|p| times.percentile_us(p));
        let mean_us = thousandths(times.mean_us());
        (times.count() > 0).then_some(Self { mean_us, p50_us, p95_us, p99_us })
    }
}
