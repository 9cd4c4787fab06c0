//! What stands in front of a request's body: built once, with holes for what changes.

use super::settings::Settings;
use super::url::{Protocol, Target};
use std::io::Write as _;

/// The bytes in front of a request's body.
pub(super) struct RequestHead {
    pub(super) bytes: Vec<u8>,
    id_at: Option<usize>,
    holes: Holes,
}

enum Holes {
    /// The content length is written into a field of fixed width: RFC 9110 §5.5 allows spaces before
    /// a value.
    Http { length_at: usize },
    /// Everything up to the content length, which comes first, is written to the right end of a
    /// field; the request begins where that begins.
    Scgi,
}

/// Width of the hole for an id: two numbers of 16 hexadecimal digits and a dash.
const ID_WIDTH: usize = 33;
/// Width of the hole for the content length.
const LENGTH_WIDTH: usize = 10;
const SCGI_LENGTH: &[u8] = b"CONTENT_LENGTH\0";
/// Width of the hole at the beginning of an SCGI request: the netstring's length and a colon, the
/// name and value of the first header.
const SCGI_WIDTH: usize = LENGTH_WIDTH + 1 + SCGI_LENGTH.len() + LENGTH_WIDTH + 1;

impl RequestHead {
    /// For requests to `path` of the target. `cookies` come from the user's jar.
    pub(super) fn new(
        target: &Target,
        settings: &Settings,
        path: &str,
        cookies: Option<&str>,
    ) -> Self {
        let fields = fields(target, settings, cookies);
        let id = settings.request_id_header.as_deref();
        match target.protocol {
            Protocol::Http => Self::http(path, &fields, id),
            Protocol::Scgi => Self::scgi(path, &fields, id),
        }
    }

    fn http(path: &str, fields: &[(String, String)], id: Option<&str>) -> Self {
        let mut head = format!("POST {path} HTTP/1.1\r\n");
        for (name, value) in fields {
            head += &format!("{name}: {value}\r\n");
        }
        let id_at = id.map(|name| {
            head += &format!("{name}: ");
            let at = head.len();
            head += &format!("{:ID_WIDTH$}\r\n", "");
            at
        });
        head += "Content-Length: ";
        let length_at = head.len();
        head += &format!("{:LENGTH_WIDTH$}\r\n\r\n", "");
        Self { bytes: head.into_bytes(), id_at, holes: Holes::Http { length_at } }
    }

    /// <https://python.ca/scgi/protocol.txt>, headers as a web server would name them.
    fn scgi(path: &str, fields: &[(String, String)], id: Option<&str>) -> Self {
        let mut head = " ".repeat(SCGI_WIDTH);
        let (plain, query) = path.split_once('?').unwrap_or((path, ""));
        let mut put = |name: &str, value: &str| head += &format!("{name}\0{value}\0");
        put("SCGI", "1");
        put("REQUEST_METHOD", "POST");
        put("REQUEST_URI", path);
        put("SCRIPT_NAME", "");
        put("PATH_INFO", plain);
        put("QUERY_STRING", query);
        put("SERVER_PROTOCOL", "HTTP/1.1");
        for (name, value) in fields {
            put(&cgi_name(name), value);
        }
        let id_at = id.map(|name| {
            head += &format!("{}\0", cgi_name(name));
            let at = head.len();
            head += &format!("{:ID_WIDTH$}\0", "");
            at
        });
        head.push(',');
        Self { bytes: head.into_bytes(), id_at, holes: Holes::Scgi }
    }

    /// Fills the holes of a request that begins with these bytes and has a body of this length.
    /// Answers where the request begins.
    pub(super) fn fill(
        &self,
        request: &mut [u8],
        (user, number): (u64, u64),
        body: usize,
    ) -> usize {
        if let Some(at) = self.id_at {
            let hole = &mut request[at..][..ID_WIDTH];
            let _ = write!(&mut hole[..], "{user:016x}-{number:016x}");
        }
        match self.holes {
            Holes::Http { length_at } => {
                let hole = &mut request[length_at..][..LENGTH_WIDTH];
                hole.fill(b' ');
                write_right(hole, body);
                0
            }
            Holes::Scgi => {
                // Without the comma, which is not part of what is counted.
                let rest = self.bytes.len() - SCGI_WIDTH - 1;
                let hole = &mut request[..SCGI_WIDTH];
                let mut at = SCGI_WIDTH - 1;
                hole[at] = 0;
                at = write_right(&mut hole[..at], body) - SCGI_LENGTH.len();
                hole[at..][..SCGI_LENGTH.len()].copy_from_slice(SCGI_LENGTH);
                let counted = SCGI_WIDTH - at + rest;
                at -= 1;
                hole[at] = b':';
                write_right(&mut hole[..at], counted)
            }
        }
    }
}

/// Writes a number to the right end of a hole; answers where it begins. By hand: this is done for
/// every request. A body is bounded far below what the hole holds.
fn write_right(hole: &mut [u8], number: usize) -> usize {
    let mut rest = number;
    let mut at = hole.len();
    for digit in hole.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8; // below ten
        rest /= 10;
        at -= 1;
        if rest == 0 {
            break;
        }
    }
    at
}

