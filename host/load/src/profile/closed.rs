//! So many users.
use super::piece::{Piece, Slope, pieces, place_at, with_ends};
use super::{End, ProfileError, Rate, Stage, check};
use super::{MAX_SPAWN_RATE, MAX_USERS, MIN_SPAWN_RATE};

/// The number of users as a function of time: straight pieces and steps.
///
/// Between two whole numbers the line is rounded down: user `k` (from 0) is there exactly while the line is at
/// `k` + 1 or above. So users come and go one by one, each at an instant of its own, the last to come is the
/// first to go, and who is there depends on the time only, never on who asked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// At least one, the last one level.
    pieces: Vec<Piece>,
    /// When the run ends by itself; everything stays as it then is.
    length_ns: Option<u64>,
}

impl Closed {
    /// From a number of users through stages: k6's `ramping-vus`. Without stages, that number all along.
    ///
    /// # Errors
    /// All mistakes, at least one.
    pub fn new(start: u32, stages: &[Stage<u32>], end: End) -> Result<Self, Vec<ProfileError>> {
        let mut mistakes = Vec::new();
        if start > MAX_USERS || (start == 0 && stages.is_empty()) {
            mistakes.push(ProfileError::Users(start));
        }
        let too_many = |(place, stage): (usize, &Stage<u32>)| {
            let too_many = ProfileError::StageUsers(place + 1, stage.target);
            (stage.target > MAX_USERS).then_some(too_many)
        };
        // One is enough of thousands.
        mistakes.extend(stages.iter().enumerate().find_map(too_many));
        let length_ns = check(stages, end, &mut mistakes);
        if mistakes.is_empty() {
            let stages = stages.iter().map(|stage| (stage.length_ns, stage.target.into()));
            let this = Self { pieces: pieces(0, start.into(), stages), length_ns };
            if this.peak() > 0 {
                return Ok(this);
            }
            mistakes.push(ProfileError::NoUsers);
        }
        Err(mistakes)
    }

    /// The same number of users from the beginning to the end: k6's `constant-vus`.
    ///
    /// # Errors
    /// All mistakes, at least one.
    pub fn constant(users: u32, end: End) -> Result<Self, Vec<ProfileError>> {
        Self::new(users, &[], end)
    }

    /// Locust's ramp: the first user at once, then so many more each second, until all are there and stay.
    /// User `k` comes after `k` / `spawn_rate` seconds, rounded up to a nanosecond. The run does not end with
    /// the ramp.
    ///
    /// # Errors
    /// All mistakes, at least one.
    pub fn ramp(users: u32, spawn_rate: f64, end: End) -> Result<Self, Vec<ProfileError>> {
        let users_in_range = (1..=MAX_USERS).contains(&users);
        let rate_in_range = (MIN_SPAWN_RATE..=MAX_SPAWN_RATE).contains(&spawn_rate);
        let rate = Rate::per_second(spawn_rate).filter(|_| rate_in_range);
        let mut mistakes = Vec::new();
        mistakes.extend((!users_in_range).then_some(ProfileError::Users(users)));
        mistakes.extend(rate.is_none().then_some(ProfileError::SpawnRate(spawn_rate)));
        let end = if end == End::WithStages { End::Never } else { end };
        let length_ns = check::<u32>(&[], end, &mut mistakes);
        match mistakes.is_empty() {
            true => Ok(Self { pieces: move_to(0, 1, users, rate), length_ns }),
            false => Err(mistakes),
        }
    }

    /// How many users there are at this time after the beginning of the run. After its end: as at its end.
    pub fn users_at(&self, t_ns: u64) -> u32 {
        let t_ns = self.length_ns.map_or(t_ns, |length_ns| t_ns.min(length_ns));
        value_at(&self.pieces[place_at(&self.pieces, t_ns)], t_ns)
    }

    /// The most users that there ever are.
    pub fn peak(&self) -> u32 {
        let end_ns = self.length_ns.unwrap_or(u64::MAX);
        let pieces = with_ends(&self.pieces).filter(|(piece, _)| piece.from_ns <= end_ns);
        let highest = |(piece, over_ns): (&Piece, u64)| {
            piece.start.max(value_at(piece, end_ns.min(over_ns - 1)).into()) as u32
        };
        pieces.map(highest).max().unwrap_or(0)
    }

    /// How long the run lasts from its beginning, the ramps included; `None` without an end.
    pub fn length_ns(&self) -> Option<u64> {
        self.length_ns
    }

