//! Uses everything of the Rust SDK and asserts for itself. Its users end by themselves:
//!
//! - `Everything` (one): each task is one topic; whatever does not hold is a failed iteration.
//! - `Shopper` and `Weighted` (by weight): sets and weights.
//! - `Wanderer` (one): a chain of tasks, and figures of its own.
//! - `Fails` and `Panics` (one each): go wrong on purpose, and only so.
//!
//! It needs a target that does wrong too: `get_time` answers the status 503, `get_random_number` the
//! fault 4, `system.listMethods` nothing for 2 s, `system.methodHelp` drops the connection, and
//! `system.methodSignature` answers no XML. With `--param end=run` it ends the run.

mod chain;
mod sets;
mod values;
mod wrong;

use chain::Wanderer;
use katydid_sdk::prelude::*;
use sets::{Shopper, Weighted};
use wrong::{Fails, Panics};

const TENANT: Parameter<&str> = Parameter::text("tenant").about("must be acme");
const END: Parameter<&str> = Parameter::text("end").default("").about("run: end the run");
const DEPTH: Parameter<i64> = Parameter::integer("depth").default(-3);
const PATIENCE: Parameter<f64> = Parameter::number("patience").default(0.5).about("in seconds");
const SLOW: Parameter<bool> = Parameter::boolean("slow").default(false);

scenario!(
    Everything,
    Shopper,
    Weighted,
    Fails,
    Panics,
    Wanderer,
    parameters = [TENANT, END, DEPTH, PATIENCE, SLOW],
);

/// An error, unless it holds.
fn ensure(holds: bool, what: &str) -> Result {
    if holds { Ok(()) } else { Err(Error::new(format!("it does not hold that {what}"))) }
}

#[derive(Default)]
struct Everything {
    began: Duration,
    drawn: Vec<u64>,
}

#[user(fixed_count = 1, sequential, wait_time = constant(0.001))]
impl Everything {
    fn on_start(&mut self) {
        self.began = now();
        log::info!("user {} begins", user_id());
    }

    /// What it has drawn, behind when it began.
    fn save_state(&mut self) -> Vec<u8> {
        let began = u64::try_from(self.began.as_micros()).unwrap_or(u64::MAX);
        [&[began], &self.drawn[..]].concat().into_iter().flat_map(u64::to_le_bytes).collect()
    }

    fn restore_state(&mut self, state: &[u8]) -> Result {
        let (numbers, rest) = state.as_chunks();
        let mut numbers = numbers.iter().copied().map(u64::from_le_bytes);
        ensure(rest.is_empty(), "these are whole numbers")?;
        let began = numbers.next().ok_or_else(|| Error::new("the state is empty"))?;
        self.began = Duration::from_micros(began);
        self.drawn = numbers.collect();
        log::info!("user {} goes on", user_id());
        Ok(())
    }

    #[task(tags("values"))]
    fn values_both_ways(&mut self, client: &Client) -> Result {
        self.drawn.push(random());
        values::plain(client)?;
        values::typed(client)?;
        values::by_serde(client)?;
        values::not_expected(client)
    }

    /// Each way in which a request can fail is told apart.
    #[task(tags("failures", "slow"))]
    fn failures(&mut self, client: &Client) -> Result {
        let Err(failure) = client.call("get_random_number", (0, 100)) else {
            return Err(Error::new("no fault"));
        };
        ensure(failure.is_fault(4), "it is the fault 4")?;
        ensure(failure.fault() == Some((4, "out of stock")), "it has its message")?;
        ensure(failure.to_string() == "fault 4: out of stock", "it is shown so")?;
        let status = client.call("get_time", ()).err();
        ensure(status.is_some_and(|failure| failure.is_status(503)), "it is the status 503")?;
        let dropped = client.call("system.methodHelp", ("echo",)).err();
        ensure(dropped.is_some_and(|failure| failure.is_transport()), "the connection broke")?;
        let garbage = client.call("system.methodSignature", ("echo",)).err();
        ensure(matches!(garbage, Some(Failure::Protocol(_))), "it is no XML-RPC")?;
        let infinite = client.call("echo", (f64::INFINITY,)).err();
        ensure(matches!(infinite, Some(Failure::Rejected(_))), "it cannot be written")?;
        let large = client.call("echo", (u64::MAX,)).err();
        ensure(matches!(large, Some(Failure::Rejected(_))), "it does not fit")?;
        let slow =
            client.request("system.listMethods", ()).timeout(Duration::from_millis(100)).send();
        let slow = slow.reply().err();
        ensure(slow == Some(Failure::Timeout("total".into())), "it takes too long")
    }

