//! `katydid new`, and the tools that languages need.

use crate::languages::answer;
use katydid_tests::{Peer, Target, katydid, output, python, root, wasm_compiler};
use serde_json::Value;
use std::path::PathBuf;

/// A new project builds as it is, and runs against the built-in target; one that was asked of a target calls all of
/// its methods.
#[test]
fn new_projects_run() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::start(&["--delay", "none"]);
    let run = |project: &str, users: &str, time: &str| -> (i32, String, String) {
        let mut command = katydid();
        command.current_dir(folder.path()).envs(wasm_compiler());
        command.args(["run", project, "-H", &target.url, "-u", users, "-r", "100", "-t", time]);
        output(command.args(["--only-summary", "--seed", "1"]))
    };
    for language in [
        "rust",
        "typescript",
        "javascript",
        "python",
        "c",
        "cpp",
        "zig",
        "go",
        "assemblyscript",
        "wat",
    ] {
        let (code, out, err) = answer(&["new", language, language], folder.path());
        assert_eq!(code, 0, "{err}");
        assert!(out.contains(&format!("katydid run {language} -u 10")), "{out}");
        let (code, out, err) = run(language, "4", "2s");
        assert_eq!(code, 0, "{language}: {err}");
        assert!(out.contains("get_time") && out.contains("get_random_number"), "{language}: {out}");
        let (code, _, err) = answer(&["new", language, language], folder.path());
        assert_eq!(code, 2);
        assert!(err.contains("is not empty; name a new folder"), "{err}");
        let from = format!("{language}-from");
        let (code, out, err) =
            answer(&["new", language, &from, "--from", &target.url], folder.path());
        if language == "wat" {
            assert_eq!(code, 2, "{out}");
            assert!(
                err.contains("--from writes no WebAssembly's text; use one of rust, "),
                "{err}"
            );
            continue;
        }
        assert_eq!(code, 0, "{language}: {err}");
        assert!(out.contains("29 tasks, one for each method"), "{out}");
        let mut inspect = katydid();
        inspect.current_dir(folder.path()).envs(wasm_compiler()).args(["inspect", "--json", &from]);
        let (code, out, err) = output(&mut inspect);
        assert_eq!(code, 0, "{language}: {err}");
        let said: Value = serde_json::from_str(&out).unwrap();
        assert!(said.to_string().contains("system"), "{language}: {said}");
        // Samples of the right types are taken by most methods, and none of the calls is rejected.
        let (code, out, err) = run(&from, "20", "5s");
        assert!(code == 0 || code == 1, "{language}: {err}");
        assert!(out.contains("interopEchoTests") && !out.contains("rejected"), "{out}");
    }
    let (code, _, err) = answer(&["new", "cobol", "x"], folder.path());
    assert_eq!(code, 2);
    assert!(err.contains("rust, typescript, javascript, python"), "{err}");
}

/// What a server may say of itself that no language has a name for.
#[test]
fn a_target_with_odd_methods_is_described_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let odd = r#"
import sys
from xmlrpc.server import SimpleXMLRPCServer
class Server(SimpleXMLRPCServer):
    def _dispatch(self, method, params):
        if method == "system.listMethods":
            return ["a-b", "class", "stop", "then", "quote\"d\\", "1st", "ž.🦗", "*/ x", "line\nbreak", "a b"]
        if method == "system.methodSignature":
            return [["int", "dateTime.iso8601", "struct", "nonsense"]] if params[0] == "a-b" else "none"
        if method == "system.methodHelp":
            return "ends */ here \"\"\" and \\ there\n" * 40
        return True
