//! The thread of a worker: a runtime, a handler and its connections.

use super::Handler;
use super::connection::{Connection, Facts};
use std::cell::RefCell;
use std::io;
use std::net::TcpStream as StdStream;
use std::rc::Rc;
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// How often [`Handler::tick`] is called.
const TICK: Duration = Duration::from_millis(200);

/// What the acceptor tells a worker.
pub(super) enum Order {
    /// Serve this connection; its number, and the port of the client.
    Serve(StdStream, u64, u16),
    /// Close all connections.
    CloseAll,
}

/// The thread of a worker.
pub(super) fn work<H: Handler>(
    mut orders: mpsc::UnboundedReceiver<Order>,
    handler: H,
    facts: Facts,
    ready: &std::sync::mpsc::Sender<io::Result<()>>,
) {
    let begun = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let runtime = match begun {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let _ = ready.send(Ok(()));
    let handler = Rc::new(RefCell::new(handler));
    runtime.block_on(async {
        let mut connections = JoinSet::new();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Serve(stream, number, port)) => {
                        let handler = Rc::clone(&handler);
                        if let Ok(connection) = Connection::new(stream, number, port, &facts, handler) {
                            connections.spawn_local(connection.run());
                        }
                    }
                    Some(Order::CloseAll) => connections.shutdown().await,
                    None => break,
                },
                _ = ticks.tick() => handler.borrow_mut().tick(),
                // Only to forget it.
                _ = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        connections.shutdown().await;
    });
    drop(runtime);
    handler.borrow_mut().tick();
}
