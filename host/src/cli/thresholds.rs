//! What must hold for a run to pass, as a person says it.

use super::load::nanoseconds;
use crate::duration;
use katydid_load::threshold::{Threshold, Thresholds, Watched};
use std::time::Duration;

/// Rules over the figures of the run.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Thresholds")]
pub(super) struct ThresholdArgs {
    /// What must hold, else the exit code is 3: 'p95 < 200ms', 'get_time: failures < 1%',
    /// 'checks{login} >= 99%'; may be repeated
    #[arg(long = "threshold", alias = "thresholds", value_name = "RULE")]
    thresholds: Vec<String>,
    /// The same, and the run ends as soon as it does not hold; may be repeated
    #[arg(long = "abort-unless", value_name = "RULE")]
    aborting: Vec<String>,
    /// How long a run goes on before --abort-unless may end it
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    abort_delay: Duration,
}

impl ThresholdArgs {
    pub(super) fn thresholds(&self, mistakes: &mut Vec<String>) -> Thresholds {
        let mut read = |flag: &str, text: &String, abort_after_ns| match text.parse::<Threshold>() {
            Ok(threshold) => Some(Watched { threshold, abort_after_ns }),
            Err(error) => {
                mistakes.push(format!("{flag}: {error}"));
                None
            }
        };
        let delay = Some(nanoseconds(self.abort_delay));
        let mut all: Vec<_> =
            self.thresholds.iter().filter_map(|text| read("--threshold", text, None)).collect();
        all.extend(self.aborting.iter().filter_map(|text| read("--abort-unless", text, delay)));
        Thresholds::new(all)
    }
}
