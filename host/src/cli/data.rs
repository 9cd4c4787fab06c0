//! Files of rows that users draw.

use crate::guest::Row;
use crate::run::DataSet;
use katydid_load::{AtEnd, Rows};
use katydid_xmlrpc::Node;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Most bytes of a data file.
const MOST_BYTES: u64 = 1 << 30;
/// Deepest nesting of a row.
const DEPTH: usize = 100;
/// How a set of data is given.
const FORM: &str = "write it like users=users.csv, or users=users.jsonl,unique,recycle";

/// A set of data, as a person gives it: `NAME=FILE[,unique|shared|random|per-user][,recycle|stop]`.
pub(super) fn read(text: &str, mistakes: &mut Vec<String>) -> Option<DataSet> {
    parse(text)
        .and_then(|given| given.read())
        .map_err(|why| mistakes.push(format!("--data {text:?} {why}")))
        .ok()
}

/// A set of data that was not read yet.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) kind: Rows,
    pub(super) at_end: AtEnd,
}

fn parse(text: &str) -> Result<Given, String> {
    let mut words = text.split(',');
    let first = words.next().unwrap_or_default();
    let (name, file) = first.split_once('=').ok_or_else(|| format!("has no \"=\"; {FORM}"))?;
    if name.is_empty() || file.is_empty() {
        return Err(format!("names no set, or no file; {FORM}"));
    }
    let (mut kind, mut at_end) = (Rows::default(), AtEnd::default());
    for word in words {
        match word.trim() {
            "unique" => kind = Rows::Unique,
            "shared" => kind = Rows::SharedCircular,
            "random" => kind = Rows::Random,
            "per-user" => kind = Rows::PerUser,
            "stop" => at_end = AtEnd::Stop,
            "recycle" => at_end = AtEnd::Recycle,
            other => {
                return Err(format!("has {other:?}, which is no way to hand out rows; {FORM}"));
            }
        }
    }
    Ok(Given { name: name.to_owned(), file: file.into(), kind, at_end })
}

impl Given {
    /// Reads the file, whole: users share its rows.
    pub(super) fn read(self) -> Result<DataSet, String> {
        let Self { name, file, kind, at_end } = self;
        let shown = file.display().to_string();
        let size = std::fs::metadata(&file)
            .map_err(|error| format!("cannot be read: {shown:?}: {error}"))?
            .len();
        if size > MOST_BYTES {
            return Err(format!(
                "is too large: {shown:?} has {size} bytes, more than {MOST_BYTES}"
            ));
        }
        let is_csv =
            file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let rows = if is_csv { csv_rows(&file) } else { json_rows(&file) };
        let rows = rows.map_err(|why| format!("cannot be read: {shown:?}: {why}"))?;
        if rows.is_empty() {
            return Err(format!("has no row: {shown:?}"));
        }
        Ok(DataSet { name, rows, kind, at_end })
    }
}

/// A row for each line after the first, which names the columns: a struct of texts (RFC 4180).
fn csv_rows(path: &Path) -> Result<Vec<Row>, String> {
    let mut reader =
        csv::ReaderBuilder::new().from_path(path).map_err(|error| error.to_string())?;
    let names = reader.headers().map_err(|error| error.to_string())?.clone();
    let count = u32::try_from(names.len()).map_err(|_| "it has too many columns".to_owned())?;
    let row = |record: csv::StringRecord| {
        let fields = names.iter().zip(record.iter());
        let members = fields.flat_map(|(name, value)| [Node::Member(name), Node::Text(value)]);
        Row::new(std::iter::once(Node::Members(count)).chain(members))
    };
    reader.records().map(|record| record.map(row).map_err(|error| error.to_string())).collect()
}

/// A row for each line: any JSON value (JSON Lines).
fn json_rows(path: &Path) -> Result<Vec<Row>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let row = |(line, number): (&str, usize)| -> Result<Row, String> {
        let at = |why: String| format!("line {number}: {why}");
        let value: Value = serde_json::from_str(line).map_err(|error| at(error.to_string()))?;
        let mut nodes = Vec::new();
        flatten(&value, &mut nodes, DEPTH).map_err(at)?;
        Ok(Row::new(nodes))
    };
    lines.map(row).collect()
}

/// A JSON value as nodes in document order.
fn flatten<'a>(value: &'a Value, nodes: &mut Vec<Node<'a>>, depth: usize) -> Result<(), String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(format!("is nested more than {DEPTH} deep"));
    };
    let count = |length: usize| u32::try_from(length).map_err(|_| "is too long".to_owned());
    match value {
        Value::Null => nodes.push(Node::Nil),
        Value::Bool(value) => nodes.push(Node::Boolean(*value)),
        Value::String(text) => nodes.push(Node::Text(text)),
        Value::Number(number) => nodes.push(match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => i32::try_from(value).map_or(Node::Long(value), Node::Int),
            (None, Some(value)) => Node::Double(value),
            (None, None) => return Err(format!("has the number {number}, which fits nothing")),
        }),
        Value::Array(values) => {
            nodes.push(Node::Array(count(values.len())?));
            values.iter().try_for_each(|value| flatten(value, nodes, depth))?;
        }
        Value::Object(members) => {
            nodes.push(Node::Members(count(members.len())?));
            for (name, value) in members {
                nodes.push(Node::Member(name));
                flatten(value, nodes, depth)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_as_people_give_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            path.to_str().expect("plain").to_owned()
        };
        let csv = file("a.csv", "name,age\nann,7\n\"b,\"\"c\",8\n");
        let lines = file("a.jsonl", "{\"a\": [1, 2.5, null]}\n\n9007199254740993\n");
        let set = |text: &str| {
            let mut mistakes = Vec::new();
            read(text, &mut mistakes).ok_or(mistakes.join("; "))
        };
        let read = set(&format!("users={csv},unique,recycle")).expect("it is good");
        assert_eq!((read.name.as_str(), read.rows.len()), ("users", 2));
        assert_eq!((read.kind, read.at_end), (Rows::Unique, AtEnd::Recycle));
        assert_eq!(set(&format!("x={lines}")).expect("it is good").rows.len(), 2);
        let (empty, broken) = (file("e.csv", "a,b\n"), file("b.jsonl", "{}\n{,}\n"));
        for (text, expected) in [
            ("users".to_owned(), "has no \"=\""),
            ("=a.csv".to_owned(), "names no set"),
            ("a=".to_owned(), "names no set, or no file"),
            (format!("a={csv},sideways"), "\"sideways\""),
            ("a=nowhere.csv".to_owned(), "cannot be read"),
            (format!("a={empty}"), "has no row"),
            (format!("a={broken}"), "line 2"),
        ] {
            let error = set(&text).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
    }
}
