//! Randomness that the run's seed, the user and the iteration determine: the same seed draws the same.

use crate::backend;
use std::ops::{Range, RangeInclusive};

/// 64 random bits.
#[must_use]
pub fn random() -> u64 {
    backend::random()
}

/// A number of this range, each as likely as the other. An empty range gives its start.
///
/// ```
/// use katydid_sdk::random_range;
///
/// let die = random_range(1..=6);
/// assert!((1..=6).contains(&die));
/// let share = random_range(0.0..1.0);
/// assert!((0.0..1.0).contains(&share));
/// ```
#[must_use]
pub fn random_range<R: RandomRange>(range: R) -> R::Number {
    range.draw()
}

/// One item, each as likely as the other; none of none.
#[must_use]
pub fn choose<T>(items: &[T]) -> Option<&T> {
    items.get(random_range(0..items.len()))
}

/// A range to draw from: of integers, with or without its end, or of `f64`, without its end.
pub trait RandomRange {
    /// What is drawn.
    type Number;
    /// Draws one.
    fn draw(self) -> Self::Number;
}

/// A number below `bound`, without the bias of a remainder (Lemire's method: of the 128-bit product
/// the upper half is the number, and the few draws that would favour some numbers are repeated).
fn below(bound: u64) -> u64 {
    loop {
        let product = u128::from(random()) * u128::from(bound);
        let low = product as u64;
        if low >= bound || low >= bound.wrapping_neg() % bound {
            return (product >> 64) as u64;
        }
    }
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl RandomRange for Range<$type> {
            type Number = $type;

            fn draw(self) -> $type {
                if self.is_empty() { self.start } else { (self.start..=self.end - 1).draw() }
            }
        }

        impl RandomRange for RangeInclusive<$type> {
            type Number = $type;

            fn draw(self) -> $type {
                let (start, end) = self.into_inner();
                if start >= end {
                    return start;
                }
                // Two's complement: the distance is right for signed types too.
                let distance = (end as u64).wrapping_sub(start as u64);
                let drawn = distance.checked_add(1).map_or_else(random, below);
                start.wrapping_add(drawn as $type)
            }
        }
    )*};
}

integers!(i32 u32 i64 u64 usize);

impl RandomRange for Range<f64> {
    type Number = f64;

    fn draw(self) -> f64 {
        // 53 bits are all that a double between 0 and 1 holds.
        let share = (random() >> 11) as f64 / (1_u64 << 53) as f64;
        let drawn = self.start + share * (self.end - self.start);
        // Rounding may reach the end, which does not belong to the range.
        if drawn < self.end { drawn } else { self.start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    #[test]
    fn every_number_is_equally_likely() {
        let _world = World::new();
        let mut counts = [0_u32; 6];
        for _ in 0..6_000 {
            counts[random_range(0..6_usize)] += 1;
        }
        for count in counts {
            assert!(count.abs_diff(1_000) < 150, "{counts:?}");
        }
    }

    #[test]
    fn ranges_keep_their_ends() {
        let _world = World::new();
        for _ in 0..1_000 {
            assert!((-3..=2).contains(&random_range(-3..=2)));
            assert!((-3..2).contains(&random_range(-3_i64..2)));
            assert!((0.5..0.75).contains(&random_range(0.5..0.75)));
        }
        assert_eq!((random_range(7..7), random_range(7..8), random_range(9..=9_u64)), (7, 7, 9));
        assert_eq!((random_range(1.0..1.0), random_range(2.0..1.0)), (1.0, 2.0));
        // The whole of a type, where the number of numbers does not fit it.
        assert_ne!(random_range(0..=u64::MAX), random_range(i64::MIN..=i64::MAX) as u64);
        assert!((0..20).any(|_| random_range(i32::MIN..=i32::MAX) < 0));
    }

    #[test]
    fn choosing() {
        let _world = World::new();
        assert_eq!(choose::<i32>(&[]), None);
        assert_eq!(choose(&[5]), Some(&5));
        let drawn: Vec<_> = (0..50).filter_map(|_| choose(&["a", "b"])).collect();
        assert!(drawn.contains(&&"a") && drawn.contains(&&"b"));
    }

    #[test]
    fn bounds_near_the_largest_draw_again() {
        let _world = World::new();
        for _ in 0..100 {
            assert!(below((1 << 63) + 1) <= 1 << 63);
        }
    }
}
