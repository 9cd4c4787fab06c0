//! Tables for people, no wider than they have room for.
use super::figure;
use super::view::{Section, View};
use katydid_load::Verdict;
use katydid_load::compare::{ChangeJudgement, Finding};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What the reader's screen or file can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether ANSI colours may be written.
    pub color: bool,
    /// Columns of a line. No line is longer.
    pub width: usize,
    /// Whether an ellipsis may be one character.
    pub unicode: bool,
}

impl Default for Look {
    /// A file: no colours, 100 columns.
    fn default() -> Self {
        Self { color: false, width: 100, unicode: true }
    }
}

/// Spaces between two columns.
const GAP: usize = 2;

#[derive(Clone, Copy)]
enum Paint {
    Plain,
    Strong,
    Bad,
    Doubt,
    Good,
}

/// A cell; the first column and words go to the left, figures to the right.
struct Cell(String, Paint);

fn cell(text: impl Into<String>) -> Cell {
    Cell(text.into(), Paint::Plain)
}

/// Where text stands in its column.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

pub(super) fn text(view: &View, look: &Look) -> String {
    use Side::{Left, Right};
    let mut lines = Vec::new();
    let facts = view.facts.iter().map(|fact| fact.iter().cloned().map(cell).collect());
    let heads = ["", "before", "after"].map(|head| Cell(head.to_owned(), Paint::Strong)).into();
    let rows = std::iter::once(heads).chain(facts).collect();
    lines.extend(table(&[Left, Left, Left], None, rows, look));

    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let heads = ["", "before", "after", "change", ""];
    rows.push(heads.map(|head| Cell(head.to_owned(), Paint::Strong)).into());
    for Section { label, lines } in &view.sections {
        let name = label.clone().unwrap_or_else(|| "all requests".to_owned());
        rows.push(vec![Cell(name, Paint::Strong)]);
        for ([figure, before, after, change], finding) in lines {
            let mut cells: Vec<Cell> =
                vec![cell(format!("  {figure}")), cell(before), cell(after), cell(change)];
            cells.push(Cell(figure::finding(*finding).to_owned(), paint(*finding)));
            rows.push(cells);
        }
    }
    lines.push(String::new());
    // What it was can be told from what it is and the change.
    lines.extend(table(&[Left, Right, Right, Right, Left], Some(1), rows, look));
    lines.push(String::new());
    for (what, names) in &view.lists {
        lines.extend(hanging(&format!("{what}:"), &names.join(", "), Paint::Plain, look));
    }
    for doubt in &view.doubts {
        lines.extend(hanging("doubt:", doubt, Paint::Doubt, look));
    }
    lines.extend(hanging("note:", &view.grounds, Paint::Plain, look));
    if !view.rules.is_empty() {
        lines.push(String::new());
    }
    for (rule, change, judgement) in &view.rules {
        let paint = match judgement {
            ChangeJudgement::Held(_) => Paint::Good,
            ChangeJudgement::Doubtful(_) => Paint::Doubt,
            ChangeJudgement::Breached(_) | ChangeJudgement::Unknown(_) => Paint::Bad,
        };
        // As wide as the longest of them.
        let head = format!("{:8}", judgement.as_str());
        lines.extend(hanging(&head, &format!("{rule}: {change}"), paint, look));
    }
    if let Some((verdict, words)) = &view.verdict {
        let paint = if *verdict == Verdict::Passed { Paint::Good } else { Paint::Bad };
        lines.push(String::new());
        lines.extend(hanging("verdict:", words, paint, look));
    }
    lines.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn paint(finding: Finding) -> Paint {
    match finding {
        Finding::Better => Paint::Good,
        Finding::NoDifference => Paint::Plain,
        Finding::TooFew => Paint::Doubt,
        Finding::Worse => Paint::Bad,
    }
}

/// Fewest columns that words are cut to.
const LEAST: usize = 6;

/// Columns that line up. Where there is no room columns of words are cut, the widest first; where that is not
/// enough, one column goes. A row of one cell runs across.
fn table(
    sides: &[Side],
    expendable: Option<usize>,
    mut rows: Vec<Vec<Cell>>,
    look: &Look,
) -> Vec<String> {
    let mut sides = sides.to_vec();
    let widths = loop {
        let widths = widths(&sides, &rows, look);
        let is_too_wide = widths.iter().sum::<usize>() + GAP * (sides.len() - 1) > look.width;
        match expendable {
            Some(goes) if is_too_wide && sides.len() > 4 => {
                sides.remove(goes);
                rows.iter_mut().filter(|row| row.len() > 1).for_each(|row| _ = row.remove(goes));
            }
            _ => break widths,
        }
    };
    let line = |row: Vec<Cell>| {
        let across = row.len() == 1;
        let mut line = Line::default();
        for (column, Cell(text, paint)) in row.into_iter().enumerate() {
            let width = if across { look.width } else { widths[column] };
            let text = cut(&text, width, look);
            let pad = if across { 0 } else { width.saturating_sub(text.width()) };
            let (before, after) = if sides[column] == Side::Right { (pad, 0) } else { (0, pad) };
            line.space(before);
            line.text(&text, paint, look);
            line.space(after + GAP);
        }
        line.painted
    };
    rows.into_iter().map(line).collect()
}

/// How wide columns are.
fn widths(sides: &[Side], rows: &[Vec<Cell>], look: &Look) -> Vec<usize> {
    let natural = |column: usize| {
        let cells = rows.iter().filter(|row| row.len() > 1).filter_map(|row| row.get(column));
        cells.map(|Cell(text, _)| text.width()).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..sides.len()).map(natural).collect();
    let gaps = GAP * (sides.len() - 1);
    while widths.iter().sum::<usize>() + gaps > look.width {
        let words = (0..sides.len()).filter(|column| sides[*column] == Side::Left);
        match words.max_by_key(|column| widths[*column]) {
            Some(widest) if widths[widest] > LEAST => widths[widest] -= 1,
            _ => break,
        }
    }
    widths
}

/// A line that knows how wide it is, whatever its colours.
#[derive(Default)]
struct Line {
    painted: String,
    width: usize,
}

impl Line {
    fn space(&mut self, columns: usize) {
        self.painted += &" ".repeat(columns);
        self.width += columns;
    }

    /// Adds text, as much of it as has room.
    fn text(&mut self, text: &str, paint: Paint, look: &Look) {
        let text = cut(text, look.width.saturating_sub(self.width), look);
        self.width += text.width();
        self.painted += &painted(&text, paint, look);
    }
}

fn painted(text: &str, paint: Paint, look: &Look) -> String {
    let code = match paint {
        Paint::Plain => return text.to_owned(),
        _ if !look.color || text.is_empty() => return text.to_owned(),
        Paint::Strong => 1,
        Paint::Bad => 31,
        Paint::Good => 32,
        Paint::Doubt => 33,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// The text in so many columns, an ellipsis at its end where something is missing.
fn cut(text: &str, columns: usize, look: &Look) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let ellipsis = if look.unicode { "…" } else { "..." };
    let Some(room) = columns.checked_sub(ellipsis.width()) else { return ".".repeat(columns) };
    let mut shown = String::new();
    for c in text.chars() {
        shown.push(c);
        if shown.width() > room {
            shown.pop();
            break;
        }
    }
    shown + ellipsis
}

/// The text behind words that say what it is, on as many lines as it needs; below them where they take more
/// than half of a line.
fn hanging(head: &str, text: &str, paint: Paint, look: &Look) -> Vec<String> {
    let is_below = head.width() * 2 > look.width;
    let indent = if is_below { GAP } else { head.width() + 1 };
    let room = look.width.saturating_sub(indent).max(2);
    let mut broken = vec![String::new()];
    for word in text.split_whitespace() {
        let line = broken.last().map_or(0, |line| line.width());
        if line > 0 && line + 1 + word.width() > room {
            broken.push(String::new());
        }
        let space = if line > 0 { " " } else { "" };
        for c in space.chars().chain(word.chars()) {
            let Some(line) = broken.last_mut() else { break };
            match line.width() + c.width().unwrap_or(0) > room {
                true => broken.push(c.to_string()),
                false if line.is_empty() && c == ' ' => {}
                false => line.push(c),
            }
        }
    }
    let beside = |(place, line): (usize, &String)| match place {
        0 if !is_below => painted(&format!("{head} {line}"), paint, look),
        _ => format!("{:indent$}{}", "", painted(line, paint, look)),
    };
    let above = is_below.then(|| painted(&cut(head, look.width, look), paint, look));
    above.into_iter().chain(broken.iter().enumerate().map(beside)).collect()
}
