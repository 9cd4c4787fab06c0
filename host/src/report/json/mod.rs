//! The results of a run as one JSON document: enough for charts and comparisons without any other file.
//!
//! `host/schema/results-1.json` describes every member (JSON Schema, draft 2020-12). Members are only
//! ever added to version 1; `schema` says which version a document has. Units come last in names: `_us`
//! is microseconds, `_per_s` per second. What there is no figure for is null, no member is ever left out.
//!
//! Each label, each failure, each version and each second is one line, so that lines can be counted,
//! searched and compared.
mod dto;
mod figures;
mod layout;
mod series;
#[cfg(test)]
mod tests;
mod versions;

pub use series::Series;

use super::RunInfo;
use katydid_load::{Snapshot, StopReason, Verdict};
use serde::Serialize;
use std::io::{self, Write};
use std::time::Duration;

/// What a document is called that is laid out like this one.
pub const SCHEMA: &str = "katydid-results-1";

/// All that is known of a run that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Results<'a> {
    /// What its figures do not say.
    pub info: &'a RunInfo,
    /// When it began, as a time since the beginning of 1970.
    pub began_unix: Duration,
    /// Its last figures.
    pub snapshot: &'a Snapshot,
    /// Its figures second by second.
    pub series: &'a Series,
    /// How it came out.
    pub verdict: &'a Verdict,
    /// Why it ended.
    pub reason: &'a StopReason,
}

impl Results<'_> {
    /// Writes the document and a newline.
    ///
    /// # Errors
    /// The writer's.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut json = serde_json::Serializer::with_formatter(&mut *out, layout::Lines::default());
        dto::ResultsDto::new(self).serialize(&mut json)?;
        writeln!(out)
    }
}
