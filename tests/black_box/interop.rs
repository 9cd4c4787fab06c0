//! The public suites `validator1` and `interopEchoTests`: our scenario against every server, every
//! client against our target.

use katydid_tests::{Peer, Target, guest, output, root, run};
use std::process::Command;

/// Methods of both suites.
const METHODS: usize = 22;

/// A script of `tests/peers`. Node's package lies where `tests/run` has put it.
fn script(program: &str, name: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(root().join("tests/peers").join(name));
    command.env("NODE_PATH", root().join("target/node/node_modules"));
    command
}

/// The guest calls every method and compares each answer: a wrong one is an error of its own and the
/// end of the iteration, so the later ones are missing.
fn our_scenario_gets_every_answer_from(url: &str) {
    let run = run(&guest("interop"), &["-H", url, "-u", "1", "-t", "10s"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(run.all("request_success").count(), METHODS, "{}\n{}", run.out, run.err);
}

#[test]
fn our_target_answers() {
    let target = Target::start(&["--delay", "none"]);
    our_scenario_gets_every_answer_from(&target.url);
}

#[test]
fn pythons_server_answers() {
    let peer = Peer::start(&mut script("python3", "interop_server.py"));
    our_scenario_gets_every_answer_from(&peer.url("/RPC2"));
}

#[test]
fn nodes_server_answers() {
    let peer = Peer::start(&mut script("node", "interop_server.js"));
    our_scenario_gets_every_answer_from(&peer.url("/"));
}

/// The client compares each answer, is refused what is wrong, and asks for all of them in one request.
fn the_target_satisfies(program: &str, name: &str) {
    let target = Target::start(&["--delay", "none"]);
    let (code, out, err) = output(script(program, name).arg(&target.url));
    assert_eq!(code, 0, "{err}");
    let mut called: Vec<_> = out.lines().collect();
    called.sort_unstable();
    called.dedup();
    assert_eq!(called.len(), METHODS, "{out}");
}

#[test]
fn pythons_client_is_satisfied() {
    the_target_satisfies("python3", "interop_client.py");
}

#[test]
fn nodes_client_is_satisfied() {
    the_target_satisfies("node", "interop_client.js");
}
