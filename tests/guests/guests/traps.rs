//! Breaks in every way that an issue of the sandbox begins with; the class says how. A user calls the
//! target once before, so that the test can see that the run went on.

use guests::{Behaviour, Next, Node, UserClass, class, client};

struct Traps(String);
guests::scenario!(Traps);

impl Behaviour for Traps {
    fn new(class: String) -> Self {
        assert_ne!(class, "constructor", "broken in its constructor");
        Self(class)
    }

    fn describe() -> Vec<UserClass> {
        ["fine", "panic", "constructor", "on_start", "loop", "memory", "stack", "error", "on_stop"]
            .map(|name| UserClass { fixed_count: Some(1), ..class(name, &["task"]) })
            .into()
    }

    fn on_start(&self) -> Result<(), String> {
        if self.0 == "on_start" { Err("no licence".into()) } else { Ok(()) }
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let _ = client::call("echo", &[Node::Text(self.0.clone())]);
        match self.0.as_str() {
            "panic" => panic!("out of luck"),
            "loop" => loop {
                core::hint::black_box(0);
            },
            "memory" => {
                let mut hoard: Vec<Vec<u8>> = Vec::new();
                loop {
                    hoard.push(vec![1; 1 << 20]);
                    core::hint::black_box(&hoard);
                }
            }
            "stack" => {
                #[expect(unconditional_recursion, reason = "on purpose")]
                fn down(n: u64) -> u64 {
                    let here = core::hint::black_box([n; 64]);
                    down(n + 1) + here[(n % 64) as usize]
                }
                core::hint::black_box(down(0));
            }
            "error" => return Err("a task may fail".into()),
            _ => guests::context::sleep_us(10_000),
        }
        Ok(Next::Proceed)
    }

    fn on_stop(&self) -> Result<(), String> {
        if self.0 == "on_stop" { panic!("broken in on-stop") } else { Ok(()) }
    }
}
