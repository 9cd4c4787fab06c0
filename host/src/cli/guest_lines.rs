//! What scenarios log, on its way to the screen.

use super::screen::Screen;
use crate::guest::Level;
use crate::run::GuestLine;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Lines of the scenarios' log. A shard never waits for a slow terminal: what does not fit is dropped, and
/// counted.
pub(super) struct GuestLines {
    pub(super) received: mpsc::Receiver<String>,
    dropped: Arc<AtomicU64>,
}

pub(super) type GuestLog = Arc<dyn Fn(GuestLine<'_>) + Send + Sync>;

impl GuestLines {
    /// Takes lines of this level and graver ones, if any.
    pub(super) fn new(least: Option<Level>) -> (GuestLog, Self) {
        let (send, received) = mpsc::channel(1_000);
        let dropped = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&dropped);
        let log: GuestLog = Arc::new(move |line: GuestLine<'_>| {
            if least.is_some_and(|least| line.level >= least) {
                let level = format!("{:?}", line.level).to_lowercase();
                if send.try_send(format!("[user {}] {level}: {}", line.user, line.message)).is_err()
                {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        (log, Self { received, dropped })
    }

    /// Shows what is there.
    pub(super) fn drain(&mut self, screen: &mut Screen) {
        while let Ok(line) = self.received.try_recv() {
            screen.line(&line);
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            screen.line(&format!("({dropped} more lines of the scenario's log were dropped)"));
        }
    }
}
