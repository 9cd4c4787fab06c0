//! So many arrivals per second.
use super::piece::{Piece, Slope, pieces, place_at, with_ends};
use super::{End, ProfileError, Rate, Stage, check};
use crate::rng::{Purpose, Rng};
use std::sync::Arc;

/// What one arrival weighs: twice the area under the rate's line, which is kept in millionths per hour, over
/// nanoseconds. Twice, so that the area under a slope is a whole number too.
const ARRIVAL: u128 = 2 * 1_000_000 * 3_600_000_000_000;

/// The arrival rate as a function of time: straight pieces and steps.
///
/// Regular arrival `n` (from 0) is due when the area under the rate's line is `n`: the first one at once, and
/// with 200 per second the n-th after exactly n × 5 ms, for ever. Where that is no whole nanosecond, it is the
/// one before. In a pause nothing is due; what its last instant would have brought comes as it ends. So a
/// stage of 200 per second brings exactly 200 in each second, the first of them as it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// At least one, the last one level.
    pieces: Vec<Piece>,
    /// What had arrived when each of them begins.
    before: Vec<u128>,
    length_ns: Option<u64>,
}

/// How arrivals are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spacing {
    /// As evenly as the rate says.
    #[default]
    Regular,
    /// As those who do not know of each other arrive: with gaps of random, exponentially distributed length,
    /// and the rate as their mean.
    Poisson,
}

