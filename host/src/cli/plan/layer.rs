//! What one source says of the options, and what holds where several say something.

use super::options::{Kind, Opt, Options};
use super::{Check, Mistakes};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Error};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::Arc;

/// Where something was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// On the command line.
    Flag,
    /// By a variable of the environment, of this name.
    Variable(String),
    /// In a file, on this line (from 1).
    Line(Arc<str>, usize),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => f.write_str("command line"),
            Origin::Variable(name) => f.write_str(name),
            Origin::Line(file, line) => write!(f, "{file}:{line}"),
        }
    }
}

/// What was said of one option: its values, or `true` or `false` for a switch.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The option's id.
    pub(super) id: String,
    pub(super) values: Vec<Value>,
    pub(super) origin: Origin,
}

#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) text: OsString,
    pub(super) origin: Origin,
}

impl Entry {
    /// Whether it asks for anything: a switch that is off does not.
    fn asks(&self, option: Opt<'_>) -> bool {
        option.kind() != Kind::Switch || self.values.iter().any(|value| value.text == "true")
    }

    /// The same as words of a command line.
    pub(super) fn words(&self, option: Opt<'_>) -> Vec<OsString> {
        let flag = OsString::from(format!("--{}", option.name()));
        match option.kind() {
            Kind::Switch if self.asks(option) => vec![flag],
            Kind::Switch => Vec::new(),
            _ => self.values.iter().map(|value| join(&flag, &value.text)).collect(),
        }
    }
}

fn join(flag: &OsStr, value: &OsStr) -> OsString {
    let mut word = flag.to_owned();
    word.push("=");
    word.push(value);
    word
}

/// What one source says.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer(pub(super) Vec<Entry>);

impl Layer {
    /// What a person typed.
    pub(super) fn typed(options: &Options, matches: &ArgMatches) -> Self {
        let entry = |option: Opt<'_>| {
            let id = option.id();
            if matches.value_source(id) != Some(ValueSource::CommandLine) {
                return None;
            }
            let value = |text: OsString| Value { text, origin: Origin::Flag };
            let values = match option.kind() {
                Kind::Switch => vec![value("true".into())],
                _ => matches.get_raw(id)?.map(|text| value(text.to_owned())).collect(),
            };
            Some(Entry { id: id.to_owned(), values, origin: Origin::Flag })
        };
        Self(options.all().filter_map(entry).collect())
    }

    pub(super) fn of(&self, option: Opt<'_>) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.id == option.id())
    }

    /// Finds what is wrong with it, whatever the others say: each value by itself, and options that cannot
    /// stand beside each other.
    pub(super) fn check(&self, options: &Options, check: Check<'_>, mistakes: &mut Mistakes) {
        let mut said: Vec<(Opt<'_>, &Entry)> = Vec::new();
        for option in options.all() {
            let Some(entry) = self.of(option) else { continue };
            for value in &entry.values {
                let alone = Entry { values: vec![value.clone()], ..entry.clone() };
                for mistake in alone.mistakes(option, options, check) {
                    mistakes.at(&value.origin, &mistake);
                }
            }
            if !entry.asks(option) {
                continue;
            }
            for &(other, before) in said.iter().filter(|(other, _)| options.at_odds(option, *other))
            {
                let (later, earlier) = match entry.origin.line() < before.origin.line() {
                    true => ((other, before), option),
                    false => ((option, entry), other),
                };
                let (one, other) = (later.0.shown(), earlier.shown());
                let mistake = format!("the argument '{one}' cannot be used with '{other}'");
                mistakes.at(&later.1.origin, &mistake);
            }
            said.push((option, entry));
        }
    }

    /// Puts layers together, the first of which has the last word. An option that a layer names is not
    /// taken from those below it, nor is what could not stand beside it; of options whose values have
    /// names, each value.
    pub(super) fn merge(layers: &[&Layer], options: &Options) -> Self {
        let mut merged: Vec<Entry> = Vec::new();
        for layer in layers {
            let above = merged.len();
            for option in options.all() {
                let Some(entry) = layer.of(option) else { continue };
                if let Some(same) = merged.iter_mut().find(|above| above.id == entry.id) {
                    if option.is_named() {
                        same.add(&entry.values);
                    }
                    continue;
                }
                let at_odds = |above: &Entry| {
                    let other = options.all().find(|option| option.id() == above.id);
                    other.is_some_and(|other| above.asks(other) && options.at_odds(option, other))
                };
                if !merged[..above].iter().any(at_odds) {
                    merged.push(entry.clone());
                }
            }
        }
        Self(merged)
    }

    /// Finds what has not got what it needs.
    pub(super) fn check_needs(&self, options: &Options, mistakes: &mut Mistakes) {
        for option in options.all().filter(|option| !option.is_path()) {
            let Some(entry) = self.of(option) else { continue };
            for needed in entry.needs(option, options) {
                let mut given = options.all().filter(|option| self.of(*option).is_some());
                if !given.any(|given| given.shown() == needed) {
                    let why = format!("the argument '{}' needs '{needed}'", option.shown());
                    mistakes.at(&entry.origin, &why);
                }
            }
        }
    }

    /// All of it as words of a command line, in the order of the help.
    pub(super) fn words(&self, options: &Options) -> Vec<OsString> {
        let (mut words, mut path) = (Vec::new(), None);
        for option in options.all() {
            let Some(entry) = self.of(option) else { continue };
            match option.is_path() {
                true => path = entry.values.first().map(|value| value.text.clone()),
                false => words.extend(entry.words(option)),
            }
        }
        words.push("--".into());
        words.extend(path);
        words
    }
}

impl Entry {
    /// What is wrong with it, whatever else is said.
    pub(super) fn mistakes(
        &self,
        option: Opt<'_>,
        options: &Options,
        check: Check<'_>,
    ) -> Vec<String> {
        if option.is_path() {
            return Vec::new();
        }
        let mut words = self.words(option);
        words.extend(["--".into(), "any.wasm".into()]);
        match options.parse(&words) {
            Ok(matches) => check(&matches),
            Err(error) if is_missing(&error) => Vec::new(),
            Err(error) => vec![in_words(&error)],
        }
    }

    /// The flags that it cannot do without, as clap shows them.
    fn needs(&self, option: Opt<'_>, options: &Options) -> Vec<String> {
        let mut words = self.words(option);
        words.extend(["--".into(), "any.wasm".into()]);
        let missing = options.parse(&words).err().filter(is_missing);
        match missing.as_ref().and_then(|error| error.get(ContextKind::InvalidArg)) {
            Some(ContextValue::Strings(flags)) => flags.clone(),
            _ => Vec::new(),
        }
    }

    /// Adds those values whose names are not there.
    fn add(&mut self, values: &[Value]) {
        let name =
            |value: &Value| value.text.to_string_lossy().split('=').next().map(str::to_owned);
        let new = |value: &&Value| self.values.iter().all(|known| name(known) != name(value));
        let new: Vec<_> = values.iter().filter(new).cloned().collect();
        self.values.extend(new);
    }
}

impl Origin {
    /// Its line; what is in no file comes first.
    pub(super) fn line(&self) -> usize {
        if let Origin::Line(_, line) = self { *line } else { 0 }
    }
}

pub(super) fn is_missing(error: &Error) -> bool {
    error.kind() == ErrorKind::MissingRequiredArgument
}

/// What clap says is wrong, in one line, without how to use the program.
pub(super) fn in_words(error: &Error) -> String {
    let text = error.render().to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}
