//! A target that says of itself which methods it has, as tasks of a new scenario.

use std::collections::HashSet;

/// What a target says of itself.
#[derive(Debug, Clone)]
pub struct Described {
    /// Where it is.
    pub url: String,
    /// Its methods.
    pub methods: Vec<Method>,
}

/// A method of the target.
#[derive(Debug, Clone)]
pub struct Method {
    /// Its name, whatever is in it.
    pub name: String,
    /// The types of its parameters, as XML-RPC calls them.
    pub parameters: Vec<String>,
    /// What it says of itself.
    pub help: String,
}

/// What a language says in its own way.
pub(super) struct Words {
    /// Names that no task may have.
    pub(super) reserved: &'static [&'static str],
    /// How names are put together.
    pub(super) case: Case,
    /// How a comment begins.
    pub(super) comment: &'static str,
    /// A sample of each kind of value.
    pub(super) sample: fn(Kind) -> &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// `get_time`
    Snake,
    /// `getTime`
    Camel,
    /// `GetTime`
    Pascal,
}

/// Kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Boolean,
    Double,
    Text,
    DateTime,
    Binary,
    Array,
    Struct,
    Nil,
}

/// A task that makes one call.
pub(super) struct Task {
    /// Its name, good in the language and unlike all others.
    pub(super) name: String,
    pub(super) method: String,
    /// Samples, in the language's own words.
    pub(super) arguments: Vec<&'static str>,
    /// Lines of comment, each with what makes it one.
    pub(super) comment: Vec<String>,
    pub(super) weight: u32,
}

/// Characters of a line of comment, and lines of one method's help.
const WIDTH: usize = 90;
const LINES: usize = 12;
/// Parameters of one method; a server may list any number.
const PARAMETERS: usize = 50;

impl Kind {
    /// What servers call their types, in their own spellings too; an unknown one is a text.
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "int" | "i1" | "i2" | "i4" | "i8" | "integer" | "long" | "number" => Self::Int,
            "boolean" | "bool" => Self::Boolean,
            "double" | "float" | "real" => Self::Double,
            "datetime.iso8601" | "datetime" | "date" | "time" => Self::DateTime,
            "base64" | "binary" | "bytes" => Self::Binary,
            "array" | "list" | "tuple" | "vector" => Self::Array,
            "struct" | "dict" | "hash" | "map" | "object" => Self::Struct,
            "nil" | "null" | "none" => Self::Nil,
            _ => Self::Text,
        }
    }
}

impl Described {
    /// A task for each method. Those that only describe the target are there, and are not chosen, unless there are
    /// no others.
    pub(super) fn tasks(&self, words: &Words) -> Vec<Task> {
        let describes = |method: &Method| method.name.starts_with("system.");
        let only = self.methods.iter().all(describes);
        let mut taken: HashSet<String> = words.reserved.iter().map(|&name| name.into()).collect();
        let task = |method: &Method| {
            let parameters = method.parameters.iter().take(PARAMETERS);
            Task {
                name: name(&method.name, words.case, &mut taken),
                method: method.name.clone(),
                arguments: parameters.map(|name| (words.sample)(Kind::of(name))).collect(),
                comment: comment(method, words.comment),
                weight: u32::from(only || !describes(method)),
            }
        };
        self.methods.iter().map(task).collect()
    }

    /// What stands at the head of the file, as comments.
    pub(super) fn header(&self, mark: &str) -> String {
        self.head().iter().map(|line| format!("{mark} {line}\n")).collect()
    }

    /// The same, bare.
    pub(super) fn head(&self) -> [String; 3] {
        [
            format!("Every method of {}, called with samples of its types, as it describes them.", tame(&self.url)),
            "Look through it before it runs: give the calls real arguments, and take out what does harm.".into(),
            "Methods of the weight 0 only describe the target, and are never called.".into(),
        ]
    }
}

/// A name for a method's task that was not taken yet.
fn name(method: &str, case: Case, taken: &mut HashSet<String>) -> String {
    let word = |c: char| c.is_ascii_alphanumeric();
    let parts: Vec<&str> = method.split(|c| !word(c)).filter(|part| !part.is_empty()).collect();
    let mut name = match case {
        Case::Snake => parts.join("_"),
        Case::Camel | Case::Pascal => {
            let raised = parts.iter().map(|part| {
                let (first, rest) = part.split_at(1);
                first.to_ascii_uppercase() + rest
            });
            let name: String = raised.collect();
            match (case, name.split_at_checked(1)) {
                (Case::Camel, Some((first, rest))) => first.to_ascii_lowercase() + rest,
                _ => name,
            }
        }
    };
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        let before = if case == Case::Pascal { "Method" } else { "method" };
        name = format!("{before}{}{name}", if case == Case::Snake { "_" } else { "" });
    }
    name.truncate(100);
    let (mut free, mut number) = (name.clone(), 1);
    while !taken.insert(free.clone()) {
        number += 1;
        free = format!("{name}_{number}");
    }
    free
}

