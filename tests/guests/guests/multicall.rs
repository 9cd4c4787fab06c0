//! Three calls in one request. One iteration.

use guests::{Behaviour, Next, Node, UserClass, class, client};

struct Multicall;
guests::scenario!(Multicall);

impl Behaviour for Multicall {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Multicall", &["three at once"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let mut nodes = vec![Node::Array(3)];
        for (method, params) in [("echo", &[5][..]), ("no.such.method", &[]), ("get_time", &[])] {
            nodes.push(Node::Members(2));
            nodes.push(Node::Member("methodName".into()));
            nodes.push(Node::Text(method.into()));
            nodes.push(Node::Member("params".into()));
            nodes.push(Node::Array(params.len() as u32));
            nodes.extend(params.iter().map(|&value| Node::Int(value)));
        }
        let reply = client::call("system.multicall", &nodes).map_err(|f| format!("{f:?}"))?;
        assert!(matches!(reply[..3], [Node::Array(3), Node::Array(1), Node::Int(5)]), "{reply:?}");
        Ok(Next::StopUser)
    }
}
