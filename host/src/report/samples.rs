//! Every request as one line, for those who want to reckon for themselves: the file that `--samples` streams.
//! Events of other kinds write nothing.
//!
//! The columns of the CSV, and the members of the JSON objects, in this order:
//!
//! | column | what it is |
//! |---|---|
//! | `type`, `name` | what it was counted under |
//! | `version` | the running number of the scenario's version that made it, from 1 |
//! | `user`, `iteration`, `request` | who made it, in which of its iterations, and which of its requests it was, from 0 |
//! | `due_ns`, `called_ns`, `sent_ns`, `done_ns` | nanoseconds on the run's monotonic clock; `sent_ns` is empty (null) where it was never sent |
//! | `service_us`, `response_us` | from sent, and from due, until done: the times that the percentiles are made of |
//! | `attempts` | how often it was sent |
//! | `bytes_sent`, `bytes_received` | lengths of the bodies |
//! | `outcome` | `good`, or the kind of failure: one of [`Failure::KINDS`] |
//! | `failure` | the failure on one line; empty (null) where it is good |
//!
//! The CSV is that of RFC 4180: lines end in CR LF, text is quoted where it must be.
use katydid_load::{Event, Failure, Label, Sample};
use serde::Serialize;
use std::fmt::{self, Display, Write as _};

/// The first line of the CSV, with its end.
pub const CSV_HEADER: &str = "type,name,version,user,iteration,request,due_ns,called_ns,sent_ns,done_ns,\
                              service_us,response_us,attempts,bytes_sent,bytes_received,outcome,failure\r\n";

/// Appends a request as a line of CSV. Nothing is allocated but what the line itself needs.
pub fn csv_line(event: &Event<'_>, lines: &mut Vec<u8>) {
    let Some((sample, label)) = request(event) else { return };
    let mut row = Row { lines, first: true };
    row.text(&label.request_type).text(&label.name);
    row.number(sample.version.into());
    for number in [sample.user, sample.iteration, sample.number, sample.due_ns, sample.called_ns] {
        row.number(number);
    }
    match sent_ns(sample) {
        Some(sent_ns) => row.number(sent_ns),
        None => row.text(""),
    };
    row.number(sample.done_ns).number(sample.service_us()).number(sample.response_us());
    row.number(sample.attempts.into()).number(sample.bytes_sent).number(sample.bytes_received);
    row.text(outcome(sample));
    match sample.outcome {
        Ok(()) => row.text(""),
        Err(failure) => row.text(failure),
    };
    row.lines.extend_from_slice(b"\r\n");
}

/// Appends a request as a line of JSON.
pub fn json_line(event: &Event<'_>, lines: &mut Vec<u8>) {
    let Some((sample, label)) = request(event) else { return };
    let object = Object {
        r#type: &label.request_type,
        name: &label.name,
        version: sample.version,
        user: sample.user,
        iteration: sample.iteration,
        request: sample.number,
        due_ns: sample.due_ns,
        called_ns: sample.called_ns,
        sent_ns: sent_ns(sample),
        done_ns: sample.done_ns,
        service_us: sample.service_us(),
        response_us: sample.response_us(),
        attempts: sample.attempts,
        bytes_sent: sample.bytes_sent,
        bytes_received: sample.bytes_received,
        outcome: outcome(sample),
        failure: sample.outcome.err().map(ToString::to_string),
    };
    let written = serde_json::to_writer(&mut *lines, &object);
    debug_assert!(written.is_ok(), "memory takes everything, and no object has odd keys");
    lines.push(b'\n');
}

fn request<'a>(event: &Event<'a>) -> Option<(&'a Sample<'a>, &'a Label)> {
    match *event {
        Event::RequestSuccess { sample, label } | Event::RequestFailure { sample, label } => {
            Some((sample, label))
        }
        _ => None,
    }
}

fn sent_ns(sample: &Sample<'_>) -> Option<u64> {
    (sample.attempts > 0).then_some(sample.sent_ns)
}

fn outcome(sample: &Sample<'_>) -> &'static str {
    sample.outcome.err().map_or("good", Failure::kind)
}

/// A line of CSV under construction.
struct Row<'a> {
    lines: &'a mut Vec<u8>,
    first: bool,
}

impl Row<'_> {
    fn begin(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.lines.push(b',');
        }
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.begin();
        // Thirteen of seventeen fields are numbers, and formatting in general costs more.
        let (mut digits, mut first) = ([b'0'; 20], 19);
        let mut rest = number;
        while rest > 9 {
            digits[first] += (rest % 10) as u8;
            (rest, first) = (rest / 10, first - 1);
        }
        digits[first] += rest as u8;
        self.lines.extend_from_slice(&digits[first..]);
        self
    }

    /// A field of text. It is written as if it needed no quotes, and mended where it does: few do.
    fn text(&mut self, text: impl Display) -> &mut Self {
        self.begin();
        let start = self.lines.len();
        // Writing to memory cannot fail.
        let _ = write!(Quoting(self.lines), "{text}");
        if self.lines[start..].iter().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
            self.lines.insert(start, b'"');
            self.lines.push(b'"');
        }
        self
    }
}

