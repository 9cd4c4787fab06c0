//! The cookies of one user: an honest part of RFC 6265. There is one host, so every cookie is kept for
//! it alone; `Path`, `Max-Age`, `Expires` and `Secure` are heeded, `Domain` only in that a cookie for
//! another domain is refused.

/// RFC 6265 §6.1 asks for at least so many in a domain; more are not kept.
const MAX_COOKIES: usize = 50;
/// The same for the length of one.
const MAX_BYTES: usize = 4_096;

/// Where a reply came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct From<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) tls: bool,
}

#[derive(Debug, Default)]
pub(super) struct Jar(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    secure: bool,
    /// In seconds since 1970.
    expires: Option<u64>,
}

impl Jar {
    /// Takes the value of one `Set-Cookie` header; what cannot be used is ignored. Answers whether
    /// the jar has changed.
    pub(super) fn set(&mut self, header: &[u8], from: From<'_>, now: u64) -> bool {
        let Some(cookie) = read(header, from, now) else { return false };
        let place =
            self.0.iter().position(|old| old.name == cookie.name && old.path == cookie.path);
        let expired = cookie.expires.is_some_and(|expires| expires <= now);
        match place {
            Some(at) if expired => drop(self.0.remove(at)),
            Some(at) => {
                if self.0[at].value == cookie.value && self.0[at].expires == cookie.expires {
                    return false;
                }
                self.0[at] = cookie;
            }
            None if expired || self.0.len() >= MAX_COOKIES => return false,
            None => self.0.push(cookie),
        }
        true
    }

    /// Throws away what has expired. Answers whether there was anything.
    pub(super) fn expire(&mut self, now: u64) -> bool {
        let before = self.0.len();
        self.0.retain(|cookie| cookie.expires.is_none_or(|expires| expires > now));
        self.0.len() != before
    }

    /// Whether any of them ends before the user does: only then is the time worth a look.
    pub(super) fn may_expire(&self) -> bool {
        self.0.iter().any(|cookie| cookie.expires.is_some())
    }

    /// The value of the `Cookie` header for a request, if there is any. Longer paths come first.
    pub(super) fn header(&self, path: &str, tls: bool) -> Option<String> {
        let mut fitting: Vec<_> = self
            .0
            .iter()
            .filter(|cookie| (tls || !cookie.secure) && matches_path(path, &cookie.path))
            .collect();
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<_> =
            fitting.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// RFC 6265 §5.2.
fn read(header: &[u8], from: From<'_>, now: u64) -> Option<Cookie> {
    let text = std::str::from_utf8(header).ok()?;
    if text.len() > MAX_BYTES || text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return None;
    }
    let mut parts = text.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() {
        return None;
    }
    let directory = default_path(from.path);
    let mut cookie = Cookie {
        name: name.into(),
        value: value.into(),
        path: directory.into(),
        secure: false,
        expires: None,
    };
    let mut max_age = None;
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (key.trim(), value.trim());
        if key.eq_ignore_ascii_case("path") {
            cookie.path = if value.starts_with('/') { value } else { directory }.into();
        } else if key.eq_ignore_ascii_case("domain") {
            if !matches_domain(from.host, value.trim_start_matches('.')) {
                return None;
            }
        } else if key.eq_ignore_ascii_case("secure") {
            cookie.secure = true;
        } else if key.eq_ignore_ascii_case("max-age") {
            let digits = value.strip_prefix('-').unwrap_or(value);
            if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                let seconds = if digits.len() < value.len() { 0 } else { number(digits) };
                max_age = Some(now.saturating_add(seconds));
            }
        } else if key.eq_ignore_ascii_case("expires") {
            cookie.expires = date(value).or(cookie.expires);
        }
    }
    cookie.expires = max_age.or(cookie.expires);
    // Over a plain connection nobody may set what is only for a safe one.
    (from.tls || !cookie.secure).then_some(cookie)
}

fn number(digits: &str) -> u64 {
    digits.parse().unwrap_or(u64::MAX)
}

/// RFC 6265 §5.1.3.
fn matches_domain(host: &str, domain: &str) -> bool {
    if domain.is_empty() || host.eq_ignore_ascii_case(domain) {
        return true;
    }
    let Some(at) = host.len().checked_sub(domain.len()) else { return false };
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    let tail = host.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(domain));
    !is_address && tail && host[..at].ends_with('.')
}

/// RFC 6265 §5.1.4: the folder of the path.
fn default_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    match path.rfind('/') {
        Some(at) if at > 0 => &path[..at],
        _ => "/",
    }
}

