//! Katydid: a load runner scripted in WebAssembly.
//!
//! Layers only look down, and siblings of a layer do not know each other:
//!
//! | layer | modules |
//! |---|---|
//! | 5 | [`cli`] |
//! | 4 | [`server`] |
//! | 3 | [`report`], [`target`], [`export`], [`compare`], [`toolchain`] |
//! | 2 | [`run`] |
//! | 1 | [`guest`], [`wire`] |
//! | 0 | the pure crates `katydid-load` and `katydid-xmlrpc`, [`clock`], [`duration`], [`private`] |

pub mod cli;
pub mod clock;
pub mod compare;
pub mod duration;
pub mod export;
pub mod guest;
pub mod private;
pub mod report;
pub mod run;
pub mod server;
pub mod target;
pub mod toolchain;
pub mod wire;