impl Open {
    /// From a rate through stages: k6's `ramping-arrival-rate`. Without stages, that rate all along.
    ///
    /// # Errors
    /// All mistakes, at least one.
    pub fn new(start: Rate, stages: &[Stage<Rate>], end: End) -> Result<Self, Vec<ProfileError>> {
        let mut mistakes = Vec::new();
        let length_ns = check(stages, end, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let stages = stages.iter().map(|stage| (stage.length_ns, stage.target.millionths_per_h()));
        let this = Self::of(pieces(0, start.millionths_per_h(), stages), 0, length_ns);
        if this.nth_arrival(0).is_some() { Ok(this) } else { Err(vec![ProfileError::NoArrivals]) }
    }

    /// The same rate from the beginning to the end: k6's `constant-arrival-rate`.
    ///
    /// # Errors
    /// All mistakes, at least one.
    pub fn constant(rate: Rate, end: End) -> Result<Self, Vec<ProfileError>> {
        Self::new(rate, &[], end)
    }

    fn of(pieces: Vec<Piece>, before: u128, length_ns: Option<u64>) -> Self {
        let arrived = |sum: &mut u128, (piece, over_ns): (&Piece, u64)| {
            let before = *sum;
            *sum = sum.saturating_add(area(piece, piece.within(over_ns)));
            Some(before)
        };
        let before = with_ends(&pieces).scan(before, arrived).collect();
        Self { pieces, before, length_ns }
    }

    /// When regular arrival `n` (from 0) is due, in nanoseconds after the beginning of the run; `None` where
    /// the run ends before, or the rate stays 0.
    pub fn nth_arrival(&self, n: u64) -> Option<u64> {
        self.instant(u128::from(n) * ARRIVAL)
    }

    /// How many regular arrivals are due up to this time, this instant included: the inverse of
    /// [`Open::nth_arrival`].
    pub fn due_by(&self, t_ns: u64) -> u64 {
        // Due at t is what the nanosecond after it brings.
        let end_ns = self.length_ns.unwrap_or(u64::MAX).min(t_ns.saturating_add(1));
        self.area_until(end_ns).div_ceil(ARRIVAL) as u64
    }

    /// The rate at this time, per second. After the end of the run: as at its end.
    pub fn rate_at(&self, t_ns: u64) -> f64 {
        let t_ns = self.length_ns.map_or(t_ns, |length_ns| t_ns.min(length_ns));
        per_second(&self.pieces[place_at(&self.pieces, t_ns)], t_ns)
    }

    /// The highest rate that there ever is, per second.
    pub fn peak(&self) -> f64 {
        let end_ns = self.length_ns.unwrap_or(u64::MAX);
        let pieces = with_ends(&self.pieces).filter(|(piece, _)| piece.from_ns < end_ns);
        let highest = |(piece, over_ns): (&Piece, u64)| {
            per_second(piece, piece.from_ns).max(per_second(piece, end_ns.min(over_ns)))
        };
        pieces.map(highest).fold(0.0, f64::max)
    }

    /// How long the run lasts from its beginning; `None` without an end.
    pub fn length_ns(&self) -> Option<u64> {
        self.length_ns
    }

    /// What arrives, in the order of its numbers, with the instants at which it is due: those arrivals whose
    /// number is `worker` (from 0) when divided by `workers`. All workers together have each arrival once,
    /// at the same instant however many they are. The seed matters where the spacing is Poisson's.
    pub fn arrivals(
        self: &Arc<Self>,
        spacing: Spacing,
        (worker, workers): (u32, u32),
        seed: u64,
    ) -> Schedule {
        let dice = (spacing == Spacing::Poisson).then_some(seed);
        let mut schedule = Schedule {
            open: Arc::clone(self),
            dice,
            n: 0,
            position: dice.map_or(0, |seed| gap(seed, 0)),
            workers: workers.max(1).into(),
        };
        schedule.go_on(worker.into());
        schedule
    }

    /// Somebody asks for another rate while the run goes on: what was planned until this time stays, then the
    /// rate moves to the new one in so many nanoseconds, and stays. Numbers go on, and so does what had
    /// gathered of the next arrival. What was before that time is forgotten: take what is due until then
    /// before. The end of the run stays where it is; after it nothing changes.
    #[must_use]
    pub fn turned(&self, at_ns: u64, rate: Rate, within_ns: u64) -> Self {
        if self.length_ns.is_some_and(|length_ns| at_ns > length_ns) {
            return self.clone();
        }
        let place = place_at(&self.pieces, at_ns);
        let from = (per_second(&self.pieces[place], at_ns) * 3.6e9).round() as u64;
        let pieces = pieces(at_ns, from, [(within_ns, rate.millionths_per_h())]);
        Self::of(pieces, self.area_until(at_ns), self.length_ns)
    }

    /// What has arrived at this time, in units of [`ARRIVAL`], rounded up.
    fn area_until(&self, t_ns: u64) -> u128 {
        let place = place_at(&self.pieces, t_ns);
        let piece = &self.pieces[place];
        self.before[place].saturating_add(area(piece, piece.within(t_ns)))
    }

    /// The last whole nanosecond at which no more than this has arrived; `None` where more never does.
    fn instant(&self, area_until: u128) -> Option<u64> {
        // The last piece that begins with no more: a pause adds nothing, so it is the one after it.
        let place = self.before.partition_point(|before| *before <= area_until).saturating_sub(1);
        let (piece, before) = (&self.pieces[place], self.before[place]);
        let within = last_within(piece, area_until.saturating_sub(before))?;
        let at_ns = piece.from_ns.checked_add(within)?;
        self.length_ns.is_none_or(|length_ns| at_ns < length_ns).then_some(at_ns)
    }
}

/// The rate of a piece at a moment, per second.
fn per_second(piece: &Piece, t_ns: u64) -> f64 {
    let share = piece.within(t_ns) as f64 / piece.length_ns as f64;
    (piece.start as f64 + piece.slope.rise() * share) / 3.6e9
}

/// What a piece brings in its first nanoseconds, in units of [`ARRIVAL`], rounded up.
fn area(piece: &Piece, within_ns: u64) -> u128 {
    let within = u128::from(within_ns);
    let level = 2 * u128::from(piece.start) * within;
    // steep × within² / length: rates are below 2^52 and times below 2^64, so that each step fits.
    let length = u128::from(piece.length_ns);
    let slanted = |steep: u64| {
        let product = u128::from(steep) * within;
        (product / length * within, product % length * within)
    };
    match piece.slope {
        Slope::Level => level,
        Slope::Up(steep) => {
            let (whole, rest) = slanted(steep);
            level + whole + rest.div_ceil(length)
        }
        Slope::Down(steep) => {
            let (whole, rest) = slanted(steep);
            level - whole - rest / length
        }
    }
}

/// The last nanosecond of a piece until which it brings no more than this. `None` where that is its last one,
/// or beyond every clock.
fn last_within(piece: &Piece, area_until: u128) -> Option<u64> {
    if piece.slope == Slope::Level {
        let within = area_until.checked_div(2 * u128::from(piece.start))?;
        return u64::try_from(within).ok();
    }
    // A guess in floating point, from there in steps that double to either side of the answer, then halves.
    let fits = |within_ns| area(piece, within_ns) <= area_until;
    let guess = guess(piece, area_until as f64).min(piece.length_ns - 1);
    let (mut low, mut high, mut step) = (guess, guess.saturating_add(1), 1_u64);
    while low > 0 && !fits(low) {
        (low, high, step) = (low.saturating_sub(step), low, step.saturating_mul(2));
    }
    while high < piece.length_ns && fits(high) {
        let further = high.saturating_add(step).min(piece.length_ns);
        (low, high, step) = (high, further, step.saturating_mul(2));
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if fits(middle) { low = middle } else { high = middle }
    }
    Some(low)
}

/// About how far into a slope this much has arrived: the root of level × t ± steep × t² / length, in the form
/// that does not cancel.
fn guess(piece: &Piece, area_until: f64) -> u64 {
    let steep = piece.slope.rise() / piece.length_ns as f64;
    let level = 2.0 * piece.start as f64;
    let root = (level * level + 4.0 * steep * area_until).max(0.0).sqrt();
    (2.0 * area_until / (level + root)) as u64
}

/// What one worker is to start, and when: [`Open::arrivals`]. It has an end where nothing more ever arrives, but
/// may [follow](Schedule::follow) another profile from there.
#[derive(Debug, Clone)]
pub struct Schedule {
    open: Arc<Open>,
    /// The seed, where the spacing is Poisson's.
    dice: Option<u64>,
    /// The next arrival.
    n: u64,
    /// Where that is due, as what has arrived before it.
    position: u128,
    workers: u64,
}

impl Schedule {
    /// The next arrival and when it is due, without taking it.
    pub fn peek(&self) -> Option<(u64, u64)> {
        Some((self.n, self.open.instant(self.position)?))
    }

    /// Follows another profile from now on, one that was [turned](Open::turned) from this one.
    pub fn follow(&mut self, open: Arc<Open>) {
        self.open = open;
    }

    /// Passes over so many arrivals.
    fn go_on(&mut self, count: u64) {
        let next = self.n.saturating_add(count);
        match self.dice {
            // Everybody throws everybody's dice: the sum of all gaps is the same wherever it is added up.
            Some(seed) => {
                let gaps = (self.n..next).map(|n| gap(seed, n + 1));
                self.position = gaps.fold(self.position, u128::saturating_add);
            }
            None => self.position = u128::from(next) * ARRIVAL,
        }
        self.n = next;
    }
}

impl Iterator for Schedule {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        let next = self.peek()?;
        self.go_on(self.workers);
        Some(next)
    }
}

/// How much arrives between arrival `n` and the one before it.
fn gap(seed: u64, n: u64) -> u128 {
    let gap = Rng::keyed(seed, n, 0, Purpose::Arrival).exponential();
    (gap * ARRIVAL as f64) as u128
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
