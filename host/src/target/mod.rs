//! The built-in target: an XML-RPC server to aim at, which misbehaves on demand and logs what it saw.
//!
//! It serves every path alike. Its delays are waits of the connection, not of a thread, so that any
//! number of requests can be under way. What it does to a request depends on the seed, the request's
//! number and its time only.

mod delay;
mod log;
mod methods;
mod random;
mod script;

pub use delay::Delay;
pub use script::Script;
pub(crate) use script::read_ratio;

use crate::wire::server::{
    self, Ending, Fate, Handler, Plan, Reply, Request, Server, SocketAddr, Then,
};
use anyhow::{Context as _, bail};
use katydid_xmlrpc::{Encoder, Limits, OwnedNode, decode_call, encode_fault};
use log::{LogBuffer, LogFile, push_field};
use methods::{Call, Fault, METHODS};
use random::dice;
use script::{Action, Arrival};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Its value is the id of a request in the log.
pub const ID_HEADER: &str = "X-Request-Id";

/// How a target behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that serve.
    pub threads: usize,
    /// How long the methods take, those of `system.` excepted: they answer at once, and a
    /// `system.multicall` takes what its calls take together.
    pub delay: Delay,
    /// Methods that take another time than that.
    pub method_delays: Vec<(String, Delay)>,
    /// What goes wrong.
    pub script: Script,
    /// A CSV file for one line a request; it is overwritten. Lines appear within 200 ms, or when the
    /// target stops.
    pub log: Option<PathBuf>,
    /// Of all delays, random numbers and ratios.
    pub seed: u64,
}

impl Default for Options {
    /// One thread, up to a second of delay, and nothing goes wrong.
    fn default() -> Self {
        Self {
            threads: 1,
            delay: Delay::between(Duration::ZERO, Duration::from_secs(1)),
            method_delays: Vec::new(),
            script: Script::default(),
            log: None,
            seed: 1,
        }
    }
}

/// The names of the methods, sorted.
pub fn method_names() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|method| method.name)
}

/// How a request ended: the word in the log, and what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A good reply.
    Ok,
    /// A fault, deserved or injected.
    Fault,
    /// An HTTP status other than 200: 405 for what is not a POST, or injected.
    Status,
    /// A good reply that was held back by a rule.
    Stall,
    /// A good reply, and the connection closed behind it.
    Close,
    /// Something that is not XML.
    Garbage,
    /// Half of the reply as if it were whole.
    Truncate,
    /// Half of the reply, and the connection closed.
    Cut,
    /// The connection closed without a reply.
    Drop,
    /// The connection reset.
    Reset,
    /// The client had left before its reply was written.
    Gone,
    /// The target was stopped, or down, before it replied.
    Stopped,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Ok,
        Self::Fault,
        Self::Status,
        Self::Stall,
        Self::Close,
        Self::Garbage,
        Self::Truncate,
        Self::Cut,
        Self::Drop,
        Self::Reset,
        Self::Gone,
        Self::Stopped,
    ];

    /// The word in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fault => "fault",
            Self::Status => "status",
            Self::Stall => "stall",
            Self::Close => "close",
            Self::Garbage => "garbage",
            Self::Truncate => "truncate",
            Self::Cut => "cut",
            Self::Drop => "drop",
            Self::Reset => "reset",
            Self::Gone => "gone",
            Self::Stopped => "stopped",
        }
    }
}

/// What a target has served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were read whole, those still under way included.
    pub requests: u64,
    /// What was refused because it was no HTTP request, or too large. Not in the log.
    pub refused: u64,
    ended: [u64; Outcome::ALL.len()],
}

impl Counts {
    /// Requests that ended so.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.ended[outcome as usize]
    }
}

/// The counters behind [`Counts`].
#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    refused: AtomicU64,
    ended: [AtomicU64; Outcome::ALL.len()],
}

