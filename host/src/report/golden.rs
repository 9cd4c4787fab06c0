//! The files in which reports are kept, and what holds for all of them.
use super::Style;
use super::facts::VERSION;
use super::fit;
use std::path::Path;

/// Compares a report with the file that keeps it, or writes that file where `UPDATE_GOLDEN` is set.
pub(super) fn golden(name: &str, text: &str) {
    // A release changes no report.
    let text = &text.replace(&format!("katydid     {VERSION}\n"), "katydid     0.0.0\n");
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
