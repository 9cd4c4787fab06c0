//! What a report may use to express itself.

/// What the reader's screen or file can show. Whoever opens it knows; reports never ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours may be written.
    pub color: bool,
    /// Columns of a line. No line is longer.
    pub width: usize,
    /// Lines that the live view may take; other reports are as long as they are.
    pub height: usize,
    /// Whether lines and ellipses may be drawn with characters beyond ASCII. Names that came from
    /// elsewhere are shown as they are.
    pub unicode: bool,
}

impl Default for Style {
    /// A file: no colours, 100 columns, any number of lines.
    fn default() -> Self {
        Self { color: false, width: 100, height: usize::MAX, unicode: true }
    }
}

/// What a piece of text is, as far as its colour is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Paint {
    /// Nothing in particular.
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// Failed.
    Bad,
    /// Not to be trusted.
    Doubt,
    /// Passed.
    Good,
}

impl Style {
    /// The text in its colour. Measure it before: what comes out is longer than it looks.
    pub(super) fn paint(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Plain => return text.to_owned(),
            Paint::Strong => 1,
            Paint::Bad => 31,
            Paint::Good => 32,
            Paint::Doubt => 33,
        };
        if self.color && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// What stands in for text that was cut off.
    pub(super) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// What horizontal lines are made of.
    pub(super) fn rule(&self) -> &'static str {
        if self.unicode { "─" } else { "-" }
    }
}
