//! Black-box tests: everything through the binary, against its own target or real peers.
#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cache;
mod cli;
mod down;
mod guests;
mod hooks;
mod interop;
mod languages;
mod layers;
mod load;
mod open;
mod peers;
mod plan;
mod projects;
mod readme;
mod results;
mod sandbox;
mod sdk;
mod states;
mod swaps;
mod transport;
mod truth;
mod wasi;
