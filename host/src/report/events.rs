//! The event log: one JSON object for each event, one line for each object, in the order in which
//! they were written (events of one user are in order, those of different users need not be).
//!
//! Every object has `event`; stamps (`_ns`) are nanoseconds on the run's monotonic clock, and all
//! numbers are whole numbers of up to 64 bits but `share`.
//!
//! | `event` | other members |
//! |---|---|
//! | `run_started` | `scenarios` (for each its `name`, its `load` in words, and `most_users`, the most that it may have), `seed` |
//! | `spawning_complete` | `users` |
//! | `request_success` | `type`, `name`, `version` (the running number of the scenario's version that made it, from 1), `user`, `iteration`, `request` (its number among this user's), `due_ns`, `called_ns`, `sent_ns` (null: never sent), `done_ns`, `attempts`, `bytes_sent`, `bytes_received` |
//! | `request_failure` | the same, and `kind` (one of [`katydid_load::Failure::KINDS`]), `failure` (one line) |
//! | `user_trapped` | `user`, `iteration`, `place` (`class.task`), `message` (with the backtrace) |
//! | `iteration_failed` | the same |
//! | `swap_started` | `at_ns`, `scenario` (its place among those of the run, from 0), `version` (that is to come), `digest` (SHA-256 of its module), `share` (of the users that are to have it, from 0 to 1): someone asked for a swap; the module is yet to be compiled and tried |
//! | `swap_ready` | `at_ns`, `scenario`, `version`, `digest`: from now on users change, each at the edge of its iteration |
//! | `swapped` | the same, `share` (of the users that have it), `took_ns` (since the swap or its promotion was asked for): every user of the share has changed, once for a canary and again after its promotion |
//! | `swap_refused` | `at_ns`, `scenario`, `version`, `digest`, `reason`: it ended before any user had changed |
//! | `rolled_back` | the same: every user that had changed has the version of before again |
//! | `run_stopping` | `reason` (`run_time`, `users_done`, `asked`, `signal`, `scenario`, `threshold`), `message`: what the scenario said, or which threshold it was |
//! | `run_finished` | `verdict` (`passed`, `requests_failed`, `threshold_breached`, `aborted`, `interrupted`), `exit_code`, `elapsed_ns`, `message` where the scenario aborted the run |
//!
//! Coming from Locust: `request_success` and `request_failure` are its hooks of these names, before
//! it put them together as `request`; `run_started` is `test_start`, `run_stopping` `test_stopping`,
//! `run_finished` `test_stop`, `iteration_failed` `user_error`.
use super::swaps;

use katydid_load::{Event, Failure, Label, Mark, Planned, Sample, Share, StopReason, Verdict};
use serde::{Serialize, Serializer};

/// Appends the event as one line. Nothing is allocated but what the line itself needs.
pub fn json_line(event: &Event<'_>, lines: &mut Vec<u8>) {
    match *event {
        Event::RunStarted { scenarios, seed } => append(
            lines,
            &RunStarted { event: "run_started", scenarios: Scenarios(scenarios), seed },
        ),
        Event::SpawningComplete { users } => {
            append(lines, &SpawningComplete { event: "spawning_complete", users })
        }
        Event::RequestSuccess { sample, label } => {
            append(lines, &Request::new("request_success", sample, label))
        }
        Event::RequestFailure { sample, label } => {
            append(lines, &Request::new("request_failure", sample, label))
        }
        Event::UserTrapped { user, iteration, place, message } => {
            append(lines, &Mishap { event: "user_trapped", user, iteration, place, message })
        }
        Event::IterationFailed { user, iteration, place, message } => {
            append(lines, &Mishap { event: "iteration_failed", user, iteration, place, message })
        }
        Event::Swap { mark } => append(lines, &Swap::new(mark)),
        Event::RunStopping { reason } => append(lines, &RunStopping::new(reason)),
        Event::RunFinished { verdict, elapsed_ns } => {
            append(lines, &RunFinished::new(verdict, elapsed_ns))
        }
    }
}

fn append(lines: &mut Vec<u8>, object: &impl Serialize) {
    let written = serde_json::to_writer(&mut *lines, object);
    debug_assert!(written.is_ok(), "memory takes everything, and no object has odd keys");
    lines.push(b'\n');
}

#[derive(Serialize)]
struct Request<'a> {
    event: &'static str,
    r#type: &'a str,
    name: &'a str,
    version: u32,
    user: u64,
    iteration: u64,
    request: u64,
    due_ns: u64,
    called_ns: u64,
    sent_ns: Option<u64>,
    done_ns: u64,
    attempts: u8,
    bytes_sent: u64,
    bytes_received: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "in_words")]
    failure: Option<&'a Failure>,
}