/// What a method says of itself, in lines, and then how it is called.
fn comment(method: &Method, mark: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in method.help.lines() {
        let mut line = String::new();
        for word in tame(paragraph).split_whitespace() {
            let word: String = word.chars().take(WIDTH).collect();
            if !line.is_empty() && line.chars().count() + word.chars().count() >= WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            line += if line.is_empty() { "" } else { " " };
            line += &word;
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines.push("...".into());
    }
    if !method.parameters.is_empty() {
        let types: Vec<_> =
            method.parameters.iter().take(PARAMETERS).map(|name| tame(name)).collect();
        let types: String = types.join(", ").chars().take(WIDTH).collect();
        lines.push(format!("Parameters: {types}"));
    }
    // A backslash at the end of a line would go on into the next one, in C.
    let mut lines: Vec<_> =
        lines.iter().map(|line| format!("{mark} {}", line.trim_end_matches('\\'))).collect();
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

/// Without what would end a comment of any language, or change how it is read.
fn tame(text: &str) -> String {
    let harmless = |&c: &char| {
        let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
        !c.is_control() && !turns || c == '\t'
    };
    let text: String = text.chars().filter(harmless).collect();
    text.replace("*/", "* /").replace("\"\"\"", "'''")
}

/// A text between double quotes, as C, Go, JavaScript and Python alike read it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Three digits in the base of eight end there, whatever follows.
            c if c.is_ascii_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A text as JSON has it. AssemblyScript and JavaScript have it alike; in their strict mode there are no numbers
/// in the base of eight.
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether any of the samples is a date, which some languages must import.
pub(super) fn has_dates(tasks: &[Task]) -> bool {
    tasks.iter().flat_map(|task| &task.arguments).any(|one| one.contains("DateTime"))
}

impl Task {
    /// Its call of an object whose attributes are the target's methods: `one.two(1)`, or `call("odd name", 1)`
    /// where the name is none of an attribute that is free.
    pub(super) fn attribute_call(&self, taken: &[&str], quote: fn(&str) -> String) -> String {
        let mut arguments: Vec<String> = self.arguments.iter().map(|&one| one.into()).collect();
        let call = match is_plain(&self.method, taken) {
            true => &self.method,
            false => {
                arguments.insert(0, quote(&self.method));
                "call"
            }
        };
        format!("{call}({})", arguments.join(", "))
    }
}

/// Whether a method can be written as `client.one.two()`: all of its parts are plain names, none of them taken.
fn is_plain(method: &str, taken: &[&str]) -> bool {
    method.split('.').all(|part| {
        let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        part.starts_with(letter)
            && !part.starts_with("__")
            && part.chars().all(|c| letter(c) || c.is_ascii_digit())
            && !taken.contains(&part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(name: &str) -> Method {
        Method { name: name.into(), parameters: Vec::new(), help: String::new() }
    }

    #[test]
    fn names_are_good_and_unlike_each_other() {
        let mut taken = HashSet::from(["stop".to_owned()]);
        let mut of = |method: &str, case| name(method, case, &mut taken);
        assert_eq!(of("system.listMethods", Case::Snake), "system_listMethods");
        assert_eq!(of("system.listMethods", Case::Camel), "systemListMethods");
        assert_eq!(of("get_time", Case::Pascal), "GetTime");
        assert_eq!(of("a.b", Case::Snake), "a_b");
        assert_eq!(of("a-b", Case::Snake), "a_b_2");
        assert_eq!(of("stop", Case::Snake), "stop_2");
        assert_eq!(of("1st", Case::Snake), "method_1st");
        assert_eq!(of("žluť 🦗", Case::Camel), "lu");
        assert_eq!(of("🦗", Case::Camel), "method");
    }

    #[test]
    fn what_describes_a_target_is_not_chosen() {
        let words = Words { reserved: &[], case: Case::Snake, comment: "//", sample: |_| "1" };
        let weights = |names: &[&str]| {
            let methods = names.iter().map(|name| method(name)).collect();
            let tasks = Described { url: String::new(), methods }.tasks(&words);
            tasks.iter().map(|task| task.weight).collect::<Vec<_>>()
        };
        assert_eq!(weights(&["system.listMethods", "echo"]), [0, 1]);
        assert_eq!(weights(&["system.listMethods"]), [1]);
    }

    #[test]
    fn help_is_a_comment_whatever_it_says() {
        let mut of = method("a");
        of.help = format!("ends */ here\u{202e}\n\n{}\\\n", "word ".repeat(400));
        of.parameters = vec!["int".into(), "str\"\"\"uct".into()];
        let lines = comment(&of, "//");
        assert_eq!(lines[0], "// ends * / here");
        assert!(
            lines.iter().all(|line| line.starts_with("// ") && line.chars().count() <= WIDTH + 3)
        );
        assert!(lines.len() <= LINES + 2 && lines.contains(&"// ...".to_owned()), "{lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some("// Parameters: int, str'''uct"));
        assert!(comment(&method("a"), "#").is_empty());
    }

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(quoted("a\"b\\c\n\u{1}1ž"), "\"a\\\"b\\\\c\\n\\0011ž\"");
        for (name, expected) in [
            ("get_time", true),
            ("system.listMethods", true),
            ("a-b", false),
            ("1st", false),
            ("a..b", false),
            ("", false),
            ("__init__", false),
            ("shop.call", false),
        ] {
            assert_eq!(is_plain(name, &["call"]), expected, "{name}");
        }
    }
}
