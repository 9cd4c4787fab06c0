//! A run in a file: TOML whose keys are the options.

use super::Mistakes;
use super::layer::{Entry, Layer, Origin, Value};
use super::options::{Kind, Opt, Options};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The key of the format's version, and the version that is read here.
const VERSION: (&str, &str) = ("katydid", "1");
/// The key of the scenarios.
const SCENARIO: &str = "scenario";

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    /// What holds for the run, and for each scenario that does not say otherwise.
    pub(super) top: Layer,
    /// Each scenario, with the line where it begins.
    pub(super) scenarios: Vec<(Origin, Layer)>,
}

/// Reads a file that is at `path`: what its relative paths start from.
pub(super) fn read(path: &Path, text: &str, options: &Options, mistakes: &mut Mistakes) -> File {
    let reader = Reader {
        file: path.display().to_string().into(),
        folder: path.parent().unwrap_or(Path::new("")),
        text,
        options,
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        // Details stand on lines of their own.
        let why: Vec<_> = error.message().lines().map(str::trim).collect();
        mistakes.at(&reader.line(at), &why.join("; "));
    }
    // What was recovered from broken text is a guess, and so would be its mistakes.
    if !errors.is_empty() {
        return File::default();
    }
    reader.file(table.get_ref(), mistakes)
}

struct Reader<'a> {
    /// How the file is called.
    file: Arc<str>,
    /// Its folder.
    folder: &'a Path,
    text: &'a str,
    options: &'a Options,
}

