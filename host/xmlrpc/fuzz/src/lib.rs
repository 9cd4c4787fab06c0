//! Fuzzing on stable Rust, within plain `cargo test`: a small mutation engine, and the corpora.
//!
//! A target is a test that calls [`fuzz`] with its name, its vocabulary and a function that panics
//! where something is wrong. Its corpus are the files of `corpus/<name>/`: small inputs, each with a
//! name that says what it is, among them every input that once found a mistake. All of them are tried
//! as they are, then mutated.
//!
//! There is no instrumentation. Instead the function answers a [`Way`] of what the input led to (the
//! kind of error, the kinds of nodes, ...), and an input with a way that was not seen before joins
//! those that are mutated. That finds the ways through a decoder about as well as counting its
//! branches, for every way ends in another answer.
//!
//! | variable | meaning |
//! |---|---|
//! | `KATYDID_FUZZ_SECONDS` | how long each target runs; without it a fixed number of inputs, always the same |
//! | `KATYDID_FUZZ_SEED` | the seed; long runs print theirs |
//!
//! An input that fails is made smaller, kept in the system's folder for temporary files, and named. It
//! belongs into the corpus, together with the repair.

mod mutate;

pub use mutate::Rng;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is fuzzed.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is that of its folder of the corpus.
    pub name: &'static str,
    /// The pieces that its inputs are made of.
    pub tokens: &'static [&'static str],
    /// Mutated inputs of a short run.
    pub cases: u32,
}

/// What an input led to: equal for inputs that went the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Way(u64);

impl Way {
    /// The way that stands for this answer.
    pub fn of(answer: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        answer.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// The way that stands for a text in which numbers and what is quoted, or named like `<a>`, do
    /// not matter.
    #[must_use]
    pub fn of_words(text: &str) -> Self {
        let text = text.replace("\\\"", "");
        let plain = text.split('"').step_by(2).flat_map(|part| part.split(['<', '>']).step_by(2));
        let letters = plain.flat_map(str::chars).filter(|letter| !letter.is_ascii_digit());
        Self::of(letters.collect::<String>())
    }
}

/// The longest input, in bytes: what is wrong is wrong in a small one, too.
const MAX_INPUT: usize = 8 << 10;

/// Inputs with ways of their own that are kept at most.
const MAX_POOL: usize = 4096;

/// No small input may take longer. Far more than a busy machine adds.
const MAX_TIME: Duration = Duration::from_secs(5);

/// How often a failing input is cut.
const MAX_CUTS: u32 = 200;

/// Runs a target: its corpus, then mutations of it.
///
/// # Panics
///
/// Where `test` does, with the smallest input found that makes it; where an input takes seconds;
/// where there is no corpus.
pub fn fuzz(target: Target, test: impl Fn(&[u8]) -> Way) {
    let mut pool = corpus(target.name);
    let mut seen = HashSet::new();
    for (name, input) in &pool {
        seen.insert(attempt(target.name, name, input, &test));
    }
    let seeds = pool.len();
    let (seed, until) = plan();
    let mut rng = Rng::new(seed);
    let mut cases = 0u64;
    while until.map_or(cases < target.cases.into(), |until| Instant::now() < until) {
        cases += 1;
        // Most of what joined leads to errors, most of the corpus does not: take both as often.
        let among = [seeds, pool.len()][rng.below(2)];
        let mut input = pool[rng.below(among)].1.clone();
        let other = &pool[rng.below(pool.len())].1;
        rng.mutate(&mut input, other, target.tokens);
        input.truncate(MAX_INPUT);
        let found = attempt(target.name, "a mutation", &input, &test);
        if seen.insert(found) && pool.len() < MAX_POOL {
            pool.push((String::new(), input));
        }
    }
    println!("{}: {cases} inputs, {} ways, seed {seed}", target.name, seen.len());
}

/// The seed, and when a long run ends.
fn plan() -> (u64, Option<Instant>) {
    let number = |name: &str| std::env::var(name).ok().map(|text| (text.parse::<u64>(), text));
    let read = |name| match number(name) {
        Some((Ok(number), _)) => Some(number),
        Some((Err(_), text)) => fail(format!("{name}=\"{text}\" is no number")),
        None => None,
    };
    let long = read("KATYDID_FUZZ_SECONDS");
    let seed = read("KATYDID_FUZZ_SEED").or_else(|| {
        // Long runs differ from one another.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        long.and(now.ok()).map(|now| now.as_nanos() as u64)
    });
    (seed.unwrap_or(1), long.map(|seconds| Instant::now() + Duration::from_secs(seconds)))
}

/// The files of a target's corpus, by name.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<PathBuf> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(error) => fail(format!("no corpus in {}: {error}", folder.display())),
    };
    files.sort();
    let read = |path: PathBuf| match std::fs::read(&path) {
        Ok(bytes) => (path.display().to_string(), bytes),
        Err(error) => fail(format!("{}: {error}", path.display())),
    };
    let inputs: Vec<_> = files.into_iter().map(read).collect();
    if inputs.is_empty() {
        fail(format!("an empty corpus in {}", folder.display()));
    }
    inputs
}

