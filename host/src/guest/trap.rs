//! The end of an instance.

use super::limits::Limits;
use std::fmt::{self, Write as _};

/// A guest broke its sandbox's rules or its own: its instance is gone, the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// Why, in one line that is the same for the same cause.
    pub reason: String,
    /// Where: the guest's innermost functions.
    pub backtrace: Vec<String>,
}

/// Frames that are shown; the rest helps nobody.
const FRAMES: usize = 8;

impl Trap {
    /// Puts wasmtime's error into words. `struck` is a limit that was hit shortly before.
    pub(super) fn new(error: &wasmtime::Error, struck: Option<&str>, limits: &Limits) -> Self {
        let mut reason = match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::OutOfFuel) => {
                format!("CPU limit of {} fuel an iteration", limits.fuel)
            }
            Some(wasmtime::Trap::StackOverflow) => {
                format!("stack limit of {} bytes", limits.stack_bytes)
            }
            Some(trap) => trap.to_string(),
            None => error.root_cause().to_string(),
        };
        if let Some(struck) = struck {
            let _ = write!(reason, " after the {struck}");
        }
        let backtrace = error
            .downcast_ref::<wasmtime::WasmBacktrace>()
            .map(|trace| {
                let names =
                    trace.frames().iter().take(FRAMES).map(|frame| match frame.func_name() {
                        Some(name) => demangled(name),
                        None => format!("function {}", frame.func_index()),
                    });
                names.collect()
            })
            .unwrap_or_default();
        Self { reason: one_line(&reason), backtrace }
    }
}

impl fmt::Display for Trap {
    /// The reason, and below it a line for each frame.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        self.backtrace.iter().try_for_each(|frame| write!(f, "\n  at {frame}"))
    }
}

/// A function's name, cut to a readable length and free of control characters.
fn demangled(name: &str) -> String {
    one_line(name).chars().take(120).collect()
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
