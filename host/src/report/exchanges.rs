//! Whole exchanges of the first few failures of each kind: what was asked, what was answered, and when.
use super::fit;
use super::number::{self, count};
use super::style::{Paint, Style};
use katydid_load::evidence::{Evidence, Excerpt};
use katydid_load::{Failure, Label, Snapshot};
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

/// What stands before each line of a request or a reply.
const INDENT: &str = "    ";

/// Writes the exchanges that were kept, by label and failure: stamps as lengths of time, request and reply as
/// text, with whatever could move a cursor escaped. Nothing where nothing failed.
///
/// # Errors
/// The writer's.
pub fn exchanges(snapshot: &Snapshot, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut lines = Vec::new();
    for of_failure in by_failure(snapshot) {
        let Some(first) = of_failure.first() else { continue };
        let title = format!("{}: {}", first.label, first.failure);
        lines.extend(fit::hanging("failed:", &title, Paint::Bad, style));
        for evidence in of_failure {
            lines.extend(one(evidence, snapshot, style));
        }
        lines.push(String::new());
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// The exchanges in groups of the same label and failure, which stand one after the other in a snapshot.
pub(super) fn by_failure(snapshot: &Snapshot) -> impl Iterator<Item = &[Arc<Evidence>]> {
    let same = |a: &Arc<Evidence>, b: &Arc<Evidence>| key(a) == key(b);
    snapshot.evidence.chunk_by(same)
}

fn key(evidence: &Evidence) -> (&Label, Cow<'_, Failure>) {
    (&evidence.label, evidence.failure.bounded())
}

fn one(evidence: &Evidence, snapshot: &Snapshot, style: &Style) -> Vec<String> {
    let mut lines = fit::wrap(&whose(evidence), style.width.saturating_sub(2));
    lines.extend(fit::wrap(&stamps(evidence, snapshot), style.width.saturating_sub(2)));
    lines.iter_mut().for_each(|line| line.insert_str(0, "  "));
    for (what, excerpt) in [("request", &evidence.request), ("reply", &evidence.reply)] {
        lines.push(fit::cut(&format!("  {what}: {}", size(excerpt)), style.width, style));
        let room = style.width.saturating_sub(INDENT.len());
        for line in shown(excerpt).lines().flat_map(|line| fit::broken(line, room)) {
            lines.push(format!("{INDENT}{line}").trim_end().to_owned());
        }
    }
    lines
}

/// Who made the request.
pub(super) fn whose(evidence: &Evidence) -> String {
    let Evidence { user, iteration, number, version, .. } = evidence;
    let [user, iteration, number] = [user, iteration, number].map(|n| count(*n));
    format!("user {user}, iteration {iteration}, request {number}, v{version}")
}

/// When the request was due, and how long each step after that took.
pub(super) fn stamps(evidence: &Evidence, snapshot: &Snapshot) -> String {
    let Evidence { due_ns, called_ns, sent_ns, done_ns, .. } = *evidence;
    let ms = |from: u64, to: u64| number::ms(to.saturating_sub(from) / 1_000);
    let due = number::offset(due_ns, snapshot.began_ns);
    let late = ms(due_ns, called_ns);
    match sent_ns {
        Some(sent_ns) => {
            let (sent, done) = (ms(called_ns, sent_ns), ms(sent_ns, done_ns));
            format!(
                "due at {due}, called {late} ms later, sent after {sent} ms, done after {done} ms more"
            )
        }
        None => {
            let done = ms(called_ns, done_ns);
            format!("due at {due}, called {late} ms later, never sent, given up after {done} ms")
        }
    }
}

/// How long it was.
pub(super) fn size(excerpt: &Excerpt) -> String {
    match excerpt.length {
        0 => "nothing".to_owned(),
        length => number::counted(length as u64, "byte"),
    }
}

/// What was kept of it, as lines that people can read: what is no UTF-8 is replaced, what could move a cursor
/// escaped. What was cut off is counted at its end.
pub(super) fn shown(excerpt: &Excerpt) -> String {
    let text = match text(excerpt) {
        Some(text) => Cow::Borrowed(text),
        None => String::from_utf8_lossy(&excerpt.bytes),
    };
    let mut shown: Vec<_> = text.lines().map(|line| fit::escaped(line, usize::MAX)).collect();
    if excerpt.is_cut() {
        let more = excerpt.length - excerpt.bytes.len();
        shown.push(format!("… {}", number::counted(more as u64, "more byte")));
    }
    shown.join("\n")
}

/// What was kept of it, where that is UTF-8. A character that was torn when it was cut is left out.
pub(super) fn text(excerpt: &Excerpt) -> Option<&str> {
    match std::str::from_utf8(&excerpt.bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && excerpt.is_cut() => {
            std::str::from_utf8(&excerpt.bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(bytes: &[u8], length: usize) -> Excerpt {
        Excerpt { bytes: bytes.into(), length }
    }

    #[test]
    fn bytes_as_text() {
        let rows: [(Excerpt, Option<&str>, &str); 7] = [
            (Excerpt::of(b""), Some(""), ""),
            (Excerpt::of(b"a\r\nb\n"), Some("a\r\nb\n"), "a\nb"),
            (Excerpt::of(b"a\x1b[2J\rb\x00"), Some("a\x1b[2J\rb\0"), "a\\u{1b}[2J\\rb\\u{0}"),
            (Excerpt::of(b"\x1f\x8bz"), None, "\\u{1f}\u{fffd}z"),
            (cut(b"abc", 12_348), Some("abc"), "abc\n… 12,345 more bytes"),
            // The last character was torn: it is not the reply's fault.
            (cut("aé".split_at(1).0.as_bytes(), 3), Some("a"), "a\n… 2 more bytes"),
            (cut(&"aé".as_bytes()[..2], 3), Some("a"), "a\n… 1 more byte"),
        ];
        for (excerpt, expected, lines) in rows {
            assert_eq!((text(&excerpt), shown(&excerpt).as_str()), (expected, lines));
        }
        // What ends in the midst of a character though nothing was cut is no text.
        assert_eq!(text(&Excerpt::of(&"é".as_bytes()[..1])), None);
    }
}