impl<'a> Request<'a> {
    fn new(event: &'static str, sample: &'a Sample<'a>, label: &'a Label) -> Self {
        let failure = sample.outcome.err();
        Self {
            event,
            r#type: &label.request_type,
            name: &label.name,
            version: sample.version,
            user: sample.user,
            iteration: sample.iteration,
            request: sample.number,
            due_ns: sample.due_ns,
            called_ns: sample.called_ns,
            sent_ns: (sample.attempts > 0).then_some(sample.sent_ns),
            done_ns: sample.done_ns,
            attempts: sample.attempts,
            bytes_sent: sample.bytes_sent,
            bytes_received: sample.bytes_received,
            kind: failure.map(Failure::kind),
            failure,
        }
    }
}

fn in_words<S: Serializer>(failure: &Option<&Failure>, to: S) -> Result<S::Ok, S::Error> {
    match failure {
        Some(failure) => to.collect_str(failure),
        None => to.serialize_none(),
    }
}

#[derive(Serialize)]
struct RunStarted<'a> {
    event: &'static str,
    scenarios: Scenarios<'a>,
    seed: u64,
}

struct Scenarios<'a>(&'a [Planned]);

impl Serialize for Scenarios<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Scenario<'a> {
            name: &'a str,
            load: &'a str,
            most_users: u32,
        }
        to.collect_seq(self.0.iter().map(|Planned { name, load, most_users }| Scenario {
            name,
            load,
            most_users: *most_users,
        }))
    }
}

#[derive(Serialize)]
struct SpawningComplete {
    event: &'static str,
    users: u32,
}

#[derive(Serialize)]
struct Mishap<'a> {
    event: &'static str,
    user: u64,
    iteration: u64,
    place: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Swap<'a> {
    event: &'static str,
    at_ns: u64,
    scenario: u32,
    version: u32,
    digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> Swap<'a> {
    fn new(mark: &'a Mark) -> Self {
        let (event, share) = (mark.step.as_str(), swaps::share(&mark.step).map(Share::get));
        let (took_ns, reason) = (swaps::took_ns(&mark.step), mark.step.reason());
        let Mark { at_ns, scenario, version, ref digest, .. } = *mark;
        Self { event, at_ns, scenario, version, digest, share, took_ns, reason }
    }
}

#[derive(Serialize)]
struct RunStopping<'a> {
    event: &'static str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl<'a> RunStopping<'a> {
    fn new(reason: &'a StopReason) -> Self {
        let (message, reason) = (reason.message(), reason.as_str());
        Self { event: "run_stopping", reason, message }
    }
}

