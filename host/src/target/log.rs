//! The request log: what the target saw, to hold a load generator's figures against.

use anyhow::{Context as _, anyhow};
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const HEADER: &str =
    "connection,request,peer_port,id,method,received_ns,replied_ns,outcome,bytes_in,bytes_out\n";
/// A worker writes when it has gathered so much, or when it is told to.
const ENOUGH: usize = 64 << 10;
/// The longest id or method in a line, in bytes.
const MAX_FIELD: usize = 64;

/// The file, shared by all workers.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// The first thing that went wrong. From then on nothing is written: a log with a hole in it is
    /// worse than one that ends.
    failed: Option<std::io::Error>,
}

impl LogFile {
    /// Makes or empties the file and writes the line of column names.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let begun = File::create(path).and_then(|mut file| {
            file.write_all(HEADER.as_bytes())?;
            Ok(file)
        });
        let file = begun.map_err(|error| {
            let cure = match error.kind() {
                ErrorKind::NotFound => "make its folder first",
                ErrorKind::IsADirectory => "name a file in it",
                _ => "choose another file",
            };
            anyhow!("cannot write the log \"{}\": {error}, {cure}", path.display())
        })?;
        Ok(Self { path: path.into(), state: Mutex::new(State { file, failed: None }) })
    }

    /// Fails if a line was lost.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.failed.take() {
            None => Ok(()),
            Some(error) => Err(error).with_context(|| {
                format!("the log \"{}\" lacks its last lines", self.path.display())
            }),
        }
    }

    fn write(&self, lines: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed.is_none() {
            state.failed = state.file.write_all(lines).err();
        }
    }
}

/// The lines of one worker that are not in the file yet.
#[derive(Debug)]
pub(super) struct LogBuffer {
    file: Arc<LogFile>,
    lines: Vec<u8>,
}

impl LogBuffer {
    pub(super) fn new(file: Arc<LogFile>) -> Self {
        Self { file, lines: Vec::new() }
    }

    /// Adds one line; `line` writes it whole, its end included.
    pub(super) fn push(&mut self, line: impl FnOnce(&mut Vec<u8>)) {
        line(&mut self.lines);
        if self.lines.len() >= ENOUGH {
            self.flush();
        }
    }

    /// Hands everything to the file.
    pub(super) fn flush(&mut self) {
        if !self.lines.is_empty() {
            self.file.write(&self.lines);
            self.lines.clear();
        }
    }
}

/// Appends what somebody sent us as a field: bounded, and of harmless characters only.
pub(super) fn push_field(line: &mut Vec<u8>, field: &[u8]) {
    line.extend(field.iter().take(MAX_FIELD).map(|byte| match byte {
        b',' | b'"' | b'\'' | b'\\' | b'=' => b'_',
        byte if byte.is_ascii_graphic() => *byte,
        _ => b'_',
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_cannot_break_a_line() {
        let rows: &[(&[u8], &str)] = &[
            (b"", ""),
            (b"0000000000000001-00000000000000ff", "0000000000000001-00000000000000ff"),
            (b"a,b\n\"c\" d=\xff", "a_b__c__d__"),
            (b"system.listMethods", "system.listMethods"),
        ];
        for (field, expected) in rows {
            let mut line = Vec::new();
            push_field(&mut line, field);
            assert_eq!(str::from_utf8(&line), Ok(*expected));
        }
        let mut line = Vec::new();
        push_field(&mut line, &[b'x'; 1000]);
        assert_eq!(line.len(), MAX_FIELD);
    }

    #[test]
    fn a_full_disk_is_told() {
        let file = LogFile {
            path: "/dev/full".into(),
            state: Mutex::new(State {
                file: File::create("/dev/full").expect("linux"),
                failed: None,
            }),
        };
        let file = Arc::new(file);
        let mut buffer = LogBuffer::new(Arc::clone(&file));
        buffer.push(|line| line.extend(b"1\n"));
        assert!(file.check().is_ok());
        buffer.flush();
        let error = format!("{:#}", file.check().expect_err("the disk is full"));
        assert!(error.contains("\"/dev/full\" lacks its last lines"), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_made_is_named_with_a_cure() {
        let rows = [
            ("/nowhere/log.csv", "make its folder first"),
            ("/dev", "name a file in it"),
            ("/dev/full", "choose another file"),
        ];
        for (path, cure) in rows {
            let error = LogFile::create(Path::new(path)).expect_err(path).to_string();
            assert!(error.contains(&format!("\"{path}\"")) && error.ends_with(cure), "{error}");
        }
    }
}
