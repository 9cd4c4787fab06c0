//! How far chance goes: the little probability theory that reports need. Never on the hot path.

/// The chance that a standard normal variable is above `z`. Series and continued fraction of Abramowitz and
/// Stegun, *Handbook of Mathematical Functions* (1964), 26.2.11 and 26.2.14.
pub(crate) fn normal_above(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - normal_above(-z);
    }
    let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    if z > 3.0 {
        return density / (1..=60).rev().fold(z, |below, n| z + f64::from(n) / below);
    }
    let (mut sum, mut term, mut odd) = (z, z, 1.0);
    while term > sum * 1e-17 {
        odd += 2.0;
        term *= z * z / odd;
        sum += term;
    }
    0.5 - density * sum
}

/// The `z` that a standard normal variable exceeds, up or down, with no more than what confidence leaves: 1.96
/// for 95 %.
pub(crate) fn normal_bound(confidence: f64) -> f64 {
    let beyond = (1.0 - confidence) / 2.0;
    let (mut low, mut high) = (0.0, 40.0);
    // A double has 53 bits.
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if normal_above(middle) > beyond { low = middle } else { high = middle }
    }
    high
}

/// The ranks, from 1, between which a percentile of the distribution that `count` values were drawn from lies
/// with at least this confidence, whatever the distribution: the number of values below it is binomial (David
/// and Nagaraja, *Order Statistics*, 2003, section 7.1). The percentile in millionths, above 0 and below the
/// whole million. `None` where there are too few values for one of them.
pub(crate) fn percentile_ranks(count: u64, millionths: u32, confidence: f64) -> Option<(u64, u64)> {
    let beyond = (1.0 - confidence) / 2.0;
    let (below, above) = (f64::from(millionths) / 1e6, f64::from(1_000_000 - millionths) / 1e6);
    let low = lowest(count, below, above, beyond);
    let high = lowest(count, above, below, beyond);
    (low > 0 && high > 0).then(|| (low, count + 1 - high))
}

/// Means up to which binomials are added up; above it a normal one is as good.
const EXACT: f64 = 500.0;

/// The largest `l` such that fewer than `l` of `count` trials succeed with a chance of `beyond` at most, where
/// each succeeds with `success` and fails with `failure`, which are 1 together.
fn lowest(count: u64, success: f64, failure: f64, beyond: f64) -> u64 {
    let n = count as f64;
    if n * success <= EXACT {
        // P(fewer than l) grows with l, until it is too much.
        let is_too_much = |sum: f64| sum > beyond;
        return terms(count, success, failure)
            .find(|(_, sum)| is_too_much(*sum))
            .map_or(0, |it| it.0);
    }
    if n * failure <= EXACT {
        // Fewer than l succeed where count − l + 1 or more fail.
        let fits = |sum: f64| 1.0 - sum <= beyond;
        let most = terms(count, failure, success).find(|(_, sum)| fits(*sum));
        return most.map_or(0, |(fail, _)| count - fail);
    }
    // Two ranks to the safe side: skewness moves the bound by no more.
    let z = normal_bound(1.0 - 2.0 * beyond);
    let bound = n * success - z * (n * success * failure).sqrt() - 2.0;
    bound.max(0.0) as u64
}

/// For each number of successes its place and the chance of no more than so many.
fn terms(count: u64, success: f64, failure: f64) -> impl Iterator<Item = (u64, f64)> {
    let odds = (success / failure).ln();
    // In logarithms, as the first terms may be too small for a number of their own.
    let mut log = count as f64 * failure.ln();
    let mut sum = 0.0;
    (0..=count).map(move |k| {
        sum += f64::exp(log);
        log += ((count - k) as f64).ln() - ((k + 1) as f64).ln() + odds;
        (k, sum)
    })
}