/// Tries an input; one that fails is made smaller, kept and named.
fn attempt(target: &str, what: &str, input: &[u8], test: &impl Fn(&[u8]) -> Way) -> Way {
    let start = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| test(input)));
    let took = start.elapsed();
    match result {
        Ok(_) if took > MAX_TIME => {
            fail(format!("{target}: {} takes {took:?}", keep(target, input)))
        }
        Ok(found) => found,
        Err(panic) => {
            let smallest = shrink(input, test);
            let shown = smallest.escape_ascii().to_string();
            eprintln!("{target}: {what} fails, kept as {}:\n{shown}", keep(target, &smallest));
            resume_unwind(panic)
        }
    }
}

/// The same failure with less input: pieces are cut out as long as it still fails.
fn shrink(input: &[u8], test: &impl Fn(&[u8]) -> Way) -> Vec<u8> {
    let fails = |input: &[u8]| catch_unwind(AssertUnwindSafe(|| test(input))).is_err();
    let mut smallest = input.to_vec();
    let mut size = smallest.len().div_ceil(2).max(1);
    let mut cuts = 0;
    loop {
        let mut at = 0;
        while at < smallest.len() && cuts < MAX_CUTS {
            cuts += 1;
            let end = (at + size).min(smallest.len());
            let less = [&smallest[..at], &smallest[end..]].concat();
            if fails(&less) {
                smallest = less;
            } else {
                at = end;
            }
        }
        if size == 1 || cuts >= MAX_CUTS {
            return smallest;
        }
        size /= 2;
    }
}

/// Writes an input to a file and names it.
fn keep(target: &str, input: &[u8]) -> String {
    let file = std::env::temp_dir().join(format!("{target}-{:016x}", Way::of(input).0));
    match std::fs::write(&file, input) {
        Ok(()) => file.display().to_string(),
        Err(error) => format!("nothing ({}: {error})", file.display()),
    }
}

#[allow(clippy::panic, reason = "a test fails by panicking")]
fn fail(message: String) -> ! {
    panic!("{message}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn ways_forget_numbers_and_quotations() {
        let same =
            ["\"a\" in <b> at byte 7", "\"c\\\"d\" in <> at byte 123", "\"\" in <a:b> at byte "];
        assert!(same.iter().all(|text| Way::of_words(text) == Way::of_words(same[0])));
        assert_ne!(Way::of_words("at byte 1"), Way::of_words("at bit 1"));
    }

    /// A mistake three tokens away from any input is found, and made as small as it can be.
    #[test]
    fn what_is_hidden_is_found_and_made_small() {
        // Its own words on the way are what leads there.
        let test = |input: &[u8]| {
            let text = String::from_utf8_lossy(input);
            let depth = ["<a>", "<a><b>", "<a><b><c>"].iter().filter(|part| text.contains(**part));
            Way::of(depth.count())
        };
        let mut pool = vec![b"<x></x>".to_vec()];
        let mut seen = HashSet::from([test(&pool[0])]);
        let mut rng = Rng::new(1);
        for _ in 0..50_000 {
            let mut input = pool[rng.below(pool.len())].clone();
            rng.mutate(&mut input, b"", &["<a>", "<b>", "<c>", "</x>"]);
            if seen.insert(test(&input)) {
                pool.push(input);
            }
        }
        assert_eq!(seen.len(), 4, "{pool:?}");
        let bad = |input: &[u8]| {
            assert!(!input.windows(3).any(|window| window == b"<c>"), "bad");
            Way(0)
        };
        assert_eq!(shrink(b"<x><a><b><c></x>", &bad), b"<c>");
    }
}
