//! What a run looks like to a reader: tables for people, lines for machines.
//!
//! Everything here is a function of values: reports know no clock, no socket and no terminal beyond
//! what [`Style`] tells them, and write to nothing but the writer they are given.
//!
//! | module | idea |
//! |---|---|
//! | [`live()`], [`progress_line`] | the run as it goes |
//! | [`summary()`] | the run as it went |
//! | [`mod@events`] | each event as one line of JSON |
//! | [`mod@csv`], [`json`] | the results as files: Locust's four and two more, and one document |
//! | [`mod@inspect`] | what is in a module |
//! | `stats`, `percentiles`, `sections`, `facts` | the parts of the above |
//! | `versions`, `against`, `swaps` | the versions of the scenario, and how one took another's place |
//! | `labels`, `calendar` | the order of rows and the moments in files |
//! | `table`, `tree`, `fit`, `number`, `style` | columns, branches, widths, figures, colours |

mod against;
mod calendar;
pub mod csv;
pub mod events;
mod facts;
mod fit;
#[cfg(test)]
mod golden;
pub mod inspect;
mod inspect_json;
pub mod inspect_target;
pub mod json;
mod labels;
mod live;
mod number;
mod percentiles;
#[cfg(test)]
mod replay;
mod sections;
mod stats;
mod style;
mod summary;
mod swaps;
mod table;
#[cfg(test)]
mod tests;
mod tree;
mod versions;
#[cfg(test)]
mod versions_tests;

pub use events::json_line;
pub use inspect::{Inspection, inspect, inspect_json};
pub use live::{live, progress_line};
pub use style::Style;
pub use summary::summary;
pub use swaps::swap_lines;

/// What a report says of a run that its figures do not.
#[derive(Debug, Clone, PartialEq)]
pub struct RunInfo {
    /// The scenario's file, or its name.
    pub scenario: String,
    /// Where the requests go.
    pub host: String,
    /// How many users are planned.
    pub users: u32,
    /// How many of them start per second.
    pub spawn_rate: f64,
    /// How long the run is to last, in nanoseconds; until it is stopped where none is given.
    pub run_time_ns: Option<u64>,
    /// How many iterations each user was to make; any number where none is given.
    pub iterations: Option<u64>,
    /// What determines every pick, pause and random number of the run.
    pub seed: u64,
    /// SHA-256 of the module, in hexadecimal.
    pub digest: String,
}
