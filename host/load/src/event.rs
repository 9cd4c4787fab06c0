//! What happens in a run's life.
use crate::label::Label;
use crate::sample::Sample;
use crate::verdict::Verdict;
use crate::version::Mark;

/// Why a run comes to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// Its run time is over.
    RunTime,
    /// Every user has ended by itself.
    UsersDone,
    /// Someone asked for it: the API, the web UI.
    Asked,
    /// A signal.
    Signal,
    /// The scenario called `stop-run`, for this reason.
    Scenario(String),
    /// This threshold was breached, and was to end the run.
    Threshold(String),
}

impl StopReason {
    /// The reason in one word: stable, for files and machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            StopReason::RunTime => "run_time",
            StopReason::UsersDone => "users_done",
            StopReason::Asked => "asked",
            StopReason::Signal => "signal",
            StopReason::Scenario(_) => "scenario",
            StopReason::Threshold(_) => "threshold",
        }
    }

    /// What the scenario said, where it stopped the run; which threshold did.
    pub fn message(&self) -> Option<&str> {
        match self {
            StopReason::Scenario(why) | StopReason::Threshold(why) => Some(why),
            _ => None,
        }
    }
}

/// A scenario of the run that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What it is called in the run.
    pub name: String,
    /// Its load in words: `50 users, 10 started per second, for 1 m`.
    pub load: String,
    /// Most users that it may have.
    pub most_users: u32,
}

/// Something that happened in a run's life. Events of one user come in order; those of different users in any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<'a> {
    /// Fires once, where the run is planned, before the first user exists. Locust's `test_start`.
    RunStarted {
        /// The scenarios, and the load that is planned for each.
        scenarios: &'a [Planned],
        /// What determines every pick, pause and random number of the run.
        seed: u64,
    },
    /// Fires once, where the run is planned, when the last user of the ramp has started; not at all where the
    /// run ends before. Locust's `spawning_complete`.
    SpawningComplete {
        /// How many users there are.
        users: u32,
    },
    /// Fires exactly once for every request with a good reply, on the user's shard, after the last byte of the
    /// reply was read (for a judged request: after the scenario passed it; for a reported one: when it was
    /// reported). Locust's `request_success`, or `request` without an exception.
    RequestSuccess {
        /// The request; its outcome is `Ok`.
        sample: &'a Sample<'a>,
        /// What it was counted under.
        label: &'a Label,
    },
    /// Fires exactly once for every other request, on the user's shard, after the reply was read, refused or
    /// given up (for a judged request: after the scenario failed it). Locust's `request_failure`, or `request`
    /// with an exception.
    RequestFailure {
        /// The request; its outcome is the failure.
        sample: &'a Sample<'a>,
        /// What it was counted under.
        label: &'a Label,
    },
    /// Fires on the user's shard each time a trap ended the guest, before the user is rebuilt.
    UserTrapped {
        /// Which user.
        user: u64,
        /// In which of its iterations.
        iteration: u64,
        /// Where: `class.task`.
        place: &'a str,
        /// The trap, with its backtrace.
        message: &'a str,
    },
    /// Fires on the user's shard each time `on-start`, a task or `on-stop` answered an error. The user lives on.
    /// Locust's `user_error`.
    IterationFailed {
        /// Which user.
        user: u64,
        /// In which of its iterations.
        iteration: u64,
        /// Where: `class.task`.
        place: &'a str,
        /// What the scenario said.
        message: &'a str,
    },
    /// Fires at each step of a swap, where the run is planned: [`crate::SwapStep`] says when. Locust has none.
    Swap {
        /// The step.
        mark: &'a Mark,
    },
    /// Fires once, where the run is planned, when no more iterations are started. Locust's `test_stopping`.
    RunStopping {
        /// Why.
        reason: &'a StopReason,
    },
    /// Fires once, where the run is planned, after the last request was counted and the last user is gone.
    /// Locust's `test_stop`.
    RunFinished {
        /// How it came out.
        verdict: &'a Verdict,
        /// How long it took from its beginning, in nanoseconds.
        elapsed_ns: u64,
    },
}
