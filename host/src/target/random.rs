//! Dice that depend on the seed and the number of a request only: never on threads or time.

use katydid_load::Rng;

/// The dice of the request with this number, counted over all connections.
pub(super) fn dice(seed: u64, number: u64) -> Rng {
    // Neighbouring numbers must not share their streams: each starts at a scrambled place.
    let place = Rng::new(seed).next_u64().wrapping_add(number.wrapping_mul(0xd134_2543_de82_ef95));
    Rng::new(Rng::new(place).next_u64())
}

/// True in this share of the cases, 0 to 1.
pub(super) fn chance(dice: &mut Rng, ratio: f64) -> bool {
    const BITS: u64 = 1 << 53;
    (dice.below(BITS) as f64) < ratio * BITS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_number_decide() {
        let draw = |seed, number| dice(seed, number).next_u64();
        assert_eq!(draw(1, 7), draw(1, 7));
        assert_ne!(draw(1, 7), draw(1, 8));
        assert_ne!(draw(1, 7), draw(2, 7));
        assert_ne!(draw(1, 2), draw(2, 1), "the seed of one is not the number of another");
    }

    #[test]
    fn draws_are_even_over_requests() {
        let requests = 100_000_u64;
        let sum: u64 = (0..requests).map(|number| dice(3, number).between(0, 1_000)).sum();
        let mean = sum as f64 / requests as f64;
        assert!((mean - 500.0).abs() < 5.0, "{mean}");
        let hits = (0..requests).filter(|number| chance(&mut dice(4, *number), 0.25)).count();
        assert!((24_000..26_000).contains(&hits), "{hits}");
        assert!((0..1000).all(|number| chance(&mut dice(7, number), 1.0)), "1 is always");
        assert!((0..1000).all(|number| !chance(&mut dice(7, number), 0.0)), "0 is never");
    }
}
