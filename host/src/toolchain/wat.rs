//! The text of WebAssembly: nothing is built, the host assembles it.

use super::recipe::{Recipe, Template, Unit};

pub(super) const WAT: Recipe = Recipe {
    name: "wat",
    title: "WebAssembly's text",
    extensions: &["wat"],
    sign: None,
    markers: &[],
    unit: Unit::Ready,
    engines: &[],
    carried: &[],
    build: |_| Box::pin(async { Err("text of WebAssembly is not built".to_owned()) }),
    template: Template {
        folder: "guest-sdk/wat/template",
        scenario: "scenario.wat",
        copies: &[("scripts/wat/api_user.wat", "scenario.wat"), ("wit/", "wit/")],
        describe: None,
    },
};
