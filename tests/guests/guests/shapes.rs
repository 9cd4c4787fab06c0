//! Says itself what load there is to be; the parameter `shape` chooses how.

use guests::{
    Behaviour, Hooks, Load, Next, Node, Parameter, ParameterKind, Status, UserClass, WaitTime,
    call_echo, class, client, context, log,
};
use std::cell::Cell;

struct Shapes;
guests::scenario!(Shapes);

thread_local! {
    /// The instance lasts as long as the run: what it remembers stays.
    static LAST: Cell<Option<u64>> = const { Cell::new(None) };
}

impl Behaviour for Shapes {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![UserClass { wait: WaitTime::Constant(10_000), ..class("Shapes", &["echo"]) }]
    }

    fn hooks() -> Hooks {
        Hooks::SHAPE
    }

    fn parameters() -> Vec<Parameter> {
        vec![Parameter {
            name: "shape".into(),
            kind: ParameterKind::Text,
            default: Some("steps".into()),
            about: "steps, arrivals, negative, nan, trap or loop".into(),
        }]
    }

    fn shape(now: Status) -> Load {
        let last = LAST.replace(Some(now.elapsed_us));
        assert!(last.is_none_or(|last| last < now.elapsed_us), "time goes on");
        assert!(now.failed <= now.requests && now.requests_per_second <= now.requests);
        assert!(now.requests == 0 || now.elapsed_us > 0);
        // A shape makes no calls; if it does, nothing comes of it.
        let reply = client::call("echo", &[Node::Text("a shape calls".into())]);
        assert!(reply.is_err());
        let second = now.elapsed_us / 1_000_000;
        log::write(log::Level::Info, &format!("asked in second {second}"));
        match context::parameter("shape").as_deref() {
            // Two users, five, one, and the end.
            Some("steps") => match second {
                0 => Load::Users(2),
                1 => Load::Users(5),
                2 => Load::Users(1),
                _ => Load::Stop,
            },
            Some("arrivals") if second < 3 => Load::Arrivals(50.0),
            Some("arrivals") => Load::Stop,
            Some("negative") => Load::Arrivals(-1.0),
            Some("nan") => Load::Arrivals(f64::NAN),
            Some("loop") => loop {
                std::hint::black_box(0);
            },
            _ => panic!("the shape panics"),
        }
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        assert!(context::user_id() < 1_000);
        call_echo();
        Ok(Next::Proceed)
    }
}
