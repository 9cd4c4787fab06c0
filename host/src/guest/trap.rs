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
    /// Puts wasmtime's error into words.
    pub(super) fn new(error: &wasmtime::Error, limits: &Limits) -> Self {
        Self::after(error, limits, None, None)
    }

    /// The same for a guest that said that it panics, or that hit a limit shortly before.
    pub(super) fn after(
        error: &wasmtime::Error,
        limits: &Limits,
        panic: Option<&str>,
        struck: Option<&str>,
    ) -> Self {
        let mut reason = match (limits.struck(error), panic) {
            (Some(limit), _) => limit,
            (None, Some(panic)) if panic.starts_with("panicked") => panic.to_owned(),
            (None, Some(panic)) => format!("panicked: {panic}"),
            (None, None) => match error.downcast_ref::<wasmtime::Trap>() {
                Some(trap) => trap.to_string(),
                None => error.root_cause().to_string(),
            },
        };
        if let Some(struck) = struck {
            let _ = write!(reason, " after the {struck}");
        }
        let backtrace = error
            .downcast_ref::<wasmtime::WasmBacktrace>()
            .map(|trace| {
                let names = trace.frames().iter().map(|frame| match frame.func_name() {
                    Some(name) => demangled(name),
                    None => format!("function {}", frame.func_index()),
                });
                names.skip_while(|name| is_machinery(name)).take(FRAMES).collect()
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

/// A function's name as its author wrote it, if it is Rust's; cut to a readable length and free of
/// control characters.
fn demangled(name: &str) -> String {
    one_line(&format!("{:#}", rustc_demangle::demangle(name))).chars().take(120).collect()
}

/// What stands between a panic and the trap that it ends in.
fn is_machinery(name: &str) -> bool {
    let name = name.trim_start_matches('<');
    ["std::panicking", "core::panicking", "std::sys::backtrace", "__rustc", "std::process::abort"]
        .iter()
        .any(|machinery| name.starts_with(machinery))
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_people_wrote_them() {
        #[rustfmt::skip]
        let table = [
            ("_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt", "core::panicking::panic_fmt", true),
            ("_ZN4core9panicking13assert_failed17h1d7c6fa661db7491E", "core::panicking::assert_failed", true),
            ("_RNvCsfLfy6EI15iL_7___rustc17rust_begin_unwind", "__rustc::rust_begin_unwind", true),
            ("shop_buy", "shop_buy", false),
            ("a\nb", "a b", false),
        ];
        for (name, expected, machinery) in table {
            assert_eq!(demangled(name), expected);
            assert_eq!(is_machinery(&demangled(name)), machinery, "{expected}");
        }
    }
}
