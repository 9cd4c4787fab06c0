//! Where the target is.

use std::net::{SocketAddr, ToSocketAddrs};
use url::Url;

/// A target: its addresses, and how requests to it begin.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its URL, as it will be shown.
    pub url: String,
    /// What its name resolved to when the run began; never empty.
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) authority: String,
    pub(super) path: String,
}

/// Why a URL is no target.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text is not a URL.
    #[error("host {url:?} is not a URL ({reason}); write it as http://name:port/path")]
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
        cure: &'static str,
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
}

impl Target {
    /// Reads a URL and resolves its name, once: a run does not measure the resolver.
    ///
    /// # Errors
    /// The text is not a URL, its scheme is not `http`, or its name has no address.
    pub fn resolve(text: &str) -> Result<Self, TargetError> {
        let url = Url::parse(text).map_err(|error| TargetError::Malformed {
            url: text.into(),
            reason: error.to_string(),
        })?;
        let unsupported =
            |what: String, cure| TargetError::Unsupported { url: text.into(), what, cure };
        if url.scheme() != "http" {
            let what = format!("the scheme {:?}", url.scheme());
            return Err(unsupported(what, "write it as http://name:port/path"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unsupported("a user name or password".into(), "leave it out"));
        }
        let Some(name) = url.host_str().filter(|name| !name.is_empty()) else {
            return Err(TargetError::Malformed { url: text.into(), reason: "no host name".into() });
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let unresolved = |reason: String| TargetError::Unresolved { url: text.into(), reason };
        // `host_str` keeps the brackets of an IPv6 address, the resolver wants none.
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<_> = (bare, port)
            .to_socket_addrs()
            .map_err(|error| unresolved(error.to_string()))?
            .collect();
        if addresses.is_empty() {
            return Err(unresolved("no address".into()));
        }
        let authority = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let mut path = url.path().to_owned();
        if let Some(query) = url.query() {
            path.push('?');
            path.push_str(query);
        }
        Ok(Self { url: text.to_owned(), addresses, authority, path })
    }

    /// What every request to this target begins with, up to the value of its content length, which
    /// is written into a field of fixed width: RFC 9110 §5.5 allows spaces before a value.
    pub(super) fn head(&self, request_id_header: Option<&str>) -> RequestHead {
        let mut bytes = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: katydid/{}\r\nContent-Type: text/xml\r\n",
            self.path,
            self.authority,
            env!("CARGO_PKG_VERSION")
        );
        let id_at = request_id_header.map(|name| {
            bytes.push_str(name);
            bytes.push_str(": ");
            let at = bytes.len();
            bytes.push_str("                                 \r\n");
            at
        });
        bytes.push_str("Content-Length: ");
        let length_at = bytes.len();
        bytes.push_str("          \r\n\r\n");
        RequestHead { bytes: bytes.into_bytes(), id_at, length_at }
    }
}

/// The bytes in front of a request's body, with holes for what changes.
#[derive(Debug, Clone)]
pub(super) struct RequestHead {
    pub(super) bytes: Vec<u8>,
    pub(super) id_at: Option<usize>,
    pub(super) length_at: usize,
}

/// Width of the hole for an id: two numbers of 16 hexadecimal digits and a dash.
pub(super) const ID_WIDTH: usize = 33;
/// Width of the hole for the content length.
pub(super) const LENGTH_WIDTH: usize = 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn targets() {
        #[rustfmt::skip]
        let table = [
            ("http://127.0.0.1:8877/RPC2", "127.0.0.1:8877", "/RPC2", 8877),
            ("http://127.0.0.1", "127.0.0.1", "/", 80),
            ("http://127.0.0.1:80/a/b?c=d", "127.0.0.1", "/a/b?c=d", 80),
            ("http://[::1]:9000/x y", "[::1]:9000", "/x%20y", 9000),
            ("HTTP://LOCALHOST:9/", "localhost:9", "/", 9),
        ];
        for (text, authority, path, port) in table {
            let target = Target::resolve(text).unwrap();
            assert_eq!(
                (target.authority.as_str(), target.path.as_str()),
                (authority, path),
                "{text}"
            );
            assert!(target.addresses.iter().all(|address| address.port() == port), "{text}");
        }
    }

    #[test]
    fn not_targets() {
        #[rustfmt::skip]
        let table = [
            ("", "not a URL"),
            ("localhost:8877", "the scheme \"localhost\" is not supported"),
            ("127.0.0.1:8877", "not a URL"),
            ("https://127.0.0.1/", "the scheme \"https\" is not supported"),
            ("http://me:secret@127.0.0.1/", "a user name or password is not supported"),
            ("http://", "not a URL"),
            ("http://127.0.0.1:99999/", "not a URL"),
            ("http://no-such-name.invalid/", "does not resolve"),
        ];
        for (text, expected) in table {
            let error = Target::resolve(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_header_cannot_be_smuggled_in_by_the_url() {
        let target = Target::resolve("http://127.0.0.1/a\r\nX: y").unwrap();
        let head = String::from_utf8(target.head(None).bytes).unwrap();
        assert_eq!(head.lines().count(), 6, "{head}");
    }
}