    /// When the number of users has moved for the last time.
    pub fn settled_at_ns(&self) -> u64 {
        let last = self.pieces.last().map_or(0, |piece| piece.from_ns);
        self.length_ns.map_or(last, |length_ns| last.min(length_ns))
    }

    /// When after `after_ns` user `k` (from 0) next comes (`true`) or goes (`false`); `None` where it stays or
    /// stays away until the run ends. What the end of the run does to it is not told.
    pub fn change(&self, k: u32, after_ns: u64) -> Option<(u64, bool)> {
        let end_ns = self.length_ns.unwrap_or(u64::MAX);
        let is_here = self.users_at(after_ns) > k;
        let pieces = with_ends(&self.pieces).skip(place_at(&self.pieces, after_ns));
        let change_in = |(piece, over_ns): (&Piece, u64)| {
            let starts_otherwise = piece.from_ns > after_ns && (piece.start > k.into()) != is_here;
            let within =
                if starts_otherwise { Some(0) } else { crossing(piece, k.into(), is_here) };
            // What a piece does not do before it is over, the next one does or does not.
            piece.from_ns.checked_add(within?).filter(|at_ns| *at_ns < over_ns)
        };
        let at_ns = pieces.filter_map(change_in).next()?;
        (at_ns <= end_ns).then_some((at_ns, !is_here))
    }

    /// Somebody asks for another number of users while the run goes on: what was planned until this time stays,
    /// then the number moves to the new one, so many per second up or down (at once where no rate or a rate of
    /// 0 is given), and stays. What was before that time is forgotten: it is answered as at that time. The end
    /// of the run stays where it is; after it nothing changes.
    #[must_use]
    pub fn turned(&self, at_ns: u64, users: u32, rate: Option<Rate>) -> Self {
        if self.length_ns.is_some_and(|length_ns| at_ns > length_ns) {
            return self.clone();
        }
        let pieces = move_to(at_ns, self.users_at(at_ns), users.min(MAX_USERS), rate);
        Self { pieces, length_ns: self.length_ns }
    }
}

/// From this time on so many users come or go each second, until there are as many as there should be. At once
/// where the rate is none or 0.
fn move_to(from_ns: u64, from: u32, to: u32, rate: Option<Rate>) -> Vec<Piece> {
    // The rate is so many users in this time.
    const LENGTH_NS: u64 = 3_600_000_000_000 * 1_000_000;
    let speed = rate.map_or(0, Rate::millionths_per_h);
    let distance = u128::from(from.abs_diff(to)) * u128::from(LENGTH_NS);
    let mut pieces = Vec::new();
    let mut there_ns = from_ns;
    if speed > 0 && distance > 0 {
        // Rounded up, as the instant of each user is.
        let ns = u64::try_from(distance.div_ceil(speed.into())).unwrap_or(u64::MAX);
        there_ns = from_ns.saturating_add(ns);
        let slope = if to > from { Slope::Up(speed) } else { Slope::Down(speed) };
        pieces.push(Piece { from_ns, start: from.into(), slope, length_ns: LENGTH_NS });
    }
    pieces.push(Piece::level(there_ns, to.into()));
    pieces
}

/// The number of users at a moment of a piece: the line, rounded down.
fn value_at(piece: &Piece, t_ns: u64) -> u32 {
    let moved = |by: u64| u128::from(by) * u128::from(piece.within(t_ns));
    let length = u128::from(piece.length_ns);
    let value = match piece.slope {
        Slope::Level => piece.start,
        Slope::Up(rise) => piece.start + (moved(rise) / length) as u64,
        Slope::Down(fall) => piece.start.saturating_sub(moved(fall).div_ceil(length) as u64),
    };
    value as u32
}

/// How far into a piece user `k` comes, or goes where it is there; `None` where it never would. The exact
/// inverse of [`value_at`].
fn crossing(piece: &Piece, k: u64, is_here: bool) -> Option<u64> {
    let length = u128::from(piece.length_ns);
    let ns = match piece.slope {
        // The first moment at which the line is at k + 1,
        Slope::Up(rise) if !is_here && piece.start <= k => {
            (u128::from(k + 1 - piece.start) * length).div_ceil(rise.into())
        }
        // the first one at which it is below.
        Slope::Down(fall) if is_here && piece.start > k => {
            u128::from(piece.start - k - 1) * length / u128::from(fall) + 1
        }
        _ => return None,
    };
    u64::try_from(ns).ok()
}

#[cfg(test)]
#[path = "closed_tests.rs"]
mod tests;
