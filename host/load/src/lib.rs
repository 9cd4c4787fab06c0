//! What a load test *is*: pure values, no clock, no I/O, no threads.
//!
//! Everything here is a function of its arguments: time comes in as nanoseconds of one monotonic clock
//! (`_ns`), statistics come out in microseconds (`_us`), randomness is keyed by what it is for. That is why
//! a ten-minute ramp is tested in a millisecond and why many machines can share one run.
//!
//! | module | idea |
//! |---|---|
//! | [`describe`], [`parameter`] | what a scenario says about itself, and what is wrong with it |
//! | [`profile`], [`dispatch`] | how many users there are at an instant, and of which class each one is |
//! | [`profile`] | the same for loads that rise and fall, and for arrivals |
//! | [`duration`] | times as people write them |
//! | [`pick`], [`wait`], [`rng`] | what a user does next, after which pause, by which dice |
//! | [`data`] | which row of a data file a user is given |
//! | [`label`], [`sample`], [`failure`] | the immutable fact about one request |
//! | [`window`], [`times`], [`groups`] | mergeable statistics: the law on which the distribution rests |
//! | [`version`] | how one version of a scenario takes the place of another |
//! | [`rollback`] | by which rules it is taken back |
//! | [`threshold`], [`compare`] | by which rules a run is judged, alone and against another one |
//! | [`event`], [`snapshot`], [`warning`], [`verdict`] | what a reader may learn of a run |
#![deny(unsafe_code)]

mod chance;
pub mod compare;
pub mod data;
pub mod describe;
pub mod dispatch;
pub mod duration;
pub mod event;
pub mod evidence;
pub mod failure;
pub mod groups;
pub mod label;
pub mod metric;
mod number;
pub mod parameter;
pub mod pick;
pub mod profile;
pub mod rng;
pub mod rollback;
pub mod sample;
pub mod snapshot;
mod text;
pub mod threshold;
pub mod times;
pub mod verdict;
pub mod version;
pub mod wait;
pub mod warning;
pub mod window;
mod wrong;

pub use data::{AtEnd, Draw, Rows};
pub use describe::{Description, Hooks, Order, Task, TaskSet, Transition, UserClass};
pub use dispatch::Dispatch;
pub use event::{Event, Planned, StopReason};
pub use failure::{Failure, Phase};
pub use label::{Label, LabelId, Labels};
pub use parameter::{Parameter, ParameterKind};
pub use pick::{Picker, Plan};
pub use profile::{Closed, End, Iterations, Open, ProfileError, Rate, Schedule, Spacing};
pub use rng::{Purpose, Rng};
pub use rollback::{Rule, RuleError};
pub use sample::Sample;
pub use snapshot::{Connections, Holds, ShardState, Snapshot, Stage, ThresholdState};
pub use threshold::{Figures, Judgement, Threshold, Thresholds, Watched};
pub use times::{PERCENTILES, Times};
pub use verdict::Verdict;
pub use version::{Counts, Mark, Share, SwapStep, VersionState};
pub use wait::Wait;
pub use warning::Warning;
pub use window::{
    Arrivals, CheckStats, ErrorKey, ErrorKind, InnerCall, LabelStats, Lateness, Occurrences, Window,
};
pub use wrong::TextError;