impl Counters {
    fn read(&self) -> Counts {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // The ends first: nothing has ended more often than it began.
        let ended = self.ended.each_ref().map(get);
        Counts { requests: get(&self.requests), refused: get(&self.refused), ended }
    }
}

/// A target at work. Dropping it stops it.
#[derive(Debug)]
pub struct Running {
    server: server::Running,
    counters: Arc<Counters>,
    log: Option<Arc<LogFile>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.server.local_addr()
    }

    /// What it has served until now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// Stops it: requests under way end as [`Outcome::Stopped`], the log is completed.
    ///
    /// # Errors
    ///
    /// The log lacks lines.
    pub fn stop(mut self) -> anyhow::Result<Counts> {
        self.server.stop();
        if let Some(log) = &self.log {
            log.check()?;
        }
        Ok(self.counts())
    }
}

/// Starts a target on an address like `127.0.0.1:8877`; port 0 lets the system choose.
///
/// # Errors
///
/// The address is taken or none, the log cannot be written, a delay is for an unknown method.
pub fn start(address: &str, options: Options) -> anyhow::Result<Running> {
    let delays = delays(&options)?;
    let server = Server::bind(address)?;
    let log = match &options.log {
        Some(path) => Some(Arc::new(LogFile::create(path)?)),
        None => None,
    };
    let counters = Arc::new(Counters::default());
    let settings = server::Settings {
        threads: options.threads,
        id_header: ID_HEADER,
        outages: options.script.outages.clone(),
    };
    let behaviour = Arc::new(Behaviour { delays, script: options.script, seed: options.seed });
    let server = server
        .start(settings, || Worker {
            behaviour: Arc::clone(&behaviour),
            counters: Arc::clone(&counters),
            log: log.clone().map(LogBuffer::new),
            args: Vec::new(),
            result: Vec::new(),
        })
        .context("cannot start the threads of the target")?;
    Ok(Running { server, counters, log })
}

/// The delay of each of [`METHODS`].
fn delays(options: &Options) -> anyhow::Result<Vec<Delay>> {
    let mut delays: Vec<Delay> = METHODS
        .iter()
        .map(|method| if method.delayed { options.delay } else { Delay::NONE })
        .collect();
    for (name, delay) in &options.method_delays {
        let known = METHODS.iter().zip(&mut delays).find(|(method, _)| method.name == name);
        let Some((_, place)) = known else {
            let names: Vec<&str> = method_names().collect();
            bail!("delay for unknown method \"{name}\", use one of {}", names.join(", "));
        };
        *place = *delay;
    }
    Ok(delays)
}

/// What all workers share and none changes.
#[derive(Debug)]
struct Behaviour {
    delays: Vec<Delay>,
    script: Script,
    seed: u64,
}

/// What one thread of the server does.
struct Worker {
    behaviour: Arc<Behaviour>,
    counters: Arc<Counters>,
    log: Option<LogBuffer>,
    /// Kept for its memory, as is the result.
    args: Vec<OwnedNode>,
    result: Vec<OwnedNode>,
}

/// A request that has not ended.
struct Note {
    outcome: Outcome,
    bytes_in: usize,
    /// Its line in the log, as far as it is known.
    line: Vec<u8>,
}

impl Handler for Worker {
    type Note = Note;

    fn handle(&mut self, request: &Request<'_>, reply: &mut Reply) -> (Plan, Note) {
        let number = self.counters.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let (plan, outcome, method) = if request.method == "POST" {
            self.call(request, number, reply)
        } else {
            explain(reply);
            let plan = Plan { wait: Duration::ZERO, then: Then::Reply };
            (plan, Outcome::Status, String::new())
        };
        let mut line = Vec::new();
        if self.log.is_some() {
            begin_line(&mut line, request, &method);
        }
        (plan, Note { outcome, bytes_in: request.body.len(), line })
    }

