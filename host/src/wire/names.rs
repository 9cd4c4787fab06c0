//! The addresses behind the target's name, looked up again from time to time.

use super::counters::Counters;
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Asks for the addresses of a name and a port. It may block: it is called on a thread for that.
pub type Lookup = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// The system's resolver.
pub(super) fn system() -> Lookup {
    Arc::new(|name, port| Ok((name, port).to_socket_addrs()?.collect()))
}

/// A look-up that failed is not made again for so long, lest a run hammer a resolver in trouble.
const RETRY: Duration = Duration::from_secs(1);

type Found = Result<Arc<[SocketAddr]>, String>;

/// A name and what it last resolved to.
pub(super) struct Names {
    name: String,
    port: u16,
    lookup: Lookup,
    /// How long an answer is believed; `None`: for ever.
    ttl: Option<Duration>,
    known: Mutex<(Found, Instant)>,
    /// Held by the one that asks; the others wait for its answer.
    asking: tokio::sync::Mutex<()>,
}

impl Names {
    /// Looks a name up for the first time, on this thread.
    pub(super) fn resolve(
        name: &str,
        port: u16,
        lookup: Lookup,
        ttl: Option<Duration>,
        now: Instant,
    ) -> Result<Self, String> {
        let found = ask(&lookup, name, port)?;
        Ok(Self {
            name: name.into(),
            port,
            lookup,
            ttl,
            known: Mutex::new((Ok(found), now)),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// Addresses that never change.
    pub(super) fn fixed(address: SocketAddr) -> Self {
        Self {
            name: String::new(),
            port: address.port(),
            lookup: system(),
            ttl: None,
            known: Mutex::new((Ok(Arc::from([address])), Instant::now())),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// What is known, if that is young enough.
    fn fresh(&self, now: Instant) -> Option<Found> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, since) = &*known;
        let believed = if found.is_ok() { self.ttl } else { Some(RETRY) };
        let fresh = believed.is_none_or(|ttl| now.saturating_duration_since(*since) < ttl);
        fresh.then(|| found.clone())
    }

    /// The addresses to connect to. Whoever finds them too old asks again and waits for the answer,
    /// as do all who come meanwhile: what is measured follows the record, and a name that is gone
    /// is seen.
    ///
    /// # Errors
    /// The name does not resolve any more, for this reason.
    pub(super) async fn addresses(&self, now: Instant, counters: &Counters) -> Found {
        if let Some(found) = self.fresh(now) {
            return found;
        }
        let _only_one = self.asking.lock().await;
        if let Some(found) = self.fresh(now) {
            return found;
        }
        counters.looked_up();
        let (name, port, lookup) = (self.name.clone(), self.port, Arc::clone(&self.lookup));
        // On a thread that nobody joins: the end of a run does not wait for a resolver in trouble,
        // as it would for a blocking task of the runtime.
        let (answer, asked) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new().name("katydid-lookup".into());
        let begun = thread.spawn(move || drop(answer.send(ask(&lookup, &name, port))));
        let found = match begun {
            Ok(_) => asked.await.unwrap_or_else(|_| Err("the look-up failed".into())),
            Err(error) => Err(format!("no thread for the look-up: {error}")),
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = (found.clone(), now);
        found
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("name", &self.name).finish_non_exhaustive()
    }
}

fn ask(lookup: &Lookup, name: &str, port: u16) -> Found {
    let found = lookup(name, port).map_err(|error| error.to_string())?;
    if found.is_empty() { Err("it has no address".into()) } else { Ok(found.into()) }
}

/// The addresses in the order in which this user tries them: round robin over those of the first
/// one's family, which the system prefers; the other family is only fallen back to.
pub(super) fn order(addresses: &[SocketAddr], user: u64) -> impl Iterator<Item = SocketAddr> {
    let v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let preferred = addresses.iter().filter(move |address| address.is_ipv6() == v6);
    let count = preferred.clone().count().max(1) as u64;
    let skip = (user % count) as usize; // below the number of addresses
    let turned = preferred.clone().skip(skip).chain(preferred.take(skip));
    turned.chain(addresses.iter().filter(move |address| address.is_ipv6() != v6)).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicU16, Ordering};

    fn address(last: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last as u8], 80))
    }

    /// Answers 10.0.0.1, then .2 and so on; the third time it fails.
    fn changing() -> (Lookup, Arc<AtomicU16>) {
        let asked = Arc::new(AtomicU16::new(0));
        let count = Arc::clone(&asked);
        let lookup: Lookup = Arc::new(move |name, port| {
            assert_eq!((name, port), ("target.example", 80));
            match count.fetch_add(1, Ordering::Relaxed) + 1 {
                3 => Err(io::Error::other("try again later")),
                turn => Ok(vec![address(turn)]),
            }
        });
        (lookup, asked)
    }

    #[tokio::test]
    async fn a_changed_record_is_followed_and_a_lost_one_seen() {
        let (lookup, _) = changing();
        let start = Instant::now();
        let ttl = Some(Duration::from_secs(30));
        let names = Names::resolve("target.example", 80, lookup, ttl, start).unwrap();
        let counters = Counters::default();
        let table = [
            ("young", 0.0, Ok(1)),
            ("still young", 29.9, Ok(1)),
            ("asked again", 30.0, Ok(2)),
            ("counted from the second answer", 59.9, Ok(2)),
            ("a failure is told", 60.0, Err("try again later".to_owned())),
            ("and remembered for a moment", 60.9, Err("try again later".to_owned())),
            ("then asked again", 61.0, Ok(4)),
        ];
        for (what, after, expected) in table {
            let now = start + Duration::from_secs_f64(after);
            let found = names.addresses(now, &counters).await;
            assert_eq!(found.map(|found| found[0]), expected.map(address), "{what}");
        }
        assert_eq!(counters.totals().lookups, 3);
    }

    #[tokio::test]
    async fn one_asks_for_all_who_wait() {
        let (lookup, asked) = changing();
        let start = Instant::now();
        let ttl = Some(Duration::from_secs(30));
        let names = Names::resolve("target.example", 80, lookup, ttl, start).unwrap();
        let counters = Counters::default();
        let late = start + Duration::from_secs(40);
        let ask = || names.addresses(late, &counters);
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        assert_eq!([a, b, c].map(|found| found.unwrap()[0]), [address(2); 3]);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn without_a_ttl_an_answer_is_believed_for_ever() {
        let (lookup, asked) = changing();
        let start = Instant::now();
        let names = Names::resolve("target.example", 80, lookup, None, start).unwrap();
        let year = start + Duration::from_secs(31_536_000);
        assert!(names.addresses(year, &Counters::default()).await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn users_take_turns() {
        let six: SocketAddr = "[::1]:80".parse().unwrap();
        let [a, b, c] = [1, 2, 3].map(address);
        let table: [(&[SocketAddr], u64, &[SocketAddr]); 6] = [
            (&[], 5, &[]),
            (&[a], 5, &[a]),
            (&[a, b, c], 0, &[a, b, c]),
            (&[a, b, c], 4, &[b, c, a]),
            (&[six, a, b], 1, &[six, a, b]),
            (&[a, six, b], 3, &[b, a, six]),
        ];
        for (addresses, user, expected) in table {
            assert_eq!(
                order(addresses, user).collect::<Vec<_>>(),
                expected,
                "{addresses:?} {user}"
            );
        }
    }
}
