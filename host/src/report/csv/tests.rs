//! What the four files say, and that they say what the model does.
use super::{History, exceptions, failures, stats, swaps, versions};
use crate::report::golden::golden;
use crate::report::replay::{self, BEGAN_UNIX, ODD_NAME, TRAP};
use katydid_load::{ErrorKind, LabelStats, PERCENTILES, Snapshot, Window};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The header lines of Locust 2.46 and 2.47, as it wrote them.
const STATS_HEADER: &str = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%";
const HISTORY_HEADER: &str = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size";
const FAILURES_HEADER: &str = "Method,Name,Error,Occurrences,First Seen,Last Seen";
const EXCEPTIONS_HEADER: &str = "Count,Message,Traceback,Nodes";
/// That of ours.
const SWAPS_HEADER: &str = "Timestamp,Version,Digest,Step,Share,Took,Reason";

/// What was written; lines must end as Locust's do.
fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut file = Vec::new();
    write(&mut file).expect("memory takes everything");
    let text = String::from_utf8(file).expect("files are text");
    assert!(text.ends_with("\r\n"));
    text
}

fn history(snapshots: &[Snapshot], full: bool) -> String {
    written(|file| {
        let mut history = History::new(file, full, BEGAN_UNIX)?;
        snapshots.iter().try_for_each(|snapshot| history.append(snapshot))
    })
}

fn last(snapshots: &[Snapshot]) -> &Snapshot {
    snapshots.last().expect("a run has an end")
}

/// The rows below the header, as any reader of CSV sees them.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("each row is as long as the header"));
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

/// A cell in milliseconds, in microseconds.
fn us(cell: &str) -> f64 {
    cell.parse::<f64>().expect("a number") * 1_000.0
}

fn count(cell: &str) -> u64 {
    cell.parse().expect("a whole number")
}

#[test]
fn something_of_everything() {
    let run = replay::everything();
    let end = last(&run);
    let files = [
        ("csv_stats", STATS_HEADER, written(|file| stats(end, file))),
        ("csv_stats_history", HISTORY_HEADER, history(&run, false)),
        ("csv_stats_history_full", HISTORY_HEADER, history(&run, true)),
        ("csv_failures", FAILURES_HEADER, written(|file| failures(end, BEGAN_UNIX, file))),
        ("csv_exceptions", EXCEPTIONS_HEADER, written(|file| exceptions(end, file))),
    ];
    for (name, header, text) in files {
        assert_eq!(text.split("\r\n").next(), Some(header));
        golden(name, &text.replace("\r\n", "\n"));
    }
}

#[test]
fn a_run_without_requests() {
    let run = replay::nothing();
    let na = ["N/A"; 11].join(",");
    let rows = [
        (
            written(|file| stats(last(&run), file)),
            STATS_HEADER,
            format!(",Aggregated,0,0,0,0,0,0,0,0,0,{na}\r\n"),
        ),
        (written(|file| failures(last(&run), BEGAN_UNIX, file)), FAILURES_HEADER, String::new()),
        (written(|file| exceptions(last(&run), file)), EXCEPTIONS_HEADER, String::new()),
    ];
    for (text, header, expected) in rows {
        assert_eq!(text, format!("{header}\r\n{expected}"));
    }
    for full in [false, true] {
        let expected = format!("1789288201,1,,Aggregated,0.000000,0.000000,{na},0,0,0,0,0,0,0\r\n");
        assert_eq!(history(&run, full), format!("{HISTORY_HEADER}\r\n{expected}"));
    }
    // Before the first second is over there is not even time.
    assert!(written(|file| stats(&Snapshot::default(), file)).contains(",Aggregated,0,0,"));
}

