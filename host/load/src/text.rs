//! Text that came from elsewhere, made fit to be shown and kept: bounded, and on one line.
use std::borrow::Cow;
use std::fmt::{self, Write};

/// What stands in for text that was cut off.
const ELLIPSIS: char = '…';

/// Whether a character could move the cursor, break the line or reorder the text around it.
pub(crate) fn is_unruly(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text cut to `limit` characters (the last of which is then an ellipsis); borrowed when it fits.
pub(crate) fn bounded(text: &str, limit: usize) -> Cow<'_, str> {
    // Every character is at least one byte: short text need not be counted.
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.push(ELLIPSIS);
    Cow::Owned(cut)
}

/// The text with every unruly character replaced by U+FFFD, cut to `limit` characters.
pub(crate) fn tame(text: &str, limit: usize) -> String {
    let tamed = |c| {
        if is_unruly(c) { char::REPLACEMENT_CHARACTER } else { c }
    };
    bounded(text, limit).chars().map(tamed).collect()
}

/// A writer that escapes unruly characters (`\n`, `\u{1b}`) and stops before a number of characters is exceeded.
/// It cannot know what follows, so the last place is always the ellipsis's.
pub(crate) struct Bounded<'a, W> {
    to: &'a mut W,
    left: usize,
    cut: bool,
}

impl<'a, W: Write> Bounded<'a, W> {
    /// Writes at most `limit` characters to `to`, an ellipsis included.
    pub(crate) fn new(to: &'a mut W, limit: usize) -> Self {
        Self { to, left: limit, cut: false }
    }
}

impl<W: Write> Write for Bounded<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.cut {
                break;
            }
            let width = if is_unruly(c) { c.escape_default().count() } else { 1 };
            // The last place is kept for the ellipsis.
            if width >= self.left {
                self.cut = true;
                return self.to.write_char(ELLIPSIS);
            }
            self.left -= width;
            if width == 1 {
                self.to.write_char(c)?;
            } else {
                write!(self.to, "{}", c.escape_default())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_count_characters_and_not_bytes() {
        let rows = [
            // Fits exactly: kept as it is.
            ("abc", 3, "abc"),
            // One too many: the last place is the ellipsis.
            ("abcd", 3, "ab…"),
            // Wide characters count once.
            ("äöü", 3, "äöü"),
            ("äöüß", 3, "äö…"),
            ("", 3, ""),
        ];
        for (text, limit, expected) in rows {
            assert_eq!(bounded(text, limit), expected, "{text:?} in {limit}");
        }
    }

    #[test]
    fn tamed_text_keeps_its_length_and_loses_its_control_characters() {
        assert_eq!(tame("a\nb\u{1b}[31m\u{202e}c", 20), "a\u{fffd}b\u{fffd}[31m\u{fffd}c");
    }

    #[test]
    fn the_bounded_writer_escapes_and_stops_for_good() {
        let mut text = String::new();
        let mut out = Bounded::new(&mut text, 8);
        write!(out, "a\nb").expect("a string takes everything");
        write!(out, "cdefghij").expect("a string takes everything");
        write!(out, "k").expect("a string takes everything");
        assert_eq!(text, "a\\nbcde…");
    }
}
