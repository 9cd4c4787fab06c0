//! Where the target is.

use super::http::Dialect;
use super::names::{self, Lookup, Names};
use super::tls::{Tls, TlsError, TlsOptions};
use base64::Engine as _;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

/// A target: how to reach it, and what requests to it say.
pub struct Target {
    /// Its URL, as it will be shown: without the password.
    pub url: String,
    pub(super) route: Route,
    pub(super) protocol: Protocol,
    /// The value of `Host`.
    pub(super) authority: String,
    pub(super) path: String,
    /// The value of `Authorization`: the URL's name and password.
    pub(super) authorization: Option<String>,
    /// What a redirect is relative to, and must stay within.
    base: Url,
}

/// How to connect.
#[derive(Debug)]
pub(super) enum Route {
    Tcp { names: Names, tls: Option<Box<Tls>> },
    Unix(PathBuf),
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    Scgi,
}

impl Protocol {
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Protocol::Http => Dialect::Http,
            Protocol::Scgi => Dialect::Scgi,
        }
    }
}

/// How targets are reached.
#[derive(Clone)]
pub struct TargetOptions {
    /// TLS, for those that speak it.
    pub tls: TlsOptions,
    /// How long an answer of the resolver is believed; `None`: for the whole run.
    pub dns_ttl: Option<Duration>,
    /// Who is asked for addresses; `None`: the system.
    pub lookup: Option<Lookup>,
}

impl Default for TargetOptions {
    fn default() -> Self {
        let tls = TlsOptions::default();
        Self { tls, dns_ttl: Some(Duration::from_secs(30)), lookup: None }
    }
}

/// Why a URL is no target. None of them shows a password.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text is not a URL.
    #[error("host {url:?} is not a URL ({reason}); write it as {FORMS}")]
    Malformed {
        /// The text.
        url: String,
        /// What the parser said.
        reason: String,
    },
    /// A URL we cannot speak to.
    #[error("host {url:?}: {what} is not supported; {cure}")]
    Unsupported {
        /// The text.
        url: String,
        /// The part of it.
        what: String,
        /// What to do.
        cure: String,
    },
    /// Its name has no address.
    #[error(
        "host {url:?}: the name does not resolve ({reason}); check its spelling and the machine's DNS"
    )]
    Unresolved {
        /// The text.
        url: String,
        /// What the resolver said.
        reason: String,
    },
    /// TLS cannot be spoken as it was asked for.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// All that can be written.
const FORMS: &str =
    "http://name:port/path (or https, scgi), unix:/socket:/path or scgi+unix:/socket";

/// The path where a URL of a socket or of SCGI names none.
const DEFAULT_PATH: &str = "/RPC2";

impl Target {
    /// Reads a URL and resolves its name for the first time: a run that cannot begin says so early.
    ///
    /// | URL | |
    /// |---|---|
    /// | `http://name:port/path`, `https://…` | HTTP/1.1 over TCP, over TLS |
    /// | `unix:/run/x.sock:/path` | HTTP/1.1 over a unix socket; `unix:///run/x.sock` is the same, the path is `/RPC2` unless one is named |
    /// | `scgi://name:port/path` | SCGI over TCP, as rTorrent speaks it |
    /// | `scgi+unix:/run/x.sock` | SCGI over a unix socket |
    ///
    /// A name and password stand before the host, as in `http://me:secret@name/` and
    /// `unix://me:secret@/run/x.sock`; they are sent as basic authentication and never shown. What a
    /// URL cannot hold is written as `%41`, in names of sockets, too.
    ///
    /// # Errors
    /// The text is not a URL, its scheme is unknown, its name has no address, a file for TLS is
    /// wrong.
    pub fn resolve(text: &str, options: &TargetOptions) -> Result<Self, TargetError> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match scheme.to_ascii_lowercase().as_str() {
            "unix" => socket(text, rest, Protocol::Http),
            "scgi+unix" => socket(text, rest, Protocol::Scgi),
            _ => network(text, options),
        }
    }

    /// Whether it speaks TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.route, Route::Tcp { tls: Some(_), .. })
    }

    pub(super) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The path that a redirect from `path` leads to; or where else it leads, as it may be shown:
    /// without a password, and without a query that may be different each time.
    pub(super) fn redirected(&self, path: &str, location: &str) -> Result<String, String> {
        let shown = |location: &str| {
            let end = location.find(['?', '#']).unwrap_or(location.len());
            hide_password(&location[..end])
        };
        // Not joined: a path that begins with two slashes is a path here, and never a host.
        let (plain, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let mut from = self.base.clone();
        from.set_path(plain);
        from.set_query(query);
        let Ok(to) = from.join(location) else { return Err(shown(location)) };
        let origin = |url: &Url| {
            (url.scheme().to_owned(), url.host().map(|h| h.to_owned()), url.port_or_known_default())
        };
        if origin(&to) == origin(&self.base) { Ok(path_of(&to)) } else { Err(shown(to.as_str())) }
    }
}

