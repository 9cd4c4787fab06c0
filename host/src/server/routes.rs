//! What can be asked for.
use super::gate::{self, Refusal, json_reply};
use super::{Answer, Control, Options, status};
use crate::export::prometheus;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use katydid_load::Share;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded;

/// Most bytes of an order.
const MAX_ORDER_BYTES: usize = 16 << 10;
/// What stands in [`ENDPOINTS`] for what is long. Newer curls have a word for the first, many have not.
const SHORT: [(&str, &str); 2] = [
    ("JSON", "-H 'Content-Type: application/json' -d"),
    ("WASM", "-H 'Content-Type: application/wasm' -T"),
];
/// What stands there for the address.
const ADDRESS: &str = "ADDRESS";
/// Every endpoint: how it is called, and what it does.
pub(super) const ENDPOINTS: [(&str, &str); 14] = [
    ("curl http://ADDRESS/", "this list"),
    ("curl http://ADDRESS/v1/status", "how the run goes, as JSON"),
    ("curl http://ADDRESS/v1/results", "all results so far, as --json writes them at the end"),
    ("curl http://ADDRESS/metrics", "the same for Prometheus, as OpenMetrics"),
    ("curl JSON '{\"users\": 50}' http://ADDRESS/v1/users", "set the number of users"),
    ("curl JSON '{\"per_second\": 200}' http://ADDRESS/v1/rate", "set the arrival rate"),
    ("curl JSON '{}' http://ADDRESS/v1/pause", "begin no more iterations"),
    ("curl JSON '{}' http://ADDRESS/v1/resume", "go on"),
    ("curl JSON '{}' http://ADDRESS/v1/reset", "forget the statistics so far"),
    ("curl JSON '{}' http://ADDRESS/v1/stop", "end the run"),
    (
        "curl WASM new.wasm 'http://ADDRESS/v1/scenario?share=10%'",
        "swap the scenario, for this share of the users or, without one, for all",
    ),
    ("curl JSON '{}' http://ADDRESS/v1/promote", "give a canary to all users"),
    ("curl JSON '{}' http://ADDRESS/v1/rollback", "give all users the version of before"),
    (
        "curl JSON '{\"users\": 5, \"scenario\": \"shop\"}' http://ADDRESS/v1/users",
        "where there are several scenarios, users and rate are those of one",
    ),
];

/// What every handler knows.
#[derive(Clone)]
struct Api {
    options: Arc<Options>,
    control: Arc<dyn Control>,
    addr: SocketAddr,
    body_time: Duration,
}

pub(super) fn router(
    options: Options,
    control: Arc<dyn Control>,
    addr: SocketAddr,
    body_time: Duration,
) -> Router {
    let max_module_bytes = options.max_module_bytes;
    let api = Api { options: Arc::new(options), control, addr, body_time };
    let simple = |act: Act| post(move |State(api): State<Api>, request| plain(api, request, act));
    Router::new()
        .route("/", get(index))
        .route("/metrics", get(metrics))
        .route("/v1/status", get(show_status))
        .route("/v1/results", get(results))
        .route("/v1/users", post(users))
        .route("/v1/rate", post(rate))
        .route("/v1/pause", simple(|control| control.pause()))
        .route("/v1/resume", simple(|control| control.resume()))
        .route("/v1/reset", simple(|control| control.reset()))
        .route("/v1/stop", simple(|control| control.stop()))
        .route("/v1/promote", simple(|control| control.promote()))
        .route("/v1/rollback", simple(|control| control.roll_back()))
        .layer(DefaultBodyLimit::max(MAX_ORDER_BYTES))
        .route("/v1/scenario", put(scenario).layer(DefaultBodyLimit::max(max_module_bytes)))
        .fallback(async || {
            Refusal::new(StatusCode::NOT_FOUND, "there is no such path; / lists all")
        })
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "not by this method; / lists all")
        })
        .layer(middleware::from_fn_with_state(api.clone(), admitted))
        .with_state(api)
}

