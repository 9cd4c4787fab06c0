//! Which row of a data file a user is given: a function of its arguments, so that nobody has to ask anybody.
use crate::rng::{Purpose, Rng};

/// How the rows of a data file are handed out.
///
/// No counter is shared: each user finds its rows by its own number and by how many it has had before. So the
/// same seed gives the same rows on any number of shards and machines, and a row that is unique is unique over
/// all of them. The price: rows that fall to a user who makes fewer iterations than others are left over.
///
/// | kind | user `u` of `U` is given, at its `k`-th draw of `n` rows | comes to an end |
/// |---|---|---|
/// | [`Unique`](Rows::Unique) | row `u + k × U` | after them; a user whose number is `n` or above has none |
/// | [`SharedCircular`](Rows::SharedCircular) | row `(u + k × U) mod n` | never |
/// | [`Random`](Rows::Random) | any row, by the dice of the run | never |
/// | [`PerUser`](Rows::PerUser) | row `k`: each user the whole file, from its beginning | after `n` draws |
///
/// What happens at the end is said by [`AtEnd`]. A file without rows is always at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// No two users are ever given the same row.
    Unique,
    /// All users share the rows, in turn, over and over.
    #[default]
    SharedCircular,
    /// Each draw is any row, each equally likely.
    Random,
    /// Each user goes through all rows by itself.
    PerUser,
}

/// What happens when there is no row left for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AtEnd {
    /// It is given none: the host ends the user, or the run.
    #[default]
    Stop,
    /// It begins anew with the first of its own rows. Unique ones then come again, but never to another user.
    Recycle,
}

/// Who draws a row, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// The run's seed.
    pub seed: u64,
    /// The file, by its place in the run's list of files: each one has dice of its own.
    pub file: u32,
    /// How many rows it has.
    pub rows: u64,
    /// The user, from 0, counted over all shards and machines. Where iterations arrive, and any user may make
    /// them, it is the arrival that draws: user 0 of 1, at a draw that the arrival's number tells.
    pub user: u64,
    /// The most users that there can be all run long. It must not change while the run goes on.
    pub users: u64,
    /// How many rows of this file the user was given before.
    pub draw: u64,
}

impl Rows {
    /// The row that is drawn, from 0; `None` where there is none left.
    pub fn row(self, at_end: AtEnd, draw: &Draw) -> Option<u64> {
        let Draw { seed, file, rows, user, users, draw } = *draw;
        if rows == 0 {
            return None;
        }
        // 128 bits hold every product of two numbers.
        let (place, users) = (u128::from(draw), u128::from(users.max(1)));
        let row = match self {
            // A user beyond the last number would take another one's rows.
            Rows::Unique if u128::from(user) >= users || user >= rows => return None,
            Rows::Unique => {
                let own = u128::from(rows - user).div_ceil(users);
                u128::from(user) + turn(place, own, at_end)? * users
            }
            Rows::SharedCircular => (u128::from(user) + place * users) % u128::from(rows),
            Rows::Random => {
                let dice = Rng::keyed(seed, file.into(), 0, Purpose::Data).next_u64();
                Rng::keyed(dice, user, draw, Purpose::Data).below(rows).into()
            }
            Rows::PerUser => turn(place, rows.into(), at_end)?,
        };
        Some(row as u64)
    }
}

