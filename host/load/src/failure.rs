//! Why a request has no good reply.
use crate::text::{self, Bounded};
use std::borrow::Cow;
use std::fmt::{self, Write};

/// Longest text of a failure that is shown or kept, in characters.
pub const MAX_FAILURE_CHARS: usize = 300;

/// Where a time-out struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// While connecting.
    Connect,
    /// While waiting for the first byte of the reply.
    FirstByte,
    /// The whole request took too long.
    Total,
}

impl Phase {
    /// The phase in words, as the scenario reads it.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Connect => "connect",
            Phase::FirstByte => "first byte",
            Phase::Total => "total",
        }
    }
}

/// Why a request has no good reply. It is data, counted under its label; never an error of ours.
///
/// The order of the variants matters to [`crate::groups`]: kinds with few distinct values come first, so that
/// a flood of distinct messages never hides a status.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Failure {
    /// The run ended while the request was under way.
    Interrupted,
    /// A time-out struck.
    Timeout(Phase),
    /// The target answered an HTTP status other than 200.
    Status(u16),
    /// The target answered a fault.
    Fault {
        /// `faultCode`.
        code: i32,
        /// `faultString`.
        message: String,
    },
    /// The target answered a redirect that was not followed. A kind of status.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to, and why it was not followed.
        reason: String,
    },
    /// The connection could not be made, or broke.
    Transport(String),
    /// The reply was not HTTP, or not XML-RPC.
    Protocol(String),
    /// The call was not sent: it cannot be written as XML-RPC, or breaks a limit.
    Rejected(String),
    /// The scenario judged the reply a failure (Locust's `catch_response`), for this reason.
    Judged(String),
    /// A custom client reported the request as failed, for this reason.
    Reported(String),
}

impl Failure {
    /// Every kind there is, as [`Failure::kind`] says it.
    pub const KINDS: [&'static str; 9] = [
        "interrupted",
        "timeout",
        "status",
        "fault",
        "transport",
        "protocol",
        "rejected",
        "judged",
        "reported",
    ];

    /// The kind of failure in one word: stable, for files and machines.
    pub fn kind(&self) -> &'static str {
        let place = match self {
            Failure::Interrupted => 0,
            Failure::Timeout(_) => 1,
            Failure::Status(_) | Failure::Redirect { .. } => 2,
            Failure::Fault { .. } => 3,
            Failure::Transport(_) => 4,
            Failure::Protocol(_) => 5,
            Failure::Rejected(_) => 6,
            Failure::Judged(_) => 7,
            Failure::Reported(_) => 8,
        };
        Self::KINDS[place]
    }

    /// The failure with its text cut to [`MAX_FAILURE_CHARS`]; borrowed (no allocation) when it fits. Failures
    /// are grouped by this.
    pub fn bounded(&self) -> Cow<'_, Failure> {
        let text = match self {
            Failure::Interrupted | Failure::Timeout(_) | Failure::Status(_) => {
                return Cow::Borrowed(self);
            }
            Failure::Fault { message: text, .. }
            | Failure::Redirect { reason: text, .. }
            | Failure::Transport(text)
            | Failure::Protocol(text)
            | Failure::Rejected(text)
            | Failure::Judged(text)
            | Failure::Reported(text) => text,
        };
        let Cow::Owned(cut) = text::bounded(text, MAX_FAILURE_CHARS) else {
            return Cow::Borrowed(self);
        };
        Cow::Owned(match self {
            Failure::Interrupted | Failure::Timeout(_) | Failure::Status(_) => self.clone(),
            Failure::Fault { code, .. } => Failure::Fault { code: *code, message: cut },
            Failure::Redirect { status, .. } => Failure::Redirect { status: *status, reason: cut },
            Failure::Transport(_) => Failure::Transport(cut),
            Failure::Protocol(_) => Failure::Protocol(cut),
            Failure::Rejected(_) => Failure::Rejected(cut),
            Failure::Judged(_) => Failure::Judged(cut),
            Failure::Reported(_) => Failure::Reported(cut),
        })
    }
}

/// One line of at most [`MAX_FAILURE_CHARS`] characters, control characters escaped.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Bounded::new(f, MAX_FAILURE_CHARS);
        let kind = self.kind();
        match self {
            Failure::Interrupted => out.write_str(kind),
            Failure::Timeout(phase) => write!(out, "{kind}: {}", phase.as_str()),
            Failure::Status(status) => write!(out, "{kind} {status}"),
            Failure::Fault { code, message } => write!(out, "{kind} {code}: {message}"),
            Failure::Redirect { status, reason } => write!(out, "{kind} {status}: {reason}"),
            Failure::Transport(text)
            | Failure::Protocol(text)
            | Failure::Rejected(text)
            | Failure::Judged(text)
            | Failure::Reported(text) => write!(out, "{kind}: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_words() {
        let text = |s: &str| s.to_owned();
        let rows = [
            (
                Failure::Fault { code: 4, message: text("too many parameters") },
                "fault 4: too many parameters",
            ),
            (Failure::Fault { code: i32::MIN, message: text("") }, "fault -2147483648: "),
            (Failure::Status(500), "status 500"),
            (
                Failure::Redirect { status: 302, reason: text("to \"/a\", by GET") },
                "status 302: to \"/a\", by GET",
            ),
            (Failure::Timeout(Phase::Connect), "timeout: connect"),
            (Failure::Timeout(Phase::FirstByte), "timeout: first byte"),
            (Failure::Timeout(Phase::Total), "timeout: total"),
            (Failure::Transport(text("connection refused")), "transport: connection refused"),
            (Failure::Protocol(text("not XML")), "protocol: not XML"),
            (Failure::Rejected(text("NaN")), "rejected: NaN"),
            (Failure::Interrupted, "interrupted"),
            (Failure::Judged(text("wrong sum")), "judged: wrong sum"),
            (Failure::Reported(text("grpc 14")), "reported: grpc 14"),
            // A hostile target cannot move our cursor.
            (Failure::Transport(text("a\r\n\u{1b}[2J")), "transport: a\\r\\n\\u{1b}[2J"),
        ];
        for (failure, expected) in rows {
            assert_eq!(failure.to_string(), expected);
            assert!(expected.starts_with(failure.kind()), "{failure:?} says its kind first");
        }
    }

    #[test]
    fn long_text_is_cut_when_shown_and_when_kept() {
        let long = Failure::Fault { code: 1, message: "é\n".repeat(400) };
        assert!(
            (MAX_FAILURE_CHARS - 1..=MAX_FAILURE_CHARS).contains(&long.to_string().chars().count())
        );
        let Failure::Fault { code: 1, message } = long.bounded().into_owned() else {
            unreachable!("a fault stays a fault")
        };
        assert_eq!(message.chars().count(), MAX_FAILURE_CHARS);
        let short = Failure::Judged("short".to_owned());
        assert!(matches!(short.bounded(), Cow::Borrowed(_)), "what fits is not copied");
    }
}
