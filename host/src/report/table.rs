//! Columns that line up, and a table that fits: names are cut first, then columns go.
use super::fit;
use super::style::{Paint, Style};

/// Spaces between two columns.
const GAP: usize = 2;

/// What a column does where there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Stays as wide as its widest cell.
    Whole,
    /// Its cells are cut, to this width before any column goes.
    Cut(usize),
    /// Its cells go on in further lines, this wide at least. Only for the last column.
    Wrap(usize),
}

/// A column: its head, and how it behaves.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) title: String,
    pub(super) group: &'static str,
    pub(super) right: bool,
    least: usize,
    fit: Fit,
    expendable: u8,
    tied: bool,
}

impl Column {
    /// A column of figures, to the right, never cut.
    pub(super) fn figures(title: impl Into<String>) -> Self {
        let title = title.into();
        Self {
            title,
            group: "",
            right: true,
            least: 0,
            fit: Fit::Whole,
            expendable: 0,
            tied: false,
        }
    }

    /// A column of words, to the left.
    pub(super) fn words(title: impl Into<String>) -> Self {
        Self { right: false, ..Self::figures(title) }
    }

    /// May be cut to this width before any column goes.
    pub(super) fn cut(self, comfortable: usize) -> Self {
        Self { fit: Fit::Cut(comfortable), ..self }
    }

    /// Goes on in further lines, in this width at least.
    pub(super) fn wrap(self, comfortable: usize) -> Self {
        Self { fit: Fit::Wrap(comfortable), ..self }
    }

    /// Has a head in common with its neighbours of the same group.
    pub(super) fn group(self, group: &'static str) -> Self {
        Self { group, ..self }
    }

    /// Is so wide at least, so that a table that is redrawn does not tremble.
    pub(super) fn least(self, least: usize) -> Self {
        Self { least, ..self }
    }

    /// Goes where there is no room: the highest first, 0 never.
    pub(super) fn expendable(self, expendable: u8) -> Self {
        Self { expendable, ..self }
    }

    /// Whether it holds names: what rows are told apart by.
    pub(super) fn is_name(&self) -> bool {
        matches!(self.fit, Fit::Cut(_))
    }

    /// Whether its cells may be long: they are cut, or go on below themselves, where there is no room.
    pub(super) fn is_text(&self) -> bool {
        self.fit != Fit::Whole && !self.right
    }

    /// Goes together with those that are tied and as expendable: one without the other says nothing.
    pub(super) fn tied(self) -> Self {
        Self { tied: true, ..self }
    }
}

/// What stands in one place of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) paint: Paint,
    pub(super) marked: bool,
}

impl Cell {
    /// The text in this colour.
    pub(super) fn painted(text: impl Into<String>, paint: Paint) -> Self {
        Self { text: text.into(), paint, marked: false }
    }

    /// With an asterisk after it, in a place of its own, so that figures stay aligned.
    pub(super) fn marked(self, marked: bool) -> Self {
        Self { marked, ..self }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::painted(text, Paint::Plain)
    }
}

/// A row, and what stands around it.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// There is a line above it.
    pub(super) ruled: bool,
    /// Lines below it, across the columns.
    pub(super) notes: Vec<String>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

/// A column that is shown.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// Which one.
    column: usize,
    width: usize,
    /// Whether its last place is kept for marks.
    marks: bool,
}

