//! What a run looks like to a monitoring system: a page that Prometheus reads, and pushes to those that
//! expect them.
//!
//! ```text
//! Snapshot ─► families ─► prometheus: OpenMetrics text, for who asks
//!                    ├──► remote_write: protobuf and Snappy ─┐
//!                    └──► otlp: protobuf ────────────────────┴─► push: a thread of its own
//! ```
//!
//! All of them say the same: [`families`] names the figures once, and the formats only write them down.
//! Counters and histograms count from the beginning of the run, so that a reader who missed one has missed
//! nothing. Nothing here knows the time: a snapshot says when it was taken.

mod families;
mod family;
#[cfg(test)]
pub(crate) mod fixture;
mod otlp;
#[cfg(test)]
mod page;
#[cfg(test)]
mod peer_tests;
pub mod prometheus;
pub mod push;
#[cfg(test)]
mod push_tests;
mod remote_write;
#[cfg(test)]
mod tests;

use katydid_load::Snapshot;
use std::str::FromStr;
use std::time::Duration;

/// What a run's figures do not say of themselves.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// When the run began, as a time since the beginning of 1970.
    pub began_unix: Duration,
    /// The names of its scenarios, each in its place.
    pub scenarios: Vec<String>,
    /// Labels of every figure that is pushed. Who asks for figures has labels of its own.
    pub labels: Vec<ExportLabel>,
}

impl Origin {
    /// When the snapshot was taken, as a time since the beginning of 1970.
    fn taken_unix(&self, snapshot: &Snapshot) -> Duration {
        self.began_unix + Duration::from_nanos(snapshot.elapsed_ns)
    }

    /// The name of a scenario; its number where it has none.
    pub(crate) fn scenario(&self, place: u32) -> String {
        let name = self.scenarios.get(place as usize).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| (u64::from(place) + 1).to_string())
    }
}

/// A label that a person gave the run, to tell it from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportLabel {
    name: String,
    value: String,
}

/// Longest value of a label, in characters.
const MAX_VALUE_CHARS: usize = 200;

/// Reads `name=value`.
impl FromStr for ExportLabel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("the label {text:?} {what}, write it like run=nightly");
        let (name, value) = text.split_once('=').ok_or_else(|| wrong("has no \"=\""))?;
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.starts_with(|c: char| c.is_ascii_digit())
            || name.is_empty()
            || !name.chars().all(letters)
        {
            return Err(wrong("has a name of other than letters, digits and underscores"));
        }
        if name.starts_with("__") || families::LABEL_NAMES.contains(&name) {
            return Err(wrong("has a name that is taken"));
        }
        if value.is_empty() || value.chars().count() > MAX_VALUE_CHARS {
            return Err(wrong("must have a value, of at most 200 characters"));
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}
