#![doc = include_str!("../README.md")]

mod backend;
mod class;
mod client;
mod context;
pub mod data;
mod error;
pub mod events;
mod failure;
#[cfg(target_family = "wasm")]
mod guest;
pub mod log;
pub mod metrics;
mod multicall;
mod parameter;
mod random;
mod running;
#[cfg(test)]
mod running_tests;
mod scenario;
mod setup;
mod shape;
#[cfg(test)]
mod state_tests;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod user;
mod value;
pub mod wait;

pub use class::{Class, Set};
pub use client::{Client, Exchange, Reply, Request};
pub use context::{check, iteration, now, parameter, sleep, stop_run, user_id};
pub use error::{Error, Result};
pub use events::measure;
pub use failure::Failure;
pub use katydid_sdk_macros::{task, task_set, user};
pub use multicall::Multicall;
pub use parameter::Parameter;
pub use random::{RandomRange, choose, random, random_range};
pub use setup::{FromSetupData, IntoSetupData, Setup, Teardown, setup_data};
pub use shape::{Load, Status};
pub use user::{Next, Outcome, Restore, Task, TaskSet, User};
#[cfg(feature = "serde")]
pub use value::Serde;
pub use value::{Args, FromValue, IntoValue, Mismatch, Struct, Value};

/// What a scenario usually needs: `use katydid_sdk::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "serde")]
    pub use crate::Serde;
    pub use crate::wait::{between, constant, constant_pacing, constant_throughput, poisson};
    pub use crate::{
        Class, Client, Error, Failure, Load, Next, Parameter, Reply, Result, Set, Status, TaskSet,
        User, Value, check, choose, data, events, iteration, log, measure, metrics, now, parameter,
        random, random_range, scenario, setup_data, sleep, stop_run, task, task_set, user, user_id,
    };
    pub use std::time::Duration;
}

/// For this crate's macros; not part of its interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::bindings;
    #[cfg(target_family = "wasm")]
    pub use crate::guest::Exported;
    pub use crate::scenario::{Declaration, Scenario};
}

/// The contract, `wit/load.wit`. Only its imports do anything, and only on WebAssembly; its types
/// are the same everywhere, so that what is tested is what runs.
#[doc(hidden)]
#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "load",
        pub_export_macro: true,
        default_bindings_module: "katydid_sdk::bindings",
    });
}
