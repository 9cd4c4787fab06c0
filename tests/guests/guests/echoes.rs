//! Sends every kind of value and compares what comes back. Each user runs one iteration.

use guests::{Behaviour, Next, Node, UserClass, class, client};

struct Echoes;
guests::scenario!(Echoes);

impl Behaviour for Echoes {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Echoes", &["echo"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let mut wrong = Vec::new();
        for (what, value) in values() {
            match client::call("echo", &value) {
                Ok(reply) if format!("{reply:?}") == format!("{value:?}") => {}
                Ok(reply) => wrong.push(format!("{what}: sent {value:?}, got {reply:?}")),
                Err(failure) => wrong.push(format!("{what}: {failure:?}")),
            }
        }
        if wrong.is_empty() { Ok(Next::StopUser) } else { Err(wrong.join("; ")) }
    }
}

fn values() -> Vec<(&'static str, Vec<Node>)> {
    let text = |text: &str| Node::Text(text.into());
    let member = |name: &str| Node::Member(name.into());
    let mut deep = vec![Node::Array(1); 50];
    deep.push(Node::Int(1));
    vec![
        ("no", vec![Node::Boolean(false)]),
        ("yes", vec![Node::Boolean(true)]),
        ("the least int", vec![Node::Int(i32::MIN)]),
        ("the greatest int", vec![Node::Int(i32::MAX)]),
        ("a long", vec![Node::Long(i64::MAX)]),
        ("a double", vec![Node::Double(-0.1)]),
        ("a tiny double", vec![Node::Double(5e-324)]),
        ("an empty string", vec![text("")]),
        ("white space", vec![text("  \t a \n b ")]),
        ("carriage returns", vec![text("a\r\nb\r")]),
        ("markup", vec![text("<a href='x'>&amp; ]]> \"</a>")]),
        ("unicode", vec![text("žluťoučký 🦗 кузнечик \u{10FFFD}")]),
        ("a long string", vec![text(&"katydid ".repeat(20_000))]),
        ("a date", vec![Node::DateTime("19980717T14:08:55".into())]),
        ("no bytes", vec![Node::Binary(Vec::new())]),
        ("all bytes", vec![Node::Binary((0..=255).collect())]),
        ("nil", vec![Node::Nil]),
        ("an empty array", vec![Node::Array(0)]),
        ("an array", vec![Node::Array(3), Node::Int(1), text("two"), Node::Boolean(true)]),
        ("an empty struct", vec![Node::Members(0)]),
        (
            "a struct with an array and a struct in it",
            vec![
                Node::Members(3),
                member("list"),
                Node::Array(2),
                Node::Int(1),
                Node::Array(0),
                member("inner"),
                Node::Members(1),
                member("<&>"),
                text("x"),
                member("last"),
                Node::Double(1.5),
            ],
        ),
        ("depth", deep),
    ]
}
