//! What a target does with a request: carries out the call, spoils the reply as the script wants,
//! counts and logs what came of it.

use super::delay::Delay;
use super::fault::Fault;
use super::log::{LogBuffer, push_field};
use super::method_names;
use super::methods::Call;
use super::outcome::{Counters, Outcome};
use super::random::dice;
use super::script::{Action, Arrival, Script};
use crate::wire::server::{Ending, Fate, Handler, Plan, Reply, Request, Then};
use katydid_xmlrpc::{Encoder, Limits, OwnedNode, decode_call, encode_fault};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What all workers share and none changes.
#[derive(Debug)]
pub(super) struct Behaviour {
    pub(super) delays: Vec<Delay>,
    pub(super) script: Script,
    pub(super) seed: u64,
}

/// What one thread of the server does.
pub(super) struct Worker {
    pub(super) behaviour: Arc<Behaviour>,
    pub(super) counters: Arc<Counters>,
    pub(super) log: Option<LogBuffer>,
    /// Kept for its memory, as is the result.
    pub(super) args: Vec<OwnedNode>,
    pub(super) result: Vec<OwnedNode>,
}

/// A request that has not ended.
pub(super) struct Note {
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
