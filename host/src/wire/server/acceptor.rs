//! The thread that accepts connections, hands them out, and goes deaf for the time of an outage.

use super::worker::Order;
use super::{Outage, SocketAddr};
use crate::clock::monotonic_ns;
use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

/// Connections that may wait to be accepted. The kernel cuts it down to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

pub(super) fn listen(address: SocketAddr) -> io::Result<StdListener> {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of a server before us, still in TIME_WAIT, must not keep us off its port.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The thread that accepts.
pub(super) struct Acceptor {
    pub(super) address: SocketAddr,
    pub(super) workers: Vec<mpsc::UnboundedSender<Order>>,
    pub(super) first_ns: Arc<AtomicU64>,
    /// Connections so far.
    pub(super) next: u64,
}

impl Acceptor {
    pub(super) async fn run(
        mut self,
        mut listener: TcpListener,
        outages: &[Outage],
        mut stopped: oneshot::Receiver<()>,
    ) {
        for outage in outages {
            let up = async {
                let begin = self.accept_first(&listener).await;
                tokio::select! {
                    () = sleep_until(begin + outage.at) => {}
                    () = self.accept_all(&listener) => {}
                }
                begin + outage.at + outage.length
            };
            let end = tokio::select! {
                _ = &mut stopped => return,
                end = up => end,
            };
            drop(listener);
            for worker in &self.workers {
                let _ = worker.send(Order::CloseAll);
            }
            let down = async {
                sleep_until(end).await;
                self.listen_again().await
            };
            listener = tokio::select! {
                _ = &mut stopped => return,
                again = down => again,
            };
        }
        tokio::select! {
            _ = &mut stopped => {}
            () = self.accept_all(&listener) => {}
        }
    }

    /// The instant of the first connection ever, which is awaited.
    async fn accept_first(&mut self, listener: &TcpListener) -> Instant {
        while self.next == 0 {
            self.accept_one(listener).await;
        }
        let since = monotonic_ns().saturating_sub(self.first_ns.load(Ordering::Relaxed));
        let now = Instant::now();
        now.checked_sub(Duration::from_nanos(since)).unwrap_or(now)
    }

    async fn accept_all(&mut self, listener: &TcpListener) {
        loop {
            self.accept_one(listener).await;
        }
    }

    async fn accept_one(&mut self, listener: &TcpListener) {
        let accepted = match listener.accept().await {
            Ok((stream, peer)) => stream.into_std().map(|stream| (stream, peer.port())),
            Err(error) => Err(error),
        };
        let Ok((stream, port)) = accepted else {
            // Too many open files, most likely: it passes when clients leave.
            return sleep(Duration::from_millis(20)).await;
        };
        if self.next == 0 {
            self.first_ns.store(monotonic_ns(), Ordering::Relaxed);
        }
        self.next += 1;
        let index = self.next % self.workers.len() as u64;
        if let Some(worker) = self.workers.get(usize::try_from(index).unwrap_or(0)) {
            let _ = worker.send(Order::Serve(stream, self.next, port));
        }
    }

    async fn listen_again(&self) -> TcpListener {
        loop {
            if let Ok(listener) = listen(self.address).and_then(TcpListener::from_std) {
                return listener;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}
