//! What the black-box tests share: the program under test, a target with its log, a run with its
//! events.
#![allow(clippy::panic, reason = "a test fails by panicking")]

use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").to_path_buf()
}

/// The program under test: the release build, as a user has it.
#[must_use]
pub fn katydid() -> Command {
    let program = std::env::var_os("KATYDID")
        .map_or_else(|| root().join("target/release/katydid"), PathBuf::from);
    assert!(program.exists(), "{program:?} is missing; run `cargo build --release` first");
    let mut command = Command::new(program);
    // Tests share a cache of their own; the tester's stays as it is.
    command.env("XDG_CACHE_HOME", root().join("target/test-cache"));
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

/// Python with what `tests/run` has installed for it.
#[must_use]
pub fn python() -> Command {
    let own = root().join("target/python/bin/python3");
    Command::new(if own.exists() { own } else { "python3".into() })
}

fn wasm(path: &str) -> PathBuf {
    let file = root().join("target/guests/wasm32-unknown-unknown/release").join(path);
    assert!(file.exists(), "{file:?} is missing; run `./tests/run --guests` first");
    file
}

/// A test guest.
#[must_use]
pub fn guest(name: &str) -> PathBuf {
    wasm(&format!("examples/{name}.wasm"))
}

/// The scenario that uses everything of the Rust SDK, built for this target; none where that target
/// could not be had, which `tests/run` says.
#[must_use]
pub fn sdk_guest(triple: &str) -> Option<PathBuf> {
    let file = root().join(format!("target/guests/{triple}/release/sdk_guest.wasm"));
    file.exists().then_some(file)
}

/// What Cargo must be told to build guests on this machine: what `tests/run` has found out.
#[must_use]
pub fn wasm_compiler() -> Vec<(String, String)> {
    let file = root().join("target/guests/compiler");
    let text = std::fs::read_to_string(&file);
    let text = text.unwrap_or_else(|error| panic!("{file:?}: {error}; run ./tests/run --guests"));
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.into(), value.into()));
    text.lines().filter_map(pair).collect()
}

/// An example of the Rust SDK's scenario: what only one of a kind can show.
#[must_use]
pub fn sdk_example(name: &str) -> PathBuf {
    wasm(&format!("examples/{name}.wasm"))
}

/// The Rust script.
#[must_use]
pub fn rust_script() -> PathBuf {
    wasm("api_user.wasm")
}

/// `katydid target` on a free port; ended when dropped.
pub struct Target {
    child: Child,
    /// Its URL.
    pub url: String,
    log: tempfile::NamedTempFile,
}

/// One line of a target's log.
#[derive(Debug, Clone)]
pub struct Received {
    /// Value of the id header.
    pub id: String,
    /// The method, or nothing where the request was no call.
    pub method: String,
    /// When the request had been read whole.
    pub received_ns: u64,
    /// Just before the reply was written, or the connection closed.
    pub replied_ns: u64,
    /// What was done.
    pub outcome: String,
}

impl Target {
    /// Starts a target with these arguments, on any port.
    #[must_use]
    pub fn start(args: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", args)
    }

    /// Starts a target at this address.
    #[must_use]
    pub fn start_at(address: &str, args: &[&str]) -> Self {
        let log = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut child = katydid()
            .args(["target", "--listen", address, "--log"])
            .arg(log.path())
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the target starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("its output is piped");
        BufReader::new(out).read_line(&mut line).expect("the target says where it listens");
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_else(|| panic!("no URL in {line:?}")).to_owned();
        Self { child, url, log }
    }

    /// Stops it and reads its log.
    #[must_use]
    pub fn stop(mut self) -> Vec<Received> {
        interrupt(&self.child);
        let status = self.child.wait().expect("the target ends");
        assert!(status.success(), "{status}");
        let text = std::fs::read_to_string(self.log.path()).expect("the log is readable");
        let mut lines = text.lines();
        let header: Vec<_> = lines.next().expect("the log has a header").split(',').collect();
        let place = |name: &str| {
            header.iter().position(|column| *column == name).unwrap_or_else(|| panic!("{header:?}"))
        };
        let columns = ["id", "method", "received_ns", "replied_ns", "outcome"].map(place);
        let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text:?} in the log"));
        lines
            .map(|line| {
                let fields: Vec<_> = line.split(',').collect();
                let [id, method, received, replied, outcome] = columns.map(|place| fields[place]);
                Received {
                    id: id.into(),
                    method: method.into(),
                    received_ns: number(received),
                    replied_ns: number(replied),
                    outcome: outcome.into(),
                }
            })
            .collect()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // Already gone where `stop` was called.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server of other people, or a script around one; ended when dropped.
pub struct Peer {
    child: Child,
    /// The first line that it printed: where it listens.
    pub said: String,
}

impl Peer {
    /// Starts it, and waits until it says where it listens.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}; see tests/run"));
        let mut said = String::new();
        let out = child.stdout.as_mut().expect("its output is piped");
        BufReader::new(out).read_line(&mut said).expect("it prints text");
        assert!(!said.trim().is_empty(), "{command:?} does not say where it listens");
        Self { child, said: said.trim().to_owned() }
    }

