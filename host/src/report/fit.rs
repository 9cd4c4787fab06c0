//! Text that fits: measured in columns of a terminal, cut, broken into lines, free of surprises.
use super::style::{Paint, Style};
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns that the text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to so many columns, an ellipsis at its end where something is missing.
pub(super) fn cut(text: &str, columns: usize, style: &Style) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let ellipsis = style.ellipsis();
    match columns.checked_sub(width(ellipsis)) {
        Some(room) => beginning(text, room).to_owned() + ellipsis,
        None => ".".repeat(columns),
    }
}

/// As much of the text's beginning as has room.
fn beginning(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    for (place, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > columns {
            return &text[..place];
        }
    }
    text
}

/// The text in lines of at most so many columns, broken between words, inside them where they are
/// longer than a line. At least one line.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2); // room for one character, however wide
    let mut lines = vec![String::new()];
    for mut word in text.split_whitespace() {
        let taken = lines.last().map_or(0, |line| width(line));
        if taken > 0 && taken + 1 + width(word) > columns {
            lines.push(String::new());
        } else if taken > 0 {
            lines.iter_mut().last().into_iter().for_each(|line| line.push(' '));
        }
        while width(word) > columns {
            let part = beginning(word, columns);
            lines.iter_mut().last().into_iter().for_each(|line| line.push_str(part));
            lines.push(String::new());
            word = &word[part.len()..];
        }
        lines.iter_mut().last().into_iter().for_each(|line| line.push_str(word));
    }
    lines
}

/// The text wrapped, all lines but the first indented, painted.
pub(super) fn hanging(text: &str, indent: usize, paint: Paint, style: &Style) -> Vec<String> {
    let lines = wrap(text, style.width.saturating_sub(indent));
    let indented = |(place, line): (usize, String)| {
        let indent = if place == 0 { 0 } else { indent };
        format!("{:indent$}{}", "", style.paint(paint, &line))
    };
    lines.into_iter().enumerate().map(indented).collect()
}

/// Pieces one after the other with three spaces between, on as many lines as they need. No piece is
/// torn; one that is wider than a line is cut.
pub(super) fn flow(pieces: &[(Paint, String)], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut taken) = (String::new(), 0);
    for (paint, piece) in pieces {
        let piece = cut(piece, style.width, style);
        if taken > 0 && taken + 3 + width(&piece) > style.width {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        if taken > 0 {
            line.push_str("   ");
            taken += 3;
        }
        taken += width(&piece);
        line.push_str(&style.paint(*paint, &piece));
    }
    lines.push(line);
    lines
}

/// The text on one line of at most `limit` characters, whatever could move a cursor or reorder what
/// is around it escaped.
pub(super) fn escaped(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    for (place, c) in text.chars().enumerate() {
        if place >= limit {
            shown.push('…');
            break;
        }
        // Writing to a string cannot fail.
        let _ = if is_unruly(c) {
            write!(shown, "{}", c.escape_default())
        } else {
            write!(shown, "{c}")
        };
    }
    shown
}

fn is_unruly(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii() -> Style {
        Style { unicode: false, ..Style::default() }
    }

    #[test]
    fn cutting() {
        let rows = [
            // Fits exactly.
            ("abc", 3, "abc", "abc"),
            ("abcdef", 5, "abcd…", "ab..."),
            ("abcdef", 1, "…", "."),
            ("abcdef", 0, "", ""),
            // Two columns each: half a character is never shown.
            ("購入者", 6, "購入者", "購入者"),
            ("購入者", 5, "購入…", "購..."),
            ("購入者", 4, "購…", "..."),
        ];
        for (text, columns, expected, in_ascii) in rows {
            assert_eq!(cut(text, columns, &Style::default()), expected, "{text} in {columns}");
            assert_eq!(cut(text, columns, &ascii()), in_ascii, "{text} in {columns}, ASCII");
        }
    }

    #[test]
    fn wrapping() {
        let rows: &[(&str, usize, &[&str])] = &[
            ("", 10, &[""]),
            ("one two three", 13, &["one two three"]),
            ("one two three", 12, &["one two", "three"]),
            // Words longer than a line are broken,
            ("a abcdefghij b", 4, &["a", "abcd", "efgh", "ij b"]),
            ("abcdefgh", 4, &["abcd", "efgh"]),
            // wide ones between their characters,
            ("購入者", 5, &["購入", "者"]),
            // and a line without room still goes on.
            ("購", 0, &["購"]),
        ];
        for (text, columns, expected) in rows {
            assert_eq!(&wrap(text, *columns), expected, "{text:?} in {columns}");
        }
    }

    #[test]
    fn flowing() {
        let pieces = ["one", "two", "three"].map(|text| (Paint::Bad, text.to_owned()));
        let at = |width| flow(&pieces, &Style { width, ..Style::default() });
        assert_eq!(at(17), ["one   two   three"]);
        assert_eq!(at(16), ["one   two", "three"]);
        assert_eq!(at(4), ["one", "two", "thr…"]);
        let color = Style { color: true, width: 9, ..Style::default() };
        assert_eq!(flow(&pieces[..2], &color), ["\x1b[31mone\x1b[0m   \x1b[31mtwo\x1b[0m"]);
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(escaped("a\r\n\u{1b}[2J\u{202e}é", 50), "a\\r\\n\\u{1b}[2J\\u{202e}é");
        assert_eq!(escaped("abcdef", 3), "abc…");
    }
}
