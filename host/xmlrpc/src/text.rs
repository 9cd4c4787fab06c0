//! What the characters of an element say.

/// The characters of an element: borrowed while they are one plain piece.
#[derive(Default)]
pub(crate) struct Text<'a> {
    /// The only piece; empty once there are more.
    first: &'a str,
    /// All pieces, where there are more or where a line end was changed.
    joined: String,
}

impl<'a> Text<'a> {
    pub(crate) fn as_str(&self) -> &str {
        if self.first.is_empty() { &self.joined } else { self.first }
    }

    pub(crate) fn clear(&mut self) {
        self.first = "";
        self.joined.clear();
    }

    /// Adds a piece of the body.
    pub(crate) fn push(&mut self, piece: &'a str) {
        if self.as_str().is_empty() && !piece.as_bytes().contains(&b'\r') {
            self.first = piece;
        } else {
            self.push_lines(piece);
        }
    }

    /// Adds a piece with its line ends made `\n`.
    pub(crate) fn push_lines(&mut self, piece: &str) {
        self.join();
        let mut lines = piece.split('\r');
        self.joined.extend(lines.next());
        for line in lines {
            self.joined.push('\n');
            self.joined.push_str(line.strip_prefix('\n').unwrap_or(line));
        }
    }

    /// Adds a character that was a reference, as it is.
    pub(crate) fn push_char(&mut self, character: char) {
        self.join();
        self.joined.push(character);
    }

    /// Stops borrowing.
    pub(crate) fn join(&mut self) {
        self.joined.push_str(self.first);
        self.first = "";
    }
}

/// An integer of any size.
pub(crate) enum Integer<'a> {
    Fits(i64),
    /// Its digits, without leading zeros.
    Beyond {
        negative: bool,
        digits: &'a str,
    },
}

impl<'a> Integer<'a> {
    /// Reads digits with a sign or none, leading zeros, and white space around them.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim_ascii();
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // Negative, for there is one more number below zero.
        let fits = digits.bytes().try_fold(0i64, |value, digit| {
            value.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))
        });
        Some(match fits {
            Some(value) if negative => Self::Fits(value),
            Some(value) if value != i64::MIN => Self::Fits(-value),
            _ => Self::Beyond { negative, digits: digits.trim_start_matches('0') },
        })
    }
}

/// Whether this is white space only.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}
