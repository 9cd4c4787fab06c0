//! What the benches share: the demo's scenario, and an outside that answers at once.
#![allow(dead_code, reason = "each bench uses a part")]

use katydid::guest::{Caller, Effort, Level, Limits, Module, Row};
use katydid_load::Failure;
use katydid_load::metric::Recorded;
use std::sync::Arc;
use std::time::Duration;

/// A good reply with one double, as the target writes it.
pub(crate) const REPLY: &[u8] = b"<?xml version=\"1.0\"?>\n<methodResponse><params><param><value><double>1700000000.5</double></value></param></params></methodResponse>\n";

/// A runtime like a shard's.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// The demo's scenario: needs no toolchain.
pub(crate) async fn module() -> Module {
    let wat = include_bytes!("../../../scripts/wat/api_user.wat");
    Module::load(wat, Limits::default(), None, Effort::Full).await.expect("it is a scenario")
}

/// Answers every call at once with [`REPLY`].
#[derive(Default)]
pub(crate) struct Instantly {
    buffer: Vec<u8>,
}

impl Caller for Instantly {
    type Measured = ();

    fn begin_iteration(&mut self, _: u64) {}

    fn begin(&mut self) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer
    }

    async fn exchange(
        &mut self,
        request: Vec<u8>,
        _: Option<Duration>,
    ) -> ((), Result<(), Failure>) {
        self.buffer = request;
        ((), Ok(()))
    }

    fn refuse(&mut self, _: Vec<u8>) {}

    fn reply(&self) -> &[u8] {
        REPLY
    }

    fn count(&mut self, (): (), _: &str, _: Result<(), &Failure>) {}

    fn inner_call(&mut self, _: &str, _: Result<(), &Failure>) {}

    fn report(&mut self, _: &str, _: &str, _: u64, _: u64, _: Result<(), &Failure>) {}

    fn check(&mut self, _: &str, _: bool) {}

    fn metric(&mut self, _: &str, _: Recorded) {}

    fn row(&mut self, _: &str) -> Result<Option<Row>, String> {
        Err("no data".to_owned())
    }

    fn setup_data(&self) -> Option<Arc<[u8]>> {
        None
    }

    fn log(&mut self, _: Level, _: &str) {}

    fn drop_log_line(&mut self) {}

    fn stop_run(&mut self, _: &str) {}

    fn now_us(&self) -> u64 {
        0
    }

    async fn sleep(&mut self, _: Duration) {}
}
