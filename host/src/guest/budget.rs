//! What a guest may make the host do in one iteration, where it costs the guest next to nothing.

use super::caller::{Caller, Level};
use super::limits::Limits;

/// What is left of an iteration's events and log.
#[derive(Debug)]
pub(super) struct Budget {
    events: u32,
    log_lines: u32,
    log_bytes: usize,
    /// Whether it has been said that lines are dropped.
    said: bool,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        let Limits { events, log_lines, log_bytes, .. } = *limits;
        Self { events, log_lines, log_bytes, said: false }
    }

    /// Pays for one event; the error is a trap: what is not counted must not pass for counted.
    pub(super) fn event(&mut self, limits: &Limits) -> wasmtime::Result<()> {
        match self.events.checked_sub(1) {
            Some(left) => self.events = left,
            None => {
                let limit = limits.events;
                let text = format!("limit of {limit} events an iteration (--max-events)");
                return Err(wasmtime::Error::msg(text));
            }
        }
        Ok(())
    }

    /// Logs a line if there is room for it, else counts it as dropped, and says so once.
    pub(super) fn log(
        &mut self,
        limits: &Limits,
        caller: &mut impl Caller,
        level: Level,
        line: &str,
    ) {
        if self.log_lines > 0 && self.log_bytes >= line.len() {
            self.log_lines -= 1;
            self.log_bytes -= line.len();
            return caller.log(level, line);
        }
        caller.drop_log_line();
        if !std::mem::replace(&mut self.said, true) {
            let Limits { log_lines, log_bytes, .. } = limits;
            let limit = format!("{log_lines} lines (--max-log-lines)");
            let text = format!("log limit of {limit} or {log_bytes} bytes (--max-log-bytes)");
            caller.log(Level::Warn, &format!("{text} an iteration: the rest of it is dropped"));
        }
    }
}
