//! The tables of the other reports as tables of a page.
use super::markup::{Element, Markup, element};
use crate::report::percentiles::DOUBT;
use crate::report::style::Paint;
use crate::report::table::{Cell, Column, Row, Table};

/// Columns from which on a table needs more room than a telephone has.
const WIDE: usize = 5;

/// A table, which scrolls by itself where there is no room, and becomes a list on a narrow screen.
pub(super) fn table(table: &Table, caption: &str) -> Markup {
    let named = table.columns.iter().any(|column| !column.title.is_empty());
    let class = match (named, table.columns.len() >= WIDE) {
        (false, _) => "facts",
        (true, true) => "wide",
        (true, false) => "",
    };
    let body: Markup = table.rows.iter().flat_map(|row| rows(table, row)).collect();
    let mut markup = element("table").class(class);
    if named {
        markup = markup.with(element("caption").class("hidden").text(caption)).with(head(table));
    }
    let markup = markup.with(element("tbody").with(body));
    if class == "wide" {
        // What scrolls must be within reach of the keyboard.
        let scroll = element("div").class("scroll").attr("tabindex", 0).attr("role", "region");
        return scroll.attr("aria-label", caption).with(markup).into();
    }
    markup.into()
}

fn head(table: &Table) -> Element {
    let mut head = element("thead");
    if table.columns.iter().any(|column| !column.group.is_empty()) {
        let of = |columns: &[Column]| {
            let group = columns.first().map_or("", |column| column.group);
            let cell =
                element(if group.is_empty() { "td" } else { "th" }).attr("colspan", columns.len());
            let cell = if group.is_empty() { cell } else { cell.attr("scope", "colgroup") };
            cell.class("group").text(group)
        };
        let groups = table.columns.chunk_by(|a, b| a.group == b.group).map(of);
        head = head.with(element("tr").with(groups.collect::<Markup>()));
    }
    let title = |column: &Column| {
        element("th").attr("scope", "col").class(side(column)).text(&column.title)
    };
    head.with(element("tr").with(table.columns.iter().map(title).collect::<Markup>()))
}

fn side(column: &Column) -> &'static str {
    if column.right { "n" } else { "" }
}

/// A row, and one for what stands below it.
fn rows(table: &Table, row: &Row) -> Vec<Element> {
    let name = table.columns.iter().position(Column::is_name).unwrap_or(0);
    let cells = table.columns.iter().zip(&row.cells).enumerate();
    let cells = cells.map(|(place, (column, it))| cell(column, it, place == name));
    let class = if row.ruled { "ruled" } else { "" };
    let mut rows = vec![element("tr").class(class).with(cells.collect::<Markup>())];
    let mut notes = row.notes.iter().map(|note| note.trim()).collect::<Vec<_>>();
    notes.retain(|note| *note != DOUBT);
    if !notes.is_empty() {
        let notes = element("td").attr("colspan", table.columns.len()).text(notes.join("\n"));
        rows.push(element("tr").class("note").with(notes));
    }
    rows
}

fn cell(column: &Column, cell: &Cell, is_name: bool) -> Element {
    let paint = match cell.paint {
        Paint::Plain => "",
        Paint::Strong => "strong",
        Paint::Bad => "bad",
        Paint::Doubt => "doubt",
        Paint::Good => "good",
    };
    let text = if column.is_text() { "t" } else { "" };
    let class = [side(column), text, paint].into_iter().filter(|class| !class.is_empty());
    let class = class.collect::<Vec<_>>().join(" ");
    let element = if is_name { element("th").attr("scope", "row") } else { element("td") };
    // What its column's head says where there are no columns any more.
    let label = [column.title.as_str(), column.group];
    let label = label.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    let element =
        if label.is_empty() || is_name { element } else { element.attr("data-label", label) };
    let element = element.class(&class).text(&cell.text);
    if !cell.marked {
        return element;
    }
    let doubt = super::markup::element("abbr").attr("title", DOUBT.trim_start_matches("* "));
    element.with(doubt.text("*"))
}
