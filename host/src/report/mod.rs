//! What a run looks like to a reader: tables for people, lines for machines.
//!
//! Everything here is a function of values: reports know no clock, no socket and no terminal beyond
//! what [`Style`] tells them, and write to nothing but the writer they are given.
//!
//! | module | idea |
//! |---|---|
//! | [`live()`], [`progress_line`] | the run as it goes |
//! | [`summary()`], [`exchanges()`] | the run as it went, and the failures that were kept whole |
//! | [`mod@events`], [`samples`] | each event as one line of JSON; each request as one, or as a row of CSV |
//! | [`RunInfo`], [`Results`], [`Series`] | what is known of a run beside its last figures |
//! | [`mod@csv`], [`json`] | the results as files: Locust's four and two more, and one document |
//! | [`html()`], [`junit()`] | the results as a page for people, and as tests that passed or failed |
//! | [`mod@inspect`] | what is in a module |
//! | `stats`, `percentiles`, `sections`, `facts` | the parts of the above |
//! | `arrivals`, `thresholds`, `metrics`, `scenarios` | parts that not every run has |
//! | `versions`, `against`, `swaps` | the versions of the scenario, and how one took another's place |
//! | `labels`, `calendar` | the order of rows and the moments in files |
//! | `table`, `tree`, `fit`, `number`, `style` | columns, branches, widths, figures, colours |

mod against;
mod arrivals;
mod calendar;
pub mod csv;
pub mod events;
mod exchanges;
mod facts;
mod fit;
#[cfg(test)]
mod golden;
mod html;
pub mod inspect;
mod inspect_json;
pub mod inspect_target;
pub mod json;
mod junit;
mod labels;
mod live;
#[cfg(test)]
mod load_tests;
mod metrics;
mod number;
mod percentiles;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod replay_open;
mod results;
pub mod samples;
mod scenarios;
mod sections;
mod series;
mod stats;
mod style;
mod summary;
mod swaps;
mod table;
#[cfg(test)]
mod tests;
mod thresholds;
mod tree;
mod versions;
#[cfg(test)]
mod versions_tests;

pub use events::json_line;
pub use exchanges::exchanges;
pub use html::html;
pub use inspect::{Inspection, inspect, inspect_json};
pub use junit::junit;
pub use live::{live, progress_line};
pub use number::bytes;
pub use results::{Results, RunInfo, ScenarioInfo};
pub use series::Series;
pub use style::Style;
pub use summary::summary;
pub use swaps::swap_lines;
