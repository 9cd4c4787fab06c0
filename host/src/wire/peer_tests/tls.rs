//! TLS: who is trusted, who we are, what is said when it fails, and what it costs of the stack.

use super::*;
use crate::wire::tls::TlsOptions;
use flate2::Compression;
use flate2::write::GzEncoder;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, date_time_ymd,
};
use std::io::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// An authority, and a folder for what is read from files.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
    folder: TempDir,
}

/// A certificate that lasts from one year to another, and its key.
struct Leaf {
    certificate: Certificate,
    key: KeyPair,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate, folder: tempfile::tempdir().unwrap() }
    }

    fn leaf(&self, name: &str, years: (i32, i32)) -> Leaf {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        Leaf { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }

    fn file(&self, name: &str, text: &str) -> Option<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    }

    /// Trusts this authority.
    fn trusted(&self) -> TlsOptions {
        let ca = self.file("ca.pem", &self.certificate.pem());
        TlsOptions { ca, ..TlsOptions::default() }
    }

    /// Trusts it, and is known to it.
    fn known(&self) -> TlsOptions {
        let leaf = self.leaf("client.example", GOOD);
        TlsOptions {
            certificate: self.file("client.pem", &leaf.certificate.pem()),
            key: self.file("client.key", &leaf.key.serialize_pem()),
            ..self.trusted()
        }
    }
}

const GOOD: (i32, i32) = (2020, 4000);
type Versions = &'static [&'static SupportedProtocolVersion];
const BOTH: Versions = &[&TLS12, &TLS13];
const OLD: Versions = &[&TLS12];
const NEW: Versions = &[&TLS13];

