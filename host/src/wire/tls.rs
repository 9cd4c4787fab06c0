//! TLS by rustls: whom to trust, who we are, and what a user remembers of its last session.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use tokio_rustls::rustls::crypto::{self, CryptoProvider};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, NamedGroup, RootCertStore, SignatureScheme,
};

/// Whom to trust behind `https://`, and who we are.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    /// Certificates (PEM) of the authorities to trust, in place of the system's.
    pub ca: Option<PathBuf>,
    /// Our own certificate (PEM), with what it needs to be believed behind it.
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM, not encrypted); where it is not named, it is in the certificate's file.
    pub key: Option<PathBuf>,
    /// Trusts any certificate: who the target is, is not checked.
    pub insecure: bool,
}

/// Why TLS cannot be spoken as it was asked for. Complete as it is: what, which file, the cure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

/// What the connections to one target have in common.
#[derive(Debug, Clone)]
pub(super) struct Tls {
    config: ClientConfig,
    pub(super) name: ServerName<'static>,
}

impl Tls {
    /// # Errors
    /// A file cannot be read or is not what it should be, or nobody is there to be trusted.
    pub(super) fn new(options: &TlsOptions, name: ServerName<'static>) -> Result<Self, TlsError> {
        let provider = Arc::new(crypto::ring::default_provider());
        let unusable = |error: rustls::Error| TlsError(format!("TLS cannot be set up: {error}"));
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let builder = if options.insecure {
            let verifier = Arc::new(Anyone(provider));
            builder.dangerous().with_custom_certificate_verifier(verifier)
        } else {
            builder.with_root_certificates(roots(options.ca.as_deref())?)
        };
        let mut config = match (&options.certificate, &options.key) {
            (Some(path), key) => {
                let (chain, key) = identity(path, key.as_ref().unwrap_or(path))?;
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    TlsError(format!(
                        "the client certificate {:?} cannot be used: {error}; check that the key belongs to it",
                        path.display()
                    ))
                })?
            }
            (None, Some(key)) => {
                let path = key.display();
                return Err(TlsError(format!(
                    "the client key {path:?} has no certificate; name the certificate's file, too"
                )));
            }
            (None, None) => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config, name })
    }

    /// How one user connects: everything is shared but what it remembers.
    pub(super) fn for_user(&self, memory: Arc<Session>) -> Arc<ClientConfig> {
        let mut config = self.config.clone();
        config.resumption = Resumption::store(memory);
        Arc::new(config)
    }
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca {
        let shown = path.display();
        for certificate in certificates(path, "CA file")? {
            roots.add(certificate).map_err(|error| {
                TlsError(format!("the CA file {shown:?} has a certificate of no use: {error}"))
            })?;
        }
        return Ok(roots);
    }
    let found = rustls_native_certs::load_native_certs();
    // One that cannot be read leaves the others.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let reason = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(TlsError(format!(
            "this machine has no root certificates{reason}; install ca-certificates or name a CA file"
        )));
    }
    Ok(roots)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(certificate: &Path, key: &Path) -> Result<Identity, TlsError> {
    let chain = certificates(certificate, "client certificate")?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError(format!(
            "the client key {:?} has no private key; it must be PEM, and not encrypted",
            key.display()
        )),
        error => unreadable("client key", key, &error),
    })?;
    Ok((chain, key))
}

fn certificates(path: &Path, what: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(what, path, &error))?;
    if found.is_empty() {
        return Err(TlsError(format!(
            "the {what} {:?} has no certificate; it must be PEM (BEGIN CERTIFICATE)",
            path.display()
        )));
    }
    Ok(found)
}

fn unreadable(what: &str, path: &Path, error: &pem::Error) -> TlsError {
    let path = path.display();
    TlsError(match error {
        pem::Error::Io(error) => {
            format!("the {what} {path:?} cannot be read: {error}; check the path")
        }
        error => format!("the {what} {path:?} is not PEM: {error}; convert it to PEM"),
    })
}

/// What a user remembers of its last sessions with the target. Users do not share it: each stands
/// for a client of its own, whose first handshake costs the target the full price.
#[derive(Debug, Default)]
pub(super) struct Session(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    /// The newest ticket only; each is used once.
    tls13: Option<Tls13ClientSessionValue>,
}

impl Session {
    fn with<T>(&self, look: impl FnOnce(&mut Remembered) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The names are not looked at: a user talks to one target.
impl ClientSessionStore for Session {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.with(|known| known.group = Some(group));
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.with(|known| known.group)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.with(|known| known.tls12 = Some(value));
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.with(|known| known.tls12.clone())
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.with(|known| known.tls12 = None);
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.with(|known| known.tls13 = Some(value));
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.with(|known| known.tls13.take())
    }
}

/// Believes any certificate. That its owner holds the key is checked all the same: it costs a
/// handshake what it costs elsewhere.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
