//! Figures of the scenario's own: they stand in the statistics by name, beside the requests. One name may be used
//! for figures of different kinds.
//!
//! ```
//! use katydid_sdk::prelude::*;
//!
//! fn fill(client: &Client) -> Result {
//!     let stock: u32 = client.call("stock", ("tea",))?["left"].to()?;
//!     metrics::gauge("stock of tea", f64::from(stock));
//!     metrics::rate("in stock", stock > 0);
//!     if stock > 0 {
//!         client.call("buy", ("tea", 2))?;
//!         metrics::counter("sold", 2);
//!     }
//!     Ok(())
//! }
//! ```

use crate::backend;

/// Adds to a sum.
pub fn counter(name: &str, add: u64) {
    backend::counter(name, add);
}

/// Sets a value that goes up and down; the statistics keep the latest, the least and the most. What is no figure
/// (a NaN, an infinity) sets nothing, and the log says so.
pub fn gauge(name: &str, value: f64) {
    backend::gauge(name, value);
}

/// Counts whether something held; the statistics show the share.
pub fn rate(name: &str, hit: bool) {
    backend::rate(name, hit);
}

/// Records one value of a distribution, in a unit of your own; the statistics show its percentiles.
pub fn trend(name: &str, value: u64) {
    backend::trend(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Metric, World};

    #[test]
    fn figures_are_noted_by_a_tests_world() {
        let world = World::new();
        counter("a", 1);
        gauge("b", -0.5);
        gauge("b", f64::NAN);
        rate("c", true);
        trend("d", 7);
        let expected = [
            ("a", Metric::Counter(1)),
            ("b", Metric::Gauge(-0.5)),
            ("c", Metric::Rate(true)),
            ("d", Metric::Trend(7)),
        ];
        assert_eq!(world.metrics(), expected.map(|(name, metric)| (name.to_owned(), metric)));
        assert_eq!(world.lines()[0].1, "the gauge \"b\" is not set: NaN is no figure");
    }
}
