//! Katydid: a load runner scripted in WebAssembly.
//!
//! Layers look down only: `cli` → `report`, `target` → `run` → `guest`, `wire` → the pure crates
//! `katydid-load` and `katydid-xmlrpc`. Siblings of a layer do not know each other.

pub mod clock;
pub mod guest;
pub mod run;
pub mod wire;