#[test]
fn rows_add_up_to_the_aggregated_one() {
    for seed in 0..12 {
        let run = replay::random(seed);
        let stats = rows(&written(|file| stats(last(&run), file)));
        let (aggregated, labels) = stats.split_last().expect("there is always one");
        assert_eq!((&*aggregated[0], &*aggregated[1]), ("", "Aggregated"));
        for column in [2, 3] {
            let sum: u64 = labels.iter().map(|row| count(&row[column])).sum();
            assert_eq!(sum, count(&aggregated[column]), "seed {seed}, column {column}");
        }
        // Means, weighted: of the response time and of the content size.
        for column in [5, 8] {
            let sum = |rows: &[Vec<String>]| -> f64 {
                rows.iter().map(|row| us(&row[column]) * count(&row[2]) as f64).sum()
            };
            let (sum, whole) = (sum(labels), sum(std::slice::from_ref(aggregated)));
            assert!((sum - whole).abs() <= whole * 1e-9, "seed {seed}: {sum} {whole}");
        }
        let failures = rows(&written(|file| failures(last(&run), BEGAN_UNIX, file)));
        let sum: u64 = failures.iter().map(|row| count(&row[3])).sum();
        assert_eq!(sum, count(&aggregated[3]), "seed {seed}");
        assert!(labels.is_sorted_by_key(|row| (row[1].clone(), row[0].clone())));
    }
}

/// Asserts that the seven figures both files share are the model's.
fn assert_since_the_beginning(cells: &[String], stats: &LabelStats) {
    let times = &stats.response;
    assert_eq!([count(&cells[0]), count(&cells[1])], [stats.requests, stats.failed]);
    let exact = [times.percentile_us(50.0), times.min_us(), times.max_us()];
    assert_eq!([2, 4, 5].map(|i| us(&cells[i]).round() as u64), exact);
    assert!((us(&cells[3]) - times.mean_us()).abs() < 0.001);
    let size: f64 = cells[6].parse().expect("a number");
    assert!((size * stats.requests as f64 - stats.bytes_received as f64).abs() < 0.001);
}

fn assert_percentiles(cells: &[String], stats: &LabelStats) {
    for (cell, percentile) in cells.iter().zip(PERCENTILES) {
        assert_eq!(us(cell).round() as u64, stats.response.percentile_us(percentile));
    }
}

#[test]
fn figures_are_the_models() {
    for run in [replay::everything(), replay::random(3)] {
        let end = last(&run);
        let stats = rows(&written(|file| stats(end, file)));
        let seconds = end.elapsed_ns as f64 / 1e9;
        let mut expected: Vec<_> = end
            .total
            .labels()
            .map(|(id, stats)| {
                let label = &end.labels[id.index()];
                ([&*label.request_type, &*label.name], stats.clone())
            })
            .collect();
        expected.sort_by_key(|([request_type, name], _)| (*name, *request_type));
        expected.push((["", "Aggregated"], end.total.total()));
        assert_eq!(stats.len(), expected.len());
        for (row, (names, stats)) in stats.iter().zip(&expected) {
            assert_eq!(row[..2], names[..]);
            assert_since_the_beginning(&row[2..9], stats);
            for (cell, n) in [(&row[9], stats.requests), (&row[10], stats.failed)] {
                let rate: f64 = cell.parse().expect("a number");
                assert!((rate * seconds - n as f64).abs() < 1e-6);
            }
            assert_percentiles(&row[11..], stats);
        }
    }
}

#[test]
fn each_second_has_its_row() {
    let run = replay::everything();
    let rows = rows(&history(&run, false));
    assert_eq!(rows.len(), run.len());
    let mut before_ns = 0;
    let mut requests = 0.0;
    for (row, snapshot) in rows.iter().zip(&run) {
        // A quarter of a second past the full one: rounded down.
        let at = Duration::from_nanos(snapshot.elapsed_ns) + BEGAN_UNIX;
        assert_eq!((count(&row[0]), count(&row[1])), (at.as_secs(), snapshot.users.into()));
        let total = snapshot.total.total();
        assert_since_the_beginning(&row[17..], &total);
        if total.requests > 0 {
            assert_percentiles(&row[6..17], &total);
        }
        let span_s = (snapshot.elapsed_ns - before_ns).max(1_000_000_000) as f64 / 1e9;
        requests += row[4].parse::<f64>().expect("a number") * span_s;
        assert!((requests - total.requests as f64).abs() < 1e-4, "{requests} {}", total.requests);
        before_ns = snapshot.elapsed_ns;
    }
}

