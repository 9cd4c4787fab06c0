//! How much of the machine it may take to look at a module.

use super::wrap::ModuleError;
use tokio::runtime::Builder;

/// How much of the machine looking at a module may take. What comes of it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// All cores: before a run, when somebody waits for it.
    Full,
    /// One thread of low priority: during a run, whose shards need the cores. It gets what they leave, and
    /// about a tenth of a core where they leave nothing; the limit of the time that compiling may take is on
    /// the wall's clock all the same. What was compiled before is found at once.
    Background,
}

/// A low priority, as `nice` counts. At the lowest one a machine without idle time would hardly ever be done.
const LOW: i32 = 10;

/// Does it from its beginning to its end on a thread of its own that has a low priority. Once begun it
/// ends by itself, whether or not anybody still waits for it.
pub(super) async fn aside<T: Send + 'static>(
    work: impl AsyncFnOnce() -> Result<T, ModuleError> + Send + 'static,
) -> Result<T, ModuleError> {
    let on_own_thread = move || -> std::io::Result<Result<T, ModuleError>> {
        // On Linux the priority is this thread's and, from now on, that of the threads that it starts.
        // To lower it is always allowed; if it should fail, we are merely not as modest as we meant to be.
        let _ = rustix::process::setpriority_process(None, LOW);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let made = runtime.block_on(work());
        // A compiler that takes too long cannot be stopped, but need not be waited for.
        runtime.shutdown_background();
        Ok(made)
    };
    // Not one of the runtime's own threads, which serve others later and could not be raised again. One of
    // them only waits: whoever holds tokio's clock in a test sees that something is under way.
    let waiting = tokio::task::spawn_blocking(move || {
        let thread =
            std::thread::Builder::new().name("katydid-aside".into()).spawn(on_own_thread)?;
        thread.join().unwrap_or_else(|_panic| Err(std::io::Error::other("it panicked")))
    });
    let broken = |error: &dyn std::fmt::Display| {
        ModuleError::Compile(format!("the compiler broke: {error}"))
    };
    match waiting.await {
        Ok(Ok(made)) => made,
        Ok(Err(error)) => Err(broken(&error)),
        Err(error) => Err(broken(&error)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use rustix::process::getpriority_process;
    use std::time::Duration;

    #[tokio::test]
    async fn what_happens_aside_gives_way_to_everything_else() {
        let before = getpriority_process(None).unwrap();
        let priorities = aside(async || {
            let of_its_own = tokio::task::spawn_blocking(|| getpriority_process(None));
            Ok((getpriority_process(None), of_its_own.await))
        });
        let (thread, of_its_own) = priorities.await.unwrap();
        assert_eq!((thread.unwrap(), of_its_own.unwrap().unwrap()), (LOW, LOW));
        // Neither this thread nor those that serve its runtime.
        let others = tokio::task::spawn_blocking(|| getpriority_process(None)).await.unwrap();
        assert_eq!((getpriority_process(None).unwrap(), others.unwrap()), (before, before));
    }

    #[tokio::test]
    async fn a_panic_aside_is_an_error_here() {
        let error = aside::<()>(async || panic!("on purpose")).await.unwrap_err().to_string();
        assert_eq!(error, "the module does not compile: the compiler broke: it panicked");
    }

    /// A clock that jumps over waiting does not jump over this.
    #[tokio::test(start_paused = true)]
    async fn a_held_clock_stays_meanwhile() {
        let began = tokio::time::Instant::now();
        let later = tokio::spawn(tokio::time::sleep(Duration::from_secs(60)));
        let work = aside(async || {
            std::thread::sleep(Duration::from_millis(20));
            Ok(())
        });
        work.await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        later.abort();
    }
}
