//! What to run, put together: flags, then the environment, then a file, the first of which has the last word.
//!
//! ```text
//! flags ────────┐
//! KATYDID_* ────┤ one Layer each ─► merge, for each scenario ─► words of a command line ─► clap
//! [[scenario]] ─┤
//! top of file ──┘
//! ```
//!
//! Nothing here knows what any option means. Each value is turned into a word of the command line, so that it
//! has one parser, one help and one way to be wrong; what is known beside it is where it stands.

mod environment;
mod file;
mod layer;
mod options;
mod places;
mod print;
#[cfg(test)]
mod tests;

pub(super) use options::Options;
pub(super) use places::Places;
pub(super) use print::print;

use super::Usage;
use clap::{ArgMatches, Command, Error};
use layer::{Entry, Layer, Origin};
use options::PATH;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Finds what is wrong with options that have been parsed, each by itself.
pub(super) type Check<'a> = &'a dyn Fn(&ArgMatches) -> Vec<String>;

/// One scenario of a run, with all options that hold for it.
pub(super) struct Part {
    /// What it is called in the run.
    pub(super) name: String,
    /// The options, as if all of them had been typed.
    pub(super) matches: ArgMatches,
    /// Where they stand.
    pub(super) places: Places,
    entries: Layer,
}

/// Mistakes, each with its place, and in the end in the order of their places.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<(usize, String)>);

impl Mistakes {
    fn at(&mut self, origin: &Origin, mistake: &str) {
        let text = match origin {
            Origin::Flag => mistake.to_owned(),
            place => format!("{place}: {mistake}"),
        };
        self.0.push((origin.line(), text));
    }

    /// # Errors
    /// There are any.
    fn told(mut self) -> Result<(), Usage> {
        self.0.sort_by_key(|(line, _)| *line);
        // What holds for all scenarios was looked at with each of them.
        let mut told: Vec<String> = Vec::new();
        for (_, text) in self.0 {
            if !told.contains(&text) {
                told.push(text);
            }
        }
        if told.is_empty() { Ok(()) } else { Err(Usage(told)) }
    }
}

/// What was typed. What a flag of `run` needs may still be said elsewhere, so that is not missed yet.
pub(super) fn typed(
    command: impl Fn() -> Command,
    words: &[OsString],
) -> Result<ArgMatches, Error> {
    command().try_get_matches_from(words).or_else(|error| {
        let lenient = || command().ignore_errors(true).try_get_matches_from(words).ok();
        let of_run = |matches: &ArgMatches| {
            let run = matches.subcommand().filter(|(name, _)| *name == "run");
            run.is_some_and(|(_, matches)| matches.contains_id("scenario"))
        };
        let missing = layer::is_missing(&error);
        missing.then(lenient).flatten().filter(of_run).ok_or(error)
    })
}

/// Puts together what was typed, what the environment says, and what stands in the file, where what was typed
/// names one. Answers the scenarios, at least one.
///
/// # Errors
/// All mistakes, each with its place.
pub(super) fn put_together(
    options: &Options,
    typed: &ArgMatches,
    variables: &[(OsString, OsString)],
    check: Check<'_>,
) -> Result<Vec<Part>, Usage> {
    let mut mistakes = Mistakes::default();
    let mut flags = Layer::typed(options, typed);
    let environment = environment::read(options, variables, &mut mistakes);
    environment.check(options, check, &mut mistakes);
    let mut file = file::File::default();
    if let Some(path) = named_file(options, &mut flags)? {
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Usage(vec![format!(
                "cannot read the run spec {:?}: {error}; check the path",
                path.display()
            )])
        })?;
        file = file::read(&path, &text, options, &mut mistakes);
        file.top.check(options, check, &mut mistakes);
        file.scenarios.iter().for_each(|(_, layer)| layer.check(options, check, &mut mistakes));
        if file.scenarios.is_empty() && file.top.path(options).is_none() && mistakes.0.is_empty() {
            let first = Origin::Line(path.display().to_string().into(), 1);
            mistakes.at(
                &first,
                "there is no scenario; write [[scenario]], and below it path = \"scenario.wasm\"",
            );
        }
    }
    let tables: Vec<(Option<Origin>, Layer)> = match file.scenarios.is_empty() {
        true => vec![(None, Layer::default())],
        false => file.scenarios.into_iter().map(|(at, layer)| (Some(at), layer)).collect(),
    };
    let merge = |(begins, table): (Option<Origin>, Layer)| {
        (begins, Layer::merge(&[&flags, &environment, &table, &file.top], options))
    };
    let merged: Vec<_> = tables.into_iter().map(merge).collect();
    let names = check_together(options, &merged, &mut mistakes);
    mistakes.told()?;
    let part = |((begins, entries), name): ((Option<Origin>, Layer), String)| {
        let matches = options.parse(&entries.words(options));
        let matches = matches.map_err(|error| Usage(vec![layer::in_words(&error)]))?;
        let places = Places::new((begins.as_ref(), &name), &entries, options);
        Ok(Part { name, matches, places, entries })
    };
    merged.into_iter().zip(names).map(part).collect()
}

/// The file that the run stands in, taken out of what was typed; none where a scenario was named.
fn named_file(options: &Options, flags: &mut Layer) -> Result<Option<PathBuf>, Usage> {
    let Some(path) = flags.path(options) else { return Ok(None) };
    if path.extension().is_none_or(|extension| extension != "toml") || path.is_dir() {
        return Ok(None);
    }
    if path.file_name().is_some_and(|name| name == "Cargo.toml") {
        let path = path.display();
        return Err(Usage(vec![format!("{path:?} is a Cargo project's; name its folder")]));
    }
    let of_path = |entry: &Entry| options.find(PATH).is_some_and(|option| option.id() == entry.id);
    flags.0.retain(|entry| !of_path(entry));
    Ok(Some(path))
}

/// Finds what is wrong with the whole: what is missing, and names that two scenarios have. Answers the names.
fn check_together(
    options: &Options,
    merged: &[(Option<Origin>, Layer)],
    mistakes: &mut Mistakes,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (begins, layer) in merged {
        // Mostly clap is content with the whole; else it is found out who it is that lacks something.
        if options.parse(&layer.words(options)).is_err() {
            layer.check_needs(options, mistakes);
        }
        let path = layer.path(options);
        let is_named = options.find(PATH).is_some_and(|option| layer.of(option).is_some());
        if let (false, Some(begins)) = (is_named, begins) {
            mistakes.at(
                begins,
                "this scenario has no path; say where its file is: path = \"scenario.wasm\"",
            );
        }
        let given = options.find("name").and_then(|option| layer.of(option));
        let name =
            given.and_then(|entry| Some(entry.values.first()?.text.to_string_lossy().into_owned()));
        let name = name.unwrap_or_else(|| short(&path.unwrap_or_default()));
        if let Some(begins) = begins
            && !name.is_empty()
            && names.contains(&name)
        {
            let at = given.map_or(begins, |entry| &entry.origin);
            mistakes
                .at(at, &format!("two scenarios are called {name:?}; give each a name of its own"));
        }
        names.push(name);
    }
    names
}

/// A scenario's name where it has no other: that of its file, without folder and ending.
pub(super) fn short(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}

impl Layer {
    /// The scenario's own file.
    fn path(&self, options: &Options) -> Option<PathBuf> {
        let entry = self.of(options.find(PATH)?)?;
        Some(entry.values.first()?.text.clone().into())
    }
}