/// The interval in which the true ratio of so many of so many lies with a confidence of `z` standard errors:
/// Wilson's (1927), which is right near 0 and 1 too. The numbers need not be whole.
pub(crate) fn ratio_interval(part: f64, whole: f64, z: f64) -> (f64, f64) {
    let (ratio, zz) = (part / whole, z * z / whole);
    let middle = ratio + zz / 2.0;
    let reach = z * (ratio * (1.0 - ratio) / whole + zz / whole / 4.0).sqrt();
    ((middle - reach) / (1.0 + zz), (middle + reach) / (1.0 + zz))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution() {
        // Table values.
        let rows = [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457),
            (1.96, 0.024_997_895_148_22),
            (-1.0, 0.841_344_746_068_543),
            (3.0, 0.001_349_898_031_630_1),
            (3.000_001, 0.001_349_893_599_8),
            (6.0, 9.865_876_450_377e-10),
        ];
        for (z, expected) in rows {
            let found = normal_above(z);
            assert!((found / expected - 1.0).abs() < 1e-9, "{z}: {found}");
        }
        for (confidence, expected) in
            [(0.95, 1.959_963_985), (0.99, 2.575_829_304), (0.5, 0.674_489_750)]
        {
            assert!((normal_bound(confidence) - expected).abs() < 1e-8, "{confidence}");
        }
    }

    #[test]
    fn ranks_around_a_percentile() {
        // (count, percentile, confidence) → ranks, from sums of whole fractions.
        let rows = [
            // With 5 values the chance that all are on one side is 1/16 > 5 %.
            ((5, 50.0, 0.95), None),
            ((6, 50.0, 0.95), Some((1, 6))),
            ((10, 50.0, 0.95), Some((2, 9))),
            ((20, 50.0, 0.95), Some((6, 15))),
            ((100, 50.0, 0.95), Some((40, 61))),
            ((100, 50.0, 0.99), Some((37, 64))),
            ((1_000, 50.0, 0.99), Some((459, 542))),
            ((1_000, 95.0, 0.99), Some((931, 968))),
            // No value is surely above the 99th percentile before there are 528: 0.99^528 < 0.005.
            ((528, 99.0, 0.99), Some((516, 528))),
            ((527, 99.0, 0.99), None),
            // Where sums end: the exact ones are 942 and 1059.
            ((2_000, 50.0, 0.99), Some((940, 1_061))),
            ((0, 50.0, 0.99), None),
        ];
        for ((count, percentile, confidence), expected) in rows {
            let millionths = (percentile * 10_000.0) as u32;
            let found = percentile_ranks(count, millionths, confidence);
            assert_eq!(found, expected, "{percentile} % of {count}");
        }
    }

    #[test]
    fn sums_and_the_normal_bound_agree() {
        // On both sides of where one takes over from the other.
        for (success, beyond) in [(0.5, 0.005), (0.05, 0.005), (0.05, 0.025), (0.01, 0.005)] {
            let count = (EXACT / success) as u64;
            let of = |count: u64| lowest(count, success, 1.0 - success, beyond) as f64;
            // So many more trials, so many more successes; two ranks are the bound's margin.
            let (exact, bound) = (of(count), of(count + 20));
            let margin = exact + 20.0 * success - bound;
            assert!((0.5..5.0).contains(&margin), "{success}: {exact} and {bound}");
        }
        // The largest run.
        let (low, high) = percentile_ranks(10_u64.pow(12), 999_900, 0.99).expect("enough");
        assert!(low < 999_900_000_000 && high > 999_900_000_000 && high - low < 100_000);
    }

    #[test]
    fn intervals_of_ratios() {
        // Wilson's interval for 0 of 10 and 1 of 10, at 95 %.
        for (part, low, high) in [(0.0, 0.0, 0.2775), (1.0, 0.0179, 0.4042)] {
            let found = ratio_interval(part, 10.0, 1.959_964);
            assert!((found.0 - low).abs() < 1e-4 && (found.1 - high).abs() < 1e-4, "{found:?}");
        }
    }
}
