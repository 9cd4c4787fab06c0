//! The files in which reports are kept, and what holds for all of them.
use super::Style;
use super::facts::VERSION;
use super::fit;
use std::path::Path;

/// Compares a report with the file that keeps it, or writes that file where `UPDATE_GOLDEN` is set.
pub(super) fn golden(name: &str, text: &str) {
    let text = &without_version(text);
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/report/testdata")
        .join(name)
        .with_extension("txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, text).expect("testdata can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == *text,
        "{} is not what is reported now; look at it, then run with UPDATE_GOLDEN=1:\n{text}",
        file.display()
    );
}

/// The facts with a version that no release changes. How far it stands from its name depends on the names of
/// the other facts.
fn without_version(text: &str) -> String {
    let own = |line: &str| {
        let name = line.strip_prefix("katydid ").map(str::trim_start);
        name.is_some_and(|version| version.trim_end() == VERSION)
    };
    let masked =
        |line: &str| if own(line) { line.replace(VERSION, "0.0.0") } else { line.to_owned() };
    text.split_inclusive('\n').map(masked).collect()
}

#[test]
fn a_release_changes_no_report() {
    let text =
        format!("a {VERSION}\nkatydid {VERSION}\nkatydid      {VERSION}\nkatydid {VERSION}1\n");
    let masked = format!("a {VERSION}\nkatydid 0.0.0\nkatydid      0.0.0\nkatydid {VERSION}1\n");
    assert_eq!(without_version(&text), masked);
}

/// What holds for every report: lines end where their text does, and fit; nothing moves the cursor.
pub(super) fn assert_tidy(text: &str, style: &Style) {
    for line in text.lines() {
        assert_eq!(line, line.trim_end(), "no spaces at the end");
        let plain = strip_colors(line);
        assert!(fit::width(&plain) <= style.width, "wider than {}: {plain}", style.width);
        assert!(!plain.chars().any(char::is_control), "{plain:?}");
        assert!(style.color || plain == line, "colours where none are wanted: {line:?}");
    }
}

pub(super) fn strip_colors(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}

pub(super) fn wide() -> Style {
    Style { width: 120, ..Style::default() }
}
