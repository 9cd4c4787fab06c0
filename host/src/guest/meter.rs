//! The CPU time of guests that bring a language's runtime with them.
//!
//! Counting a small guest's instructions (fuel) is within the noise. An interpreter takes a third longer for
//! it, since it counts in each of its many short functions. So large modules are compiled with a look at a
//! clock in place of the count: the engine's epoch, which a thread moves on.

use super::caller::Caller;
use super::host::Host;
use super::limits::Build;
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};
use wasmtime::{Engine, Store, UpdateDeadline};

/// How often a guest that computes is looked at. After so long it lets the other users of its shard run.
const TICK: Duration = Duration::from_millis(2);

thread_local! {
    /// When the guest that this thread is in was last gone on with.
    static SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Moves the engine's epoch on, from now until the engine is gone.
///
/// # Errors
/// The system has no thread left for it.
pub(super) fn tick(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    let ticking = std::thread::Builder::new().name("katydid-tick".into());
    let ticking = ticking.spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
    ticking.map(drop)
}

/// Has the store's guest charged for its time, and let others run after each [`TICK`].
///
/// A guest that waited meets an epoch that has moved on meanwhile: what counts is for how long it has run
/// since. No more is charged than it can have run before it was looked at, should the system have taken the
/// core away from both of us.
pub(super) fn watch<C: Caller>(store: &mut Store<Host<C>>) {
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        let ran = SINCE.get().map_or(TICK, |since| since.elapsed());
        if ran < TICK {
            return Ok(UpdateDeadline::Continue(1));
        }
        store.data_mut().compute(ran.min(2 * TICK))?;
        Ok(UpdateDeadline::Yield(1))
    });
}

/// Carries out a call into a guest, and notes whenever it goes on with it.
pub(super) async fn timed<T>(build: Build, call: impl Future<Output = T>) -> T {
    if !build.large_code {
        return call.await;
    }
    let mut call = pin!(call);
    poll_fn(|context| {
        SINCE.set(Some(Instant::now()));
        call.as_mut().poll(context)
    })
    .await
}