#[test]
fn the_full_history_is_about_its_own_second() {
    let run = replay::everything();
    let rows = rows(&history(&run, true));
    let of = |at: &str, name: &str| {
        let row = rows.iter().find(|row| row[0] == at && row[3] == name && row[2] != "grpc");
        row.unwrap_or_else(|| unreachable!("a row of {name} at {at}")).clone()
    };
    // 40 requests in the first second, 20 in the second, which was a little longer,
    assert_eq!(of("1789288201", "get_time")[4..6], ["40.000000", "0.000000"]);
    assert_eq!(of("1789288202", "get_time")[4..6], ["19.995001", "4.998750"]);
    assert_eq!(of("1789288202", "get_time")[6], "1.011");
    assert_eq!(of("1789288202", "get_time")[17], "60");
    // none in the third: no time is as long as 0 ms.
    for name in ["get_time", ODD_NAME, "Aggregated"] {
        let idle = of("1789288203", name);
        assert!(idle[6..17].iter().all(|cell| cell == "N/A"), "{idle:?}");
        assert_eq!(idle[4..6], ["0.000000", "0.000000"]);
    }
    assert_eq!(rows.iter().filter(|row| row[3] == "find").count(), 2, "from its first second on");
}

#[test]
fn a_missed_snapshot_is_made_up_for_and_a_double_one_ignored() {
    let run = replay::everything();
    let sparse = [run[0].clone(), run[2].clone(), run[2].clone(), run[5].clone(), run[5].clone()];
    for full in [false, true] {
        let rows = rows(&history(&sparse, full));
        let all: Vec<_> = rows.iter().filter(|row| row[3] == "Aggregated").collect();
        assert_eq!(all.len(), 3);
        // 80 requests in 2.000237655 seconds.
        assert_eq!(all[1][4], "39.995247");
        assert_eq!(all[2][17], "87");
    }
}

#[test]
fn text_comes_back_as_it_was() {
    let run = replay::everything();
    let end = last(&run);
    let stats = written(|file| stats(end, file));
    assert!(stats.contains("\r\nxmlrpc,\"=SUM(A1,\"\"b\"\");'c'\",20,"), "{stats}");
    assert!(rows(&stats).iter().any(|row| row[1] == ODD_NAME));
    let errors = rows(&written(|file| exceptions(end, file)));
    let (message, trace) = TRAP.split_once('\n').expect("a trap has a trace");
    let trap = errors.iter().find(|row| row[1] == message).expect("the trap is there");
    let trace = format!("trap in Shopper.buy\n{trace}");
    assert_eq!(trap[..], ["2", message, trace.as_str(), "local"]);
}

#[test]
fn what_was_not_told_apart_is_still_counted() {
    let run = replay::flood();
    let failures = rows(&written(|file| failures(last(&run), BEGAN_UNIX, file)));
    let [.., other] = &failures[..] else { unreachable!("there are failures") };
    let second = "2026-09-13T08:30:00Z";
    assert_eq!(failures.len(), 51);
    assert_eq!(other[..], ["xmlrpc", "find", "fault (other)", "10", second, second]);
    let errors = rows(&written(|file| exceptions(last(&run), file)));
    assert_eq!(errors.len(), 201);
    assert_eq!(errors[200][..], ["10", "(other)", "trap", "local"]);
    assert_eq!(errors[0][..], ["1", "unreachable", "trap in Crowd.task_000", "local"]);
}

#[test]
fn versions_have_the_rows_of_the_run() {
    let run = replay::swaps();
    let mut end = last(&run).clone();
    let text = written(|file| versions(&end, file));
    golden("csv_versions", &text.replace("\r\n", "\n"));
    assert_eq!(text.split("\r\n").next(), Some(&*format!("Version,Digest,{STATS_HEADER}")));
    let of = |text: &str, number: &str| -> Vec<_> {
        let rows = rows(text).into_iter().filter(|row| row[0] == number);
        rows.map(|row| row[2..].to_vec()).collect()
    };
    let sum = |rows: &[Vec<String>]| -> u64 {
        let all = rows.iter().filter(|row| row[1] == "Aggregated");
        all.map(|row| count(&row[2])).sum()
    };
    let parts: u64 = ["1", "2", "4"].map(|number| sum(&of(&text, number))).iter().sum();
    assert_eq!(parts, sum(&rows(&written(|file| stats(&end, file)))));
    // Where there is one only, its rows are the run's.
    let everything = replay::everything();
    let only = of(&written(|file| versions(last(&everything), file)), "1");
    assert_eq!(only, rows(&written(|file| stats(last(&everything), file))));
    // Of an old one the counts remain.
    end.versions[1].total = None;
    end.versions[1].digest = "a\r\n,\u{1b}".into();
    let old = rows(&written(|file| versions(&end, file)));
    let [old] = &old.iter().filter(|row| row[0] == "2").collect::<Vec<_>>()[..] else {
        unreachable!("one row: {old:?}")
    };
    let whole = of(&text, "2").pop().expect("a row");
    assert_eq!(old[..6], ["2", "a\\r\\n,\\u{1b}", "", "Aggregated", "20", "10"]);
    assert_eq!(old[11..13], whole[9..11], "its rates are known");
    assert!(old[6..11].iter().chain(&old[13..]).all(String::is_empty), "{old:?}");
}

