//! Why an attempt came to nothing, in words that are the same for the same cause, so that failures
//! can be grouped: no addresses, no counts of bytes, no times.

use katydid_load::Failure;
use std::io;
use tokio_rustls::rustls::{self, AlertDescription, CertificateError};

/// Why an attempt came to nothing.
pub(super) struct Broken {
    pub(super) failure: Failure,
    /// The connection was an old one and broke before the reply began: worth one more try.
    pub(super) stale: bool,
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self { failure, stale: false }
    }
}

/// How far an exchange had come when its connection broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Connecting,
    Handshake,
    /// No byte of the reply has come.
    Request,
    Reply,
}

pub(super) fn closed_by_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof,
    };
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof
    )
}

/// What the system or the TLS layer said, as a failure.
pub(super) fn transport(error: &io::Error, stage: Stage) -> Failure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(inner) = inner {
        return Failure::Transport(format!("TLS: {}", tls(inner)));
    }
    let words = system(error);
    Failure::Transport(match stage {
        Stage::Handshake if closed_by_peer(error) => {
            "TLS: the target closed the connection during the handshake".into()
        }
        Stage::Handshake => format!("{words} during the TLS handshake"),
        Stage::Reply => format!("{words} in the middle of the reply"),
        Stage::Connecting | Stage::Request => words,
    })
}

/// What the system said.
fn system(error: &io::Error) -> String {
    use io::ErrorKind::{
        AddrNotAvailable, BrokenPipe, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkUnreachable, NotFound, PermissionDenied, TimedOut, UnexpectedEof,
    };
    const EMFILE: i32 = 24;
    match error.kind() {
        ConnectionRefused => "connection refused".into(),
        ConnectionReset => "connection reset".into(),
        BrokenPipe => "connection closed while sending".into(),
        UnexpectedEof => "connection closed without a reply".into(),
        HostUnreachable => "host unreachable".into(),
        NetworkUnreachable => "network unreachable".into(),
        TimedOut => "connection timed out in the system".into(),
        // Of unix sockets.
        NotFound => "no such socket".into(),
        PermissionDenied => "permission denied".into(),
        AddrNotAvailable => {
            "no local port is free (widen net.ipv4.ip_local_port_range or use fewer users)".into()
        }
        _ if error.raw_os_error() == Some(EMFILE) => {
            "too many open files (raise `ulimit -n`)".into()
        }
        _ => error.to_string().to_lowercase(),
    }
}

/// What the TLS layer said. Its own words tell times and names, which would split the groups.
fn tls(error: &rustls::Error) -> String {
    use rustls::Error as E;
    match error {
        E::InvalidCertificate(reason) => certificate(reason),
        E::AlertReceived(alert) => format!("the target refused: {}", words(alert)),
        E::InvalidMessage(_) => "the target does not speak TLS".into(),
        E::PeerIncompatible(_) => "no version or cipher in common".into(),
        E::NoCertificatesPresented => "the target showed no certificate".into(),
        other => other.to_string().to_lowercase(),
    }
}

fn certificate(reason: &CertificateError) -> String {
    use CertificateError as C;
    match reason {
        C::Expired | C::ExpiredContext { .. } => "certificate expired".into(),
        C::NotValidYet | C::NotValidYetContext { .. } => "certificate not valid yet".into(),
        C::UnknownIssuer => "certificate of an unknown issuer".into(),
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            "certificate for another name".into()
        }
        C::Revoked => "certificate revoked".into(),
        C::BadSignature => "certificate with a wrong signature".into(),
        C::BadEncoding => "certificate that cannot be read".into(),
        C::InvalidPurpose | C::InvalidPurposeContext { .. } => {
            "certificate for another purpose".into()
        }
        C::Other(other) => format!("certificate refused: {other}").to_lowercase(),
        other => {
            let name = format!("{other:?}");
            let name = name.split([' ', '(', '{']).next().unwrap_or_default();
            format!("certificate refused: {}", spaced(name))
        }
    }
}

fn words(alert: &AlertDescription) -> String {
    spaced(&format!("{alert:?}"))
}

/// `CertificateRequired` as `certificate required`, `UnknownCA` as `unknown ca`.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && after_small {
            text.push(' ');
        }
        after_small = !letter.is_ascii_uppercase();
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn causes_in_words() {
        let table = [
            (ErrorKind::ConnectionRefused, Stage::Connecting, "connection refused"),
            (ErrorKind::HostUnreachable, Stage::Connecting, "host unreachable"),
            (ErrorKind::NetworkUnreachable, Stage::Connecting, "network unreachable"),
            (ErrorKind::NotFound, Stage::Connecting, "no such socket"),
            (ErrorKind::PermissionDenied, Stage::Connecting, "permission denied"),
            (ErrorKind::ConnectionReset, Stage::Request, "connection reset"),
            (ErrorKind::BrokenPipe, Stage::Request, "connection closed while sending"),
            (ErrorKind::UnexpectedEof, Stage::Request, "connection closed without a reply"),
            (
                ErrorKind::ConnectionReset,
                Stage::Reply,
                "connection reset in the middle of the reply",
            ),
            (
                ErrorKind::UnexpectedEof,
                Stage::Handshake,
                "closed the connection during the handshake",
            ),
            (
                ErrorKind::TimedOut,
                Stage::Handshake,
                "timed out in the system during the TLS handshake",
            ),
        ];
        for (kind, stage, expected) in table {
            let text = transport(&kind.into(), stage).to_string();
            assert!(text.ends_with(expected), "{text}");
        }
        let files = transport(&io::Error::from_raw_os_error(24), Stage::Connecting).to_string();
        assert!(files.contains("ulimit -n"), "{files}");
    }

    #[test]
    fn tls_in_words() {
        use rustls::Error as E;
        #[rustfmt::skip]
        let table = [
            (E::InvalidCertificate(CertificateError::Expired), "TLS: certificate expired"),
            (E::InvalidCertificate(CertificateError::NotValidYet), "TLS: certificate not valid yet"),
            (E::InvalidCertificate(CertificateError::UnhandledCriticalExtension), "TLS: certificate refused: unhandled critical extension"),
            (E::AlertReceived(AlertDescription::CertificateRequired), "TLS: the target refused: certificate required"),
            (E::NoCertificatesPresented, "TLS: the target showed no certificate"),
            (E::DecryptError, "TLS: cannot decrypt peer's message"),
        ];
        for (error, expected) in table {
            let error = io::Error::new(ErrorKind::InvalidData, error);
            assert_eq!(transport(&error, Stage::Handshake), Failure::Transport(expected.into()));
        }
    }
}