    fn ended(&mut self, note: Note, ending: Ending) {
        let outcome = match ending.fate {
            Fate::Done => note.outcome,
            Fate::Gone => Outcome::Gone,
            Fate::Stopped => Outcome::Stopped,
        };
        self.counters.ended[outcome as usize].fetch_add(1, Ordering::Relaxed);
        if let Some(log) = &mut self.log {
            log.push(|lines| {
                lines.extend_from_slice(&note.line);
                // Writing to a vector cannot fail.
                let _ = writeln!(
                    lines,
                    "{},{},{},{}",
                    ending.replied_ns,
                    outcome.word(),
                    note.bytes_in,
                    ending.bytes_out
                );
            });
        }
    }

    fn refused(&mut self, _status: u16) {
        self.counters.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn tick(&mut self) {
        if let Some(log) = &mut self.log {
            log.flush();
        }
    }
}

impl Worker {
    /// Carries out a call, and what the script does to it. Answers the method's name too.
    fn call(
        &mut self,
        request: &Request<'_>,
        number: u64,
        reply: &mut Reply,
    ) -> (Plan, Outcome, String) {
        let behaviour = Arc::clone(&self.behaviour);
        let mut dice = dice(behaviour.seed, number);
        let mut call = Call { dice: &mut dice, delays: &behaviour.delays, wait: Duration::ZERO };
        self.args.clear();
        self.result.clear();
        let (method, result) = match decode_call(request.body, Limits::default(), &mut self.args) {
            Ok(method) => {
                let result = call.run(&method, &self.args, &mut self.result);
                (method, result)
            }
            Err(error) => (String::new(), Err(error.into())),
        };
        let wait = call.wait;
        let outcome = match result.and_then(|()| write_result(&self.result, &mut reply.body)) {
            Ok(()) => Outcome::Ok,
            Err(fault) => {
                write_fault(&fault, reply);
                Outcome::Fault
            }
        };
        let mut plan = Plan { wait, then: Then::Reply };
        let at = Duration::from_nanos(request.elapsed_ns);
        let arrival = Arrival { number, at, method: &method, seed: behaviour.seed };
        let outcome = match behaviour.script.decide(arrival) {
            None => outcome,
            Some(action) => spoil(action, &mut plan, reply),
        };
        (plan, outcome, method)
    }
}

/// Does to a good reply what the script wants.
fn spoil(action: Action, plan: &mut Plan, reply: &mut Reply) -> Outcome {
    match action {
        Action::Fault(fault) => {
            write_fault(&fault, reply);
            Outcome::Fault
        }
        Action::Status(status) => {
            reply.status = status;
            reply.content_type = "text/plain";
            reply.body.clear();
            reply.body.extend_from_slice(b"injected by the script of this target\n");
            Outcome::Status
        }
        Action::Stall(time) => {
            plan.wait = plan.wait.saturating_add(time.unwrap_or_default());
            Outcome::Stall
        }
        Action::Close => {
            plan.then = Then::ReplyAndClose;
            Outcome::Close
        }
        Action::Garbage => {
            reply.content_type = "text/html";
            reply.body.clear();
            reply
                .body
                .extend_from_slice(b"<html><body>it works<br>but it is not XML</body></html>\n");
            Outcome::Garbage
        }
        Action::Truncate => {
            reply.body.truncate(reply.body.len() / 2);
            Outcome::Truncate
        }
        Action::Cut => {
            reply.announced = Some(reply.body.len());
            reply.body.truncate(reply.body.len() / 2);
            plan.then = Then::ReplyAndClose;
            Outcome::Cut
        }
        Action::Drop => {
            plan.then = Then::Close;
            Outcome::Drop
        }
        Action::Reset => {
            plan.then = Then::Reset;
            Outcome::Reset
        }
    }
}

/// Tells a person who came with a browser what this is.
fn explain(reply: &mut Reply) {
    reply.status = 405;
    reply.content_type = "text/plain";
    reply.headers = "Allow: POST\r\n";
    // Writing to a vector cannot fail.
    let _ = write!(
        reply.body,
        "this is the XML-RPC target of katydid: POST a methodCall to any path\nmethods: {}\n\
         try: python3 -c \"import xmlrpc.client as x; print(x.ServerProxy('URL').get_time())\"\n",
        method_names().collect::<Vec<_>>().join(", ")
    );
}

fn write_result(result: &[OwnedNode], body: &mut Vec<u8>) -> Result<(), Fault> {
    let mut encoder = Encoder::reply(body, Limits::default());
    for node in result {
        encoder.node(node.as_node())?;
    }
    Ok(encoder.finish()?)
}

fn write_fault(fault: &Fault, reply: &mut Reply) {
    reply.body.clear();
    encode_fault(&mut reply.body, fault.code, &fault.message);
}

fn begin_line(line: &mut Vec<u8>, request: &Request<'_>, method: &str) {
    line.reserve(160);
    // Writing to a vector cannot fail.
    let _ = write!(line, "{},{},{},", request.connection, request.number, request.peer_port);
    push_field(line, request.id);
    line.push(b',');
    push_field(line, method.as_bytes());
    let _ = write!(line, ",{},", request.received_ns);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::server::TcpClient;
    use std::io::Read as _;

    fn quick(rules: &str) -> Options {
        Options {
            delay: Delay::NONE,
            script: Script::parse("test", rules).expect("good rules"),
            ..Options::default()
        }
    }

    /// Sends a call on a connection of its own, and answers everything that comes back.
    fn ask(target: &Running, method: &str) -> std::io::Result<String> {
        let body = format!("<methodCall><methodName>{method}</methodName></methodCall>");
        let mut stream = TcpClient::connect(target.addr())?;
        let length = body.len();
        write!(
            stream,
            "POST /RPC2 HTTP/1.1\r\nConnection: close\r\nX-Request-Id: {method}-1\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    }

    fn announced_and_real(reply: &str) -> (usize, usize) {
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or_default();
        let announced = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        (announced.map_or(0, |length| length.parse().expect("a length")), body.len())
    }

    #[test]
    fn every_action_does_what_it_says_and_is_logged() {
        let rules = "request 1 fault 7 bad luck\nrequest 2 status 503\nrequest 3 stall 50ms\n\
                     request 4 close\nrequest 5 garbage\nrequest 6 truncate\nrequest 7 cut\n\
                     request 8 drop\nrequest 9 reset";
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.csv");
        let options = Options { log: Some(path.clone()), threads: 2, ..quick(rules) };
        let target = start("127.0.0.1:0", options).expect("a port is free");
        let good = "</methodResponse>";
        let rows = [
            ("fault", "<string>bad luck</string>", good),
            ("status", "HTTP/1.1 503 ", "of this target\n"),
            ("stall", "HTTP/1.1 200 ", good),
            ("close", "HTTP/1.1 200 ", good),
            ("garbage", "HTTP/1.1 200 ", "</html>\n"),
            ("truncate", "HTTP/1.1 200 ", ""),
            ("cut", "HTTP/1.1 200 ", ""),
            ("drop", "", ""),
            ("reset", "never seen", ""),
            ("ok", "HTTP/1.1 200 ", good),
        ];
        let mut lengths = Vec::new();
        for (word, part, end) in rows {
            match ask(&target, "echo") {
                Ok(reply) => {
                    assert!(reply.contains(part) && reply.ends_with(end), "{word}: {reply}");
                    lengths.push((word, announced_and_real(&reply)));
                }
                Err(error) => {
                    assert_eq!(
                        (word, error.kind()),
                        ("reset", std::io::ErrorKind::ConnectionReset)
                    );
                }
            }
        }
        let length = |word| lengths.iter().find(|row| row.0 == word).expect(word).1;
        let (whole, _) = length("ok");
        assert_eq!(length("truncate"), (whole / 2, whole / 2));
        assert_eq!(length("cut"), (whole, whole / 2));
        assert_eq!(length("drop"), (0, 0));
        let bad = ask(&target, "a,b").expect("a reply");
        assert!(bad.contains("<int>-32601</int>"), "{bad}");

        let counts = target.stop().expect("the log is whole");
        assert_eq!(counts.requests, 11);
        assert_eq!(Outcome::ALL.map(|outcome| counts.of(outcome)).iter().sum::<u64>(), 11);
        assert_eq!((counts.of(Outcome::Fault), counts.of(Outcome::Stall)), (2, 1));

        let log = std::fs::read_to_string(path).expect("the log");
        let mut lines: Vec<Vec<&str>> =
            log.lines().skip(1).map(|line| line.split(',').collect()).collect();
        lines.sort_by_key(|line| line[0].parse::<u64>().expect("a number"));
        assert_eq!(log.lines().next().map(|line| line.split(',').count()), Some(10));
        let words: Vec<&str> = lines.iter().map(|line| line[7]).collect();
        let expected: Vec<&str> = rows.iter().map(|row| row.0).chain(["fault"]).collect();
        assert_eq!(words, expected);
        for (index, line) in lines.iter().enumerate() {
            let time = |column: usize| line[column].parse::<u64>().expect("a stamp");
            assert_eq!(line.len(), 10, "{line:?}");
            assert_eq!((line[0], line[1]), (format!("{}", index + 1).as_str(), "1"));
            assert_eq!(
                (line[3], line[4]),
                if index < 10 { ("echo-1", "echo") } else { ("a_b-1", "a_b") }
            );
            assert!(time(5) <= time(6));
            assert_eq!(line[9] == "0", matches!(line[7], "drop" | "reset"), "{line:?}");
        }
        let stalled: u64 =
            lines[2][6].parse::<u64>().expect("ns") - lines[2][5].parse::<u64>().expect("ns");
        assert!(stalled >= 50_000_000, "{stalled}");
    }

    #[test]
    fn lines_appear_while_it_runs_and_requests_under_way_end_with_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.csv");
        let mut options = Options { log: Some(path.clone()), ..quick("") };
        options.method_delays =
            vec![("get_time".into(), Delay::constant(Duration::from_secs(3600)))];
        let target = start("127.0.0.1:0", options).expect("a port is free");
        ask(&target, "echo").expect("a reply");
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while std::fs::read_to_string(&path).expect("the log").lines().count() < 2 {
            assert!(std::time::Instant::now() < deadline, "the line never appears");
            std::thread::sleep(Duration::from_millis(20));
        }
        // Its reply would come in an hour.
        let body = "<methodCall><methodName>get_time</methodName></methodCall>";
        let mut stream = TcpClient::connect(target.addr()).expect("it listens");
        let length = body.len();
        write!(stream, "POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}").expect("sent");
        while target.counts().requests < 2 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let counts = target.stop().expect("the log is whole");
        assert_eq!(counts.of(Outcome::Stopped), 1);
        let log = std::fs::read_to_string(&path).expect("the log");
        assert!(
            log.lines()
                .last()
                .is_some_and(|line| line.contains(",get_time,") && line.contains(",stopped,")),
            "{log}"
        );
    }

    #[test]
    fn what_is_not_a_call_is_explained() {
        let target = start("127.0.0.1:0", quick("")).expect("a port is free");
        let mut stream = TcpClient::connect(target.addr()).expect("it listens");
        stream.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").expect("sent");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        assert!(reply.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{reply}");
        assert!(
            reply.contains("\r\nAllow: POST\r\n") && reply.contains("get_random_number"),
            "{reply}"
        );
        let wrong = Options { method_delays: vec![("nap".into(), Delay::NONE)], ..quick("") };
        let error = start("127.0.0.1:0", wrong).expect_err("no such method").to_string();
        assert!(error.contains("\"nap\", use one of echo,"), "{error}");
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| {
            let target =
                start("127.0.0.1:0", Options { seed, ..quick("ratio 50% drop") }).expect("a port");
            let replies: Vec<bool> =
                (0..40).map(|_| ask(&target, "echo").is_ok_and(|reply| reply.is_empty())).collect();
            replies
        };
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }
}
