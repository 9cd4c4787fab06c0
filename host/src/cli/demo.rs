//! `katydid demo`: the main job on what is built in.

use super::run::{LoadArgs, MoreArgs, execute, nanoseconds};
use crate::target;
use katydid_load::Shape;
use std::process::ExitCode;
use std::time::Duration;

/// The mission's own scenario, by hand: it needs no toolchain.
const API_USER: &[u8] = include_bytes!("../../../scripts/wat/api_user.wat");

/// What `katydid demo` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    load: LoadArgs,
    #[command(flatten)]
    more: MoreArgs,
}

/// Starts the built-in target and runs the built-in scenario against it.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let target = target::start("127.0.0.1:0", target::Options::default())?;
    let host = format!("http://{}/", target.addr());
    let shape = Shape {
        users: args.load.users.unwrap_or(20),
        spawn_rate: args.load.spawn_rate.unwrap_or(10.0),
        run_time_ns: Some(nanoseconds(args.load.run_time.unwrap_or(Duration::from_secs(10)))),
    };
    eprintln!(
        "demo: the built-in scenario ApiUser (scripts/wat/api_user.wat) against the built-in XML-RPC\n\
         target at {host}, whose methods sleep up to one second before they answer"
    );
    execute("ApiUser (built in)", API_USER, Some(&host), shape, args.more).await
}