#[test]
fn each_step_of_a_swap_has_its_row() {
    let run = replay::swaps();
    let text = written(|file| swaps(last(&run), BEGAN_UNIX, file));
    golden("csv_swaps", &text.replace("\r\n", "\n"));
    assert_eq!(rows(&text).len(), last(&run).marks.len());
    let refused = &rows(&text)[5];
    let reason = &refused[6];
    assert_eq!(refused[..2], ["1789288204.550", "3"]);
    assert!(reason.starts_with("not a module:\\r\\n\\u{1b}[2J") && reason.ends_with('…'));
    assert!(!text.replace("\r\n", "").chars().any(char::is_control), "one line for each");
    let none = written(|file| swaps(last(&replay::nothing()), BEGAN_UNIX, file));
    assert_eq!(none, format!("{SWAPS_HEADER}\r\n"));
}

/// Tracebacks come from guests and may hold anything.
#[test]
fn a_hostile_message_stays_in_its_cell() {
    let rows = [
        // The first line is the message, whatever ends it.
        ("a\r\nb\rc", "a", "trap in X.y\nb\rc"),
        ("\",\"\",\0\u{1b}[2J", "\",\"\",\0\u{1b}[2J", "trap in X.y"),
        ("", "", "trap in X.y"),
        ("\n\n", "", "trap in X.y"),
        ("\u{2028}\u{85}\u{feff}=1", "\u{2028}\u{85}\u{feff}=1", "trap in X.y"),
    ];
    for (said, message, traceback) in rows {
        let mut total = Window::default();
        total.record_error("X.y", ErrorKind::Trap, said, 1);
        let snapshot = Snapshot { total: Arc::new(total), ..Snapshot::default() };
        let read = self::rows(&written(|file| exceptions(&snapshot, file)));
        assert_eq!(read, [["1", message, traceback, "local"]], "{said:?}");
    }
}

/// A file that others read while it is written, on a disk that may be full.
#[derive(Clone, Default)]
struct Disk(Rc<RefCell<Vec<u8>>>, usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.0.borrow_mut();
        if file.len() + bytes.len() > self.1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn each_second_is_on_the_disk_at_once() {
    let disk = Disk(Rc::default(), 100_000);
    let lines = || disk.0.borrow().iter().filter(|byte| **byte == b'\n').count();
    let mut history = History::new(disk.clone(), false, BEGAN_UNIX).expect("the disk is empty");
    assert_eq!(lines(), 1);
    for (second, snapshot) in replay::everything().iter().enumerate() {
        history.append(snapshot).expect("the disk is not full");
        assert_eq!(lines(), second + 2);
    }
}

#[test]
fn a_full_disk_is_told() {
    let run = replay::everything();
    let full = |error: io::Error| error.kind() == io::ErrorKind::StorageFull;
    assert!(History::new(Disk::default(), false, BEGAN_UNIX).is_err_and(full));
    let room = Disk(Rc::default(), HISTORY_HEADER.len() + 2);
    let mut history = History::new(room, false, BEGAN_UNIX).expect("the header fits");
    assert!(history.append(&run[1]).is_err_and(full));
    assert!(stats(&run[1], &mut Disk::default()).is_err_and(full));
    assert!(failures(&run[1], BEGAN_UNIX, &mut Disk::default()).is_err_and(full));
    assert!(exceptions(&run[1], &mut Disk::default()).is_err_and(full));
    assert!(versions(&run[1], &mut Disk::default()).is_err_and(full));
    assert!(swaps(&run[1], BEGAN_UNIX, &mut Disk::default()).is_err_and(full));
}