/// All headers but those with holes. What the run adds replaces what we would send ourselves.
fn fields(target: &Target, settings: &Settings, cookies: Option<&str>) -> Vec<(String, String)> {
    let given = |name: &str| settings.headers.iter().any(|header| header.is(name));
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut own = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|_| !given(name)) {
            fields.push((name.into(), value.into()));
        }
    };
    let http = target.protocol == Protocol::Http;
    own("Host", http.then_some(&target.authority));
    own("User-Agent", Some(concat!("katydid/", env!("CARGO_PKG_VERSION"))));
    own("Content-Type", Some("text/xml"));
    own("Accept-Encoding", settings.compressed.then_some("gzip, deflate"));
    own("Authorization", target.authorization.as_deref());
    if http && !settings.keep_alive {
        fields.push(("Connection".into(), "close".into()));
    }
    // One line for all cookies: RFC 6265 §5.4.
    let mut jar = cookies.map(str::to_owned).into_iter().collect::<Vec<_>>();
    for header in &settings.headers {
        if header.is("Cookie") {
            jar.insert(0, header.value.clone());
        } else {
            fields.push((header.name.clone(), header.value.clone()));
        }
    }
    if !jar.is_empty() {
        fields.push(("Cookie".into(), jar.join("; ")));
    }
    fields
}

/// `X-Tenant` as `HTTP_X_TENANT`.
fn cgi_name(name: &str) -> String {
    let name = name.to_ascii_uppercase().replace('-', "_");
    if name == "CONTENT_TYPE" { name } else { format!("HTTP_{name}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::url::TargetOptions;
    use super::*;

    fn written(url: &str, settings: &Settings, cookies: Option<&str>, body: &str) -> String {
        let target = Target::resolve(url, &TargetOptions::default()).unwrap();
        let head = RequestHead::new(&target, settings, &target.path, cookies);
        let mut request = head.bytes.clone();
        request.extend_from_slice(body.as_bytes());
        let start = head.fill(&mut request, (2, 0x10), body.len());
        // The holes must be filled anew each time, whatever was in them.
        head.fill(&mut request, (u64::MAX, u64::MAX), 9_999_999_999);
        assert_eq!(head.fill(&mut request, (2, 0x10), body.len()), start);
        String::from_utf8(request[start..].to_vec()).unwrap()
    }

    fn settings(headers: &[&str]) -> Settings {
        let headers = headers.iter().map(|text| text.parse().unwrap()).collect();
        Settings { headers, ..Settings::default() }
    }

    const AGENT: &str = concat!("User-Agent: katydid/", env!("CARGO_PKG_VERSION"));

    #[test]
    fn plain() {
        let expected = format!(
            "POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n{AGENT}\r\nContent-Type: text/xml\r\n\
             Content-Length:          3\r\n\r\nabc"
        );
        assert_eq!(written("http://127.0.0.1:9/RPC2", &Settings::default(), None, "abc"), expected);
    }

    #[test]
    fn everything() {
        let mut settings = settings(&["X-Tenant: acme", "cookie: mine=1", "content-type: x/y"]);
        settings.request_id_header = Some("X-Request-Id".into());
        settings.compressed = true;
        settings.keep_alive = false;
        let expected = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{AGENT}\r\nAccept-Encoding: gzip, deflate\r\n\
             Authorization: Basic bWU6c2VjcmV0\r\nConnection: close\r\nX-Tenant: acme\r\n\
             content-type: x/y\r\nCookie: mine=1; a=b\r\n\
             X-Request-Id: 0000000000000002-0000000000000010\r\nContent-Length:          0\r\n\r\n"
        );
        assert_eq!(written("http://me:secret@127.0.0.1", &settings, Some("a=b"), ""), expected);
    }

    #[test]
    fn what_is_given_replaces_our_own() {
        let given = ["HOST: h", "user-agent: u", "Authorization: Bearer t", "Accept-Encoding: br"];
        let mut settings = settings(&given);
        settings.compressed = true;
        let text = written("http://me:secret@127.0.0.1", &settings, None, "");
        for name in ["host:", "user-agent:", "authorization:", "accept-encoding:"] {
            assert_eq!(text.to_lowercase().matches(name).count(), 1, "{text}");
        }
        assert!(!text.contains("Basic") && text.contains("HOST: h"), "{text}");
    }

    #[test]
    fn scgi() {
        let mut settings = settings(&["X-Tenant: acme"]);
        settings.request_id_header = Some("X-Id".into());
        let body = "x".repeat(27);
        let agent = AGENT.split_once(": ").unwrap().1;
        let rest = format!(
            "SCGI\x001\0REQUEST_METHOD\0POST\0REQUEST_URI\0/RPC2?a=b\0SCRIPT_NAME\0\0PATH_INFO\0/RPC2\0\
             QUERY_STRING\0a=b\0SERVER_PROTOCOL\0HTTP/1.1\0HTTP_USER_AGENT\0{agent}\0\
             CONTENT_TYPE\0text/xml\0HTTP_X_TENANT\0acme\0\
             HTTP_X_ID\x000000000000000002-0000000000000010\0"
        );
        let head = format!("CONTENT_LENGTH\x0027\0{rest}");
        let expected = format!("{}:{head},{body}", head.len());
        assert_eq!(written("scgi://127.0.0.1:9/RPC2?a=b", &settings, None, &body), expected);
    }
}
