//! What a target says of itself.
use super::fit;
use super::number;
use super::style::Style;
use super::table::{Column, Table};
use serde::Serialize;
use std::io::{self, Write};

/// A target that was asked what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetInspection {
    /// Where it is; a password in it is hidden.
    pub url: String,
    /// What its header `Server` says.
    pub server: Option<String>,
    /// The shortest of some exchanges, in microseconds.
    pub round_trip_us: u64,
    /// How many methods it lists.
    pub methods: usize,
    /// The first of them, sorted.
    pub described: Vec<Method>,
}

/// A method of a target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// Its signatures: the type of the result, then those of the parameters.
    pub signatures: Vec<Vec<String>>,
    /// What it says of itself.
    pub help: String,
}

/// Longest name, type or line of help that is shown, in characters.
const CHARS: usize = 300;

/// Writes what a target is, for people.
///
/// # Errors
/// The writer's.
pub fn inspect_target(
    target: &TargetInspection,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut facts = Table::new(vec![Column::words(""), Column::words("").wrap(20)]);
    let mut fact = |what: &str, text: String| facts.row(vec![what.into(), text.into()]);
    fact("target", fit::escaped(&target.url, CHARS));
    let server = target.server.as_deref().unwrap_or("(it does not say)");
    fact("server", fit::escaped(server, CHARS));
    fact("round trip", format!("{} ms at best", number::ms(target.round_trip_us)));
    fact("methods", number::count(target.methods as u64));
    let mut methods = Table::new(vec![Column::words("Method"), Column::words("Help").wrap(30)]);
    for method in &target.described {
        let first = method.signatures.first().map(|signature| shown(&method.name, signature));
        let name = first.unwrap_or_else(|| format!("{}(?)", method.name));
        let help = method.help.split_whitespace().collect::<Vec<_>>().join(" ");
        methods.row(vec![fit::escaped(&name, CHARS).into(), fit::escaped(&help, CHARS).into()]);
        for signature in method.signatures.iter().skip(1) {
            let name = fit::escaped(&shown(&method.name, signature), CHARS);
            methods.row(vec![name.into(), "(the same)".into()]);
        }
    }
    let mut lines = facts.lines(style);
    if !target.described.is_empty() {
        lines.push(String::new());
        lines.extend(methods.lines(style));
    }
    let untold = target.methods - target.described.len().min(target.methods);
    if untold > 0 {
        lines.push(format!("… {}", number::counted(untold as u64, "more method")));
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// `get_random_number(int, int) → int`.
fn shown(name: &str, signature: &[String]) -> String {
    let result = signature.first().map_or("?", String::as_str);
    format!("{name}({}) -> {result}", signature.get(1..).unwrap_or_default().join(", "))
}

/// Writes the same as JSON.
///
/// # Errors
/// The writer's.
pub fn inspect_target_json(target: &TargetInspection, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, target)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::super::golden::{assert_tidy, golden};
    use super::*;

    #[test]
    fn as_text() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let target = TargetInspection {
            url: "http://me:***@127.0.0.1:8877/RPC2".into(),
            server: Some("BaseHTTP/0.6\u{1b}[31m Python/3.11".into()),
            round_trip_us: 123,
            methods: 504,
            described: vec![
                Method {
                    name: "add".into(),
                    signatures: vec![words(&["int", "int", "int"]), words(&["double", "double"])],
                    help:
                        "Adds\n  what it is given, and explains it in so many words that they do \
                           not fit the line that there is for them."
                            .into(),
                },
                Method { name: "odd".into(), signatures: vec![], help: String::new() },
            ],
        };
        let mut text = Vec::new();
        let style = Style { width: 80, ..Style::default() };
        inspect_target(&target, &style, &mut text).expect("memory takes all");
        let text = String::from_utf8(text).expect("reports are text");
        assert_tidy(&text, &style);
        golden("inspect_target", &text);
    }
}
