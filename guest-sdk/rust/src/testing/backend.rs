//! What the host would do, done by the world.

use super::{Metric, Request, with};
use crate::bindings::katydid::load::client::Options;
use crate::bindings::katydid::load::data::Node;
use crate::bindings::katydid::load::events::RequestEvent;
use crate::log::Level;
use crate::value::{decode, encode};
use crate::{Failure, Value};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

pub(crate) fn call(method: &str, args: &[Node]) -> Result<Vec<Node>, Failure> {
    call_judged(method, args, &Options { label: None, timeout_ms: None }).reply()
}

/// A call that is counted when it is judged or dropped.
pub(crate) struct Judged {
    request: Option<Request>,
    reply: Result<Value, Failure>,
}

pub(crate) fn call_judged(method: &str, args: &[Node], options: &Options) -> Judged {
    let began = with(|state| state.now);
    let values = decode(args.to_vec());
    let timeout = options.timeout_ms.map(|ms| Duration::from_millis(ms.into()));
    let mut reply = match &values {
        Ok(args) => answer(method, args),
        Err(why) => Err(Failure::Rejected((*why).to_owned())),
    };
    let took = with(|state| {
        if let Some(timeout) = timeout
            && state.now > began.saturating_add(timeout)
        {
            state.now = began + timeout;
            reply = Err(Failure::Timeout("total".to_owned()));
        }
        state.now.saturating_sub(began)
    });
    let request = Request {
        request_type: "xmlrpc".to_owned(),
        name: options.label.clone().unwrap_or_else(|| method.to_owned()),
        method: method.to_owned(),
        args: values.unwrap_or_default(),
        outcome: Ok(()),
        response_time: took,
    };
    Judged { request: Some(request), reply }
}

/// What the test says that the target answers. The world is not borrowed meanwhile: an answer may
/// advance its time.
fn answer(method: &str, args: &[Value]) -> Result<Value, Failure> {
    if let Some(value) = args.iter().find_map(unwritable) {
        return Err(Failure::Rejected(format!("{value} cannot be written as XML-RPC")));
    }
    let answer = with(|state| state.answers.get(method).map(Rc::clone)).ok_or_else(|| {
        Failure::Transport(format!("the test's world has no answer for {method:?}"))
    })?;
    let mut answer = answer
        .try_borrow_mut()
        .map_err(|_| Failure::Transport(format!("the answer for {method:?} called itself")))?;
    answer(args)
}

/// The double in it that the host would refuse to write.
fn unwritable(value: &Value) -> Option<f64> {
    match value {
        Value::Double(value) if !value.is_finite() => Some(*value),
        Value::Array(items) => items.iter().find_map(unwritable),
        Value::Struct(members) => members.iter().find_map(|(_, value)| unwritable(value)),
        _ => None,
    }
}

impl Judged {
    pub(crate) fn reply(&self) -> Result<Vec<Node>, Failure> {
        self.reply.clone().map(|value| encode(vec![value]))
    }

    pub(crate) fn pass(mut self) {
        self.count(Ok(()));
    }

    pub(crate) fn fail(mut self, reason: &str) {
        self.count(Err(format!("judged: {reason}")));
    }

    fn count(&mut self, outcome: Result<(), String>) {
        if let Some(request) = self.request.take() {
            with(|state| state.requests.push(Request { outcome, ..request }));
        }
    }
}

impl Drop for Judged {
    fn drop(&mut self) {
        let outcome = self.reply.as_ref().map(drop).map_err(ToString::to_string);
        self.count(outcome);
    }
}

fn report(event: &RequestEvent, outcome: Result<(), String>) {
    let request = Request {
        request_type: event.request_type.clone(),
        name: event.name.clone(),
        method: String::new(),
        args: Vec::new(),
        outcome,
        response_time: Duration::from_micros(event.response_time_us),
    };
    with(|state| state.requests.push(request));
}

pub(crate) fn request_success(event: &RequestEvent) {
    report(event, Ok(()));
}

pub(crate) fn request_failure(event: &RequestEvent, reason: &str) {
    report(event, Err(format!("reported: {reason}")));
}

pub(crate) fn check(name: &str, ok: bool) {
    with(|state| state.checks.push((name.to_owned(), ok)));
}

pub(crate) fn counter(name: &str, add: u64) {
    record(name, Metric::Counter(add));
}

pub(crate) fn gauge(name: &str, value: f64) {
    if value.is_finite() {
        return record(name, Metric::Gauge(value));
    }
    log(Level::Warn, &format!("the gauge {name:?} is not set: {value} is no figure"));
}

pub(crate) fn rate(name: &str, hit: bool) {
    record(name, Metric::Rate(hit));
}

pub(crate) fn trend(name: &str, value: u64) {
    record(name, Metric::Trend(value));
}

fn record(name: &str, metric: Metric) {
    with(|state| state.metrics.push((name.to_owned(), metric)));
}

pub(crate) fn row(set: &str) -> Result<Option<Vec<Node>>, String> {
    let missing = || format!("the test's world has no set of data {set:?}");
    let row = with(|state| state.rows.get_mut(set).map(VecDeque::pop_front)).ok_or_else(missing)?;
    Ok(row.map(|row| encode(vec![row])))
}

pub(crate) fn setup_data() -> Option<Vec<u8>> {
    with(|state| state.setup_data.clone())
}

pub(crate) fn sleep_us(us: u64) {
    let time = Duration::from_micros(us);
    with(|state| {
        state.sleeps.push(time);
        state.now = state.now.saturating_add(time);
    });
}

pub(crate) fn parameter(name: &str) -> Option<String> {
    with(|state| state.parameters.get(name).cloned())
}

pub(crate) fn user_id() -> u64 {
    with(|state| state.user)
}

pub(crate) fn iteration() -> u64 {
    with(|state| state.iteration)
}

pub(crate) fn now_us() -> u64 {
    u64::try_from(with(|state| state.now).as_micros()).unwrap_or(u64::MAX)
}

/// Steele, Lea and Flood's SplitMix64, in a stream for each seed, user and iteration.
pub(crate) fn random() -> u64 {
    fn mix(mut z: u64) -> u64 {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    with(|state| {
        state.drawn += 1;
        let keys = [state.seed, state.user, state.iteration, state.drawn];
        keys.into_iter().fold(0, |mixed: u64, key| mix(mixed.wrapping_add(STEP) ^ mix(key)))
    })
}

pub(crate) fn stop_run(reason: &str) {
    with(|state| {
        state.stopped.get_or_insert_with(|| reason.to_owned());
    });
}

pub(crate) fn log(level: Level, message: &str) {
    with(|state| state.lines.push((level, message.to_owned())));
}