    #[task]
    fn judged(&mut self, client: &Client) -> Result {
        let echo = |label: &str| client.request("echo", ("no",)).label(label).send();
        let exchange = echo("refused");
        ensure(exchange.reply()?.as_str() == Some("no"), "it is read")?;
        ensure(exchange.reply().is_ok(), "it is read again")?;
        exchange.fail("the answer was no");
        echo("accepted").pass();
        let exchange = client.request("no.such.method", ()).label("expected fault").send();
        ensure(exchange.reply().is_err_and(|fault| fault.is_fault(-32601)), "it is unknown")?;
        exchange.pass();
        drop(echo("unjudged"));
        drop(client.request("no.such.method", ()).label("unjudged fault").send());
        Ok(())
    }

    #[task(tags("context"))]
    fn context(&mut self) -> Result {
        self.drawn.push(random());
        ensure(self.drawn[0] != self.drawn[1], "each iteration draws something else")?;
        ensure(iteration() == 3, "this is the fourth iteration")?;
        ensure(parameter("tenant").as_deref() == Some("acme"), "the parameter is given")?;
        ensure(parameter("none").is_none(), "the other is not")?;
        ensure(TENANT.get() == "acme", "it is read by its declaration, too")?;
        let defaults = (DEPTH.get(), PATIENCE.get(), SLOW.get());
        ensure(defaults == (-3, 0.5, false), "the others are what they are by default")?;
        ensure((1..=6).contains(&random_range(1..=6)), "it is a die")?;
        ensure((0.5..0.6).contains(&random_range(0.5..0.6)), "it is a share")?;
        ensure(choose(&["a", "b"]).is_some(), "one is chosen")?;
        let before = now();
        sleep(Duration::from_millis(20));
        ensure(now() - before >= Duration::from_millis(20), "the sleep took its time")?;
        ensure(before >= self.began, "time goes on")?;
        check("a check that holds", true);
        ensure(!check("a check that does not", false), "a check answers what it was told")?;
        log::debug!("not shown");
        log::warn!("{} warns", "somebody");
        log::error!("an error is only a line");
        Ok(())
    }

    #[task]
    fn own_requests(&mut self) -> Result {
        let made = measure("grpc", "pay.Charge", || {
            sleep(Duration::from_millis(5));
            Ok::<_, Error>(("paid", 7))
        })?;
        ensure(made == "paid", "it answers what was made")?;
        let failed = measure("grpc", "pay.Refund", || Err::<((), u64), _>("no funds"));
        ensure(failed == Err(Failure::Reported("no funds".into())), "it failed")?;
        events::request_success("grpc", "pay.Balance", Duration::from_micros(2_500), 64);
        events::request_failure("grpc", "pay.Close", Duration::from_millis(1), 0, "not empty");
        Ok(())
    }

    #[task]
    fn the_end(&mut self) -> Next {
        if END.get() == "run" {
            stop_run("the scenario has seen enough");
        }
        Next::StopUser
    }

    fn on_stop(&mut self) -> Result {
        ensure(self.drawn.len() == 2, "it came to its end")?;
        log::info!("user {} ends", user_id());
        Ok(())
    }
}