fn matches_path(path: &str, cookie: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// RFC 6265 §5.1.1: a date in whatever order its parts stand, in seconds since 1970.
fn date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_delimiter = |c: char| !(c.is_ascii_alphanumeric() || c == ':');
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        let digits = token.len() - token.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let value: u64 = token[..digits].parse().unwrap_or_default();
        if time.is_none() && token.contains(':') {
            let parts: Vec<u64> = token.split(':').map_while(|part| part.parse().ok()).collect();
            let &[hour, minute, second] = parts.as_slice() else { return None };
            if hour > 23 || minute > 59 || second > 59 {
                return None;
            }
            time = Some(hour * 3_600 + minute * 60 + second);
        } else if day.is_none() && (1..=2).contains(&digits) {
            day = Some(value);
        } else if month.is_none() && digits == 0 {
            let start = token.get(..3).map(str::to_ascii_lowercase);
            month = MONTHS.iter().position(|name| start.as_deref() == Some(*name));
        } else if year.is_none() && (2..=4).contains(&digits) {
            year = Some(match (digits, value) {
                (2, 70..) => value + 1_900,
                (2, _) => value + 2_000,
                _ => value,
            });
        }
    }
    let (time, day, month, year) = (time?, day?, month? as u64 + 1, year?);
    if !(1..=31).contains(&day) || year < 1601 {
        return None;
    }
    if year < 1970 {
        return Some(0);
    }
    Some(days_since_1970(year, month, day) * 86_400 + time)
}

/// Of the Gregorian calendar, from 1970 on.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    // Years that begin in March: the leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    days - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: u64 = 1_000_000_000;
    const HERE: From<'_> = From { host: "api.example.com", path: "/rpc/v2?x=/y", tls: false };

    #[test]
    fn what_is_sent_back() {
        #[rustfmt::skip]
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("one", &["a=1"], Some("a=1")),
            ("two", &["a=1", "b=2"], Some("a=1; b=2")),
            ("replaced", &["a=1", "a=2"], Some("a=2")),
            ("attributes are not sent", &["a=1; Path=/; HttpOnly; SameSite=Lax"], Some("a=1")),
            ("a value with an equals sign and quotes", &["a=\"x=y\""], Some("a=\"x=y\"")),
            ("an empty value", &["a="], Some("a=")),
            ("no name", &["=1", "nothing"], None),
            ("deleted by age", &["a=1", "a=; Max-Age=0; Path=/rpc"], None),
            ("deleted by a negative age", &["a=1", "a=; max-age=-1"], None),
            ("deleted by date", &["a=1", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], None),
            ("age wins over date", &["a=1; Max-Age=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], Some("a=1")),
            ("an age that is no number is ignored", &["a=1; Max-Age=soon"], Some("a=1")),
            ("another path", &["a=1; Path=/web"], None),
            ("a path is not its beginning", &["a=1; Path=/rp"], None),
            ("the longer path comes first", &["a=1; Path=/", "b=2; Path=/rpc"], Some("b=2; a=1")),
            ("our domain", &["a=1; Domain=example.com", "b=2; Domain=.API.example.com"], Some("a=1; b=2")),
            ("another domain", &["a=1; Domain=example.org", "b=2; Domain=i.example.com", "c=3; Domain=x.api.example.com"], None),
            ("secure, over a plain connection", &["a=1; Secure"], None),
            ("a line break", &["a=1\r\nX: y"], None),
            ("too long", &[&format!("a={}", "x".repeat(5_000))], None),
        ];
        for (what, headers, expected) in table {
            let mut jar = Jar::default();
            for header in *headers {
                jar.set(header.as_bytes(), HERE, NOW);
            }
            assert_eq!(jar.header(HERE.path, false).as_deref(), *expected, "{what}");
        }
    }

    #[test]
    fn secure_ones_only_go_over_tls() {
        let mut jar = Jar::default();
        assert!(jar.set(b"a=1; Secure", From { tls: true, ..HERE }, NOW));
        assert_eq!(jar.header("/rpc/v2", true).as_deref(), Some("a=1"));
        assert_eq!(jar.header("/rpc/v2", false), None);
    }

    #[test]
    fn they_expire() {
        let mut jar = Jar::default();
        assert!(jar.set(b"a=1; Max-Age=10", HERE, NOW));
        assert!(!jar.set(b"a=1; Max-Age=10", HERE, NOW), "nothing has changed");
        assert!(jar.set(b"b=2", HERE, NOW));
        assert!(jar.may_expire());
        assert!(!jar.expire(NOW + 9));
        assert!(jar.expire(NOW + 10));
        assert_eq!(jar.header("/rpc", false).as_deref(), Some("b=2"));
        assert!(!jar.may_expire());
    }

    #[test]
    fn a_jar_is_not_filled_without_end() {
        let mut jar = Jar::default();
        for number in 0..1_000 {
            jar.set(format!("c{number}=x").as_bytes(), HERE, NOW);
        }
        assert_eq!(jar.0.len(), MAX_COOKIES);
    }

    #[test]
    fn dates() {
        let table = [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Wed, 29 Feb 2040 00:00:00 GMT", Some(2_214_086_400)),
            ("Thu, 01 Jan 1970 00:00:01 GMT", Some(1)),
            ("Mon, 01 Jan 1601 00:00:00 GMT", Some(0)),
            ("Tue, 32 Jan 2030 00:00:00 GMT", None),
            ("Tue, 01 Jan 2030 24:00:00 GMT", None),
            ("tomorrow", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(date(text), expected, "{text}");
        }
    }
}