    /// The URL of one that says its port.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let port: u16 = self.said.parse().unwrap_or_else(|_| panic!("no port but {:?}", self.said));
        format!("http://127.0.0.1:{port}{path}")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Asked, not killed, so that it takes with it what it made.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Sends Ctrl-C.
pub fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}

/// A run under way, with what it says.
pub struct Live {
    child: Child,
    said: Arc<(Mutex<String>, Condvar)>,
}

/// Longest that something which must come is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

impl Live {
    /// Starts `katydid run`.
    #[must_use]
    pub fn start(scenario: &Path, args: &[&str]) -> Self {
        let mut command = katydid();
        command.arg("run").arg(scenario).args(args);
        Self::of(command)
    }

    /// Starts a command, and hears what it prints on standard error.
    #[must_use]
    pub fn of(mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let from = child.stderr.take().expect("it is piped");
        Self { child, said: hear(from) }
    }

    /// Starts a command line on a terminal of its own, and hears what it shows. Keys may be pressed.
    #[must_use]
    pub fn on_terminal(line: &str) -> Self {
        // `script` is part of util-linux, which every Debian has.
        let mut command = Command::new("script");
        command.args(["-qec", line, "/dev/null"]).env("TERM", "xterm");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("script starts");
        let from = child.stdout.take().expect("it is piped");
        Self { child, said: hear(from) }
    }

    /// Presses keys on the terminal.
    pub fn press(&mut self, keys: &str) {
        let keyboard = self.child.stdin.as_mut().expect("it is on a terminal");
        keyboard.write_all(keys.as_bytes()).and_then(|()| keyboard.flush()).expect("it listens");
    }

    /// Waits until it has said a line with this in it; answers that line.
    pub fn wait_for(&self, words: &str) -> String {
        let said = self.said.0.lock().expect("nobody panics with it");
        let missing = |said: &mut String| !said.contains(words);
        let waited = self.said.1.wait_timeout_while(said, PATIENCE, missing);
        let (said, _) = waited.expect("nobody panics with it");
        let line = said.lines().find(|line| line.contains(words));
        line.unwrap_or_else(|| panic!("no {words:?} in {said}")).to_owned()
    }

    /// Everything that it has said so far.
    #[must_use]
    pub fn said(&self) -> String {
        self.said.0.lock().expect("nobody panics with it").clone()
    }

    /// Resident memory.
    #[must_use]
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let figure = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        figure.expect("Linux says so")
    }

    /// Ends it with Ctrl-C; answers its exit code and what it said.
    pub fn stop(&mut self) -> (i32, String) {
        interrupt(&self.child);
        self.end()
    }

    /// Waits until it ends by itself; answers its exit code and what it said.
    pub fn end(&mut self) -> (i32, String) {
        let status = self.child.wait().expect("it ends");
        (status.code().unwrap_or_else(|| panic!("ended by a signal: {status}")), self.said())
    }
}

/// What comes out of a pipe, as it comes.
fn hear(from: impl Read + Send + 'static) -> Arc<(Mutex<String>, Condvar)> {
    let said = Arc::new((Mutex::new(String::new()), Condvar::new()));
    let to = Arc::clone(&said);
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            *to.0.lock().expect("nobody panics with it") += &(line + "\n");
            to.1.notify_all();
        }
    });
    said
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A run that has ended.
#[derive(Debug)]
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// Standard output: the summary.
    pub out: String,
    /// Standard error: what was shown while it ran.
    pub err: String,
    /// Every event.
    pub events: Vec<Value>,
}

/// Runs a scenario to its end, with its events.
#[must_use]
pub fn run(scenario: &Path, args: &[&str]) -> Run {
    let events = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut command = katydid();
    command.arg("run").arg(scenario).arg("--events").arg(events.path()).args(args);
    let (code, out, err) = output(&mut command);
    let text = std::fs::read_to_string(events.path()).expect("the events are readable");
    let events = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    Run { code, out, err, events }
}

/// Runs a command to its end: exit code, standard output, standard error.
pub fn output(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    let code = status.code().unwrap_or_else(|| panic!("ended by a signal: {status}"));
    (code, text(stdout), text(stderr))
}

impl Run {
    /// The events of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["event"] == name)
    }

    /// Every request event, good and failed.
    pub fn requests(&self) -> impl Iterator<Item = &Value> {
        self.events.iter().filter(|event| {
            event["event"].as_str().is_some_and(|name| name.starts_with("request_"))
        })
    }

    /// How many failures there are of each kind.
    #[must_use]
    pub fn kinds(&self) -> HashMap<String, usize> {
        let mut kinds = HashMap::new();
        for event in self.all("request_failure") {
            *kinds.entry(text(&event["kind"])).or_default() += 1;
        }
        kinds
    }
}

/// A number of an event.
#[must_use]
pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// A text of an event.
#[must_use]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