/// Without the password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("url", &self.url)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TargetOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetOptions")
            .field("tls", &self.tls)
            .field("dns_ttl", &self.dns_ttl)
            .finish_non_exhaustive()
    }
}

/// A URL with a host.
fn network(text: &str, options: &TargetOptions) -> Result<Target, TargetError> {
    let malformed = |reason: String| TargetError::Malformed { url: hide_password(text), reason };
    let unsupported = |what: String, cure: String| TargetError::Unsupported {
        url: hide_password(text),
        what,
        cure,
    };
    let url = Url::parse(text).map_err(|error| malformed(error.to_string()))?;
    let protocol = match url.scheme() {
        "http" | "https" => Protocol::Http,
        "scgi" => Protocol::Scgi,
        scheme => {
            return Err(unsupported(
                format!("the scheme {scheme:?}"),
                format!("write it as {FORMS}"),
            ));
        }
    };
    let name = url.host_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| malformed("no host name".into()))?;
    let port = url.port_or_known_default().ok_or_else(|| malformed("no port".into()))?;
    let authorization = authorization(text, protocol, url.username(), url.password())?;
    // `host_str` keeps the brackets of an IPv6 address, the resolver wants none.
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let names = match bare.parse::<IpAddr>() {
        Ok(address) => Names::fixed((address, port).into()),
        Err(_) => {
            let lookup = options.lookup.clone().unwrap_or_else(names::system);
            Names::resolve(bare, port, lookup, options.dns_ttl, Instant::now())
                .map_err(|reason| TargetError::Unresolved { url: hide_password(text), reason })?
        }
    };
    let tls = if url.scheme() == "https" {
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| {
            unsupported(format!("the name {bare:?}"), "TLS needs a DNS name or an address".into())
        })?;
        Some(Box::new(Tls::new(&options.tls, name)?))
    } else {
        None
    };
    let authority = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    let path = path_of(&url);
    let path = if path.is_empty() { DEFAULT_PATH.into() } else { path };
    Ok(Target {
        url: hide_password(text),
        route: Route::Tcp { names, tls },
        protocol,
        authority,
        path,
        authorization,
        base: url,
    })
}

/// What stands behind `unix:` or `scgi+unix:`: `/socket:/path`, or `//me:secret@/socket:/path`.
fn socket(text: &str, rest: &str, protocol: Protocol) -> Result<Target, TargetError> {
    let malformed =
        |reason: &str| TargetError::Malformed { url: hide_password(text), reason: reason.into() };
    // The URL parser does the rest as soon as there is a host to stand before the path.
    let mut base =
        Url::parse("http://localhost/").map_err(|error| malformed(&error.to_string()))?;
    let mut credentials = None;
    let mut rest = rest;
    if let Some(authority) = rest.strip_prefix("//") {
        let at = authority.find('/').ok_or_else(|| malformed("no path of a socket"))?;
        credentials = authority[..at].strip_suffix('@');
        if credentials.is_none() && at > 0 {
            return Err(malformed("a socket has no host; begin its path with unix:/"));
        }
        rest = &authority[at..];
    }
    let (file, path) = match rest.find(":/") {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, DEFAULT_PATH),
    };
    if !file.starts_with('/') || file.len() < 2 {
        return Err(malformed("the path of a socket begins with /"));
    }
    let file = decoded(file);
    // What the kernel's address of a socket has room for, less the zero at its end.
    if file.len() > 107 {
        return Err(malformed("the path of a socket is at most 107 bytes long"));
    }
    let (user, password) = match credentials {
        Some(text) => {
            text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)))
        }
        None => ("", None),
    };
    let authorization = authorization(text, protocol, user, password)?;
    let joined = base.join(path).map_err(|error| malformed(&error.to_string()))?;
    base.set_path(joined.path());
    base.set_query(joined.query());
    Ok(Target {
        url: hide_password(text),
        route: Route::Unix(bytes_to_path(file)),
        protocol,
        authority: "localhost".into(),
        path: path_of(&base),
        authorization,
        base,
    })
}

fn bytes_to_path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