/// A server with this certificate; it asks for one of ours where it is given an authority for that.
fn acceptor(leaf: &Leaf, versions: Versions, clients: Option<&Authority>) -> TlsAcceptor {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap();
    let builder = match clients {
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.certificate.der().clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let key = PrivateKeyDer::try_from(leaf.key.serialize_der()).unwrap();
    let chain = vec![leaf.certificate.der().clone()];
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn tls_peer(acceptor: TlsAcceptor, answers: Vec<Answer>) -> (JoinHandle<Seen>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let peer = serve(Listener::Tls(listener, acceptor), answers);
    (peer, format!("https://localhost:{port}/RPC2"))
}

fn resolve(url: &str, tls: TlsOptions) -> Arc<Target> {
    Arc::new(Target::resolve(url, &TargetOptions { tls, ..TargetOptions::default() }).unwrap())
}

#[tokio::test]
async fn who_is_trusted() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let leaf = ours.leaf("localhost", GOOD);
    let insecure = || TlsOptions { insecure: true, ..TlsOptions::default() };
    #[rustfmt::skip]
    let table = [
        ("our authority", ours.trusted(), acceptor(&leaf, BOTH, None), Ok(())),
        ("TLS 1.2", ours.trusted(), acceptor(&leaf, OLD, None), Ok(())),
        ("TLS 1.3", ours.trusted(), acceptor(&leaf, NEW, None), Ok(())),
        ("another authority", other.trusted(), acceptor(&leaf, BOTH, None), Err("TLS: certificate of an unknown issuer")),
        ("expired", ours.trusted(), acceptor(&ours.leaf("localhost", (2001, 2002)), BOTH, None), Err("TLS: certificate expired")),
        ("not yet valid", ours.trusted(), acceptor(&ours.leaf("localhost", (3000, 4000)), BOTH, None), Err("TLS: certificate not valid yet")),
        ("another name", ours.trusted(), acceptor(&ours.leaf("example.com", GOOD), BOTH, None), Err("TLS: certificate for another name")),
        ("anyone", insecure(), acceptor(&ours.leaf("example.com", (2001, 2002)), BOTH, None), Ok(())),
        ("anyone, TLS 1.2", insecure(), acceptor(&other.leaf("example.com", GOOD), OLD, None), Ok(())),
        ("we are asked, and known", ours.known(), acceptor(&leaf, BOTH, Some(&ours)), Ok(())),
        ("we are asked, and known, TLS 1.2", ours.known(), acceptor(&leaf, OLD, Some(&ours)), Ok(())),
        ("we are asked, and nobody", ours.trusted(), acceptor(&leaf, BOTH, Some(&ours)), Err("TLS: the target refused: certificate required")),
        ("the same, TLS 1.2", ours.trusted(), acceptor(&leaf, OLD, Some(&ours)), Err("TLS: the target refused: certificate required")),
        ("we are asked, and not known", ours.known(), acceptor(&leaf, BOTH, Some(&other)), Err("TLS: the target refused: unknown ca")),
    ];
    for (what, options, acceptor, expected) in table {
        let (peer, url) = tls_peer(acceptor, vec![say(OK)]).await;
        let (came, totals) = requests(&resolve(&url, options), Settings::default(), 1).await;
        match expected {
            Ok(()) => {
                assert_eq!(came, [good("hi")], "{what}");
                assert_eq!((totals.opened, totals.full_handshakes), (1, 1), "{what}");
            }
            Err(text) => assert_eq!(came, [Err(format!("transport: {text}"))], "{what}"),
        }
        peer.await.unwrap();
    }
}

#[tokio::test]
async fn addresses_have_certificates_too() {
    let authority = Authority::new("ours");
    let acceptor = acceptor(&authority.leaf("127.0.0.1", GOOD), BOTH, None);
    let (peer, url) = tls_peer(acceptor, vec![say(OK)]).await;
    let url = url.replace("localhost", "127.0.0.1");
    let (came, _) = requests(&resolve(&url, authority.trusted()), Settings::default(), 1).await;
    assert_eq!(came, [good("hi")]);
    assert!(peer.await.unwrap().requests[0].contains("\r\nHost: 127.0.0.1:"));
}

#[tokio::test]
async fn exchanges_over_tls() {
    let authority = Authority::new("ours");
    let leaf = authority.leaf("localhost", GOOD);
    let long = "x".repeat(200_000);
    for versions in [OLD, NEW] {
        let answers = vec![
            say(OK),
            Answer::Dribble(OK.to_vec()),
            say(reply("", &long)),
            // Closed while nobody looks, then before a reply: the retry on a stale connection.
            close(OK),
            say(OK),
            close(""),
            // Without the farewell of TLS; the first body has no length.
            close("HTTP/1.0 200 OK\r\n\r\nhi"),
            close("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"),
        ];
        let (peer, url) = tls_peer(acceptor(&leaf, versions, None), answers).await;
        let target = resolve(&url, authority.trusted());
        let (mut came, totals) = requests(&target, Settings::default(), 7).await;
        assert!(came.remove(2) == Ok(long.clone()), "a long reply");
        let cut = "transport: connection closed inside the reply's body".to_owned();
        let hi = || good("hi");
        assert_eq!(came, [hi(), hi(), hi(), hi(), hi(), Err(cut)], "{versions:?}");
        assert_eq!(totals.opened, totals.full_handshakes + totals.resumed_handshakes);
        peer.abort();
    }
}

/// A user resumes its own sessions; another user's first handshake is a full one.
#[tokio::test]
async fn sessions_are_resumed_by_the_same_user() {
    let authority = Authority::new("ours");
    let leaf = authority.leaf("localhost", GOOD);
    for versions in [OLD, NEW] {
        let answers = vec![say(OK); 6];
        let (peer, url) = tls_peer(acceptor(&leaf, versions, None), answers).await;
        let target = resolve(&url, authority.trusted());
        let settings = Arc::new(Settings { keep_alive: false, ..Settings::default() });
        for user in 0..2 {
            let mut connection = Connection::new(Arc::clone(&target), Arc::clone(&settings), user);
            for _ in 0..3 {
                assert_eq!(exchange(&mut connection).await.outcome, Ok(()));
            }
        }
        let totals = settings.counters.totals();
        assert_eq!((totals.full_handshakes, totals.resumed_handshakes), (2, 4), "{versions:?}");
        peer.await.unwrap();
    }
}

#[tokio::test]
async fn what_is_not_tls() {
    // A plain server takes the hello for a request, and one that closes says nothing at all.
    let table = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "TLS: the target does not speak TLS"),
        (Vec::new(), "TLS: the target closed the connection during the handshake"),
    ];
    for (answer, expected) in table {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let peer = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_u8().await.unwrap();
            stream.write_all(&answer).await.unwrap();
            // All of the hello is read, or the close would be a reset.
            let mut hello = Vec::with_capacity(4_096);
            stream.read_buf(&mut hello).await.unwrap();
        });
        let options = TlsOptions { insecure: true, ..TlsOptions::default() };
        let (came, totals) = requests(&resolve(&url, options), Settings::default(), 1).await;
        assert_eq!(came, [Err(format!("transport: {expected}"))]);
        assert_eq!(totals.opened, 0);
        peer.await.unwrap();
    }
}

