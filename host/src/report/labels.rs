//! The labels of a run in the order in which files list them.
use super::stats;
use katydid_load::{LabelId, LabelStats, Snapshot, Window};

/// A label that has requests, and what a window counted under it.
pub(super) struct Row<'a> {
    pub(super) id: LabelId,
    pub(super) request_type: String,
    pub(super) name: String,
    pub(super) stats: &'a LabelStats,
}

/// The labels that have requests in a window of the run, its total as a rule: by name, then by request type,
/// as Locust sorts them. In the order of their appearance, two runs of one scenario would not compare line by
/// line.
pub(super) fn sorted<'a>(window: &'a Window, snapshot: &Snapshot) -> Vec<Row<'a>> {
    let row = |(id, stats)| {
        let [request_type, name] = stats::names(snapshot, id);
        Row { id, request_type, name, stats }
    };
    let mut rows: Vec<_> = window.labels().map(row).collect();
    rows.sort_by(|a, b| (&a.name, &a.request_type).cmp(&(&b.name, &b.request_type)));
    rows
}
