//! What a guest may use in one iteration that wasmtime does not count: its time, where it burns no fuel, and
//! what it may make the host do, where that costs it next to nothing.

use super::caller::{Caller, Level};
use super::limits::Limits;
use katydid_load::duration::show;
use std::time::Duration;

/// What is left of an iteration's time, events and log.
#[derive(Debug)]
pub(super) struct Budget {
    cpu: Duration,
    events: u32,
    log_lines: u32,
    log_bytes: usize,
    /// Whether it has been said that lines are dropped.
    said: bool,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        let Limits { cpu, events, log_lines, log_bytes, .. } = *limits;
        Self { cpu, events, log_lines, log_bytes, said: false }
    }

    /// Pays for time that the guest has computed; the error is a trap.
    pub(super) fn compute(&mut self, limits: &Limits, ran: Duration) -> wasmtime::Result<()> {
        match self.cpu.checked_sub(ran) {
            Some(left) => self.cpu = left,
            None => {
                let limit = show(limits.cpu);
                let text = format!("CPU limit of {limit} an iteration (--max-cpu)");
                return Err(wasmtime::Error::msg(text));
            }
        }
        Ok(())
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
