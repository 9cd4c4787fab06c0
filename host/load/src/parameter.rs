//! What a scenario lets a run decide by name, and what a run has decided.
use crate::describe::{Mistakes, check_name, quoted};
use crate::text;
use std::collections::{BTreeMap, HashSet};

/// Most parameters of a scenario.
pub const MAX_PARAMETERS: usize = 1_000;
/// Longest default and longest explanation of a parameter, in characters.
pub const MAX_PARAMETER_CHARS: usize = 2_000;

/// A parameter that the scenario reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, unique in the scenario; without `=`, behind which a run gives the value.
    pub name: String,
    /// What it holds.
    pub kind: ParameterKind,
    /// Its value where the run gives none. A parameter without a default must be given.
    pub default: Option<String>,
    /// What it is for, in one line; empty where the author does not say.
    pub about: String,
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// Any text.
    Text,
    /// A whole number of 64 bits, perhaps negative.
    Integer,
    /// A finite number: `0.5`, `-3`, `1e6`.
    Number,
    /// `true` or `false`.
    Boolean,
}

impl ParameterKind {
    /// The kind in one word: stable, for files and machines.
    pub fn as_str(self) -> &'static str {
        match self {
            ParameterKind::Text => "text",
            ParameterKind::Integer => "integer",
            ParameterKind::Number => "number",
            ParameterKind::Boolean => "boolean",
        }
    }

    /// Whether the value is of this kind.
    pub fn accepts(self, value: &str) -> bool {
        match self {
            ParameterKind::Text => true,
            ParameterKind::Integer => value.parse::<i64>().is_ok(),
            ParameterKind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            ParameterKind::Boolean => matches!(value, "true" | "false"),
        }
    }

    /// The kind as a mistake calls it.
    fn in_words(self) -> &'static str {
        match self {
            ParameterKind::Text => "text",
            ParameterKind::Integer => "whole number",
            ParameterKind::Number => "number",
            ParameterKind::Boolean => "\"true\" or \"false\"",
        }
    }
}

/// Finds every mistake of what a scenario declares.
pub(crate) fn check(parameters: &[Parameter], mistakes: &mut Mistakes) {
    if parameters.len() > MAX_PARAMETERS {
        let size = parameters.len();
        mistakes.add(|| format!("the scenario has {size} parameters, more than {MAX_PARAMETERS}"));
        return;
    }
    let mut names = HashSet::new();
    for (place, parameter) in parameters.iter().enumerate() {
        let Parameter { name, kind, default, about } = parameter;
        check_name(name, mistakes, || format!("parameter number {}", place + 1));
        let this = || format!("parameter {}", quoted(name));
        if !names.insert(name) {
            mistakes.add(|| format!("{} is declared twice", this()));
        }
        if name.contains('=') || name.trim() != name {
            mistakes.add(|| format!("{}: no run can give it, for \"=\" or blanks", this()));
        }
        if let Some(default) = default
            && !kind.accepts(default)
        {
            mistakes.add(|| format!("{}: the default {}", this(), unfit(default, *kind)));
        }
        for (what, text) in [("default", default.as_deref().unwrap_or("")), ("about", about)] {
            if text.chars().count() > MAX_PARAMETER_CHARS {
                mistakes.add(|| {
                    format!("{}: {what} has more than {MAX_PARAMETER_CHARS} characters", this())
                });
            }
        }
        if about.chars().any(text::is_unruly) {
            mistakes.add(|| format!("{}: about has control characters", this()));
        }
    }
}

