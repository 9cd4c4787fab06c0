//! From figures to places on a chart: axes, and where their lines and words stand.

/// Powers of ten over which values must range for an axis to be logarithmic.
const WIDE: f64 = 2.0;

/// One axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    log: bool,
}

impl Scale {
    /// From nothing to the greatest of these values, and a little more.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let most = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let step = step(most);
        Self { low: 0.0, high: (most / step).ceil().max(1.0) * step, log: false }
    }

    /// The same; but where they lie so far apart that the small ones could not be told from each other,
    /// logarithmic, from the least that is above nothing.
    pub(super) fn wide(values: impl Iterator<Item = f64> + Clone) -> Self {
        let positive = values.clone().filter(|value| value.is_finite() && *value > 0.0);
        let ends = |(least, most): (f64, f64), value| (least.min(value), most.max(value));
        let (least, most) = positive.fold((f64::INFINITY, 0.0_f64), ends);
        let [low, high] = [least, most].map(f64::log10);
        if most > 0.0 && high - low > WIDE {
            return Self { low: low.floor(), high: high.ceil(), log: true };
        }
        Self::of(values)
    }

    /// From nothing to exactly this much.
    pub(super) fn to(high: f64) -> Self {
        Self { low: 0.0, high, log: false }
    }

    /// Whether each step multiplies.
    pub(super) fn is_log(&self) -> bool {
        self.log
    }

    /// Where a value stands: 0 is the beginning of the axis, 1 its end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let value = if self.log { value.max(f64::MIN_POSITIVE).log10() } else { value };
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The values that have a line and a word, about five.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.log {
            let decades = (self.high - self.low) as i32;
            let every = (decades / 6 + 1) as usize;
            let decade = |place: i32| 10_f64.powi(self.low as i32 + place);
            return (0..=decades).step_by(every).map(decade).collect();
        }
        let step = step(self.high);
        (0..=(self.high / step).round() as u32).map(|place| f64::from(place) * step).collect()
    }
}

/// A round number, of which about four make the whole.
fn step(whole: f64) -> f64 {
    let quarter = whole / 4.0;
    if !(quarter.is_normal() && quarter > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(quarter.log10().floor());
    let rounds = [1.0, 2.0, 2.5, 5.0, 10.0].map(|round| round * power);
    rounds.into_iter().find(|round| *round >= quarter * 0.999_999).unwrap_or(power)
}

/// Moments of a run of so many seconds that have a word on its axis: at most about six.
pub(super) fn moments(seconds: f64) -> Vec<f64> {
    const ROUND: [f64; 17] = [
        1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0,
        7_200.0, 14_400.0, 43_200.0, 86_400.0,
    ];
    let sixth = seconds / 6.0;
    let step = ROUND.into_iter().find(|round| *round >= sixth);
    let step = step.unwrap_or((sixth / 86_400.0).ceil() * 86_400.0);
    (0..=(seconds / step) as u32).map(|place| f64::from(place) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_round() {
        let rows: [(&[f64], &[f64]); 7] = [
            (&[], &[0.0, 0.25, 0.5, 0.75, 1.0]),
            (&[0.0, 0.0], &[0.0, 0.25, 0.5, 0.75, 1.0]),
            (&[1.0], &[0.0, 0.25, 0.5, 0.75, 1.0]),
            (&[3.0, 7.3], &[0.0, 2.0, 4.0, 6.0, 8.0]),
            (&[40.0, 99.0], &[0.0, 25.0, 50.0, 75.0, 100.0]),
            (&[1_234.0], &[0.0, 500.0, 1_000.0, 1_500.0]),
            // Too far apart for a line from nothing.
            (&[0.0, 3.0, 2_500.0], &[1.0, 10.0, 100.0, 1_000.0, 10_000.0]),
        ];
        for (values, expected) in rows {
            let scale = Scale::wide(values.iter().copied());
            if !scale.is_log() {
                assert_eq!(scale, Scale::of(values.iter().copied()));
            }
            assert_eq!(scale.ticks(), expected, "{values:?}");
            for value in values {
                assert!((0.0..=1.0).contains(&scale.place(*value)));
            }
        }
        let most = Scale::wide([u64::MAX as f64, 1.0].into_iter());
        assert!(most.ticks().len() < 9 && most.is_log());
        assert_eq!(Scale::of([f64::NAN, f64::INFINITY].into_iter()), Scale::to(1.0));
    }

    #[test]
    fn places() {
        let linear = Scale::to(10.0);
        assert_eq!(
            [-1.0, 0.0, 5.0, 10.0, 11.0].map(|v| linear.place(v)),
            [0.0, 0.0, 0.5, 1.0, 1.0]
        );
        let log = Scale::wide([1.0, 10_000.0].into_iter());
        assert_eq!([0.0, 1.0, 100.0, 10_000.0].map(|v| log.place(v)), [0.0, 0.0, 0.5, 1.0]);
    }

    #[test]
    fn moments_are_round() {
        assert_eq!(moments(0.5), [0.0]);
        assert_eq!(moments(6.0), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(moments(61.0), [0.0, 20.0, 40.0, 60.0]);
        assert_eq!(moments(3_600.0), [0.0, 600.0, 1_200.0, 1_800.0, 2_400.0, 3_000.0, 3_600.0]);
        assert!((2..=8).contains(&moments(1e9).len()), "thirty years");
    }
}
