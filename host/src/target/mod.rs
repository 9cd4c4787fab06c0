//! The built-in target: an XML-RPC server to aim at, which misbehaves on demand and logs what it saw.
//!
//! It serves every path alike. Its delays are waits of the connection, not of a thread, so that any
//! number of requests can be under way. What it does to a request depends on the seed, the request's
//! number and its time only.

mod delay;
mod fault;
mod log;
mod methods;
mod outcome;
mod random;
mod script;
mod worker;

pub use delay::Delay;
pub use outcome::{Counts, Outcome};
pub use script::Script;
pub(crate) use script::read_ratio;

use crate::wire::server::{self, Server, SocketAddr};
use anyhow::bail;
use log::{LogBuffer, LogFile};
use methods::METHODS;
use outcome::Counters;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use worker::{Behaviour, Worker};

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

/// Why a target does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What was asked for cannot be had: the address is taken or none, the log cannot be written, a
    /// delay is for an unknown method. Says what to do about it.
    #[error(transparent)]
    Asked(anyhow::Error),
    /// The system gives us no threads.
    #[error("cannot start the threads of the target")]
    Threads(#[source] io::Error),
}

/// Starts a target on an address like `127.0.0.1:8877`; port 0 lets the system choose.
///
/// # Errors
///
/// See [`StartError`].
pub fn start(address: &str, options: Options) -> Result<Running, StartError> {
    let delays = delays(&options).map_err(StartError::Asked)?;
    // Before the log: whoever has the address already may be writing that very file.
    let server = Server::bind(address).map_err(|error| StartError::Asked(error.into()))?;
    let log = options.log.as_deref().map(LogFile::create).transpose();
    let log = log.map_err(StartError::Asked)?.map(Arc::new);
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
        .map_err(StartError::Threads)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::server::TcpClient;
    use std::io::{Read as _, Write as _};

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
