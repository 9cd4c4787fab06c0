//! Who is let in, and what they are told who are not.
use super::{Options, is_loopback};
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{StatusCode, request::Parts};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;
use std::net::IpAddr;

/// The address of ours that a connection was made to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local(pub(super) IpAddr);

/// A request that is not done as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json_reply(self.status, &json!({ "error": self.why }));
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// A document, on a line of its own.
pub(super) fn json_reply(status: StatusCode, document: &serde_json::Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, format!("{document}\n")).into_response()
}

/// Lets a request in, or says why not.
pub(super) fn admit(request: &Request, options: &Options) -> Result<(), Refusal> {
    let local = request.extensions().get::<Local>().map(|local| local.0);
    // Whom a token lets in, no web page sent: it does not know the token. And other machines know us by
    // names that we do not.
    if !(options.allow_remote && options.token.is_some()) {
        check_hosts(request.uri().authority(), request.headers(), local)?;
    }
    match &options.token {
        Some(token) => check_token(token, request.headers()),
        None => Ok(()),
    }
}

/// A browser can be made to call us by another name (DNS rebinding), but not to hide that name.
fn check_hosts(
    in_line: Option<&Authority>,
    headers: &HeaderMap,
    local: Option<IpAddr>,
) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "a request has one Host header"));
    };
    let in_header = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    let is_ours = |authority: &Authority| is_ours(authority, local);
    if in_header.as_ref().is_some_and(is_ours) && in_line.is_none_or(is_ours) {
        return Ok(());
    }
    let why =
        "this Host is not the address that the API listens on; use that, localhost or 127.0.0.1";
    Err(Refusal::new(StatusCode::FORBIDDEN, why))
}

fn is_ours(authority: &Authority, local: Option<IpAddr>) -> bool {
    let name = authority.host();
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    // With a name and password before it, it is no host.
    let is_plain = !authority.as_str().contains('@');
    let is_ours = match bare.parse::<IpAddr>() {
        Ok(ip) => is_loopback(ip) || local.map(|ip| ip.to_canonical()) == Some(ip.to_canonical()),
        Err(_) => bare.eq_ignore_ascii_case("localhost"),
    };
    is_plain && is_ours
}

/// Compares what was shown with the token, in a time that says nothing of either.
fn check_token(token: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let shown = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_bearer = shown.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    let shown = if is_bearer { shown[7..].trim_ascii() } else { b"" };
    let keyed = |key: &[u8]| {
        Hmac::<Sha256>::new_from_slice(key)
            .expect("a key may have any length")
            .chain_update("token")
    };
    let expected = keyed(token.trim().as_bytes()).finalize().into_bytes();
    keyed(shown).verify_slice(&expected).map_err(|_| {
        Refusal::new(StatusCode::UNAUTHORIZED, "show the token, as Authorization: Bearer TOKEN")
    })
}

/// A form of a web page can send neither of these kinds of body, and a script of one must ask first.
pub(super) fn check_kind(parts: &Parts, kind: &str) -> Result<(), Refusal> {
    let is = parts.headers.get(header::CONTENT_TYPE).and_then(|is| is.to_str().ok()).unwrap_or("");
    let is = is.split(';').next().unwrap_or_default().trim();
    if is.eq_ignore_ascii_case(kind) {
        return Ok(());
    }
    let why = format!("this wants a body with Content-Type: {kind}");
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let local: IpAddr = "192.0.2.7".parse().expect("an address");
        for (host, expected) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.1", true),
            // Any port: it may be forwarded.
            ("localhost:1", true),
            ("LocalHost", true),
            ("[::1]:8080", true),
            ("[::ffff:127.0.0.1]", true),
            ("127.8.9.10:8080", true),
            ("192.0.2.7:8080", true),
            ("[::ffff:192.0.2.7]", true),
            ("192.0.2.8:8080", false),
            ("0.0.0.0:8080", false),
            ("evil.example:8080", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.", false),
            ("me@localhost", false),
            ("127.0.0.1:8080@evil.example", false),
            ("::1", false),
            ("127.1", false),
            ("2130706433", false),
            ("", false),
            ("a b", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            let admitted = check_hosts(None, &headers, Some(local)).is_ok();
            assert_eq!(admitted, expected, "{host:?}");
            // The first line may name a host, too.
            headers.insert(header::HOST, HeaderValue::from_static("localhost"));
            if let Ok(authority) = host.parse::<Authority>() {
                let admitted = check_hosts(Some(&authority), &headers, Some(local)).is_ok();
                assert_eq!(admitted, expected, "{host:?}");
            }
        }
        let mut headers = HeaderMap::new();
        let refused = |headers: &HeaderMap| check_hosts(None, headers, Some(local)).err();
        assert_eq!(refused(&headers).map(|refusal| refusal.status), Some(StatusCode::BAD_REQUEST));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert_eq!(refused(&headers).map(|refusal| refusal.status), Some(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn tokens() {
        for (shown, expected) in [
            (Some("Bearer s3cret"), true),
            (Some("bearer  s3cret "), true),
            (Some("Bearer s3cre"), false),
            (Some("Bearer s3crett"), false),
            (Some("Bearer S3cret"), false),
            (Some("Bearer "), false),
            (Some("Bearer"), false),
            (Some("Basic s3cret"), false),
            (Some("s3cret"), false),
            (Some(""), false),
            (None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(shown) = shown {
                headers.insert(header::AUTHORIZATION, HeaderValue::from_static(shown));
            }
            assert_eq!(check_token("s3cret\n", &headers).is_ok(), expected, "{shown:?}");
        }
    }
}
