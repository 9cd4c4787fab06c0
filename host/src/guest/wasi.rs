//! The WASI that a guest finds if it asks for one: empty. No files, no sockets, no arguments, no
//! environment. Clocks run, randomness follows the run's seed, and what is printed goes to the log.

use super::caller::Level;
use katydid_load::rng::{Purpose, Rng};
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::{WasiCtx, async_trait};

/// A user's WASI, and our ends of it.
pub(super) struct Wasi {
    pub(super) ctx: WasiCtx,
    /// Which iteration the user is in, for its randomness.
    iteration: Arc<AtomicU64>,
    stdout: Printed,
    stderr: Printed,
}

/// Randomness that one call may ask for, in bytes.
const RANDOM_BYTES: u64 = 64 << 10;

impl Wasi {
    pub(super) fn new(seed: u64, user: u64, iteration: u64) -> Self {
        let iteration = Arc::new(AtomicU64::new(iteration));
        let random = Random { seed, user, iteration: Arc::clone(&iteration), current: None };
        let mut fixed = Rng::keyed(seed, user, 0, Purpose::Wasi);
        let (stdout, stderr) = (Printed::default(), Printed::default());
        let ctx = WasiCtx::builder()
            // Two streams, so that nobody finds in one what the other gave.
            .insecure_random(Random { seed: !seed, ..random.clone() })
            .secure_random(random)
            .insecure_random_seed(u128::from(fixed.next_u64()) << 64 | u128::from(fixed.next_u64()))
            .max_random_size(RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .build();
        Self { ctx, iteration, stdout, stderr }
    }

    pub(super) fn begin_iteration(&self, iteration: u64) {
        self.iteration.store(iteration, Ordering::Relaxed);
    }

    /// Hands out the lines printed since the last time. An unfinished one stays, unless this is the
    /// `last` time.
    pub(super) fn printed(&self, last: bool, mut log: impl FnMut(Level, &str)) {
        for (stream, level) in [(&self.stdout, Level::Info), (&self.stderr, Level::Warn)] {
            stream.take_lines(last, |line| log(level, line));
        }
    }
}

/// Random numbers keyed by (seed, user, iteration), as those of `context.random`.
#[derive(Clone)]
struct Random {
    seed: u64,
    user: u64,
    iteration: Arc<AtomicU64>,
    current: Option<(u64, Rng)>,
}

impl Random {
    fn next(&mut self) -> u64 {
        let iteration = self.iteration.load(Ordering::Relaxed);
        let (seed, user) = (self.seed, self.user);
        let fresh = || (iteration, Rng::keyed(seed, user, iteration, Purpose::Wasi));
        let current = self.current.get_or_insert_with(fresh);
        if current.0 != iteration {
            *current = fresh();
        }
        current.1.next_u64()
    }
}

impl rand_core::TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// What a guest has printed and nobody has taken yet.
#[derive(Debug, Clone, Default)]
struct Printed(Arc<Mutex<Unread>>);

#[derive(Debug, Default)]
struct Unread {
    bytes: Vec<u8>,
    /// Whether something was thrown away since it was last taken.
    lost: bool,
}

/// Bytes that wait to be taken, and the longest line.
const UNREAD: usize = 64 << 10;

impl Printed {
    fn lock(&self) -> MutexGuard<'_, Unread> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never refuses: a program does not expect that printing fails.
    fn push(&self, bytes: &[u8]) {
        let mut unread = self.lock();
        let room = UNREAD - unread.bytes.len();
        unread.lost |= bytes.len() > room;
        unread.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn take_lines(&self, last: bool, mut log: impl FnMut(&str)) {
        let mut unread = self.lock();
        if unread.bytes.is_empty() {
            return;
        }
        let whole = unread.bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let upto = if last || unread.lost { unread.bytes.len() } else { whole };
        for line in unread.bytes[..upto].split(|&byte| byte == b'\n') {
            if !line.is_empty() {
                log(&String::from_utf8_lossy(line));
            }
        }
        if std::mem::take(&mut unread.lost) {
            log(&format!("(more than {UNREAD} bytes were printed at once; the rest is lost)"));
        }
        unread.bytes.drain(..upto);
    }
}

impl IsTerminal for Printed {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printed {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Printed {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[async_trait]
impl Pollable for Printed {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Printed {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(UNREAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::TryRng as _;

    #[test]
    fn lines_come_out_whole() {
        let printed = Printed::default();
        let taken = |last| {
            let mut lines = Vec::new();
            printed.take_lines(last, |line| lines.push(line.to_owned()));
            lines
        };
        printed.push(b"one\n\ntw");
        assert_eq!(taken(false), ["one"]);
        printed.push(b"o\nthree \xff");
        assert_eq!(taken(false), ["two"]);
        assert_eq!(taken(true), ["three \u{fffd}"]);
        assert!(taken(true).is_empty());
        // A flood is bounded, and said to be.
        (0..100).for_each(|_| printed.push(&[b'x'; 1_000]));
        let lines = taken(false);
        assert_eq!((lines.len(), lines[0].len()), (2, UNREAD));
        assert!(lines[1].contains("65536 bytes were printed at once"), "{}", lines[1]);
        assert!(taken(true).is_empty());
    }

    #[test]
    fn randomness_is_keyed_by_seed_user_and_iteration() {
        let draw = |seed, user, iteration, before: u64| {
            let cell = Arc::new(AtomicU64::new(before));
            let mut random = Random { seed, user, iteration: Arc::clone(&cell), current: None };
            let _ = random.try_next_u64();
            cell.store(iteration, Ordering::Relaxed);
            random.try_next_u64().unwrap_or_default()
        };
        assert_eq!(draw(1, 2, 3, 0), draw(1, 2, 3, 1), "whatever was drawn before");
        let others = [draw(2, 2, 3, 0), draw(1, 3, 3, 0), draw(1, 2, 4, 0)];
        assert!(others.iter().all(|&other| other != draw(1, 2, 3, 0)));
    }
}
