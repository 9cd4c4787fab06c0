//! Connections against a peer that says exactly these bytes, over any kind of stream, and remembers
//! what it was asked.
#![allow(clippy::unwrap_used, clippy::panic)]

mod features;
mod routes;
mod tls;

use super::connection::{Connection, Exchanged};
use super::settings::Settings;
use super::url::{Target, TargetOptions};
use crate::clock::monotonic_ns;
use katydid_load::Connections;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// What the peer does with one request.
#[derive(Clone)]
enum Answer {
    /// Says this and waits for the next one.
    Say(Vec<u8>),
    /// Says this, then closes.
    Close(Vec<u8>),
    /// Says this, then resets the connection.
    Reset(Vec<u8>),
    /// Says this, each byte in a write of its own.
    Dribble(Vec<u8>),
}

fn say(bytes: impl AsRef<[u8]>) -> Answer {
    Answer::Say(bytes.as_ref().to_vec())
}

fn close(bytes: impl AsRef<[u8]>) -> Answer {
    Answer::Close(bytes.as_ref().to_vec())
}

/// A good reply of this body, with these headers.
fn reply(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// What the peer has seen.
#[derive(Debug, Default)]
struct Seen {
    requests: Vec<String>,
    /// The address and port that each connection came from.
    from: Vec<String>,
}

enum Listener {
    Tcp(TcpListener),
    Tls(TcpListener, TlsAcceptor),
    Unix(UnixListener),
}

/// Answers so many requests, over as many connections as it takes; one at a time.
fn serve(listener: Listener, answers: Vec<Answer>) -> JoinHandle<Seen> {
    tokio::spawn(async move {
        let mut answers = VecDeque::from(answers);
        let mut seen = Seen::default();
        while !answers.is_empty() {
            match &listener {
                Listener::Tcp(listener) => {
                    let (stream, from) = listener.accept().await.unwrap();
                    seen.from.push(from.to_string());
                    if let Some(stream) = talk(stream, &mut answers, &mut seen).await {
                        stream.set_zero_linger().unwrap();
                    }
                }
                Listener::Tls(listener, acceptor) => {
                    let (stream, from) = listener.accept().await.unwrap();
                    seen.from.push(from.to_string());
                    // What goes wrong in the handshake is the client's to tell.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        talk(stream, &mut answers, &mut seen).await;
                    } else {
                        answers.pop_front();
                    }
                }
                Listener::Unix(listener) => {
                    let (stream, _) = listener.accept().await.unwrap();
                    seen.from.push(String::new());
                    talk(stream, &mut answers, &mut seen).await;
                }
            }
        }
        seen
    })
}

/// Serves one connection. Answers the stream where it is to be reset.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answers: &mut VecDeque<Answer>,
    seen: &mut Seen,
) -> Option<S> {
    while !answers.is_empty() {
        seen.requests.push(read_request(&mut stream).await?);
        match answers.pop_front()? {
            Answer::Say(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                stream.flush().await.unwrap();
            }
            Answer::Close(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                stream.flush().await.unwrap();
                return None;
            }
            Answer::Reset(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Some(stream);
            }
            Answer::Dribble(bytes) => {
                for byte in bytes {
                    stream.write_all(&[byte]).await.unwrap();
                    stream.flush().await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        }
    }
    None
}

/// Reads one request whole, HTTP or SCGI.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let number_after = |text: &str, name: &str| -> Option<usize> {
        let rest = text.split(name).nth(1)?.trim_start();
        rest.split(['\r', '\0', ':']).next()?.parse().ok()
    };
    loop {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return None;
        }
        bytes.push(byte[0]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let length = if text.ends_with("\r\n\r\n") {
            number_after(&text, "Content-Length:")
        } else if text.ends_with("\0,") {
            number_after(&text, "CONTENT_LENGTH\0")
        } else {
            continue;
        };
        let mut body = vec![0; length.expect("a length")];
        stream.read_exact(&mut body).await.ok()?;
        return Some(text + &String::from_utf8(body).unwrap());
    }
}

async fn tcp() -> (Listener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (Listener::Tcp(listener), address.to_string())
}

fn target(url: &str) -> Arc<Target> {
    Arc::new(Target::resolve(url, &TargetOptions::default()).unwrap())
}

async fn exchange(connection: &mut Connection) -> Exchanged {
    let mut request = connection.begin();
    request.extend_from_slice(b"<methodCall/>");
    let facts = connection.exchange(request, monotonic_ns(), (1, 2), None).await;
    assert!(facts.sent_ns <= facts.done_ns && facts.done_ns <= monotonic_ns(), "{facts:?}");
    // Lets a close arrive, as it does between two requests of a user.
    tokio::time::sleep(Duration::from_millis(10)).await;
    facts
}

/// What came of each of so many requests of one user: the body or the failure; and what was counted.
async fn requests(
    target: &Arc<Target>,
    settings: Settings,
    count: usize,
) -> (Vec<Result<String, String>>, Connections) {
    let settings = Arc::new(settings);
    let mut connection = Connection::new(Arc::clone(target), Arc::clone(&settings), 1);
    let mut came = Vec::new();
    for _ in 0..count {
        let facts = exchange(&mut connection).await;
        came.push(match facts.outcome {
            Ok(()) => Ok(String::from_utf8_lossy(connection.reply()).into_owned()),
            Err(failure) => Err(failure.to_string()),
        });
    }
    (came, settings.counters.totals())
}

fn good(body: &str) -> Result<String, String> {
    Ok(body.to_owned())
}
