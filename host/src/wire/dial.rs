//! Making a connection: look-up, connect, handshake. This runs as a task of its own, for the stack
//! that an exchange is polled on is a guest's fiber, and small.

use super::broken::{Stage, transport};
use super::names;
use super::settings::Settings;
use super::stream::Stream;
use super::tls::Session;
use super::url::{Route, Target};
use katydid_load::Failure;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::net::{TcpSocket, TcpStream, UnixStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::HandshakeKind;

/// A connection in the making. Dropping it gives up.
#[derive(Debug)]
pub(super) struct Dial(JoinHandle<Result<Stream, Failure>>);

impl Dial {
    /// Begins to connect `user` to the target.
    pub(super) fn begin(
        target: &Arc<Target>,
        settings: &Arc<Settings>,
        user: u64,
        session: Option<&Arc<Session>>,
    ) -> Self {
        let (target, settings) = (Arc::clone(target), Arc::clone(settings));
        let session = session.map(Arc::clone).unwrap_or_default();
        // Boxed inside the task, so that its large state is made on the task's stack: what is
        // spawned passes over ours.
        Self(tokio::spawn(async move {
            let stream = Box::pin(dial(&target, &settings, user, session)).await?;
            settings.counters.opened();
            Ok(stream)
        }))
    }
}

impl Future for Dial {
    type Output = Result<Stream, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // It ends early only where the runtime does.
        Pin::new(&mut self.0).poll(context).map(|ended| ended.unwrap_or(Err(Failure::Interrupted)))
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn dial(
    target: &Target,
    settings: &Settings,
    user: u64,
    session: Arc<Session>,
) -> Result<Stream, Failure> {
    let (names, tls) = match &target.route {
        Route::Unix(path) => {
            let stream = UnixStream::connect(path).await;
            return stream.map(Stream::Unix).map_err(|error| transport(&error, Stage::Connecting));
        }
        Route::Tcp { names, tls } => (names, tls),
    };
    let addresses =
        names.addresses(Instant::now(), &settings.counters).await.map_err(|reason| {
            Failure::Transport(format!("the target's name does not resolve ({reason})"))
        })?;
    let stream = connect(&addresses, &settings.sources, user).await?;
    // Without this a request of two segments would wait for the first one's acknowledgement.
    stream.set_nodelay(true).map_err(|error| transport(&error, Stage::Connecting))?;
    let Some(tls) = tls else { return Ok(Stream::Tcp(stream)) };
    let connector = TlsConnector::from(tls.for_user(session));
    let stream = connector
        .connect(tls.name.clone(), stream)
        .await
        .map_err(|error| transport(&error, Stage::Handshake))?;
    let kind = stream.get_ref().1.handshake_kind();
    settings.counters.handshake(kind == Some(HandshakeKind::Resumed));
    Ok(Stream::Tls(Box::new(stream)))
}

/// Tries the addresses one after the other.
async fn connect(
    addresses: &[SocketAddr],
    sources: &[IpAddr],
    user: u64,
) -> Result<TcpStream, Failure> {
    let mut last = None;
    for address in names::order(addresses, user) {
        let attempt = match source(sources, address, user) {
            None if sources.is_empty() => TcpStream::connect(address).await,
            None => continue,
            Some(source) => connect_from(source, address).await,
        };
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) => transport(&error, Stage::Connecting),
        None => Failure::Transport("no source address is of the target's family".into()),
    })
}

/// The address that this user's connections come from: those of the right family, in turns.
fn source(sources: &[IpAddr], to: SocketAddr, user: u64) -> Option<IpAddr> {
    let fitting = sources.iter().filter(|source| source.is_ipv6() == to.is_ipv6());
    let count = fitting.clone().count() as u64;
    let place = user.checked_rem(count)?;
    fitting.copied().nth(place as usize) // below the number of addresses
}

async fn connect_from(source: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = if to.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    socket.bind(SocketAddr::new(source, 0))?;
    socket.connect(to).await
}

/// Whether connections can come from this address: it is one of this machine's.
///
/// # Errors
/// It is not; the message names it and a cure.
pub fn check_source(address: IpAddr) -> Result<(), String> {
    match UdpSocket::bind((address, 0)) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "source address \"{address}\" cannot be used ({error}); name an address of this machine, `ip address` lists them"
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn users_share_the_sources_of_the_right_family() {
        let sources: Vec<IpAddr> =
            ["127.0.0.2", "::1", "127.0.0.3"].iter().map(|text| text.parse().unwrap()).collect();
        let four: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let six: SocketAddr = "[::1]:80".parse().unwrap();
        let table = [
            (four, 0, Some("127.0.0.2")),
            (four, 1, Some("127.0.0.3")),
            (four, 2, Some("127.0.0.2")),
            (six, 0, Some("::1")),
            (six, 7, Some("::1")),
        ];
        for (to, user, expected) in table {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(source(&sources, to, user), expected, "{to} {user}");
        }
        assert_eq!(source(&sources[..1], six, 0), None);
        assert_eq!(source(&[], four, 0), None);
    }

    #[test]
    fn a_source_must_be_ours() {
        assert_eq!(check_source("127.0.0.9".parse().unwrap()), Ok(()));
        let error = check_source("192.0.2.1".parse().unwrap()).unwrap_err();
        assert!(error.contains("\"192.0.2.1\"") && error.contains("of this machine"), "{error}");
    }
}
