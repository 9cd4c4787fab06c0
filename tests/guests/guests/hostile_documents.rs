//! Hands over documents that make no sense. Each is refused, none hurts. One iteration.

use guests::{Breaks, Failure, Next, Node, call_echo, client};

struct HostileDocuments;
guests::breaks!(HostileDocuments);

impl Breaks for HostileDocuments {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        let deep = vec![Node::Array(1); 100_000];
        let wide = vec![Node::Nil; 100_001];
        let bombs: [&[Node]; 10] = [
            &[Node::Array(u32::MAX)],
            &[Node::Members(u32::MAX), Node::Member("a".into())],
            &[Node::Member("alone".into())],
            &[Node::Members(1), Node::Int(1)],
            &[Node::Members(1), Node::Member("a".into())],
            &[Node::Array(1), Node::Member("a".into()), Node::Int(1)],
            &[Node::Double(f64::INFINITY)],
            &deep,
            &wide,
            &[Node::Binary(vec![0; 1 << 20])],
        ];
        for (place, bomb) in bombs.iter().enumerate() {
            match client::call("echo", bomb) {
                Err(Failure::Rejected(_)) => {}
                other => return Err(format!("bomb {place} was not rejected: {other:?}")),
            }
        }
        for method in ["", "two words", "a\nb", &"x".repeat(1 << 20)] {
            match client::call(method, &[]) {
                Err(_) => {}
                Ok(_) => return Err(format!("method {method:.20?} was answered")),
            }
        }
        call_echo();
        Ok(Next::StopUser)
    }
}
