//! Why a request has no good reply: data, not an error.

use crate::bindings::katydid::load::data as wit;
use std::fmt;

/// Why a request has no good reply.
///
/// The host has counted the request by the time a task sees this, so a failure is *data*: `?` on it
/// ends the iteration, but does not make it a failed iteration. See [`Error`](crate::Error).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The target answered a fault.
    Fault {
        /// `faultCode`.
        code: i32,
        /// `faultString`.
        message: String,
    },
    /// The target answered an HTTP status other than 200.
    Status(u16),
    /// A time-out struck: `connect`, `first byte` or `total`.
    Timeout(String),
    /// The connection could not be made, or broke.
    Transport(String),
    /// The reply was not HTTP, or not XML-RPC.
    Protocol(String),
    /// The call was not sent: it cannot be written as XML-RPC, or breaks a limit.
    Rejected(String),
    /// The run ended while the request was under way.
    Interrupted,
    /// A request of the scenario's own, see [`measure`](crate::measure), failed for this reason.
    Reported(String),
}

impl Failure {
    /// The target answered a fault with this code.
    #[must_use]
    pub fn is_fault(&self, code: i32) -> bool {
        matches!(self, Self::Fault { code: answered, .. } if *answered == code)
    }

    /// Code and message of the fault, if the target answered one.
    #[must_use]
    pub fn fault(&self) -> Option<(i32, &str)> {
        match self {
            Self::Fault { code, message } => Some((*code, message)),
            _ => None,
        }
    }

    /// The target answered this HTTP status.
    #[must_use]
    pub fn is_status(&self, status: u16) -> bool {
        *self == Self::Status(status)
    }

    /// A time-out struck, whichever.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(_))
    }

    /// The connection could not be made, or broke.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(self, Self::Transport(_))
    }

    /// The run is over. What is called now is neither sent nor counted.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        *self == Self::Interrupted
    }

    /// The kind of failure in one word, as in the host's reports.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Fault { .. } => "fault",
            Self::Status(_) => "status",
            Self::Timeout(_) => "timeout",
            Self::Transport(_) => "transport",
            Self::Protocol(_) => "protocol",
            Self::Rejected(_) => "rejected",
            Self::Interrupted => "interrupted",
            Self::Reported(_) => "reported",
        }
    }
}

/// In the host's words, for example `fault 4: out of stock` or `timeout: total`.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::Interrupted => f.write_str(kind),
            Self::Status(status) => write!(f, "{kind} {status}"),
            Self::Fault { code, message } => write!(f, "{kind} {code}: {message}"),
            Self::Timeout(text)
            | Self::Transport(text)
            | Self::Protocol(text)
            | Self::Rejected(text)
            | Self::Reported(text) => write!(f, "{kind}: {text}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<wit::Failure> for Failure {
    fn from(failure: wit::Failure) -> Self {
        match failure {
            wit::Failure::Fault(wit::Fault { code, message }) => Self::Fault { code, message },
            wit::Failure::Status(status) => Self::Status(status),
            wit::Failure::Timeout(phase) => Self::Timeout(phase),
            wit::Failure::Transport(text) => Self::Transport(text),
            wit::Failure::Protocol(text) => Self::Protocol(text),
            wit::Failure::Rejected(text) => Self::Rejected(text),
            wit::Failure::Interrupted => Self::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_apart() {
        let fault = Failure::Fault { code: 4, message: "out of stock".to_owned() };
        let rows = [
            (fault.clone(), "fault 4: out of stock"),
            (Failure::Status(503), "status 503"),
            (Failure::Timeout("first byte".to_owned()), "timeout: first byte"),
            (Failure::Transport("refused".to_owned()), "transport: refused"),
            (Failure::Protocol("no XML".to_owned()), "protocol: no XML"),
            (Failure::Rejected("NaN".to_owned()), "rejected: NaN"),
            (Failure::Interrupted, "interrupted"),
            (Failure::Reported("no".to_owned()), "reported: no"),
        ];
        for (failure, text) in &rows {
            assert_eq!(failure.to_string(), *text);
            assert_eq!(failure.is_fault(4), failure.kind() == "fault", "{text}");
            assert_eq!(failure.is_status(503), failure.kind() == "status", "{text}");
            assert_eq!(failure.is_timeout(), failure.kind() == "timeout", "{text}");
            assert_eq!(failure.is_transport(), failure.kind() == "transport", "{text}");
            assert_eq!(failure.is_interrupted(), failure.kind() == "interrupted", "{text}");
        }
        assert_eq!(fault.fault(), Some((4, "out of stock")));
        assert!(!fault.is_fault(5));
    }
}
