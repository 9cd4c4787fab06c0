//! Uses everything that a scenario may say beside calls, and asserts what it hears. Each user runs one
//! iteration.

use guests::events::RequestEvent;
use guests::{Behaviour, Next, Node, UserClass, class, client, context, events, log};
use std::cell::Cell;

struct Says {
    started: Cell<bool>,
}
guests::scenario!(Says);

impl Behaviour for Says {
    fn new(class: String) -> Self {
        assert_eq!(class, "Says");
        Self { started: Cell::new(false) }
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Says", &["everything"])]
    }

    fn on_start(&self) -> Result<(), String> {
        self.started.set(true);
        Ok(())
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        assert!(self.started.get(), "on-start comes first");
        assert!(context::user_id() < 3);
        assert_eq!(context::iteration(), 0);
        assert_eq!(context::parameter("tenant").as_deref(), Some("acme"));
        assert_eq!(context::parameter("nothing"), None);
        assert_ne!(context::random(), context::random());

        let before = context::now_us();
        context::sleep_us(20_000);
        assert!(context::now_us() - before >= 20_000);

        // A custom client reports its requests; each is one sample and one event.
        let event = |name: &str, us| RequestEvent {
            request_type: "grpc".into(),
            name: name.into(),
            response_time_us: us,
            response_length: 7,
        };
        events::request_success(&event("pay.Charge", 1_500));
        events::request_failure(&event("pay.Refund", 2_500), "out of funds");

        // Dotted names are ordinary.
        let methods =
            client::call("system.listMethods", &[]).expect("the target has introspection");
        context::check("has methods", matches!(methods[0], Node::Array(n) if n > 3));
        context::check("never true", false);
        log::write(log::Level::Info, &format!("hello\nfrom\x1b[31m {}", context::random()));
        log::write(log::Level::Debug, "not shown");
        Ok(Next::StopUser)
    }
}
