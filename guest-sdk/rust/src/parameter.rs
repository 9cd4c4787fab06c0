//! What a run may decide by name.

use crate::backend;
use crate::bindings::exports::katydid::load::scenario as wit;

/// A parameter that the scenario declares: its name, its kind, what it is where the run gives none, and what it
/// is for. `katydid inspect` lists it; a run that gives another kind, or none where there is no default, is
/// refused before it begins.
///
/// ```
/// use katydid_sdk::prelude::*;
///
/// const TENANT: Parameter<&str> = Parameter::text("tenant").about("whose shop it is");
/// const DEPTH: Parameter<i64> = Parameter::integer("depth").default(3).about("how many pages to turn");
///
/// #[derive(Default)]
/// struct Reader;
///
/// #[user]
/// impl Reader {
///     #[task]
///     fn read(&mut self, client: &Client) -> Result {
///         for page in 0..DEPTH.get() {
///             client.call("page", (TENANT.get(), page))?;
///         }
///         Ok(())
///     }
/// }
///
/// scenario!(Reader, parameters = [TENANT, DEPTH]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Parameter<T> {
    name: &'static str,
    default: Option<T>,
    about: &'static str,
}

impl<T> Parameter<T> {
    const fn new(name: &'static str) -> Self {
        Self { name, default: None, about: "" }
    }
}

impl Parameter<&'static str> {
    /// Any text.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl Parameter<i64> {
    /// A whole number.
    #[must_use]
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl Parameter<f64> {
    /// A finite number.
    #[must_use]
    pub const fn number(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl Parameter<bool> {
    /// `true` or `false`.
    #[must_use]
    pub const fn boolean(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl<T: Copy> Parameter<T> {
    /// Its value where the run gives none. Without a default it must be given.
    #[must_use]
    pub const fn default(mut self, value: T) -> Self {
        self.default = Some(value);
        self
    }

    /// What it is for, in one line.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }
}

impl<T: Kind> Parameter<T> {
    /// Its value in this run; of a text a `String`.
    ///
    /// # Panics
    /// It has no default, and `scenario!` does not name it among the parameters: the host cannot know that it must
    /// be given.
    #[must_use]
    #[track_caller]
    pub fn get(&self) -> T::Value {
        let given = backend::parameter(self.name).and_then(|value| T::read(&value));
        given
            .or_else(|| self.default.map(T::value))
            .expect("a parameter has a default, or stands among those of `scenario!`")
    }

    /// The parameter in the contract's words.
    pub(crate) fn describe(&self) -> wit::Parameter {
        wit::Parameter {
            name: self.name.to_owned(),
            kind: T::KIND,
            default: self.default.map(|value| value.to_string()),
            about: self.about.to_owned(),
        }
    }
}

/// What a parameter may be.
#[doc(hidden)]
pub trait Kind: Copy + ToString {
    /// What is read.
    type Value;
    #[doc(hidden)]
    const KIND: wit::ParameterKind;
    #[doc(hidden)]
    fn value(self) -> Self::Value;
    #[doc(hidden)]
    fn read(text: &str) -> Option<Self::Value>;
}

macro_rules! kinds {
    ($($type:ty, $value:ty, $kind:ident;)*) => {$(
        impl Kind for $type {
            type Value = $value;
            const KIND: wit::ParameterKind = wit::ParameterKind::$kind;

            fn value(self) -> $value {
                self.into()
            }

            fn read(text: &str) -> Option<$value> {
                text.parse().ok()
            }
        }
    )*};
}

kinds! {
    &'static str, String, Text;
    i64, i64, Integer;
    f64, f64, Number;
    bool, bool, Boolean;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    const TENANT: Parameter<&str> = Parameter::text("tenant").about("whose shop");
    const DEPTH: Parameter<i64> = Parameter::integer("depth").default(-3);
    const SHARE: Parameter<f64> = Parameter::number("share").default(0.5);
    const SLOW: Parameter<bool> = Parameter::boolean("slow").default(false);

    #[test]
    fn what_is_given_comes_before_the_default() {
        let world = World::new().parameter("tenant", "acme");
        let all = (TENANT.get(), DEPTH.get(), SHARE.get(), SLOW.get());
        assert_eq!(all, ("acme".to_owned(), -3, 0.5, false));
        let _world =
            world.parameter("depth", "9").parameter("share", "1e3").parameter("slow", "true");
        assert_eq!((DEPTH.get(), SHARE.get(), SLOW.get()), (9, 1000.0, true));
    }

    #[test]
    fn the_host_is_told_everything() {
        use wit::ParameterKind::{Boolean, Integer, Number, Text};
        let rows = [
            (TENANT.describe(), ("tenant", Text, None, "whose shop")),
            (DEPTH.describe(), ("depth", Integer, Some("-3"), "")),
            (SHARE.describe(), ("share", Number, Some("0.5"), "")),
            (SLOW.describe(), ("slow", Boolean, Some("false"), "")),
        ];
        for (told, (name, kind, default, about)) in rows {
            assert_eq!(
                (told.name.as_str(), told.kind, told.default.as_deref()),
                (name, kind, default)
            );
            assert_eq!(told.about, about);
        }
    }

    #[test]
    #[should_panic(expected = "a parameter has a default, or stands among those of `scenario!`")]
    fn nothing_given_and_no_default() {
        let _world = World::new();
        let _ = TENANT.get();
    }
}
