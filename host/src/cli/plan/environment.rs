//! What the environment says of the options.

use super::Mistakes;
use super::layer::{Entry, Layer, Origin, Value};
use super::options::{Kind, Opt, Options};
use std::ffi::{OsStr, OsString};

/// What all of its names begin with.
const PREFIX: &str = "KATYDID_";
/// A variable that is so near to one of ours is misspelt, not somebody else's (Jaro similarity).
const MISSPELT: f64 = 0.9;

/// Reads the variables that have an option's name; one that is empty says nothing. A list has one value on
/// each line.
pub(super) fn read(
    options: &Options,
    variables: &[(OsString, OsString)],
    mistakes: &mut Mistakes,
) -> Layer {
    let mut layer = Layer::default();
    for option in options.all().filter(|option| !option.is_path()) {
        let mut said = option.names().filter_map(|name| {
            let variable = variable(name);
            let found = variables.iter().find(|(name, _)| *name == *variable)?;
            (!found.1.is_empty()).then_some((variable, &found.1))
        });
        if let Some((variable, text)) = said.next() {
            layer.0.extend(entry(option, &variable, text, mistakes));
        }
    }
    for (name, _) in variables {
        if let Some(meant) = name.to_str().and_then(|name| misspelt(name, options)) {
            let name = name.to_string_lossy().into_owned();
            let cure = format!("there is no such option; did you mean {meant}?");
            mistakes.at(&Origin::Variable(name), &cure);
        }
    }
    layer
}

fn entry(option: Opt<'_>, variable: &str, text: &OsStr, mistakes: &mut Mistakes) -> Option<Entry> {
    let origin = Origin::Variable(variable.to_owned());
    let value = |text: OsString| Value { text, origin: origin.clone() };
    let values = match (option.kind(), text.to_str()) {
        (Kind::Switch, Some("true" | "1")) => vec![value("true".into())],
        (Kind::Switch, Some("false" | "0")) => vec![value("false".into())],
        (Kind::Switch, _) => {
            let mistake = format!("{:?} is neither \"true\" nor \"false\"", text.to_string_lossy());
            mistakes.at(&origin, &mistake);
            return None;
        }
        (_, Some(text)) if option.is_list() => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(|line| value(line.into())).collect()
        }
        _ => vec![value(text.to_owned())],
    };
    Some(Entry { id: option.id().to_owned(), values, origin })
}

fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('-', "_").to_uppercase())
}

/// What somebody meant who wrote this name, where it is nearly, but not quite, one of ours.
fn misspelt(name: &str, options: &Options) -> Option<String> {
    let written = name.strip_prefix(PREFIX)?;
    let names = || options.all().filter(|option| !option.is_path()).flat_map(Opt::names);
    if names().any(|known| variable(known) == name) {
        return None;
    }
    let rated = names().map(variable).map(|known| {
        (strsim::jaro(written, known.strip_prefix(PREFIX).unwrap_or_default()), known)
    });
    let near = rated.filter(|(likeness, _)| *likeness >= MISSPELT);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}
