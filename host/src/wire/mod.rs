//! Sockets: one exchange and its stamps. Knows no wasm and no statistics.
//!
//! [`Connection`] is the client's side, one for each virtual user; [`server`] is the side of the
//! built-in target. [`http`] holds what is pure.

mod connection;
#[cfg(test)]
mod connection_tests;
pub mod http;
pub mod server;
mod timer;
mod url;

pub use connection::{Connection, Exchanged, Settings, Timeouts};
pub use url::{Target, TargetError};