server = Server(("127.0.0.1", 0), logRequests=False, allow_none=True)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;
    let peer = Peer::start(python().args(["-c", odd]));
    for language in
        ["rust", "typescript", "javascript", "python", "c", "cpp", "zig", "go", "assemblyscript"]
    {
        let (code, out, err) =
            answer(&["new", language, language, "--from", &peer.url("/RPC2")], folder.path());
        assert_eq!(code, 0, "{language}: {err}");
        assert!(out.contains("10 tasks"), "{out}");
        let mut command = katydid();
        command.current_dir(folder.path()).envs(wasm_compiler());
        command.args(["run", language, "-u", "10", "-r", "100", "-t", "6s", "--seed", "1"]);
        let (code, out, err) = output(command.arg("--only-summary"));
        assert_eq!(code, 0, "{language}: {out}\n{err}");
        for method in ["a-b", "class", "stop", "then", "1st", "ž.🦗", "*/ x"] {
            assert!(out.contains(method), "{language}: no {method} in {out}");
        }
    }
    let mute = "from xmlrpc.server import *\ns = SimpleXMLRPCServer(('127.0.0.1', 0), logRequests=False)\nprint(s.server_address[1], flush=True)\ns.serve_forever()";
    let peer = Peer::start(python().args(["-c", mute]));
    let (code, _, err) =
        answer(&["new", "python", "mute", "--from", &peer.url("/RPC2")], folder.path());
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("has no introspection"), "{err}");
    assert!(!folder.path().join("mute").exists());
}

/// The commands that a language's tools are missing for name the cure.
#[test]
fn missing_tools_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let tool = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = bin.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let try_it = |script: &str| {
        let mut command = katydid();
        command.env("PATH", &bin).env("XDG_CACHE_HOME", folder.path());
        let (code, _, err) = output(command.arg("inspect").arg(root().join(script)));
        assert_eq!(code, 2, "{err}");
        err
    };
    let (python, node, rust) =
        ("scripts/python/api_user.py", "scripts/javascript/api_user.js", "scripts/rust");
    assert!(try_it(python).contains("python3 cannot be run"), "{}", try_it(python));
    assert!(try_it(python).contains("apt-get install python3 python3-venv"));
    assert!(try_it(node).contains("apt-get install nodejs npm"), "{}", try_it(node));
    assert!(try_it(rust).contains("cannot run cargo"), "{}", try_it(rust));
    tool("python3", "exit 3");
    assert!(try_it(python).contains(
        "its module venv is missing; install it, on Debian: apt-get install python3-venv"
    ));
    tool("python3", "echo 3.8; exit 4");
    assert!(try_it(python).contains("3.8 is older than 3.9"));
    tool("node", "echo v18.1.0");
    assert!(try_it(node).contains("this is Node \"18.1.0\"; install Node 20 or newer"));
    tool("node", "echo v20.1.0");
    assert!(try_it(node).contains("cannot run npm"), "{}", try_it(node));
    tool("npm", "echo no network >&2; exit 1");
    let err = try_it(node);
    for words in ["installing esbuild", "no network", "the command was: npm ci"] {
        assert!(err.contains(words), "no {words:?} in {err}");
    }
    tool(
        "cargo",
        "echo 'error[E0463]: the `wasm32-unknown-unknown` target may not be installed' >&2; exit 101",
    );
    assert!(try_it(rust).contains("type: rustup target add wasm32-unknown-unknown"));
}

/// The one who comes second finds what the first one has installed and built, without any network.
#[test]
fn two_at_once_share_what_one_makes() {
    let cache = tempfile::tempdir().unwrap();
    let start = |offline: bool| {
        let mut command = katydid();
        command.env("XDG_CACHE_HOME", cache.path());
        if offline {
            command.env("npm_config_offline", "true");
        }
        command.arg("inspect").arg(root().join("scripts/javascript/api_user.js"));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let both = [start(false), start(false)].map(|child| child.wait_with_output().unwrap());
    let err = both.each_ref().map(|out| String::from_utf8_lossy(&out.stderr).into_owned());
    assert!(both.iter().all(|out| out.status.success()), "{err:?}");
    assert_eq!(err.iter().filter(|err| err.contains("installing esbuild")).count(), 1, "{err:?}");
    let third = start(true).wait_with_output().unwrap();
    assert!(third.status.success());
    assert_eq!(String::from_utf8_lossy(&third.stderr), "");
    let kinds: Vec<PathBuf> =
        ["sdk", "tools", "built"].map(|name| cache.path().join("katydid").join(name)).into();
    for kind in kinds {
        for entry in std::fs::read_dir(&kind).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                !name.contains("draft") && !name.ends_with("-0"),
                "{name} was left in {kind:?}"
            );
        }
    }
}