impl Table {
    /// A table without rows.
    pub(super) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row: a cell for each column.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        self.rows.push(Row { cells, ..Row::default() });
    }

    /// Adds a row below a line.
    pub(super) fn ruled_row(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row { cells, ruled: true, ..Row::default() });
    }

    /// Adds a line below the last row. Cut where it is too long.
    pub(super) fn note(&mut self, text: String) {
        if let Some(row) = self.rows.last_mut() {
            row.notes.push(text);
        }
    }

    /// The lines of the table, none longer than the style allows, none with spaces at its end.
    pub(super) fn lines(&self, style: &Style) -> Vec<String> {
        let shown = self.layout(style.width);
        let mut lines = Vec::new();
        lines.extend(self.group_line(&shown, style));
        if self.columns.iter().any(|column| !column.title.is_empty()) {
            let heads: Vec<Cell> = self.columns.iter().map(|c| c.title.as_str().into()).collect();
            lines.push(self.line(&heads, &shown, style));
        }
        for row in &self.rows {
            if row.ruled {
                lines.push(style.rule().repeat(width_of(&shown)));
            }
            lines.extend(self.row_lines(&row.cells, &shown, style));
            let note = |note: &String| note.replace('…', style.ellipsis());
            lines.extend(row.notes.iter().map(|n| fit::cut(&note(n), style.width, style)));
        }
        lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
        lines
    }

    /// Which columns are shown, and how wide: all as wide as they like, else some cut, else some gone.
    fn layout(&self, width: usize) -> Vec<Shown> {
        let natural: Vec<usize> = (0..self.columns.len()).map(|i| self.natural(i)).collect();
        let least = |i: usize| match self.columns[i].fit {
            Fit::Whole => natural[i],
            Fit::Cut(comfortable) | Fit::Wrap(comfortable) => natural[i].min(comfortable),
        };
        let mut kept: Vec<usize> = (0..self.columns.len()).collect();
        let needed = |kept: &[usize]| {
            kept.iter().map(|&i| least(i) + GAP).sum::<usize>().saturating_sub(GAP)
        };
        while needed(&kept) > width {
            let first_to_go = |&i: &usize| self.columns[i].expendable;
            let Some(goes) = kept.iter().copied().max_by_key(first_to_go) else { break };
            if self.columns[goes].expendable == 0 {
                break;
            }
            let goes_too = |i: usize| {
                let [it, first] = [i, goes].map(|i| &self.columns[i]);
                it.tied && first.tied && it.expendable == first.expendable
            };
            kept.retain(|&i| i != goes && !goes_too(i));
        }
        let (mut spare, mut missing) =
            (width.saturating_sub(needed(&kept)), needed(&kept).saturating_sub(width));
        let fitted = |i: usize| {
            let more = (natural[i] - least(i)).min(spare);
            spare -= more;
            let less = match self.columns[i].fit {
                Fit::Whole => 0,
                Fit::Cut(_) | Fit::Wrap(_) => missing.min(least(i).saturating_sub(1)),
            };
            missing -= less;
            Shown { column: i, width: least(i) + more - less, marks: self.has_marks(i) }
        };
        kept.into_iter().map(fitted).collect()
    }

    /// How wide a column would like to be.
    fn natural(&self, column: usize) -> usize {
        let mark = usize::from(self.has_marks(column));
        let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
        let widest = cells.map(|cell| fit::width(&cell.text) + mark).max().unwrap_or(0);
        let column = &self.columns[column];
        widest.max(fit::width(&column.title) + mark).max(column.least)
    }

    fn has_marks(&self, column: usize) -> bool {
        self.rows.iter().any(|row| row.cells.get(column).is_some_and(|cell| cell.marked))
    }

    /// The lines of one row: more than one where its last cell is wrapped.
    fn row_lines(&self, cells: &[Cell], shown: &[Shown], style: &Style) -> Vec<String> {
        let Some((&Shown { column: last, width, .. }, before)) = shown
            .split_last()
            .filter(|(last, _)| matches!(self.columns[last.column].fit, Fit::Wrap(_)))
        else {
            return vec![self.line(cells, shown, style)];
        };
        let mut rest = fit::wrap(&cells[last].text, width).into_iter();
        let mut cells = cells.to_vec();
        cells[last].text = rest.next().unwrap_or_default();
        let mut lines = vec![self.line(&cells, shown, style)];
        let indent = if before.is_empty() { 0 } else { width_of(before) + GAP };
        let paint = cells[last].paint;
        lines.extend(rest.map(|part| format!("{:indent$}{}", "", style.paint(paint, &part))));
        lines
    }

    /// Cells side by side.
    fn line(&self, cells: &[Cell], shown: &[Shown], style: &Style) -> String {
        let mut line = String::new();
        for &Shown { column, width, marks } in shown {
            let cell = &cells[column];
            let mark = match (marks, cell.marked) {
                (false, _) => "",
                (true, false) => " ",
                (true, true) => "*",
            };
            let text = fit::cut(&cell.text, width - mark.len(), style);
            let pad = (width - mark.len()).saturating_sub(fit::width(&text));
            let (before, after) = if self.columns[column].right { (pad, 0) } else { (0, pad) };
            let text = style.paint(cell.paint, &text);
            line += &format!("{:before$}{text}{mark}{:after$}{:GAP$}", "", "", "");
        }
        line
    }

    /// The heads that neighbours have in common, if any: `── in ms ──`.
    fn group_line(&self, shown: &[Shown], style: &Style) -> Option<String> {
        let mut line = String::new();
        let group_of = |shown: &Shown| self.columns[shown.column].group;
        for of_group in shown.chunk_by(|a, b| group_of(a) == group_of(b)) {
            let width = width_of(of_group);
            let group = of_group.first().map_or("", group_of);
            let text = if group.is_empty() { " ".repeat(width) } else { head(group, width, style) };
            line += &format!("{text}{:GAP$}", "");
        }
        (!line.trim().is_empty()).then_some(line)
    }
}

