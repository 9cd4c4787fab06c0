//! Whatever a scenario's file holds becomes a component: a component as it is, a core module
//! wrapped, the text form (WAT) of either assembled first.

use super::origin::Surface;
use std::time::Duration;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The package that scenarios are written against.
pub const HOST_PACKAGE: &str = "katydid:load@0.1.0";
pub(super) const WIT: &str = include_str!("../../../wit/load.wit");

/// Why a file is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// Neither WebAssembly nor its text form.
    #[error(
        "not WebAssembly but {0}; a scenario is a component or core module (.wasm), or its text (.wat)"
    )]
    NotWasm(String),
    /// It begins as WebAssembly and goes on as something else, or not at all.
    #[error("broken WebAssembly: {0}; build or copy it again")]
    Broken(String),
    /// The text form, with a mistake in it.
    #[error("a mistake in the WebAssembly text: {0}")]
    Text(String),
    /// Its world has another version than this host's.
    #[error(
        "the scenario is written against {guest}, this katydid speaks {HOST_PACKAGE}; \
         rebuild the scenario with this version's WIT, or use a katydid that speaks {guest}"
    )]
    Version {
        /// The package and version that the scenario names.
        guest: String,
    },
    /// WebAssembly, but of another world.
    #[error("no scenario but {found}; a scenario exports katydid:load/scenario: {cure}")]
    OtherWorld {
        /// What it is instead.
        found: String,
        /// What to do.
        cure: &'static str,
    },
    /// It needs what no scenario is given.
    #[error("the scenario imports {import:?}, which this host does not offer; {cure}")]
    Import {
        /// The import.
        import: String,
        /// What to do.
        cure: &'static str,
    },
    /// A core module that does not fit the world it claims.
    #[error("the scenario does not fit the world `load` of {HOST_PACKAGE}: {0}")]
    Unfit(String),
    /// Too large.
    #[error(
        "the module has {size} bytes, more than the limit of {limit}; raise --max-module-bytes if you trust it"
    )]
    TooLarge {
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// Takes too long to compile.
    #[error("compiling it takes longer than {}s; raise --max-compile-time if you trust it", .limit.as_secs_f64())]
    TooSlow {
        /// How long it may take.
        limit: Duration,
    },
    /// It needs more than a user may have.
    #[error(
        "the scenario needs {need} {what} for each user, more than the limit of {limit}; raise {flag}"
    )]
    Needs {
        /// Of what.
        what: &'static str,
        /// How much.
        need: u64,
        /// How much there may be.
        limit: usize,
        /// The flag that says so.
        flag: &'static str,
    },
    /// Valid on the outside, refused by the compiler.
    #[error("the module does not compile: {0}")]
    Compile(String),
    /// `describe` trapped, or what it said makes no sense.
    #[error("the scenario's description is wrong: {0}")]
    Description(String),
    /// A user's constructor trapped, or broke a limit.
    #[error("user class {class:?} cannot be constructed: {reason}")]
    Constructor {
        /// The name of the user's class.
        class: String,
        /// Why, in one line.
        reason: String,
    },
    /// The instance that is to be asked for the load cannot be made.
    #[error("its shape cannot be asked: {0}")]
    Shape(String),
    /// There is not even room for one user.
    #[error("the scenario cannot be tried: {0}")]
    NoRoom(String),
}

/// Makes a component of a scenario's file, whatever its form.
///
/// # Errors
/// The bytes are no scenario of our world.
pub fn as_component(bytes: &[u8]) -> Result<Vec<u8>, ModuleError> {
    let (binary, surface) = Surface::of(bytes)?;
    surface.check()?;
    component(binary.into_owned(), &surface)
}

/// Makes a component of a module that [`Surface::check`] let pass.
pub(super) fn component(binary: Vec<u8>, surface: &Surface) -> Result<Vec<u8>, ModuleError> {
    if surface.component {
        return Ok(binary);
    }
    wrap(binary, surface.has_component_type)
        .map_err(|error| ModuleError::Unfit(format!("{error:#}")))
}

/// Wraps a core module; one that does not say which world it is of gets ours.
fn wrap(mut binary: Vec<u8>, has_component_type: bool) -> anyhow::Result<Vec<u8>> {
    if !has_component_type {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("load.wit", WIT)?;
        let world = resolve.select_world(&[package], Some("load"))?;
        embed_component_metadata(&mut binary, &resolve, world, StringEncoding::UTF8)?;
    }
    // Of no use to a module that imports nothing of it, which then does not get it.
    ComponentEncoder::default()
        .module(&binary)?
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?
        .validate(true)
        .encode()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn half_of_our_world_does_not_fit() {
        let half = b"(module (func (export \"katydid:load/scenario@0.1.0#describe\")))";
        let error = as_component(half).expect_err("half").to_string();
        assert!(error.contains("does not fit the world"), "{error}");
    }

    #[test]
    fn a_component_stays_as_it_is() {
        let wat = include_bytes!("../../../scripts/wat/api_user.wat");
        let once = as_component(wat).unwrap();
        assert_eq!(as_component(&once).unwrap(), once);
    }
}
