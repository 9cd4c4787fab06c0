//! A run as the file that it could stand in.

use super::layer::{Entry, Origin};
use super::options::{Kind, Opt, Options};
use super::{Part, Usage};
use std::ffi::OsStr;
use toml::Value;

/// Writes what would run, with where each line comes from; what nobody said is there as a comment.
///
/// # Errors
/// Something in it is no Unicode, which such a file cannot hold.
pub(in crate::cli) fn print(parts: &[Part], options: &Options) -> Result<String, Usage> {
    let mut mistakes = Vec::new();
    let mut text = "# What would run. Its paths start from the folder that this was printed in.\nkatydid = 1\n".to_owned();
    let Some(first) = parts.first() else { return Ok(text) };
    for option in options.all().filter(|option| !option.scoped) {
        if let (None, Some(default)) = (first.entries.of(option), option.default()) {
            text += &format!("# {} = {}\n", option.key(), value(option, &default));
        }
    }
    text += &said(first, options, false, &mut mistakes);
    for part in parts {
        text += &format!("\n[[scenario]]\nname = {}\n", quoted(&part.name));
        text += &said(part, options, true, &mut mistakes);
    }
    if mistakes.is_empty() { Ok(text) } else { Err(Usage(mistakes)) }
}

/// What was said for the whole run, or for one scenario.
fn said(part: &Part, options: &Options, scoped: bool, mistakes: &mut Vec<String>) -> String {
    let own = options.all().filter(|option| option.scoped == scoped && option.name() != "name");
    let said = own.filter_map(|option| Some((option, part.entries.of(option)?)));
    // Tables come last: what follows one would belong to it.
    let (tables, plain): (Vec<_>, Vec<_>) = said.partition(|(option, _)| is_table(*option));
    let all = plain.into_iter().chain(tables);
    all.map(|(option, entry)| lines(option, entry, mistakes)).collect()
}

fn is_table(option: Opt<'_>) -> bool {
    option.is_named() && !option.names_files()
}

fn lines(option: Opt<'_>, entry: &Entry, mistakes: &mut Vec<String>) -> String {
    let key = option.key();
    let mut unicode = |text: &OsStr| {
        text.to_str().map(str::to_owned).unwrap_or_else(|| {
            mistakes.push(format!(
                "--{} {text:?} is no Unicode, which a file cannot say",
                option.name()
            ));
            String::new()
        })
    };
    let values: Vec<_> = entry.values.iter().map(|one| (unicode(&one.text), &one.origin)).collect();
    if is_table(option) {
        let pairs =
            values.iter().filter_map(|(text, origin)| Some((text.split_once('=')?, origin)));
        let line = |((name, text), origin): ((&str, &str), &&Origin)| {
            let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let bare = !name.is_empty() && name.chars().all(is_bare);
            let name = if bare { name.to_owned() } else { quoted(name) };
            format!("{name} = {} # {}\n", quoted(text), comment(origin))
        };
        let within = if option.scoped { "scenario." } else { "" };
        return format!("[{within}{key}]\n{}", pairs.map(line).collect::<String>());
    }
    match values.as_slice() {
        [(text, origin)] if !option.is_list() => {
            format!("{key} = {} # {}\n", value(option, text), comment(origin))
        }
        values => {
            let line = |(text, origin): &(String, &Origin)| {
                format!("  {}, # {}\n", value(option, text), comment(origin))
            };
            format!("{key} = [\n{}]\n", values.iter().map(line).collect::<String>())
        }
    }
}

/// Where something stands. A file's name may hold anything, a comment may not.
fn comment(origin: &Origin) -> String {
    origin.to_string().replace(char::is_control, "?")
}

/// A value as TOML.
fn value(option: Opt<'_>, text: &str) -> String {
    match (option.kind(), text.parse::<u64>(), text.parse::<f64>()) {
        (Kind::Switch, ..) => text.to_owned(),
        // TOML knows no 007 and no .5.
        (Kind::Number, Ok(number), _) => number.to_string(),
        (Kind::Number, _, Ok(number)) => format!("{number:?}"),
        _ => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
