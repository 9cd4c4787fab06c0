//! Where the options of a scenario stand, for mistakes that are found after clap has read them.

use super::layer::{Layer, Origin};
use super::options::{Opt, Options};

/// Where the options of one scenario stand, as far as they were not typed.
#[derive(Debug, Default)]
pub(in crate::cli) struct Places {
    /// Where its table begins, and what it is called.
    begins: Option<(Origin, String)>,
    values: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    flag: String,
    value: String,
    origin: Origin,
}

impl Places {
    pub(super) fn new(
        (begins, name): (Option<&Origin>, &str),
        entries: &Layer,
        options: &Options,
    ) -> Self {
        let of_option = |option: Opt<'_>| {
            let values = entries.of(option).into_iter().flat_map(|entry| &entry.values);
            let flag = format!("--{}", option.name());
            let place = move |value: &super::layer::Value| Place {
                flag: flag.clone(),
                value: value.text.to_string_lossy().into_owned(),
                origin: value.origin.clone(),
            };
            values.map(place).collect::<Vec<_>>()
        };
        let begins = begins.map(|begins| (begins.clone(), name.to_owned()));
        Self { begins, values: options.all().flat_map(of_option).collect() }
    }

    /// A mistake with the place of what it is about: the value that it names, or else the scenario.
    pub(in crate::cli) fn placed(&self, mistake: &str) -> String {
        match (self.origin(mistake), &self.begins) {
            (Some(Origin::Flag), _) | (None, None) => mistake.to_owned(),
            (Some(origin), _) => format!("{origin}: {mistake}"),
            (None, Some((origin, name))) => format!("{origin}: scenario {name:?}: {mistake}"),
        }
    }

    /// A mistake of the scenario's own file, with the place where that is named.
    pub(in crate::cli) fn placed_at_path(&self, mistake: &str) -> String {
        let path = self.values.iter().find(|place| place.flag == "--path");
        match path.map(|place| &place.origin) {
            Some(Origin::Flag) | None => mistake.to_owned(),
            Some(origin) => format!("{origin}: {mistake}"),
        }
    }

    fn origin(&self, mistake: &str) -> Option<&Origin> {
        let is_named = |place: &&Place| {
            let rest = mistake.strip_prefix(&place.flag);
            let whole = |rest: &str| !rest.starts_with(|c: char| c == '-' || c.is_alphanumeric());
            // `parameter "depth" is ...`: that is a value of `--param`.
            let parameter = || {
                let name = place.value.split('=').next().unwrap_or_default();
                place.flag == "--param" && mistake.contains(&format!("parameter {name:?}"))
            };
            rest.is_some_and(whole) || parameter()
        };
        let mut named = self.values.iter().filter(is_named);
        let first = named.clone().next()?;
        // Of several values the one that the mistake quotes.
        let quoted = named.find(|place| mistake.contains(&format!("{:?}", place.value)));
        Some(&quoted.unwrap_or(first).origin)
    }
}
