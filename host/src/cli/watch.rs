//! Waits until a scenario was written anew, whole.

use super::source::{Source, Stamp};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// So long nothing may have been written before it is taken for finished.
const STILL: Duration = Duration::from_millis(300);
/// A module that ends in the middle is still being written; after so long it is just broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Watches one source.
#[derive(Debug)]
pub(super) struct Watch {
    source: Source,
    /// What it looked like when it was last taken.
    taken: Stamp,
    /// What it looked like since when.
    still: (Stamp, Instant),
}

impl Watch {
    /// Watches for changes from now on.
    pub(super) fn new(source: Source) -> Self {
        let taken = source.stamp();
        Self { source, taken, still: (taken, Instant::now()) }
    }

    /// Waits until the source was written and nobody has written to it for a moment. Nothing is lost where the
    /// wait is given up.
    pub(super) async fn changed(&mut self) {
        loop {
            sleep(LOOK).await;
            // In this order: a build that ends in between is seen by the other one, or both.
            self.taken = self.source.taken(self.taken);
            let now = self.source.stamp();
            if now != self.still.0 {
                self.still = (now, Instant::now());
            }
            let still = self.still.1.elapsed();
            if now == self.taken || still < STILL {
                continue;
            }
            if still < PATIENCE && self.ends_in_the_middle() {
                continue;
            }
            self.taken = now;
            return;
        }
    }

    fn ends_in_the_middle(&self) -> bool {
        match &self.source {
            // Gone for the moment, as where a tool removes it before it writes anew.
            Source::File(path) => std::fs::read(path).map_or(true, |bytes| !is_whole(&bytes)),
            Source::Project(_) => false,
        }
    }
}

/// Whether a module ends where one of its sections does (WebAssembly Core Specification, Binary Format,
/// Modules; components are laid out alike). Text is taken as it is.
fn is_whole(bytes: &[u8]) -> bool {
    const HEADER: usize = 8;
    let Some(mut rest) = bytes.strip_prefix(b"\0asm").and_then(|_| bytes.get(HEADER..)) else {
        return !bytes.is_empty() && !b"\0asm".starts_with(bytes.get(..4).unwrap_or(bytes));
    };
    while let [_, sized @ ..] = rest {
        let Some((size, after)) = leb128(sized) else { return false };
        let Some(next) = usize::try_from(size).ok().and_then(|size| after.get(size..)) else {
            return false;
        };
        rest = next;
    }
    true
}

/// An unsigned number of at most 32 bits in LEB128, and what follows it.
fn leb128(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_cut_anywhere_but_between_sections_is_not_whole() {
        let wat = include_str!("../../../scripts/wat/api_user.wat");
        let whole = wat::parse_str(wat).expect("it is good");
        assert!(is_whole(&whole));
        let cuts = (0..whole.len()).filter(|&end| is_whole(&whole[..end])).count();
        // Where a section ends, nobody can tell; there are about a dozen of them.
        assert!(cuts < 20, "{cuts} of {}", whole.len());
        for (bytes, expected) in [
            (&b""[..], false),
            (b"\0a", false),
            (b"\0asm\x01\0\0", false),
            (b"\0asm\x01\0\0\0", true),
            (b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\xff\xff", false),
            (b"(module)", true),
        ] {
            assert_eq!(is_whole(bytes), expected, "{bytes:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_is_taken_once_it_is_still_and_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.wasm");
        let write = |bytes: &[u8]| std::fs::write(&path, bytes).expect("written");
        write(b"(module)");
        let mut watch = Watch::new(Source::File(path.clone()));
        let within = |seconds| Duration::from_secs(seconds);
        assert!(
            tokio::time::timeout(within(5), watch.changed()).await.is_err(),
            "nothing happened"
        );
        write(b"\0asm\x01\0\0\0\x01\x05");
        assert!(tokio::time::timeout(within(5), watch.changed()).await.is_err(), "half a file");
        write(b"(module )");
        assert!(tokio::time::timeout(within(5), watch.changed()).await.is_ok());
        assert!(tokio::time::timeout(within(5), watch.changed()).await.is_err(), "only once");
        write(b"\0asm\x01\0\0\0\x01\x05");
        assert!(tokio::time::timeout(within(20), watch.changed()).await.is_ok(), "broken for good");
        std::fs::remove_file(&path).expect("removed");
        assert!(tokio::time::timeout(within(5), watch.changed()).await.is_err(), "it will be back");
    }
}