/// The time-out for connecting covers the handshake.
#[tokio::test]
async fn a_handshake_that_never_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let options = TlsOptions { insecure: true, ..TlsOptions::default() };
    let mut settings = Settings::default();
    settings.timeouts.connect = Duration::from_millis(50);
    let (came, _) = requests(&resolve(&url, options), settings, 1).await;
    assert_eq!(came, [Err("timeout: connect".to_owned())]);
}

#[test]
fn wrong_files() {
    let authority = Authority::new("ours");
    let good = authority.known();
    let (ca, certificate, key) = (good.ca.clone(), good.certificate.clone(), good.key.clone());
    let missing = Some(PathBuf::from("/no/such.pem"));
    let text = || authority.file("text.pem", "hello\n");
    let other = authority.leaf("other", GOOD);
    let other_key = authority.file("other.key", &other.key.serialize_pem());
    let options =
        |ca: &Option<PathBuf>, certificate: &Option<PathBuf>, key: &Option<PathBuf>| TlsOptions {
            ca: ca.clone(),
            certificate: certificate.clone(),
            key: key.clone(),
            insecure: false,
        };
    #[rustfmt::skip]
    let table = [
        (options(&missing, &None, &None), "the CA file \"/no/such.pem\" cannot be read"),
        (options(&text(), &None, &None), "text.pem\" has no certificate; it must be PEM"),
        (options(&ca, &missing, &key), "the client certificate \"/no/such.pem\" cannot be read"),
        (options(&ca, &certificate, &missing), "the client key \"/no/such.pem\" cannot be read"),
        (options(&ca, &certificate, &None), "client.pem\" has no private key; it must be PEM, and not encrypted"),
        (options(&ca, &None, &key), "client.key\" has no certificate; name the certificate's file, too"),
        (options(&ca, &certificate, &other_key), "check that the key belongs to it"),
    ];
    for (tls, expected) in table {
        let options = TargetOptions { tls, ..TargetOptions::default() };
        let error = Target::resolve("https://127.0.0.1/", &options).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        // They matter only to those who speak it.
        assert!(Target::resolve("http://127.0.0.1/", &options).is_ok());
    }
    // One file may hold both.
    let both = format!("{}{}", other.certificate.pem(), other.key.serialize_pem());
    let tls = options(&ca, &authority.file("both.pem", &both), &None);
    let options = TargetOptions { tls, ..TargetOptions::default() };
    assert!(Target::resolve("https://127.0.0.1/", &options).is_ok());
}

/// An exchange is polled on a guest's fiber. Connecting runs elsewhere; what is left, compressed
/// replies and cookies over TLS, must do with a small stack, even unoptimised.
#[test]
fn an_exchange_needs_little_stack() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let authority = Authority::new("ours");
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&vec![b'x'; 100_000]).unwrap();
    let headers = "Content-Encoding: gzip\r\nSet-Cookie: a=1\r\n";
    let packed = reply(headers, packed.finish().unwrap());
    let answers = vec![
        say("HTTP/1.1 307 X\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
        say(&packed),
        close(&packed),
        say(OK),
    ];
    let acceptor = acceptor(&authority.leaf("localhost", GOOD), BOTH, None);
    let (_peer, url) = runtime.block_on(tls_peer(acceptor, answers));
    let target = resolve(&url, authority.trusted());
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        let settings = Settings { cookies: true, ..Settings::default() };
        let (came, totals) = handle.block_on(requests(&target, settings, 3));
        assert!(came.iter().all(Result::is_ok));
        assert_eq!((totals.opened, totals.redirects), (2, 1));
    });
    thread.unwrap().join().unwrap();
}
