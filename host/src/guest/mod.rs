//! WebAssembly: a scenario's bytes become a [`Module`], a module becomes a [`Scenario`] with room for
//! so many users, and each [`User`] is one instance in one store. Knows no sockets: what a guest
//! calls goes to a [`Caller`].
//!
//! `wasmtime` is named nowhere else.

mod bindings;
mod budget;
mod cache;
mod caller;
mod host;
mod limits;
mod module;
mod multicall;
mod node;
mod origin;
mod scenario;
mod trap;
mod wasi;
mod wrap;

pub use cache::Cache;
pub use caller::{Caller, Level};
pub use limits::Limits;
pub use module::Module;
pub use origin::Origin;
pub use scenario::{Answer, Identity, Next, Scenario, User};
pub use trap::Trap;
pub use wrap::{HOST_PACKAGE, ModuleError};

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