type Key<'a> = Spanned<DeString<'a>>;
type Toml<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    fn file(&self, table: &DeTable<'_>, mistakes: &mut Mistakes) -> File {
        let mut file = File::default();
        for (key, value) in in_order(table) {
            match &**key.get_ref() {
                name if name == VERSION.0 => self.version(value, mistakes),
                SCENARIO => file.scenarios = self.scenarios(key, value, mistakes),
                _ => self.option((key, value), false, &mut file.top, mistakes),
            }
        }
        file
    }

    fn version(&self, value: &Toml<'_>, mistakes: &mut Mistakes) {
        let said = shown(value.get_ref());
        if said != VERSION.1 {
            let (key, known) = VERSION;
            let why = format!(
                "{key} = {said} is a version of this format that is not known here; write {key} = {known}, or leave it out"
            );
            mistakes.at(&self.line(value.span().start), &why);
        }
    }

    fn scenarios(
        &self,
        key: &Key<'_>,
        value: &Toml<'_>,
        mistakes: &mut Mistakes,
    ) -> Vec<(Origin, Layer)> {
        let mut scenarios = Vec::new();
        let tables = value.get_ref().as_array().into_iter().flatten();
        for value in tables {
            let DeValue::Table(table) = value.get_ref() else { break };
            let mut layer = Layer::default();
            for (key, value) in in_order(table) {
                self.option((key, value), true, &mut layer, mistakes);
            }
            scenarios.push((self.line(value.span().start), layer));
        }
        let all = value.get_ref().as_array().map(|tables| tables.len());
        if all != Some(scenarios.len()) {
            let at = self.line(key.span().start);
            mistakes.at(&at, "each scenario is a table of its own: write [[scenario]]");
        }
        scenarios
    }

    /// Takes what is said of an option, by a scenario's own table or for all of the run.
    fn option(
        &self,
        (key, value): (&Key<'_>, &Toml<'_>),
        scoped: bool,
        layer: &mut Layer,
        mistakes: &mut Mistakes,
    ) {
        let origin = self.line(key.span().start);
        let name: &str = key.get_ref();
        let Some(option) = self.options.find(name) else {
            let cure = match self.options.nearest(name, scoped) {
                Some(key) => format!("did you mean \"{key}\"?"),
                None => "keys are the options of `katydid run --help`".to_owned(),
            };
            return mistakes.at(&origin, &format!("unknown key {name:?}; {cure}"));
        };
        if scoped && !option.scoped {
            let yet = if option.is_rule() { ": rules cannot name a scenario yet" } else { "" };
            let why = format!(
                "{name:?} is for the whole run{yet}; write it above the first [[scenario]]"
            );
            return mistakes.at(&origin, &why);
        }
        if let Some(before) = layer.of(option) {
            let line = before.origin.line();
            return mistakes.at(&origin, &format!("{name:?} is given twice, first on line {line}"));
        }
        let values = self.values(option, name, value, mistakes);
        layer.0.push(Entry { id: option.id().to_owned(), values, origin });
    }

    /// The values of an option, without those of a wrong type.
    fn values(
        &self,
        option: Opt<'_>,
        name: &str,
        value: &Toml<'_>,
        mistakes: &mut Mistakes,
    ) -> Vec<Value> {
        let mut all = Vec::new();
        let mut take = |what: &str, read: Result<String, String>, at: usize| match read {
            Ok(text) => all.push(Value { text: self.placed(option, text), origin: self.line(at) }),
            Err(why) => mistakes.at(&self.line(at), &format!("{what:?} must be {why}")),
        };
        match value.get_ref() {
            DeValue::Array(values) if option.is_list() => {
                for value in values {
                    let why = |why| format!("a list of {why}");
                    let read = scalar(option.kind(), value.get_ref()).map_err(why);
                    take(name, read, value.span().start);
                }
            }
            DeValue::Table(table) if option.is_named() => {
                for (key, value) in in_order(table) {
                    let inner = key.get_ref();
                    let read = match inner.contains('=') {
                        true => Err("a name without \"=\"".to_owned()),
                        false => any_scalar(value.get_ref()).map(|text| format!("{inner}={text}")),
                    };
                    take(inner, read, key.span().start);
                }
            }
            single => {
                let read = scalar(option.kind(), single).map_err(|why| match option.is_list() {
                    true => format!("a list of {why}"),
                    false => why,
                });
                take(name, read, value.span().start);
            }
        }
        all
    }

    /// A path as it is seen from where the program runs.
    fn placed(&self, option: Opt<'_>, text: String) -> OsString {
        match text.split_once('=') {
            Some((name, file)) if option.names_files() => {
                format!("{name}={}", self.folder.join(file).display()).into()
            }
            _ if option.kind() == Kind::Path && text != "-" => self.folder.join(text).into(),
            _ => text.into(),
        }
    }

    fn line(&self, at: usize) -> Origin {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Origin::Line(Arc::clone(&self.file), line)
    }
}

/// What a table holds, as it stands in the file.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a Key<'i>, &'a Toml<'i>)> {
    let mut pairs: Vec<_> = table.iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    pairs
}

/// A value as it would be typed, or what it should be.
fn scalar(kind: Kind, value: &DeValue<'_>) -> Result<String, String> {
    use DeValue::{Boolean, Float, Integer, String};
    let (what, fits) = match kind {
        Kind::Switch => ("true or false", matches!(value, Boolean(_))),
        Kind::Number => ("a number", matches!(value, Integer(_) | Float(_))),
        Kind::Text | Kind::Path => ("text in quotes", matches!(value, String(_))),
        Kind::Form => {
            ("text in quotes, or a number", matches!(value, String(_) | Integer(_) | Float(_)))
        }
    };
    match fits {
        true => any_scalar(value),
        false => Err(format!("{what}, not {}", shown(value))),
    }
}

fn any_scalar(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(number) => {
            let value = i128::from_str_radix(number.as_str(), number.radix());
            Ok(value.map_or_else(|_| number.to_string(), |value| value.to_string()))
        }
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        DeValue::Boolean(value) => Ok(value.to_string()),
        _ => Err(format!("text, a number, true or false, not {}", shown(value))),
    }
}

/// A value as a mistake quotes it.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
        other => any_scalar(other).unwrap_or_default(),
    }
}
