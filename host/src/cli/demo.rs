//! `katydid demo`: the main job on what is built in.

use super::load::LoadArgs;
use super::part::{GivenArgs, PartArgs, Scenario};
use super::plan::Places;
use super::run::{MoreArgs, execute};
use super::source::EngineArgs;
use crate::duration;
use crate::target;
use std::process::ExitCode;
use std::time::Duration;

/// The mission's own scenario, by hand: it needs no toolchain.
const API_USER: &[u8] = include_bytes!("../../../scripts/wat/api_user.wat");

/// What `katydid demo` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Virtual users
    #[arg(short, long, value_name = "N", default_value_t = 20)]
    users: u32,
    /// Users started in each second
    #[arg(
        short = 'r',
        long,
        value_name = "RATE",
        default_value_t = 10.0,
        allow_negative_numbers = true
    )]
    spawn_rate: f64,
    /// How long to run: 30s, 10m, 1h30m
    #[arg(short = 't', long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    run_time: Duration,
    #[command(flatten)]
    given: GivenArgs,
    #[command(flatten)]
    more: MoreArgs,
}

/// Starts the built-in target and runs the built-in scenario against it.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let target = target::start("127.0.0.1:0", target::Options::default())?;
    let host = format!("http://{}/", target.addr());
    let load = LoadArgs {
        users: Some(args.users),
        spawn_rate: Some(args.spawn_rate),
        run_time: Some(args.run_time),
        ..LoadArgs::default()
    };
    eprintln!(
        "demo: the built-in scenario ApiUser (scripts/wat/api_user.wat) against the built-in XML-RPC\n\
         target at {host}, whose methods sleep up to one second before they answer"
    );
    let args_of_it = PartArgs {
        load,
        host: Some(host),
        given: args.given,
        start: Duration::ZERO,
        name: None,
        engine: EngineArgs::default(),
    };
    let scenario = Scenario {
        name: "ApiUser".to_owned(),
        file: "ApiUser (built in)".to_owned(),
        bytes: API_USER.to_vec(),
        args: args_of_it,
        source: None,
        places: Places::default(),
    };
    execute(vec![scenario], None, args.more).await
}
