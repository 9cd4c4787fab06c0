//! The host, as the SDK calls it: the contract's imports where this is WebAssembly, and the fake
//! world of [`testing`](crate::testing) elsewhere. Both offer the same functions.

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::backend::*;
#[cfg(target_family = "wasm")]
pub(crate) use imports::*;

#[cfg(target_family = "wasm")]
mod imports {
    use crate::Failure;
    use crate::bindings::katydid::load::client::{self, Exchange, Options};
    use crate::bindings::katydid::load::data::Node;
    use crate::bindings::katydid::load::log as lines;
    use crate::log::Level;

    pub(crate) use crate::bindings::katydid::load::context::{
        check, iteration, now_us, parameter, random, row, setup_data, sleep_us, stop_run, user_id,
    };
    pub(crate) use crate::bindings::katydid::load::events::{request_failure, request_success};
    pub(crate) use crate::bindings::katydid::load::metrics::{counter, gauge, rate, trend};

    pub(crate) fn call(method: &str, args: &[Node]) -> Result<Vec<Node>, Failure> {
        client::call(method, args).map_err(Failure::from)
    }

    pub(crate) struct Judged(Exchange);

    pub(crate) fn call_judged(method: &str, args: &[Node], options: &Options) -> Judged {
        Judged(client::call_judged(method, args, options))
    }

    impl Judged {
        pub(crate) fn reply(&self) -> Result<Vec<Node>, Failure> {
            self.0.reply().map_err(Failure::from)
        }

        pub(crate) fn pass(self) {
            self.0.pass();
        }

        pub(crate) fn fail(self, reason: &str) {
            self.0.fail(reason);
        }
    }

    pub(crate) fn log(level: Level, message: &str) {
        let level = match level {
            Level::Debug => lines::Level::Debug,
            Level::Info => lines::Level::Info,
            Level::Warn => lines::Level::Warn,
            Level::Error => lines::Level::Error,
        };
        lines::write(level, message);
    }
}
