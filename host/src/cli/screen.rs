//! What is shown while a run is under way: a table redrawn in place on a terminal, plain lines where
//! there is none. All of it on standard error, so that standard output holds the report alone.

use crate::report::{self, RunInfo, Style};
use anyhow::Context as _;
use katydid_load::{Snapshot, Stage};
use std::io::{self, IsTerminal, StdoutLock, Write as _};

/// Standard error, as a terminal or as a plain stream.
pub(super) struct Screen {
    quiet: bool,
    /// Not even lines that stay.
    silent: bool,
    terminal: bool,
    /// Lines of the table that stands on the terminal now.
    drawn: usize,
    /// Seconds of the run at which the last plain line was printed.
    printed_at: Option<u64>,
}

const FALLBACK_WIDTH: usize = 120;
/// Plain lines come each second at first, then so many seconds apart.
const SPARSE: u64 = 10;

impl Screen {
    /// Shows everything; nothing in passing where it is to be `quiet`; nothing at all where `silent`.
    pub(super) fn new(quiet: bool, silent: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { quiet: quiet || silent, silent, terminal, drawn: 0, printed_at: None }
    }

    /// Whether a person watches a table that is redrawn.
    pub(super) fn is_live(&self) -> bool {
        self.terminal && !self.quiet
    }

    /// Shows where the run is.
    pub(super) fn show(&mut self, snapshot: &Snapshot, info: &RunInfo) {
        if self.quiet {
            return;
        }
        if self.terminal {
            let table = report::live(snapshot, info, &style(&std::io::stderr()));
            self.draw(&table);
        } else {
            let second = (snapshot.elapsed_ns + 500_000_000) / 1_000_000_000;
            let due = match self.printed_at {
                None => second > 0,
                Some(last) if second <= SPARSE => second > last,
                Some(last) => second >= last + SPARSE,
            };
            if due && snapshot.stage != Stage::Finished {
                self.printed_at = Some(second);
                eprintln!("{}", report::progress_line(snapshot, info));
            }
        }
    }

    /// Says that something goes on, after so many seconds: in place on a terminal, elsewhere at first
    /// and then now and again.
    pub(super) fn working(&mut self, what: &str, seconds: u64) {
        if self.quiet {
            return;
        }
        if self.terminal {
            self.draw(&format!("{what} ... {seconds} s\n"));
        } else if seconds == 1 || seconds.is_multiple_of(SPARSE) {
            eprintln!("{what} ... {seconds} s");
        }
    }

    /// Prints a line that stays, above the table.
    pub(super) fn line(&mut self, text: &str) {
        if !self.silent {
            self.clear();
            eprintln!("{text}");
        }
    }

    /// Takes the table away.
    pub(super) fn clear(&mut self) {
        if self.drawn > 0 {
            // Up to the table's first line, then erase to the end of the screen.
            eprint!("\x1b[{}A\x1b[J", self.drawn);
            self.drawn = 0;
        }
    }

    fn draw(&mut self, table: &str) {
        let mut out = String::new();
        if self.drawn > 0 {
            out.push_str(&format!("\x1b[{}A\x1b[J", self.drawn));
        }
        out.push_str(table);
        self.drawn = table.lines().count();
        let mut terminal = std::io::stderr().lock();
        let _ = terminal.write_all(out.as_bytes()).and_then(|()| terminal.flush());
    }

    pub(super) fn style_of_stdout(&self) -> Style {
        style(&std::io::stdout())
    }
}

/// Prints `what` on standard output. Who reads it may have seen enough and be gone, as `head` is: that is no
/// mistake.
pub(super) fn print(
    what: &str,
    write: impl FnOnce(&mut StdoutLock<'_>) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.with_context(|| format!("cannot print {what}")),
    }
}

/// How to write to a stream: coloured and as wide as the terminal, if it is one. `NO_COLOR` is heeded
/// (no-color.org).
pub(super) fn style(stream: &(impl IsTerminal + rustix::fd::AsFd)) -> Style {
    let color =
        stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let (width, rows) = size(stream).unwrap_or((FALLBACK_WIDTH, usize::MAX));
    // What is taller than the screen could not be taken back.
    Style { color, width, height: rows.saturating_sub(1), unicode: speaks_unicode() }
}

/// The locale's character set is UTF-8, or nobody said (POSIX.1, environment variables).
fn speaks_unicode() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Columns and rows of a terminal.
fn size(stream: &impl rustix::fd::AsFd) -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then(|| (size.ws_col.into(), size.ws_row.into()))
}
