//! WebAssembly: a scenario's bytes become a [`Module`], a module becomes a [`Scenario`] with room for
//! so many users, and each [`User`] is one instance in one store. Knows no sockets: what a guest
//! calls goes to a [`Caller`].
//!
//! Any number of modules and scenarios may stand beside each other, so that one can take another's place
//! while it runs: the new one is loaded and tried aside ([`Effort::Background`], [`Module::try_out`]), a
//! user of the old one says what is to be kept of it ([`User::save`]), the run takes back what it gave
//! ([`User::caller`]), and a user of the new one goes on with both ([`User::on_start`]).
//!
//! Beside the users there are instances that are nobody's: [`Scenario::setup`] and [`Scenario::teardown`] come and
//! go with one call, a [`Shaper`] says each second what load there is to be.
//!
//! `wasmtime` is named nowhere else.

mod bindings;
mod budget;
mod cache;
mod caller;
mod context;
mod description;
mod effort;
mod host;
#[cfg(test)]
mod lifecycle_tests;
mod limits;
mod meter;
#[cfg(test)]
mod meter_tests;
mod module;
#[cfg(test)]
mod module_tests;
mod multicall;
mod node;
mod origin;
mod scenario;
#[cfg(test)]
mod scenario_tests;
mod shaper;
mod trap;
mod trial;
mod wasi;
mod wrap;

pub use cache::Cache;
pub use caller::{Caller, Level};
pub use effort::Effort;
pub use limits::{Build, Limits, WIDE_MEMORY};
pub use module::Module;
pub use node::Row;
pub use origin::Origin;
pub use scenario::{Answer, Identity, Instance, Next, Scenario, User};
pub use shaper::{Load, Shaper, Status};
pub use trap::Trap;
pub use wrap::{HOST_PACKAGE, ModuleError, as_component};

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
