//! Flags of the requests: how targets are reached, and what each exchange may take.

use crate::duration;
use crate::wire::http::ReplyLimits;
use crate::wire::{Header, Settings, Target, TargetOptions, Timeouts, TlsOptions, check_source};
use katydid_load::Description;
use katydid_xmlrpc::Extensions;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How requests are made.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Requests")]
pub(super) struct RequestArgs {
    /// Time-out for connecting: looking the name up and the TLS handshake included
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    connect_timeout: Duration,
    /// Time-out from the request's last byte to the reply's first
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse)]
    first_byte_timeout: Duration,
    /// Time-out for a whole request, connecting included
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse)]
    timeout: Duration,
    /// Longest reply that is read, in bytes, compressed or not
    #[arg(long, value_name = "BYTES", default_value_t = ReplyLimits::default().body_bytes)]
    max_reply_bytes: usize,
    /// Header of every request; may be repeated
    #[arg(long = "header", alias = "headers", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Header that carries USER-NUMBER of each request, to find it in the target's log
    #[arg(long, value_name = "HEADER")]
    request_id_header: Option<String>,
    /// Let each user keep the target's cookies
    #[arg(long)]
    cookies: bool,
    /// Ask for compressed replies; those that come compressed are read in any case
    #[arg(long)]
    compressed: bool,
    /// Redirects (307, 308) within the target that one request may follow
    #[arg(long, value_name = "N", default_value_t = Settings::default().redirects)]
    max_redirects: u8,
    /// Send no <i8> and no <nil/>, which not every server reads: what needs one is rejected
    #[arg(long)]
    no_extensions: bool,
    /// Open a connection for each request
    #[arg(long)]
    no_keep_alive: bool,
    /// Certificates (PEM) to trust in place of the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Our certificate (PEM), for targets that ask for one
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Its private key (PEM) [default: in the file of --cert]
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Trust any certificate: who the target is, is not checked
    #[arg(long)]
    insecure: bool,
    /// How long addresses of names are believed by new connections
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    dns_ttl: Duration,
    /// Address of this machine to connect from; users take turns where it is repeated
    #[arg(long = "source", alias = "sources", value_name = "ADDRESS")]
    sources: Vec<IpAddr>,
}

impl RequestArgs {
    /// What all connections have in common.
    pub(super) fn settings(&self, mistakes: &mut Vec<String>) -> Settings {
        let mut headers = Vec::new();
        for text in &self.headers {
            match text.parse::<Header>() {
                Ok(header) => headers.push(header),
                Err(error) => mistakes.push(format!("--header {text:?}: {error}")),
            }
        }
        if let Some(name) = &self.request_id_header
            && let Err(error) = Header::new(name, "")
        {
            mistakes.push(format!("--request-id-header {name:?}: {error}"));
        }
        mistakes.extend(self.sources.iter().filter_map(|&source| check_source(source).err()));
        Settings {
            timeouts: Timeouts {
                connect: self.connect_timeout,
                first_byte: self.first_byte_timeout,
                total: self.timeout,
            },
            limits: ReplyLimits { body_bytes: self.max_reply_bytes, ..ReplyLimits::default() },
            request_id_header: self.request_id_header.clone(),
            headers,
            compressed: self.compressed,
            keep_alive: !self.no_keep_alive,
            cookies: self.cookies,
            redirects: self.max_redirects,
            sources: self.sources.clone(),
            ..Settings::default()
        }
    }

    /// What calls may hold that XML-RPC's specification does not know.
    pub(super) fn extensions(&self) -> Extensions {
        Extensions { nil: !self.no_extensions, i8: !self.no_extensions }
    }

    /// Where the requests of each class go.
    pub(super) fn targets(
        &self,
        description: &Description,
        host: Option<&str>,
        mistakes: &mut Vec<String>,
    ) -> Vec<Arc<Target>> {
        let mut resolved: BTreeMap<&str, Arc<Target>> = BTreeMap::new();
        let mut targets = Vec::new();
        let mut told = Vec::new();
        for class in &description.classes {
            let Some(url) = host.or(class.host.as_deref()) else {
                told.push(format!(
                    "user class {:?} has no host; name the target with --host URL",
                    class.name
                ));
                continue;
            };
            if !resolved.contains_key(url) {
                match Target::resolve(url, &self.target_options()) {
                    Ok(target) => {
                        resolved.insert(url, Arc::new(target));
                    }
                    Err(error) => told.push(error.to_string()),
                }
            }
            targets.extend(resolved.get(url).map(Arc::clone));
        }
        // Several classes, or several targets of one kind, may make the same mistake.
        told.dedup();
        mistakes.extend(told);
        targets
    }

    /// How targets are reached.
    pub(super) fn target_options(&self) -> TargetOptions {
        TargetOptions {
            tls: TlsOptions {
                ca: self.ca.clone(),
                certificate: self.cert.clone(),
                key: self.key.clone(),
                insecure: self.insecure,
            },
            dns_ttl: Some(self.dns_ttl),
            lookup: None,
        }
    }
}
