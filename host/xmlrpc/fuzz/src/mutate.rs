//! How inputs are changed.

/// A small random number generator; the same seed gives the same numbers for ever.
#[derive(Debug, Clone)]
pub struct Rng(u64);

/// Numbers at the edges of what decoders count with.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "127",
    "255",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "ffffffffffffffff",
    "1e400",
    "-0",
    "00000000000000000000001",
];

/// Bytes that often mean something.
const BYTES: &[u8] = b"\0\t\n\r <>&;:/!?-[]'\"=#%+.,09aZ\x7f\x80\xbf\xc3\xef\xff";

impl Rng {
    /// A generator with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number (splitmix64).
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // The bias is nothing to a fuzzer.
        (self.draw() % (bound.max(1) as u64)) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).copied()
    }

    /// A range of `input`, short more often than long.
    fn range(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(input.len() + 1);
        let longest = (input.len() - start).min(1 << self.below(10));
        start..start + self.below(longest + 1)
    }

    /// Changes an input in one to four places, with pieces of another one and of the vocabulary.
    pub fn mutate(&mut self, input: &mut Vec<u8>, other: &[u8], tokens: &[&str]) {
        for _ in 0..=self.below(4) {
            self.mutate_once(input, other, tokens);
        }
    }

    fn mutate_once(&mut self, input: &mut Vec<u8>, other: &[u8], tokens: &[&str]) {
        let range = self.range(input);
        let at = range.start;
        match self.below(12) {
            0 => {
                let bit = 1 << self.below(8);
                input.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bit);
            }
            1 => {
                let byte = self.pick(BYTES);
                input.splice(at..(at + 1).min(input.len()), byte);
            }
            2 => {
                let byte = self.pick(BYTES);
                input.splice(at..at, byte);
            }
            3 => drop(input.drain(range)),
            4 => {
                let piece = input[range].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            5 => {
                // Many times the same: what is counted, nested or joined.
                let piece = input[range].to_vec();
                let times = 1 << self.below(6);
                input.splice(at..at, piece.repeat(times));
            }
            6 => {
                let piece = other[self.range(other)].to_vec();
                input.splice(range, piece);
            }
            7 => input.truncate(at),
            8 => {
                let digits = input[at..].iter().position(u8::is_ascii_digit).map(|skip| at + skip);
                let start = digits.unwrap_or(at);
                let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let number = self.pick(NUMBERS).unwrap_or_default();
                input.splice(start..start + length, number.bytes());
            }
            9 => {
                let token = self.pick(tokens).unwrap_or_default();
                input.splice(range, token.bytes());
            }
            _ => {
                let token = self.pick(tokens).unwrap_or_default();
                input.splice(at..at, token.bytes());
            }
        }
    }
}