#[derive(Serialize)]
struct RunFinished<'a> {
    event: &'static str,
    verdict: &'static str,
    exit_code: u8,
    elapsed_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl<'a> RunFinished<'a> {
    fn new(verdict: &'a Verdict, elapsed_ns: u64) -> Self {
        let message = match verdict {
            Verdict::Aborted { reason } => Some(reason.as_str()),
            _ => None,
        };
        let exit_code = verdict.exit_code();
        Self { event: "run_finished", verdict: verdict.as_str(), exit_code, elapsed_ns, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use katydid_load::{LabelId, SwapStep};

    fn line(event: &Event<'_>) -> String {
        let mut lines = b"before\n".to_vec();
        json_line(event, &mut lines);
        let text = String::from_utf8(lines).expect("JSON is UTF-8");
        let line = text.strip_prefix("before\n").expect("lines are appended");
        assert_eq!(line.matches('\n').count(), 1, "one line: {line:?}");
        line.trim_end().to_owned()
    }

    fn sample() -> Sample<'static> {
        Sample {
            label: LabelId(0),
            version: 2,
            user: 3,
            iteration: 7,
            number: 21,
            due_ns: 100,
            called_ns: 100,
            sent_ns: 150,
            done_ns: 900,
            bytes_sent: 210,
            bytes_received: 340,
            attempts: 1,
            outcome: Ok(()),
        }
    }

    #[test]
    fn requests() {
        let label = Label { request_type: "xmlrpc".into(), name: "a\"b".into() };
        assert_eq!(
            line(&Event::RequestSuccess { sample: &sample(), label: &label }),
            r#"{"event":"request_success","type":"xmlrpc","name":"a\"b","version":2,"user":3,"iteration":7,"request":21,"due_ns":100,"called_ns":100,"sent_ns":150,"done_ns":900,"attempts":1,"bytes_sent":210,"bytes_received":340}"#
        );
        let failure = Failure::Fault { code: 4, message: "no\nsuch".to_owned() };
        let failed = Sample { attempts: 0, outcome: Err(&failure), ..sample() };
        assert_eq!(
            line(&Event::RequestFailure { sample: &failed, label: &label }),
            r#"{"event":"request_failure","type":"xmlrpc","name":"a\"b","version":2,"user":3,"iteration":7,"request":21,"due_ns":100,"called_ns":100,"sent_ns":null,"done_ns":900,"attempts":0,"bytes_sent":210,"bytes_received":340,"kind":"fault","failure":"fault 4: no\\nsuch"}"#
        );
    }

    #[test]
    fn a_run_from_beginning_to_end() {
        let planned = |name: &str, most_users| {
            let load = format!("{most_users} users, 10 started per second");
            Planned { name: name.to_owned(), load, most_users }
        };
        let scenarios = [planned("browse", 50), planned("\"pay\"", 2)];
        let why = StopReason::Scenario("no stock".to_owned());
        let aborted = Verdict::Aborted { reason: "no stock".to_owned() };
        let (place, message) = ("Shop.buy", "unreachable\n  at shop::buy");
        let rows = [
            (
                Event::RunStarted { scenarios: &scenarios[..1], seed: u64::MAX },
                r#"{"event":"run_started","scenarios":[{"name":"browse","load":"50 users, 10 started per second","most_users":50}],"seed":18446744073709551615}"#,
            ),
            (
                Event::RunStarted { scenarios: &scenarios[1..], seed: 0 },
                r#"{"event":"run_started","scenarios":[{"name":"\"pay\"","load":"2 users, 10 started per second","most_users":2}],"seed":0}"#,
            ),
            (Event::SpawningComplete { users: 50 }, r#"{"event":"spawning_complete","users":50}"#),
            (
                Event::UserTrapped { user: 1, iteration: 2, place, message },
                r#"{"event":"user_trapped","user":1,"iteration":2,"place":"Shop.buy","message":"unreachable\n  at shop::buy"}"#,
            ),
            (
                Event::IterationFailed { user: 1, iteration: 2, place, message: "\u{1b}" },
                r#"{"event":"iteration_failed","user":1,"iteration":2,"place":"Shop.buy","message":"\u001b"}"#,
            ),
            (
                Event::RunStopping { reason: &StopReason::RunTime },
                r#"{"event":"run_stopping","reason":"run_time"}"#,
            ),
            (
                Event::RunStopping { reason: &why },
                r#"{"event":"run_stopping","reason":"scenario","message":"no stock"}"#,
            ),
            (
                Event::RunFinished { verdict: &Verdict::RequestsFailed, elapsed_ns: 5 },
                r#"{"event":"run_finished","verdict":"requests_failed","exit_code":1,"elapsed_ns":5}"#,
            ),
            (
                Event::RunFinished { verdict: &aborted, elapsed_ns: 5 },
                r#"{"event":"run_finished","verdict":"aborted","exit_code":4,"elapsed_ns":5,"message":"no stock"}"#,
            ),
        ];
        for (event, expected) in rows {
            assert_eq!(line(&event), expected);
        }
    }

    #[test]
    fn steps_of_swaps() {
        let share = Share::new(0.1).expect("a share");
        let reason = "no\nroom".to_owned();
        let rows = [
            (SwapStep::Started { share }, r#"{"event":"swap_started",?,"share":0.1}"#),
            (SwapStep::Ready, r#"{"event":"swap_ready",?}"#),
            (
                SwapStep::Swapped { share: Share::ALL, took_ns: 7 },
                r#"{"event":"swapped",?,"share":1.0,"took_ns":7}"#,
            ),
            (
                SwapStep::Refused { reason: reason.clone() },
                r#"{"event":"swap_refused",?,"reason":"no\nroom"}"#,
            ),
            (SwapStep::RolledBack { reason }, r#"{"event":"rolled_back",?,"reason":"no\nroom"}"#),
        ];
        for (step, expected) in rows {
            let mark = Mark { at_ns: 5, version: 2, scenario: 1, digest: "ab12".into(), step };
            let all = r#""at_ns":5,"scenario":1,"version":2,"digest":"ab12""#;
            assert_eq!(line(&Event::Swap { mark: &mark }), expected.replace('?', all));
        }
    }

    #[test]
    fn a_known_size_is_written_without_allocating_more() {
        let label = Label { request_type: "xmlrpc".into(), name: "add".into() };
        let mut lines = Vec::with_capacity(1_000);
        let memory = lines.as_ptr();
        json_line(&Event::RequestSuccess { sample: &sample(), label: &label }, &mut lines);
        assert_eq!(lines.as_ptr(), memory);
    }
}
