//! Real peers: Python's own XML-RPC server and client.

use katydid_tests::{Peer, Target, guest, run, rust_script};
use std::process::Command;

/// The server of the page that this project comes from, without its sleep: HTTP/1.0, one request at
/// a time, and it closes after each.
const SERVER: &str = r#"
import random, time
from xmlrpc.server import SimpleXMLRPCServer, SimpleXMLRPCRequestHandler
class Quiet(SimpleXMLRPCRequestHandler):
    def log_request(self, *args): pass
server = SimpleXMLRPCServer(("127.0.0.1", 0), Quiet, allow_none=True)
server.register_introspection_functions()
server.register_multicall_functions()
server.register_function(lambda: time.time(), "get_time")
server.register_function(lambda low, high: random.randint(low, high), "get_random_number")
server.register_function(lambda value: value, "echo")
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

fn python() -> Peer {
    Peer::start(Command::new("python3").args(["-c", SERVER]))
}

#[test]
fn pythons_server_answers_the_missions_scenario() {
    let python = python();
    let url = python.url("/RPC2");
    let run = run(&rust_script(), &["-H", &url, "-u", "5", "-r", "100", "-t", "2s"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.requests().count() >= 5);
}

/// It writes everything that a scenario may send, and we read what it writes. Longs are the one thing
/// that Python refuses to send back.
#[test]
fn pythons_server_echoes_every_kind_of_value() {
    let python = python();
    let url = python.url("/");
    let run = run(&guest("echoes"), &["-H", &url, "-u", "1", "-t", "1s"]);
    let failed: Vec<_> =
        run.all("request_failure").map(|event| event["failure"].to_string()).collect();
    assert!(failed.iter().all(|text| text.contains("exceeds XML-RPC limits")), "{failed:?}");
    assert!(run.all("request_success").count() >= 4, "{}", run.out);
}

/// `katydid target`, called by Python's client.
#[test]
fn pythons_client_calls_the_target() {
    let target = Target::start(&["--delay", "none"]);
    let script = r#"
import sys, xmlrpc.client as x
s = x.ServerProxy(sys.argv[1], allow_none=True)
assert isinstance(s.get_time(), float)
assert 0 <= s.get_random_number(0, 100) <= 100
for value in ["žluť & <co>", 7, -1.5, True, None, [1, [2, {"a": "b"}]], {"x": []}, x.DateTime("19980717T14:08:55"), x.Binary(b"\0\xff")]:
    assert s.echo(value) == value, value
assert {"get_time", "get_random_number", "echo", "system.multicall"} <= set(s.system.listMethods())
assert s.system.methodSignature("get_random_number") == [["int", "int", "int"]]
assert "random" in s.system.methodHelp("get_random_number").lower()
multi = x.MultiCall(s); multi.get_random_number(3, 3); multi.echo("a"); multi.no_such_method()
results = multi()
assert results[0] == 3 and results[1] == "a"
try: results[2]; assert False
except x.Fault as fault: assert fault.faultCode == -32601, fault
for call, code in [(lambda: s.no_such_method(), -32601), (lambda: s.get_random_number("a"), -32602)]:
    try: call(); assert False
    except x.Fault as fault: assert fault.faultCode == code, fault
"#;
    let output = Command::new("python3").args(["-c", script, &target.url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
