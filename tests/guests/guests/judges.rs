//! Judges its calls after it has read their replies. Each user runs one iteration.

use guests::client::Options;
use guests::{Behaviour, Failure, Next, Node, UserClass, class, client};

struct Judges;
guests::scenario!(Judges);

fn options(label: &str) -> Options {
    Options { label: Some(label.into()), timeout_ms: None }
}

impl Behaviour for Judges {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Judges", &["judge"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        // A good reply that the scenario does not like.
        let exchange = client::call_judged("echo", &[Node::Boolean(false)], &options("refused"));
        assert!(matches!(exchange.reply().expect("echo answers")[..], [Node::Boolean(false)]));
        exchange.fail("the answer was no");
        exchange.pass(); // A second verdict is ignored.

        // A fault that the scenario expected.
        let exchange = client::call_judged("no.such.method", &[], &options("expected fault"));
        match exchange.reply() {
            Err(Failure::Fault(fault)) => assert_eq!(fault.code, -32601),
            other => return Err(format!("no fault: {other:?}")),
        }
        exchange.pass();

        // Nobody judges: the reply does.
        drop(client::call_judged("echo", &[Node::Int(1)], &options("unjudged good")));
        drop(client::call_judged("no.such.method", &[], &options("unjudged bad")));

        // Left behind when the user ends.
        std::mem::forget(client::call_judged("echo", &[Node::Int(2)], &options("forgotten")));

        // Not sent at all.
        match client::call("echo", &[Node::Array(3), Node::Int(1)]) {
            Err(Failure::Rejected(_)) => {}
            other => return Err(format!("not rejected: {other:?}")),
        }
        match client::call("echo", &[Node::Double(f64::NAN)]) {
            Err(Failure::Rejected(_)) => Ok(Next::StopUser),
            other => Err(format!("not rejected: {other:?}")),
        }
    }
}
