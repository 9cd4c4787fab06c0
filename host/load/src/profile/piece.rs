//! The straight pieces that a profile is made of.
use std::cmp::Ordering;

/// A piece of a profile: from its beginning to the beginning of the next one, a value moves in a straight line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// When it begins, in nanoseconds.
    pub(super) from_ns: u64,
    /// The value at its beginning.
    pub(super) start: u64,
    /// Which way the value moves, and how far in `length_ns`.
    pub(super) slope: Slope,
    /// The measure of the slope; at least 1.
    pub(super) length_ns: u64,
}

/// Which way a value moves, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slope {
    Level,
    Up(u64),
    Down(u64),
}

impl Slope {
    pub(super) fn between(start: u64, end: u64) -> Self {
        match end.cmp(&start) {
            Ordering::Less => Slope::Down(start - end),
            Ordering::Equal => Slope::Level,
            Ordering::Greater => Slope::Up(end - start),
        }
    }

    /// How far up; less than 0 where it is down.
    pub(super) fn rise(self) -> f64 {
        match self {
            Slope::Level => 0.0,
            Slope::Up(rise) => rise as f64,
            Slope::Down(fall) => -(fall as f64),
        }
    }
}

impl Piece {
    /// A piece that never moves.
    pub(super) fn level(from_ns: u64, value: u64) -> Self {
        Self { from_ns, start: value, slope: Slope::Level, length_ns: u64::MAX }
    }

    /// How far into the piece a moment is; 0 before it.
    pub(super) fn within(&self, t_ns: u64) -> u64 {
        t_ns.saturating_sub(self.from_ns)
    }
}

/// The pieces of a profile that begins at this time with this value and has stages of (length, value at its
/// end). Stages without a length are steps: they make no piece, the next one begins with their value. The last
/// piece lasts for ever, on one level.
pub(super) fn pieces(
    mut from_ns: u64,
    mut value: u64,
    stages: impl IntoIterator<Item = (u64, u64)>,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (length_ns, end) in stages {
        if length_ns > 0 {
            let slope = Slope::between(value, end);
            pieces.push(Piece { from_ns, start: value, slope, length_ns });
            from_ns = from_ns.saturating_add(length_ns);
        }
        value = end;
    }
    pieces.push(Piece::level(from_ns, value));
    pieces
}

/// The place of the piece that governs a moment: the last one that begins at or before it. The first one where
/// none does.
pub(super) fn place_at(pieces: &[Piece], t_ns: u64) -> usize {
    pieces.partition_point(|piece| piece.from_ns <= t_ns).saturating_sub(1)
}

/// Each piece with the time at which it is over; `u64::MAX` for the last one.
pub(super) fn with_ends(pieces: &[Piece]) -> impl Iterator<Item = (&Piece, u64)> {
    let ends = pieces.iter().skip(1).map(|next| next.from_ns).chain([u64::MAX]);
    pieces.iter().zip(ends)
}
