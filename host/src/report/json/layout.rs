//! JSON that people can read and `grep` can search.
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// How deep values are opened: the document, and the lists and objects in it.
const OPEN: usize = 2;

/// Gives each member of the document a line, and each member of those; what is deeper stays on its line.
#[derive(Debug, Default)]
pub(super) struct Lines {
    depth: usize,
    /// Whether something was written since the innermost value that was begun or ended.
    filled: bool,
}

impl Lines {
    fn begin(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn item(&self, out: &mut (impl Write + ?Sized), first: bool) -> io::Result<()> {
        match (self.depth <= OPEN, first) {
            (true, true) => self.line(out),
            (true, false) => out.write_all(b",").and_then(|()| self.line(out)),
            (false, true) => Ok(()),
            (false, false) => out.write_all(b", "),
        }
    }

    fn end(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled && self.depth < OPEN {
            self.line(out)?;
        }
        self.filled = true;
        out.write_all(bracket)
    }

    fn line(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for Lines {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::{Serializer, json};

    #[test]
    fn two_levels_are_open() {
        let rows = [
            (json!({}), "{}"),
            (json!(1), "1"),
            (json!({"a": [], "b": {}}), "{\n  \"a\": [],\n  \"b\": {}\n}"),
            (
                json!({"a": [{"b": [1, {}]}, 2], "c": {"d": {"e": 3, "f": []}}}),
                "{\n  \"a\": [\n    {\"b\": [1, {}]},\n    2\n  ],\n  \"c\": {\n    \"d\": {\"e\": 3, \"f\": []}\n  }\n}",
            ),
        ];
        for (value, expected) in rows {
            let mut out = Vec::new();
            let mut json = Serializer::with_formatter(&mut out, Lines::default());
            value.serialize(&mut json).expect("memory takes everything");
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