/// Hands on what the gate lets in. No browser is to keep any of it, nor to guess what it is.
async fn admitted(State(api): State<Api>, request: Request, next: Next) -> Response {
    let mut response = match gate::admit(&request, &api.options) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn index(State(api): State<Api>) -> String {
    let lines = ENDPOINTS.map(|(call, what)| {
        let call =
            SHORT.iter().fold(call.to_owned(), |call, (short, long)| call.replace(short, long));
        format!("{what}:\n  {}\n", call.replace(ADDRESS, &api.addr.to_string()))
    });
    let token = match api.options.token {
        Some(_) => "\neach with the token:\n  -H \"Authorization: Bearer $KATYDID_API_TOKEN\"\n",
        None => "",
    };
    format!(
        "the API of a run of Katydid {}\n\n{}{token}",
        env!("CARGO_PKG_VERSION"),
        lines.join("")
    )
}

async fn show_status(State(api): State<Api>) -> Response {
    json_reply(StatusCode::OK, &status::document(&api.control.snapshot(), &api.options.origin))
}

async fn metrics(State(api): State<Api>) -> Response {
    let page = prometheus::text(&api.control.snapshot(), &api.options.origin);
    ([(header::CONTENT_TYPE, prometheus::CONTENT_TYPE)], page).into_response()
}

async fn results(State(api): State<Api>) -> Result<Response, Refusal> {
    let mut document = Vec::new();
    (api.options.results)(&mut document)
        .map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Users {
    users: u32,
    scenario: Option<String>,
}

async fn users(State(api): State<Api>, request: Request) -> Result<Response, Refusal> {
    let Users { users, scenario } = order(&api, request).await?;
    act(async move { api.control.set_users(scenario, users).await }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    per_second: f64,
    scenario: Option<String>,
}

async fn rate(State(api): State<Api>, request: Request) -> Result<Response, Refusal> {
    let Rate { per_second, scenario } = order(&api, request).await?;
    if !(per_second.is_finite() && per_second >= 0.0) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "a rate is 0 or more per second"));
    }
    act(async move { api.control.set_rate(scenario, per_second).await }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// An order that needs nothing said.
type Act = fn(&dyn Control) -> Answer<'_>;

async fn plain(api: Api, request: Request, what: Act) -> Result<Response, Refusal> {
    let Nothing {} = order(&api, request).await?;
    act(async move { what(&*api.control).await }).await
}

async fn scenario(State(api): State<Api>, request: Request) -> Result<Response, Refusal> {
    let share = share(request.uri().query().unwrap_or_default())?;
    let limit = api.options.max_module_bytes;
    let module = body(&api, request, "application/wasm", limit).await?;
    if module.is_empty() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "there is no module in the body"));
    }
    act(async move { api.control.swap(module.into(), share).await }).await
}

/// Does it, even where the client goes away meanwhile: half a swap would be worse than either.
async fn act(
    what: impl Future<Output = Result<String, String>> + Send + 'static,
) -> Result<Response, Refusal> {
    match tokio::spawn(what).await {
        Ok(Ok(done)) => Ok(json_reply(StatusCode::OK, &json!({ "done": done }))),
        Ok(Err(why)) => Err(Refusal::new(StatusCode::CONFLICT, why)),
        Err(_) => Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "it has failed inside")),
    }
}

/// The order in a body; an empty one is `{}`.
async fn order<T: DeserializeOwned>(api: &Api, request: Request) -> Result<T, Refusal> {
    let body = body(api, request, "application/json", MAX_ORDER_BYTES).await?;
    let text = body.trim_ascii();
    let wrong = |why: &str| {
        let why = format!("the body is not what it should be: {why}");
        Refusal::new(StatusCode::BAD_REQUEST, why)
    };
    match text.first() {
        None => serde_json::from_slice(b"{}"),
        Some(b'{') => serde_json::from_slice(text),
        // A list of values would do for the parser.
        Some(_) => return Err(wrong("no JSON object")),
    }
    .map_err(|error| wrong(&error.to_string()))
}

async fn body(api: &Api, request: Request, kind: &str, limit: usize) -> Result<Bytes, Refusal> {
    let too_large = || {
        let why = format!("the body is larger than {limit} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why)
    };
    let (parts, body) = request.into_parts();
    gate::check_kind(&parts, kind)?;
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok());
    if announced.and_then(|n| n.parse::<u64>().ok()).is_some_and(|n| n > limit as u64) {
        return Err(too_large());
    }
    let reading = Bytes::from_request(Request::from_parts(parts, body), &());
    match tokio::time::timeout(api.body_time, reading).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(too_large())
        }
        Ok(Err(rejection)) => Err(Refusal::new(rejection.status(), rejection.body_text())),
        Err(_) => Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    }
}

/// The share in a query: `share=10%`, with the percent sign as it is or escaped, or `share=0.1`.
fn share(query: &str) -> Result<Share, Refusal> {
    let wrong = |why: &str| Refusal::new(StatusCode::BAD_REQUEST, why);
    let mut share = Share::ALL;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name != "share" {
            return Err(wrong("the query is share=10%, or nothing"));
        }
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let given = match value.trim().strip_suffix('%') {
            Some(percent) => number(percent).map(|percent| percent / 100.0),
            None => number(&value),
        };
        let given = given.and_then(Share::new);
        share = given.ok_or_else(|| wrong("write a share of the users like 10% or 0.1"))?;
    }
    Ok(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_in_queries() {
        for (query, expected) in [
            ("", Some(1.0)),
            ("share=10%", Some(0.1)),
            ("share=10%25", Some(0.1)),
            ("share=10+%25", Some(0.1)),
            ("share=0.25", Some(0.25)),
            ("share=1", Some(1.0)),
            ("share=0", None),
            ("share=101%", None),
            ("share=", None),
            ("share=NaN", None),
            ("share", None),
            ("shore=10%", None),
            ("share=10%&x=1", None),
            ("share=%ff%", None),
        ] {
            let expected = expected.and_then(Share::new);
            assert_eq!(share(query).ok(), expected, "{query:?}");
        }
    }
}
