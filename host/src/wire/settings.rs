//! How a run's exchanges are made.

use super::counters::Counters;
use super::headers::Header;
use super::http::ReplyLimits;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How long an exchange may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until the connection stands: the name's look-up and the TLS handshake included.
    pub connect: Duration,
    /// From the request's last byte to the reply's first.
    pub first_byte: Duration,
    /// From the guest's call to the reply's last byte, connecting included.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(10), first_byte: seconds(60), total: seconds(60) }
    }
}

/// What the connections of a run have in common.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time-outs of each exchange.
    pub timeouts: Timeouts,
    /// Bounds on each reply.
    pub limits: ReplyLimits,
    /// A header that carries an id of each request, so that it can be found in the target's log.
    pub request_id_header: Option<String>,
    /// More headers. Those that Katydid would send itself are replaced.
    pub headers: Vec<Header>,
    /// Asks for compressed replies. Those that come compressed are read in any case.
    pub compressed: bool,
    /// Whether connections are kept for the next request; where not, the target is told.
    pub keep_alive: bool,
    /// Whether each user keeps the target's cookies and sends them back.
    pub cookies: bool,
    /// How many redirects (307, 308) within the target one request may follow.
    pub redirects: u8,
    /// Addresses of this machine that connections come from, one after the other by user; where
    /// empty, the system chooses.
    pub sources: Vec<IpAddr>,
    /// What is counted beside the requests.
    pub counters: Arc<Counters>,
    /// Once true, exchanges under way end as `interrupted` when they are next polled.
    pub cut: Arc<AtomicBool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            limits: ReplyLimits::default(),
            request_id_header: None,
            headers: Vec::new(),
            compressed: false,
            keep_alive: true,
            cookies: false,
            redirects: 3,
            sources: Vec::new(),
            counters: Arc::default(),
            cut: Arc::default(),
        }
    }
}
