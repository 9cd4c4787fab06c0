//! What not every run has: thresholds, failed exchanges, several scenarios.
use super::figures::micros;
use crate::report::ScenarioInfo;
use crate::report::exchanges;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use katydid_load::evidence::{Evidence, Excerpt};
use katydid_load::{Snapshot, ThresholdState};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ScenarioDto<'a> {
    name: &'a str,
    file: &'a str,
    sha256: &'a str,
    host: &'a str,
    load: &'a str,
    peak_users: u32,
    open: bool,
    iterations_per_user: Option<u64>,
    parameters: Vec<ParameterDto<'a>>,
}

#[derive(Serialize)]
struct ParameterDto<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> ScenarioDto<'a> {
    pub(super) fn new(info: &'a ScenarioInfo) -> Self {
        let ScenarioInfo {
            name,
            file,
            host,
            digest,
            load,
            peak_users,
            open,
            iterations,
            parameters,
        } = info;
        Self {
            name,
            file,
            sha256: digest,
            host,
            load,
            peak_users: *peak_users,
            open: *open,
            iterations_per_user: *iterations,
            parameters: parameters
                .iter()
                .map(|(name, value)| ParameterDto { name, value })
                .collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ThresholdDto<'a> {
    rule: &'a str,
    result: &'static str,
    value: &'a str,
    ends_run: bool,
}

impl<'a> ThresholdDto<'a> {
    pub(super) fn new(state: &'a ThresholdState) -> Self {
        let ThresholdState { rule, holds, value, aborts } = state;
        Self { rule, result: holds.as_str(), value, ends_run: *aborts }
    }
}

#[derive(Serialize)]
pub(super) struct ExchangeDto<'a> {
    r#type: &'a str,
    name: &'a str,
    kind: &'static str,
    failure: String,
    version: u32,
    user: u64,
    iteration: u64,
    request_number: u64,
    due_us: u64,
    called_us: u64,
    sent_us: Option<u64>,
    done_us: u64,
    request: ExcerptDto<'a>,
    reply: ExcerptDto<'a>,
}

impl<'a> ExchangeDto<'a> {
    pub(super) fn new(evidence: &'a Evidence, snapshot: &Snapshot) -> Self {
        let at = |ns: u64| micros(ns.saturating_sub(snapshot.began_ns));
        Self {
            r#type: &evidence.label.request_type,
            name: &evidence.label.name,
            kind: evidence.failure.kind(),
            failure: evidence.failure.to_string(),
            version: evidence.version,
            user: evidence.user,
            iteration: evidence.iteration,
            request_number: evidence.number,
            due_us: at(evidence.due_ns),
            called_us: at(evidence.called_ns),
            sent_us: evidence.sent_ns.map(at),
            done_us: at(evidence.done_ns),
            request: ExcerptDto::new(&evidence.request),
            reply: ExcerptDto::new(&evidence.reply),
        }
    }
}

#[derive(Serialize)]
struct ExcerptDto<'a> {
    bytes: usize,
    kept_bytes: usize,
    text: Option<&'a str>,
    base64: Option<String>,
}

impl<'a> ExcerptDto<'a> {
    fn new(excerpt: &'a Excerpt) -> Self {
        let text = exchanges::text(excerpt);
        let base64 = text.is_none().then(|| STANDARD.encode(&excerpt.bytes));
        let kept_bytes = text.map_or(excerpt.bytes.len(), str::len);
        Self { bytes: excerpt.length, kept_bytes, text, base64 }
    }
}