fn path_of(url: &Url) -> String {
    let mut path = url.path().to_owned();
    if let Some(query) = url.query() {
        path.push('?');
        path.push_str(query);
    }
    path
}

/// Basic authentication (RFC 7617), from percent-encoded parts of the URL `text`.
fn authorization(
    text: &str,
    protocol: Protocol,
    user: &str,
    password: Option<&str>,
) -> Result<Option<String>, TargetError> {
    if user.is_empty() && password.is_none() {
        return Ok(None);
    }
    if protocol == Protocol::Scgi {
        return Err(TargetError::Unsupported {
            url: hide_password(text),
            what: "a user name or password".into(),
            cure: "leave it out, SCGI knows none".into(),
        });
    }
    let mut pair = decoded(user);
    pair.push(b':');
    pair.extend(decoded(password.unwrap_or_default()));
    Ok(Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))))
}

fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

/// The text with `***` in place of a password. Works on anything, also on what is no URL, and then
/// rather hides too much.
fn hide_password(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let authority_end = text[start..].find(['/', '?', '#']).map_or(text.len(), |at| start + at);
    let whole =
        Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(|host| !host.is_empty()));
    let end = if whole { authority_end } else { text.len() };
    let Some(at) = text[start..end].rfind('@').map(|at| start + at) else { return text.into() };
    match text[start..at].find(':').map(|colon| start + colon) {
        Some(colon) => format!("{}***{}", &text[..=colon], &text[at..]),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::Path;

    fn resolve(text: &str) -> Result<Target, TargetError> {
        Target::resolve(text, &TargetOptions { tls: insecure(), ..TargetOptions::default() })
    }

    /// Does not depend on what this machine trusts.
    fn insecure() -> TlsOptions {
        TlsOptions { insecure: true, ..TlsOptions::default() }
    }

    #[tokio::test]
    async fn targets() {
        #[rustfmt::skip]
        let table = [
            ("http://127.0.0.1:8877/RPC2", "127.0.0.1:8877", "/RPC2", 8877),
            ("http://127.0.0.1", "127.0.0.1", "/", 80),
            ("http://127.0.0.1:80/a/b?c=d", "127.0.0.1", "/a/b?c=d", 80),
            ("http://[::1]:9000/x y", "[::1]:9000", "/x%20y", 9000),
            ("HTTP://LOCALHOST:9/", "localhost:9", "/", 9),
            ("https://127.0.0.1/", "127.0.0.1", "/", 443),
            ("https://[::1]:8443/", "[::1]:8443", "/", 8443),
            ("scgi://127.0.0.1:5000", "127.0.0.1:5000", "/RPC2", 5000),
            ("scgi://[::1]:5000/x", "[::1]:5000", "/x", 5000),
        ];
        for (text, authority, path, port) in table {
            let target = resolve(text).unwrap();
            assert_eq!(
                (target.authority.as_str(), target.path.as_str()),
                (authority, path),
                "{text}"
            );
            assert_eq!(target.is_tls(), text.starts_with("https"), "{text}");
            let Route::Tcp { names, .. } = &target.route else { unreachable!("{text}") };
            let found = names.addresses(Instant::now(), &Default::default()).await.unwrap();
            assert!(found.iter().all(|address| address.port() == port), "{text}: {found:?}");
        }
    }

    #[test]
    fn sockets() {
        #[rustfmt::skip]
        let table = [
            ("unix:/run/x.sock", "/run/x.sock", "/RPC2", None),
            ("unix:/run/x.sock:/a/b?c=d", "/run/x.sock", "/a/b?c=d", None),
            ("unix:///run/x.sock:/", "/run/x.sock", "/", None),
            ("UNIX:/run/my%20x%3A.sock:/x y", "/run/my x:.sock", "/x%20y", None),
            ("unix://me:secret@/run/x.sock", "/run/x.sock", "/RPC2", Some("Basic bWU6c2VjcmV0")),
            ("scgi+unix:/run/rtorrent", "/run/rtorrent", "/RPC2", None),
            ("scgi+unix:///run/rtorrent:/RPC2", "/run/rtorrent", "/RPC2", None),
        ];
        for (text, file, path, authorization) in table {
            let target = resolve(text).unwrap();
            assert_eq!(
                (target.path.as_str(), target.authorization.as_deref()),
                (path, authorization),
                "{text}"
            );
            assert_eq!(target.authority, "localhost");
            let Route::Unix(found) = &target.route else { unreachable!("{text}") };
            assert_eq!(found, Path::new(file), "{text}");
            assert_eq!(target.protocol == Protocol::Scgi, text.starts_with("scgi"), "{text}");
        }
    }

    #[test]
    fn not_targets() {
        let long = format!("unix:/{}", "x".repeat(107));
        #[rustfmt::skip]
        let table = [
            ("", "not a URL"),
            ("localhost:8877", "the scheme \"localhost\" is not supported"),
            ("127.0.0.1:8877", "not a URL"),
            ("ftp://127.0.0.1/", "the scheme \"ftp\" is not supported; write it as http://"),
            ("http://", "not a URL"),
            ("http://127.0.0.1:99999/", "not a URL"),
            ("http://no-such-name.invalid/", "does not resolve"),
            ("https://no-such-name.invalid/", "does not resolve"),
            ("scgi://127.0.0.1/", "no port"),
            ("scgi://me@127.0.0.1:5000/", "SCGI knows none"),
            ("scgi+unix://me:secret@/run/x", "SCGI knows none"),
            ("scgi://:5000/", "not a URL"),
            ("unix:", "begins with /"),
            ("unix:run/x.sock", "begins with /"),
            ("unix://run/x.sock", "a socket has no host"),
            ("unix://me:secret@", "no path of a socket"),
            (&long, "at most 107 bytes"),
        ];
        for (text, expected) in table {
            let error = resolve(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn passwords_are_sent_and_never_shown() {
        #[rustfmt::skip]
        let table = [
            ("http://me:secret@127.0.0.1/x@y", "http://me:***@127.0.0.1/x@y", Some("me:secret")),
            ("http://me@127.0.0.1/", "http://me@127.0.0.1/", Some("me:")),
            ("http://:secret@127.0.0.1/", "http://:***@127.0.0.1/", Some(":secret")),
            ("http://m%40e:s%3Aecr%2Fet@127.0.0.1/", "http://m%40e:***@127.0.0.1/", Some("m@e:s:ecr/et")),
            ("http://127.0.0.1/a:b@c", "http://127.0.0.1/a:b@c", None),
            ("unix://me:secret@/run/x:/RPC2", "unix://me:***@/run/x:/RPC2", Some("me:secret")),
        ];
        for (text, shown, pair) in table {
            let target = resolve(text).unwrap();
            assert_eq!(target.url, shown);
            assert!(!format!("{target:?}").contains("secret"), "{target:?}");
            let expected = pair.map(|pair| {
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
            });
            assert_eq!(target.authorization, expected, "{text}");
        }
        for text in
            ["http://me:sec/ret@h/", "me:sec#ret@h", "http://me:secret@h:x/", "http://me:secret@"]
        {
            let error = resolve(text).unwrap_err().to_string();
            assert!(error.contains("***") && !error.contains("ret@"), "{error}");
        }
    }

    #[test]
    fn redirects_stay_within_the_target() {
        #[rustfmt::skip]
        let table = [
            ("http://127.0.0.1:9/a/b", "/c?d#e", Ok("/c?d")),
            ("http://127.0.0.1:9/a/b", "c", Ok("/a/c")),
            ("http://127.0.0.1:9/a/b", "http://127.0.0.1:9/c", Ok("/c")),
            ("http://127.0.0.1/a", "http://127.0.0.1:80/c", Ok("/c")),
            ("http://127.0.0.1:9/a", "//127.0.0.1:9/c", Ok("/c")),
            ("http://127.0.0.1:9/a", "http://127.0.0.1:10/c?id=7", Err("http://127.0.0.1:10/c")),
            ("http://127.0.0.1:9/a", "https://127.0.0.1:9/c", Err("https://127.0.0.1:9/c")),
            ("http://127.0.0.1:9/a", "http://127.0.0.1.evil.example:9/c", Err("http://127.0.0.1.evil.example:9/c")),
            ("http://127.0.0.1:9/a", "http://me:secret@other/", Err("http://me:***@other/")),
            ("http://127.0.0.1:9/a", "http://[", Err("http://[")),
            ("http://127.0.0.1:9//other/a", "c", Ok("//other/c")),
            ("http://127.0.0.1:9/a?b", "?c", Ok("/a?c")),
            ("unix:/run/x:/a", "/c", Ok("/c")),
            ("unix:/run/x:/a", "http://localhost/c", Ok("/c")),
            ("unix:/run/x:/a", "http://other/c", Err("http://other/c")),
        ];
        for (url, location, expected) in table {
            let target = resolve(url).unwrap();
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(target.redirected(&target.path, location), expected, "{url} {location}");
        }
    }
}