/// Doubles quotes.
struct Quoting<'a>(&'a mut Vec<u8>);

impl fmt::Write for Quoting<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (place, part) in text.split('"').enumerate() {
            if place > 0 {
                self.0.extend_from_slice(b"\"\"");
            }
            self.0.extend_from_slice(part.as_bytes());
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Object<'a> {
    r#type: &'a str,
    name: &'a str,
    version: u32,
    user: u64,
    iteration: u64,
    request: u64,
    due_ns: u64,
    called_ns: u64,
    sent_ns: Option<u64>,
    done_ns: u64,
    service_us: u64,
    response_us: u64,
    attempts: u8,
    bytes_sent: u64,
    bytes_received: u64,
    outcome: &'static str,
    failure: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use katydid_load::{LabelId, StopReason};
    use serde_json::Value;

    const SAMPLE: Sample<'static> = Sample {
        label: LabelId(0),
        version: 2,
        user: 3,
        iteration: 7,
        number: 21,
        due_ns: 1_000,
        called_ns: 2_000,
        sent_ns: 150_500,
        done_ns: 900_000,
        bytes_sent: 210,
        bytes_received: 340,
        attempts: 1,
        outcome: Ok(()),
    };

    /// The lines of some requests: name, sample.
    fn written(line: fn(&Event<'_>, &mut Vec<u8>), requests: &[(&str, Sample<'_>)]) -> Vec<u8> {
        let mut lines = Vec::new();
        for (name, sample) in requests {
            let label = Label { request_type: "xmlrpc".into(), name: (*name).into() };
            line(&Event::RunStopping { reason: &StopReason::RunTime }, &mut lines);
            line(
                &match sample.outcome {
                    Ok(()) => Event::RequestSuccess { sample, label: &label },
                    Err(_) => Event::RequestFailure { sample, label: &label },
                },
                &mut lines,
            );
        }
        lines
    }

    const NAMES: [&str; 6] = ["get_time", "a,b", "say \"hi\"", "\"", "", "購入\r\n=1"];

    fn requests(failure: &Failure) -> Vec<(&str, Sample<'_>)> {
        let failed = Sample { attempts: 0, outcome: Err(failure), ..SAMPLE };
        NAMES.into_iter().flat_map(|name| [(name, SAMPLE), (name, failed)]).collect()
    }

    #[test]
    fn lines_of_csv() {
        let failure = Failure::Fault { code: 4, message: "no, \"sir\"\r\n".to_owned() };
        let text = written(csv_line, &requests(&failure)[2..4]);
        assert_eq!(
            String::from_utf8_lossy(&text),
            "xmlrpc,\"a,b\",2,3,7,21,1000,2000,150500,900000,749,899,1,210,340,good,\r\n\
             xmlrpc,\"a,b\",2,3,7,21,1000,2000,,900000,898,899,0,210,340,fault,\
             \"fault 4: no, \"\"sir\"\"\\r\\n\"\r\n"
        );
    }

    #[test]
    fn numbers() {
        let mut lines = Vec::new();
        let mut row = Row { lines: &mut lines, first: true };
        row.number(0).number(9).number(10).number(1_234_567_890).number(u64::MAX);
        assert_eq!(lines, format!("0,9,10,1234567890,{}", u64::MAX).as_bytes());
    }

    #[test]
    fn a_reader_of_csv_reads_what_was_meant_and_json_says_the_same() {
        let failure = Failure::Judged("1,\n2".to_owned());
        let requests = requests(&failure);
        let file = [CSV_HEADER.as_bytes(), &written(csv_line, &requests)].concat();
        let mut reader = ::csv::Reader::from_reader(&file[..]);
        let columns = reader.headers().expect("a header").clone();
        let json = String::from_utf8(written(json_line, &requests)).expect("JSON is UTF-8");
        let rows: Vec<_> =
            reader.records().map(|row| row.expect("as long as the header")).collect();
        assert_eq!((rows.len(), json.lines().count()), (requests.len(), requests.len()));
        for ((row, object), (name, sample)) in rows.iter().zip(json.lines()).zip(&requests) {
            assert_eq!(&row[1], *name);
            assert_eq!(row[15] == *"good", sample.outcome.is_ok());
            let object: Value = serde_json::from_str(object).expect("JSON");
            assert_eq!(object.as_object().map(|members| members.len()), Some(columns.len()));
            for (column, cell) in columns.iter().zip(row) {
                let same = match &object[column] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    number => number.to_string(),
                };
                assert_eq!(cell, same, "{column}");
            }
        }
    }

    #[test]
    fn a_known_size_is_written_without_allocating_more() {
        let mut lines = Vec::with_capacity(1_000);
        let memory = lines.as_ptr();
        let label = Label { request_type: "xmlrpc".into(), name: "a,b".into() };
        csv_line(&Event::RequestSuccess { sample: &SAMPLE, label: &label }, &mut lines);
        assert_eq!((lines.as_ptr(), lines.is_empty()), (memory, false));
    }
}
