//! Sockets: one exchange and its stamps. Knows no wasm and no statistics.
//!
//! [`Connection`] is the client's side, one for each virtual user; [`server`] is the side of the
//! built-in target. [`http`] holds what is pure.
//!
//! ```text
//! Target (url) ── names, tls ──► dial: a task of its own ──► stream ─┐
//! Settings ── headers ──► head: what stands before a body ───────────┼──► Connection: write, read,
//! what comes back ── http ──► inflate, cookies, redirects ───────────┘    stamps, one retry
//! ```

mod broken;
mod connection;
#[cfg(test)]
mod connection_tests;
mod cookies;
mod counters;
mod dial;
mod head;
mod headers;
pub mod http;
#[cfg(test)]
mod http_fuzz;
#[cfg(test)]
mod http_tests;
mod inflate;
mod names;
#[cfg(test)]
mod peer_tests;
pub mod server;
mod settings;
mod stream;
mod timer;
mod tls;
mod url;

pub use connection::{Connection, Exchanged};
pub use counters::Counters;
pub use dial::check_source;
pub use headers::{Header, HeaderError};
pub use names::Lookup;
pub use settings::{Settings, Timeouts};
pub use tls::{TlsError, TlsOptions};
pub use url::{Target, TargetError, TargetOptions};
