//! The options that a run has, as clap knows them. Flags, the environment and files name the same ones:
//! whoever adds a flag has added its variable and its key.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, Error};
use std::any::TypeId;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

/// The options of one command.
pub(in crate::cli) struct Options {
    command: Command,
    /// The ids of those that each scenario may have its own of.
    scoped: HashSet<String>,
    /// The ids of those that only a person at the command line gives.
    only_flags: &'static [&'static str],
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opt<'a> {
    arg: &'a Arg,
    /// Whether each scenario may have its own.
    pub(super) scoped: bool,
}

/// What a value is, as far as a file can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There, or not there.
    Switch,
    Number,
    Text,
    /// Text that names a file.
    Path,
    /// What has a form of its own, a plain number perhaps: `30s`, `200/s`.
    Form,
}

/// How a file calls the scenario's own file, which is no flag.
pub(super) const PATH: &str = "path";
/// Options whose name is at least so near are meant (Jaro similarity).
const NEAR: f64 = 0.8;

impl Options {
    /// The options of a command; `scoped` has those among them that each scenario may have its own of.
    pub(in crate::cli) fn new(
        command: Command,
        scoped: &Command,
        only_flags: &'static [&'static str],
    ) -> Self {
        let mut command = command;
        command.build();
        let id = |arg: &Arg| arg.get_id().to_string();
        let mut scoped: HashSet<String> = scoped.get_arguments().map(id).collect();
        scoped.extend(command.get_positionals().map(id));
        Self { command, scoped, only_flags }
    }

    /// All of them, in the order of the help.
    pub(super) fn all(&self) -> impl Iterator<Item = Opt<'_>> {
        let args = self.command.get_arguments().filter(|arg| {
            let id = arg.get_id().as_str();
            id != "help" && !self.only_flags.contains(&id)
        });
        args.map(|arg| Opt { arg, scoped: self.scoped.contains(arg.get_id().as_str()) })
    }

    /// The one that is called so, with `_` or `-` between its words.
    pub(super) fn find(&self, name: &str) -> Option<Opt<'_>> {
        let name = name.replace('_', "-");
        self.all().find(|option| option.names().any(|known| known == name))
    }

    /// The key that is most like this one, if any is, among those of a scenario or of a whole run.
    pub(super) fn nearest(&self, key: &str, scoped: bool) -> Option<String> {
        let key = key.replace('-', "_");
        let among = self.all().filter(|option| !scoped || option.scoped);
        let rated = among.map(|option| (strsim::jaro(&key, &option.key()), option.key()));
        let near = rated.filter(|(likeness, _)| *likeness >= NEAR);
        near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, key)| key)
    }

    /// Whether two of them cannot stand beside each other.
    pub(super) fn at_odds(&self, a: Opt<'_>, b: Opt<'_>) -> bool {
        let rules_out = |a: Opt<'_>, b: Opt<'_>| {
            let out = self.command.get_arg_conflicts_with(a.arg);
            out.iter().any(|other| other.get_id() == b.arg.get_id())
        };
        rules_out(a, b) || rules_out(b, a)
    }

    /// What clap makes of the words that follow `run`.
    pub(super) fn parse(&self, words: &[OsString]) -> Result<ArgMatches, Error> {
        let program = std::iter::once(OsString::from("run"));
        self.command.clone().try_get_matches_from(program.chain(words.iter().cloned()))
    }
}

impl<'a> Opt<'a> {
    /// The name of its flag, or `path`; then others that it goes by.
    pub(super) fn names(self) -> impl Iterator<Item = &'a str> {
        let aliases = self.arg.get_all_aliases().unwrap_or_default();
        std::iter::once(self.name()).chain(aliases)
    }

    /// The name of its flag, or `path`.
    pub(super) fn name(self) -> &'a str {
        self.arg.get_long().unwrap_or(PATH)
    }

    pub(super) fn id(self) -> &'a str {
        self.arg.get_id().as_str()
    }

    /// What a file calls it: the word for many where it has one.
    pub(super) fn key(self) -> String {
        let many = format!("{}s", self.name());
        let name = self.names().find(|name| *name == many).unwrap_or_else(|| self.name());
        name.replace('-', "_")
    }

    /// The flag as clap shows it: `--users <N>`.
    pub(super) fn shown(self) -> String {
        self.arg.to_string()
    }

    pub(super) fn is_path(self) -> bool {
        self.arg.is_positional()
    }

    /// Whether it may be given several times.
    pub(super) fn is_list(self) -> bool {
        matches!(self.arg.get_action(), ArgAction::Append)
    }

    /// Whether each of its values has a name before a `=`: then a value takes the place of the one of that
    /// name.
    pub(super) fn is_named(self) -> bool {
        self.form().is_some_and(|form| form.starts_with("NAME="))
    }

    /// Whether what stands behind that name is a file.
    pub(super) fn names_files(self) -> bool {
        self.form().is_some_and(|form| form.starts_with("NAME=FILE"))
    }

    fn form(self) -> Option<&'a str> {
        Some(self.arg.get_value_names()?.first()?.as_str())
    }

    /// Whether it is one of the rules of what must hold.
    pub(super) fn is_rule(self) -> bool {
        self.arg.get_help_heading() == Some("Thresholds")
    }

    /// What it is where nobody says anything.
    pub(super) fn default(self) -> Option<String> {
        let [default] = self.arg.get_default_values() else { return None };
        (self.kind() != Kind::Switch).then(|| default.to_string_lossy().into_owned())
    }

    pub(super) fn kind(self) -> Kind {
        if !self.arg.get_action().takes_values() {
            return Kind::Switch;
        }
        let parser: &ValueParser = self.arg.get_value_parser();
        let is = |kind: TypeId| parser.type_id() == kind;
        let numbers = [
            TypeId::of::<u8>(),
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
            TypeId::of::<f64>(),
        ];
        match () {
            () if numbers.into_iter().any(is) => Kind::Number,
            () if is(TypeId::of::<PathBuf>()) => Kind::Path,
            () if is(TypeId::of::<String>()) => Kind::Text,
            () => Kind::Form,
        }
    }
}