/// What a run's users read: the values that were given, and the defaults of those that were not. A scenario
/// that declares nothing takes whatever is given.
///
/// # Errors
/// Every mistake at once, sentences for whoever runs it: unknown names, values of another kind, parameters
/// that must be given and are not.
pub fn settle(
    declared: &[Parameter],
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<String>> {
    if declared.is_empty() {
        return Ok(given.clone());
    }
    let mut mistakes = Mistakes::default();
    let mut values = BTreeMap::new();
    for name in given.keys() {
        if !declared.iter().any(|parameter| parameter.name == *name) {
            let known: Vec<&str> = declared.iter().map(|known| known.name.as_str()).collect();
            let known = text::tame(&known.join(", "), 300);
            mistakes.add(|| format!("there is no parameter {}, only {known}", quoted(name)));
        }
    }
    for Parameter { name, kind, default, about } in declared {
        let this = || format!("parameter {}", quoted(name));
        match given.get(name).or(default.as_ref()) {
            Some(value) if kind.accepts(value) => {
                values.insert(name.clone(), value.clone());
            }
            Some(value) => mistakes.add(|| format!("{} {}", this(), unfit(value, *kind))),
            None if about.is_empty() => mistakes.add(|| format!("{} must be given", this())),
            None => {
                let about = text::tame(about, 200);
                mistakes.add(|| format!("{} must be given: {about}", this()));
            }
        }
    }
    mistakes.into_result().map(|()| values)
}

fn unfit(value: &str, kind: ParameterKind) -> String {
    let no = if kind == ParameterKind::Boolean { "neither" } else { "no" };
    format!("is {}, {no} {}", quoted(value), kind.in_words().replace(" or ", " nor "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, kind: ParameterKind, default: Option<&str>) -> Parameter {
        let default = default.map(str::to_owned);
        Parameter { name: name.to_owned(), kind, default, about: "what for".to_owned() }
    }

    #[test]
    fn kinds_accept_what_they_hold() {
        use ParameterKind::{Boolean, Integer, Number, Text};
        #[rustfmt::skip]
        let rows = [
            ("", vec![Text]),
            ("acme", vec![Text]),
            ("7", vec![Text, Integer, Number]),
            ("-9223372036854775808", vec![Text, Integer, Number]),
            ("9223372036854775808", vec![Text, Number]),
            ("0.5", vec![Text, Number]),
            ("1e6", vec![Text, Number]),
            ("inf", vec![Text]),
            ("NaN", vec![Text]),
            (" 7", vec![Text]),
            ("true", vec![Text, Boolean]),
            ("True", vec![Text]),
        ];
        for (value, expected) in rows {
            let all = [Text, Integer, Number, Boolean];
            let kinds: Vec<_> = all.into_iter().filter(|kind| kind.accepts(value)).collect();
            assert_eq!(kinds, expected, "{value}");
        }
    }

    #[test]
    fn what_an_author_may_get_wrong() {
        use ParameterKind::{Boolean, Integer, Number, Text};
        let with = |about: String| Parameter { about, ..parameter("a", Text, None) };
        #[rustfmt::skip]
        let rows = [
            (vec![], vec![]),
            (vec![parameter("a", Text, Some("")), parameter("b", Integer, Some("7"))], vec![]),
            (vec![parameter("", Text, None)], vec!["parameter number 1 has no name"]),
            (vec![parameter("a", Text, None); 2], vec!["parameter \"a\" is declared twice"]),
            (vec![parameter("a=b", Text, None)], vec!["parameter \"a=b\": no run can give it, for \"=\" or blanks"]),
            (vec![parameter("a ", Text, None)], vec!["parameter \"a \": no run can give it, for \"=\" or blanks"]),
            (vec![parameter("a", Integer, Some("x"))], vec!["parameter \"a\": the default is \"x\", no whole number"]),
            (vec![parameter("a", Number, Some("inf"))], vec!["parameter \"a\": the default is \"inf\", no number"]),
            (vec![parameter("a", Boolean, Some("1"))], vec!["parameter \"a\": the default is \"1\", neither \"true\" nor \"false\""]),
            (vec![parameter("a", Text, Some(&"x".repeat(2_001)))], vec!["parameter \"a\": default has more than 2000 characters"]),
            (vec![with("\n".to_owned())], vec!["parameter \"a\": about has control characters"]),
            (vec![with("x".repeat(2_001))], vec!["parameter \"a\": about has more than 2000 characters"]),
            (vec![parameter("", Text, None); 1_001], vec!["the scenario has 1001 parameters, more than 1000"]),
        ];
        for (parameters, expected) in rows {
            let mut mistakes = Mistakes::default();
            check(&parameters, &mut mistakes);
            let told = mistakes.into_result().err().unwrap_or_default();
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn what_a_run_gives() {
        use ParameterKind::{Boolean, Integer, Text};
        let declared = [
            parameter("tenant", Text, Some("acme")),
            parameter("depth", Integer, None),
            Parameter { about: String::new(), ..parameter("deep", Boolean, None) },
        ];
        let given = |pairs: &[(&str, &str)]| {
            let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            owned.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(
            settle(&declared, &given(&[("depth", "3"), ("deep", "true")])),
            Ok(given(&[("tenant", "acme"), ("depth", "3"), ("deep", "true")]))
        );
        assert_eq!(
            settle(&declared, &given(&[("tenant", ""), ("depth", "-3"), ("deep", "false")])),
            Ok(given(&[("tenant", ""), ("depth", "-3"), ("deep", "false")]))
        );
        let wrong = given(&[("depht", "3"), ("deep", "yes")]);
        let mistakes = [
            "there is no parameter \"depht\", only tenant, depth, deep",
            "parameter \"depth\" must be given: what for",
            "parameter \"deep\" is \"yes\", neither \"true\" nor \"false\"",
        ];
        assert_eq!(settle(&declared, &wrong), Err(mistakes.map(str::to_owned).to_vec()));
        let nothing = settle(&declared[2..], &BTreeMap::new());
        assert_eq!(nothing, Err(vec!["parameter \"deep\" must be given".to_owned()]));
        // Where nothing is declared, anything may be given.
        assert_eq!(settle(&[], &wrong), Ok(wrong.clone()));
    }
}