/// The place among a user's own rows.
fn turn(draw: u128, own: u128, at_end: AtEnd) -> Option<u128> {
    match at_end {
        AtEnd::Stop => (draw < own).then_some(draw),
        AtEnd::Recycle => Some(draw % own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first six draws of a user.
    fn draws(kind: Rows, at_end: AtEnd, (rows, user, users): (u64, u64, u64)) -> Vec<Option<u64>> {
        let draw = |draw| Draw { seed: 1, file: 0, rows, user, users, draw };
        (0..6).map(|k| kind.row(at_end, &draw(k))).collect()
    }

    #[test]
    fn rows_in_turn() {
        use AtEnd::{Recycle, Stop};
        use Rows::{PerUser, SharedCircular, Unique};
        // ((kind, at the end, (rows, user, users)), draws; −1 where there is none)
        let rows = [
            ((Unique, Stop, (10, 0, 3)), [0, 3, 6, 9, -1, -1]),
            ((Unique, Stop, (10, 1, 3)), [1, 4, 7, -1, -1, -1]),
            ((Unique, Stop, (10, 2, 3)), [2, 5, 8, -1, -1, -1]),
            // From its own first row again, never another's.
            ((Unique, Recycle, (10, 0, 3)), [0, 3, 6, 9, 0, 3]),
            ((Unique, Recycle, (10, 2, 3)), [2, 5, 8, 2, 5, 8]),
            // More users than rows: the last ones have none, recycled or not.
            ((Unique, Recycle, (2, 1, 3)), [1, 1, 1, 1, 1, 1]),
            ((Unique, Recycle, (2, 2, 3)), [-1; 6]),
            // A number that should not be takes nobody's rows.
            ((Unique, Recycle, (10, 3, 3)), [-1; 6]),
            ((SharedCircular, Stop, (4, 0, 3)), [0, 3, 2, 1, 0, 3]),
            ((SharedCircular, Stop, (4, 1, 3)), [1, 0, 3, 2, 1, 0]),
            ((SharedCircular, Recycle, (1, 7, 3)), [0; 6]),
            ((PerUser, Stop, (4, 2, 3)), [0, 1, 2, 3, -1, -1]),
            ((PerUser, Recycle, (4, 2, 3)), [0, 1, 2, 3, 0, 1]),
        ];
        for ((kind, at_end, of), expected) in rows {
            let expected = expected.map(|row: i64| u64::try_from(row).ok());
            assert_eq!(draws(kind, at_end, of), expected, "{kind:?} {at_end:?} {of:?}");
        }
        for kind in [Unique, SharedCircular, Rows::Random, PerUser] {
            assert_eq!(draws(kind, Recycle, (0, 0, 1)), [None; 6], "nothing to draw from");
            assert!(
                draws(kind, Recycle, (5, 0, 0)).iter().all(Option::is_some),
                "no division by 0"
            );
        }
    }

    #[test]
    fn the_largest_numbers() {
        let draw = Draw {
            seed: 1,
            file: 0,
            rows: u64::MAX,
            user: u64::MAX - 1,
            users: u64::MAX,
            draw: u64::MAX,
        };
        assert_eq!(Rows::Unique.row(AtEnd::Recycle, &draw), Some(u64::MAX - 1));
        assert_eq!(Rows::Unique.row(AtEnd::Stop, &draw), None);
        assert_eq!(Rows::SharedCircular.row(AtEnd::Stop, &draw), Some(u64::MAX - 1));
    }

    #[test]
    fn random_rows() {
        let row = |seed, file, user, draw| {
            let draw = Draw { seed, file, rows: 1_000_000, user, users: 10, draw };
            Rows::Random.row(AtEnd::Stop, &draw)
        };
        let one = row(1, 0, 2, 3);
        assert_eq!(one, row(1, 0, 2, 3));
        for other in [row(2, 0, 2, 3), row(1, 1, 2, 3), row(1, 0, 3, 3), row(1, 0, 2, 4)] {
            assert_ne!(one, other, "other dice");
        }
        // Pinned: changing this changes what every recorded seed means.
        assert_eq!(one, Some(437_258));

        // All equally likely: no count is farther than five standard errors from its mean.
        let mut counts = [0_i32; 10];
        for draw in 0..10_000 {
            let draw = Draw { seed: 1, file: 0, rows: 10, user: 0, users: 1, draw };
            counts[Rows::Random.row(AtEnd::Stop, &draw).expect("never at its end") as usize] += 1;
        }
        assert!(counts.iter().all(|count| (count - 1_000).abs() < 150), "{counts:?}");
    }
}
