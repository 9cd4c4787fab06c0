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
    let too_far = |(_, c): &(usize, char)| {
        taken += c.width().unwrap_or(0);
        taken > columns
    };
    let mut part = text.char_indices().find(too_far).map_or(text, |(place, _)| &text[..place]);
    // Together, characters may be wider than one by one: a variation selector makes a symbol an emoji.
    while width(part) > columns {
        let last = part.chars().next_back().map_or(0, char::len_utf8);
        part = &part[..part.len() - last];
    }
    part
}

/// The text in lines of at most so many columns, broken between words, inside them where they are
/// longer than a line. At least one line.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2); // room for one character, however wide
    let (mut lines, mut line) = (Vec::new(), String::new());
    // A figure is not torn from its percent sign.
    let glued = text.replace(" %", "\u{a0}%");
    for mut word in glued.split(' ').filter(|word| !word.is_empty()) {
        let taken = width(&line);
        if taken > 0 && taken + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        } else if taken > 0 {
            line.push(' ');
        }
        while width(word) > columns {
            let first = word.chars().next().map_or(0, char::len_utf8);
            let part = beginning(word, columns);
            // However wide it is: the loop must go on.
            let part = if part.is_empty() { &word[..first] } else { part };
            lines.push(std::mem::take(&mut line) + part);
            word = &word[part.len()..];
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

/// A line in parts of at most so many columns, exactly as it is: broken anywhere, nothing taken away.
pub(super) fn broken(mut line: &str, columns: usize) -> Vec<&str> {
    let columns = columns.max(2); // room for one character, however wide
    let mut parts = Vec::new();
    while width(line) > columns {
        let first = line.chars().next().map_or(0, char::len_utf8);
        let part = beginning(line, columns).len().max(first);
        parts.push(&line[..part]);
        line = &line[part..];
    }
    parts.push(line);
    parts
}

/// The text wrapped behind a word that says what it is, painted.
pub(super) fn hanging(head: &str, text: &str, paint: Paint, style: &Style) -> Vec<String> {
    let indent = width(head) + 1;
    let lines = wrap(text, style.width.saturating_sub(indent));
    let painted = |(place, line): (usize, String)| match place {
        0 => style.paint(paint, &format!("{head} {line}")),
        _ => format!("{:indent$}{}", "", style.paint(paint, &line)),
    };
    lines.into_iter().enumerate().map(painted).collect()
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
            // A symbol that a variation selector makes wide: together they do not fit before the ellipsis.
            ("☺\u{fe0f}☺\u{fe0f}", 4, "☺\u{fe0f}☺\u{fe0f}", "☺\u{fe0f}☺\u{fe0f}"),
            ("☺\u{fe0f}☺\u{fe0f}", 2, "☺…", ".."),
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
            ("it is 93 % busy", 8, &["it is", "93 %", "busy"]),
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
    fn breaking() {
        assert_eq!(broken("", 5), [""]);
        assert_eq!(broken("a  b", 3), ["a  ", "b"]);
        assert_eq!(broken("購入者", 5), ["購入", "者"]);
        assert_eq!(broken("購入", 0), ["購", "入"]);
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
