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
#[cfg(test)]
mod open_tests;
mod parts;
#[cfg(test)]
mod tests;
mod versions;

use super::Results;
use serde::Serialize;
use std::io::{self, Write};

/// What a document is called that is laid out like this one.
pub const SCHEMA: &str = "katydid-results-1";

/// Writes the document and a newline.
///
/// # Errors
/// The writer's.
pub fn write(results: &Results<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(&mut *out, layout::Lines::default());
    dto::ResultsDto::new(results).serialize(&mut json)?;
    writeln!(out)
}