/// The width of columns side by side.
fn width_of(shown: &[Shown]) -> usize {
    shown.iter().map(|shown| shown.width + GAP).sum::<usize>().saturating_sub(GAP)
}

/// A group's head in the middle of a line. Where the columns are narrower than it, its first words go:
/// `response time in ms`, `in ms`.
fn head(mut group: &str, width: usize, style: &Style) -> String {
    while fit::width(group) + 2 > width {
        let Some((_, rest)) = group.split_once(' ') else { return style.rule().repeat(width) };
        group = rest;
    }
    let lines = width - fit::width(group) - 2;
    let [left, right] = [lines / 2, lines.div_ceil(2)].map(|n| style.rule().repeat(n));
    format!("{left} {group} {right}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(table: &Table, width: usize) -> Vec<String> {
        table.lines(&Style { width, ..Style::default() })
    }

    fn sample() -> Table {
        let mut table = Table::new(vec![
            Column::words("Name").cut(6),
            Column::figures("n").expendable(1),
            Column::figures("avg").group("ms").expendable(2),
            Column::figures("max").group("ms"),
        ]);
        table.row(vec!["alphabet soup".into(), "1".into(), "2".into(), "3.14".into()]);
        table.ruled_row(vec!["b".into(), "10".into(), "20".into(), "30".into()]);
        table
    }

    #[test]
    fn names_are_cut_before_columns_go() {
        assert_eq!(
            at(&sample(), 80),
            [
                "                   ── ms ───",
                "Name            n  avg   max",
                "alphabet soup   1    2  3.14",
                "────────────────────────────",
                "b              10   20    30",
            ]
        );
        assert_eq!(at(&sample(), 21)[2], "alpha…   1    2  3.14", "cut to its comfort");
        assert_eq!(at(&sample(), 20)[2], "alphabet …   1  3.14", "a column has gone");
        assert_eq!(at(&sample(), 15)[2], "alphabet…  3.14", "and another");
        assert_eq!(at(&sample(), 8)[2], "a…  3.14", "nothing left but to cut below comfort");
        assert!(at(&sample(), 0).len() == 5, "and no panic where there is no room at all");
    }

    #[test]
    fn heads_in_common_lose_their_first_words() {
        let rows = [
            (25, "── response time in ms ───"),
            (21, " response time in ms "),
            (20, "──── time in ms ────"),
            (8, " in ms ─"),
            (4, " ms "),
            (3, "───"),
        ];
        for (width, expected) in rows {
            let expected: String = expected.chars().take(width).collect();
            assert_eq!(head("response time in ms", width, &Style::default()), expected);
        }
    }

    #[test]
    fn marks_have_a_place_of_their_own() {
        let mut table = Table::new(vec![Column::figures("p"), Column::figures("q")]);
        table.row(vec![Cell::from("1").marked(true), "2".into()]);
        table.row(vec!["10".into(), "20".into()]);
        assert_eq!(at(&table, 80), [" p    q", " 1*   2", "10   20"]);
    }

    #[test]
    fn what_is_tied_goes_together() {
        let tied = |title: &str| Column::figures(title).expendable(1).tied();
        let mut table =
            Table::new(vec![Column::words("Name"), tied("a"), tied("b"), Column::figures("c")]);
        table.row(vec!["x".into(), "1".into(), "2".into(), "3".into()]);
        assert_eq!(at(&table, 13), ["Name  a  b  c", "x     1  2  3"]);
        assert_eq!(at(&table, 12), ["Name  c", "x     3"], "though one of them had room");
    }

    #[test]
    fn long_text_goes_on_below_itself() {
        let mut table = Table::new(vec![Column::figures("n"), Column::words("what").wrap(5)]);
        table.row(vec!["1".into(), "one two three four".into()]);
        table.note("a note".to_owned());
        assert_eq!(at(&table, 12), ["n  what", "1  one two", "   three", "   four", "a note"]);
    }
}
