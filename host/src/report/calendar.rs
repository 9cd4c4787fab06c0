//! Moments on everybody's clock, in UTC. Runs know only how long ago they began.
use katydid_load::Snapshot;
use std::time::Duration;

/// When something happened, as a time since the beginning of 1970: `began_unix` is when the run began.
pub(super) fn unix(at_ns: u64, snapshot: &Snapshot, began_unix: Duration) -> Duration {
    began_unix.saturating_add(Duration::from_nanos(at_ns.saturating_sub(snapshot.began_ns)))
}

/// A moment since the beginning of 1970 as `2026-09-13T08:30:00Z`, in whole seconds that are over.
pub(super) fn utc(unix: Duration) -> String {
    let (days, second) = (unix.as_secs() / 86_400, unix.as_secs() % 86_400);
    let [year, month, day] = date(days);
    let [hour, minute, second] = [second / 3_600, second / 60 % 60, second % 60];
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of the Gregorian calendar, so many days after the first of 1970.
fn date(days: u64) -> [u64; 3] {
    // Years begin in March here, so that the leap day is the last of its year, and repeat every 400.
    let days = days + 719_468;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months have 153 days, beginning with March, and with August.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    [cycle * 400 + year + u64::from(month <= 2), month, day]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let rows = [
            (0, "1970-01-01T00:00:00Z"),
            (86_399, "1970-01-01T23:59:59Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            // 2000 was a leap year, as every fourth century is,
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_789_288_200, "2026-09-13T08:30:00Z"),
            // and 2100 will not be.
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_800, "10000-01-01T00:00:00Z"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(utc(Duration::from_secs(seconds)), expected);
        }
        assert_eq!(utc(Duration::from_millis(1_999)), "1970-01-01T00:00:01Z", "rounded down");
        assert!(utc(Duration::MAX).ends_with('Z'), "a wrong clock is no panic");
    }

    #[test]
    fn the_runs_clock_on_everybodys() {
        let snapshot = Snapshot { began_ns: 7_000, ..Snapshot::default() };
        let began = Duration::from_secs(100);
        assert_eq!(unix(9_000, &snapshot, began), began + Duration::from_micros(2));
        assert_eq!(unix(1, &snapshot, began), began, "nothing happens before a run");
    }
}
