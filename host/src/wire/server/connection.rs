//! Serving one connection: requests in, the handler's plans carried out, replies out.

use super::head::{Head, MAX_BODY, Refusal, text};
use super::inbox::{Inbox, Message};
use super::{Ending, Fate, Handler, Reply, Request, Then, tidy};
use crate::clock::monotonic_ns;
use std::cell::RefCell;
use std::io::{self, Write as _};
use std::net::TcpStream as StdStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// What all connections know.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) first_ns: Arc<AtomicU64>,
    pub(super) id_header: &'static str,
}

/// One connection of a client.
pub(super) struct Connection<H: Handler> {
    stream: TcpStream,
    number: u64,
    peer_port: u16,
    facts: Facts,
    handler: Rc<RefCell<H>>,
    inbox: Inbox,
    reply: Reply,
    outbox: Vec<u8>,
}

impl<H: Handler> Connection<H> {
    pub(super) fn new(
        stream: StdStream,
        number: u64,
        peer_port: u16,
        facts: &Facts,
        handler: Rc<RefCell<H>>,
    ) -> io::Result<Self> {
        let stream = TcpStream::from_std(stream)?;
        // A long reply must not wait for an acknowledgement of its first part.
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            number,
            peer_port,
            facts: facts.clone(),
            handler,
            inbox: Inbox::default(),
            reply: Reply::default(),
            outbox: Vec::new(),
        })
    }

    /// Serves until either side closes.
    pub(super) async fn run(mut self) {
        let mut number = 0;
        let mut received_ns = monotonic_ns();
        loop {
            let message = match self.receive(&mut received_ns).await {
                Ok(Some(message)) => message,
                // The client left; there is nobody to tell.
                Ok(None) => return,
                Err(Refusal(status, reason)) => return self.refuse(status, reason).await,
            };
            number += 1;
            let keep = self.answer(&message, number, received_ns).await;
            if !keep {
                return;
            }
            self.inbox.forget(&message);
        }
    }

    /// Reads the next request whole. `None`: the client closed or broke the connection.
    async fn receive(&mut self, received_ns: &mut u64) -> Result<Option<Message>, Refusal> {
        let mut encouraged = false;
        loop {
            if let Some(message) = self.inbox.advance(self.facts.id_header)? {
                return Ok(Some(message));
            }
            if self.inbox.waits_for_encouragement() && !encouraged {
                encouraged = true;
                if self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_err() {
                    return Ok(None);
                }
            }
            let buffer = self.inbox.room();
            match self.stream.read_buf(buffer).await {
                Ok(0) | Err(_) => return Ok(None),
                Ok(_) => *received_ns = monotonic_ns(),
            }
        }
    }

    /// Has a request handled and carries out the plan. Answers whether the connection goes on.
    async fn answer(&mut self, message: &Message, number: u64, received_ns: u64) -> bool {
        let (buffer, head) = (&self.inbox.buffer, &message.head);
        self.reply.renew();
        let request = Request {
            method: text(buffer, &head.method),
            path: text(buffer, &head.path),
            id: buffer.get(head.id.clone()).unwrap_or_default(),
            body: buffer.get(message.body.clone()).unwrap_or_default(),
            peer_port: self.peer_port,
            connection: self.number,
            number,
            received_ns,
            elapsed_ns: received_ns.saturating_sub(self.facts.first_ns.load(Ordering::Relaxed)),
        };
        let bodyless = request.method == "HEAD";
        let (plan, note) = self.handler.borrow_mut().handle(&request, &mut self.reply);
        let pending = Pending { handler: &self.handler, note: Some(note) };
        if !plan.wait.is_zero() {
            sleep(plan.wait).await;
        }
        match plan.then {
            Then::Reply | Then::ReplyAndClose => {}
            Then::Close => {
                pending.end(monotonic_ns(), 0, Fate::Done);
                return false;
            }
            Then::Reset => {
                let replied_ns = monotonic_ns();
                // The connection is dropped by our caller, and then resets.
                let _ = self.stream.set_zero_linger();
                pending.end(replied_ns, 0, Fate::Done);
                return false;
            }
        }
        write_head(&mut self.outbox, &self.reply, head);
        let bytes_out = if bodyless { 0 } else { self.reply.body.len() };
        self.outbox.extend_from_slice(self.reply.body.get(..bytes_out).unwrap_or_default());
        let replied_ns = monotonic_ns();
        let sent = self.stream.write_all(&self.outbox).await;
        let fate = if sent.is_ok() { Fate::Done } else { Fate::Gone };
        pending.end(replied_ns, bytes_out, fate);
        sent.is_ok() && head.keep_alive && plan.then == Then::Reply
    }

    /// Says what was wrong, and closes such that the client can read it.
    async fn refuse(mut self, status: u16, reason: &'static str) {
        self.handler.borrow_mut().refused(status);
        self.reply.renew();
        self.reply.status = status;
        self.reply.content_type = "text/plain";
        self.reply.body.extend_from_slice(reason.as_bytes());
        self.reply.body.push(b'\n');
        write_head(&mut self.outbox, &self.reply, &Head::default());
        self.outbox.extend_from_slice(&self.reply.body);
        // Closing while unread bytes are left would reset the connection, and the reply be lost.
        let _ = timeout(Duration::from_secs(1), async {
            self.stream.write_all(&self.outbox).await?;
            self.stream.shutdown().await?;
            let mut left = 4 * MAX_BODY;
            while left > 0 {
                self.outbox.clear();
                match self.stream.read_buf(&mut self.outbox).await? {
                    0 => break,
                    count => left = left.saturating_sub(count),
                }
            }
            io::Result::Ok(())
        })
        .await;
    }
}

/// A request that was handled and has not ended. If its connection is cut off first, it ends so.
struct Pending<'c, H: Handler> {
    handler: &'c RefCell<H>,
    note: Option<H::Note>,
}

impl<H: Handler> Pending<'_, H> {
    fn end(mut self, replied_ns: u64, bytes_out: usize, fate: Fate) {
        if let Some(note) = self.note.take() {
            self.handler.borrow_mut().ended(note, Ending { replied_ns, bytes_out, fate });
        }
    }
}

impl<H: Handler> Drop for Pending<'_, H> {
    fn drop(&mut self) {
        // Borrowed only if the handler itself panics.
        if let (Some(note), Ok(mut handler)) = (self.note.take(), self.handler.try_borrow_mut()) {
            let fate = Fate::Stopped;
            handler.ended(note, Ending { replied_ns: monotonic_ns(), bytes_out: 0, fate });
        }
    }
}

/// Replaces what the buffer holds by the head of a reply.
fn write_head(out: &mut Vec<u8>, reply: &Reply, request: &Head) {
    tidy(out);
    let length = reply.announced.unwrap_or(reply.body.len());
    // Writing to a vector cannot fail.
    let _ = write!(
        out,
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {length}\r\n{}",
        reply.status,
        phrase(reply.status),
        reply.content_type,
        reply.headers
    );
    out.extend_from_slice(match (request.keep_alive, request.old) {
        (true, false) => b"\r\n",
        (true, true) => b"Connection: keep-alive\r\n\r\n",
        (false, _) => b"Connection: close\r\n\r\n",
    });
}

/// What people call the statuses that are likely here. It means nothing to a client.
fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        417 => "Expectation Failed",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}
