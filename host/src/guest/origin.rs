//! What a file is, as far as it can be told without compiling it, and in which words it is refused.

use super::wrap::{HOST_PACKAGE, ModuleError};
use std::borrow::Cow;
use std::fmt::Write as _;
use wasmparser::{BinaryReaderError, Encoding, Parser, Payload, ProducersSectionReader};

/// Where a module comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What the file holds: `component`, `core module`, or either's text.
    pub form: &'static str,
    /// Languages and tools that made it, as they say themselves: `Rust`, `rustc 1.95.0`.
    pub producers: Vec<String>,
}

/// What can be seen in a binary.
#[derive(Debug, Default)]
pub(super) struct Surface {
    pub(super) component: bool,
    pub(super) has_component_type: bool,
    imports: Vec<String>,
    exports: Vec<String>,
    producers: Vec<String>,
    /// Bytes that its memories hold from the start, all modules in it together.
    pub(super) data_bytes: u64,
    /// Bytes of code, all modules in it together.
    pub(super) code_bytes: u64,
}

/// Producers that are kept; a file may name any number.
const PRODUCERS: usize = 20;

impl Surface {
    /// Assembles text, and looks at the outermost imports and exports.
    pub(super) fn of(bytes: &[u8]) -> Result<(Cow<'_, [u8]>, Self), ModuleError> {
        let binary = if bytes.starts_with(b"\0asm") {
            Cow::Borrowed(bytes)
        } else if looks_like_wat(bytes) {
            wat::parse_bytes(bytes).map_err(|error| ModuleError::Text(one_line(&error)))?
        } else {
            return Err(ModuleError::NotWasm(something_else(bytes)));
        };
        match Self::survey(&binary) {
            Ok(surface) => Ok((binary, surface)),
            Err(error) if error.message().contains("unexpected end") => {
                let text = format!("the file is cut short, it ends after {} bytes", bytes.len());
                Err(ModuleError::Broken(text))
            }
            Err(error) => Err(ModuleError::Broken(error.to_string())),
        }
    }

    fn survey(binary: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut surface = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(binary) {
            let payload = payload?;
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) if section.name() == "producers" => {
                    surface.note_producers(section.data());
                }
                Payload::DataSection(section) => {
                    for data in section {
                        surface.data_bytes += data?.data.len() as u64;
                    }
                }
                Payload::CodeSectionStart { size, .. } => surface.code_bytes += u64::from(size),
                payload if depth == 0 => surface.note(payload)?,
                _ => {}
            }
        }
        surface.imports.dedup();
        Ok(surface)
    }

    /// Names of the outermost imports and exports.
    fn note(&mut self, payload: Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::Version { encoding, .. } => self.component = encoding == Encoding::Component,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.imports.push(import?.module.to_owned());
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.exports.push(export?.name.to_owned());
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    self.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    self.exports.push(export?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) => {
                self.has_component_type |= section.name().starts_with("component-type");
            }
            _ => {}
        }
        Ok(())
    }

    /// The tool conventions' `producers` section. It is a courtesy: a broken one is no mistake.
    fn note_producers(&mut self, data: &[u8]) {
        let reader = wasmparser::BinaryReader::new(data, 0);
        let Ok(fields) = ProducersSectionReader::new(reader) else { return };
        for value in fields.into_iter().flatten().flat_map(|field| field.values.into_iter()) {
            let Ok(value) = value else { return };
            let text = [value.name, value.version].join(" ");
            let text = tame(text.trim(), 60);
            if self.producers.len() < PRODUCERS && !self.producers.contains(&text) {
                self.producers.push(text);
            }
        }
    }

    /// Where the module comes from; `assembled` says that the file was text.
    pub(super) fn origin(&self, assembled: bool) -> Origin {
        let form = match (self.component, assembled) {
            (true, false) => "component",
            (false, false) => "core module",
            (true, true) => "component, as text",
            (false, true) => "core module, as text",
        };
        Origin { form, producers: self.producers.clone() }
    }

    /// Tells early, and in words, what the linker would tell late and in types.
    pub(super) fn check(&self) -> Result<(), ModuleError> {
        for name in self.exports.iter().chain(&self.imports) {
            if let Some(guest) = our_package(name)
                && guest != HOST_PACKAGE
            {
                return Err(ModuleError::Version { guest });
            }
        }
        let ours =
            |name: &String| name.trim_start_matches("cm32p2|").starts_with("katydid:load/scenario");
        if !self.exports.iter().any(ours) {
            let (found, cure) = self.what_it_is();
            return Err(ModuleError::OtherWorld { found, cure });
        }
        for import in &self.imports {
            // What a core module imports is told of when it is wrapped.
            let known = ["katydid:load/", "wasi:"].iter().any(|name| import.starts_with(name));
            if self.component && !known {
                let cure = "a scenario may import katydid:load and WASI only";
                return Err(ModuleError::Import { import: tame(import, 100), cure });
            }
        }
        Ok(())
    }

    /// What a module is that is no scenario, and how it could become one.
    fn what_it_is(&self) -> (String, &'static str) {
        const BUILD: &str = "build it for the world `load` of wit/load.wit";
        let kind = if self.component { "component" } else { "core module" };
        let exports = |name: &str| self.exports.iter().any(|export| export.starts_with(name));
        if exports("wasi:cli/run") || exports("_start") {
            let found = format!("a WASI command, a program with a main function ({kind})");
            return (found, "build a library for the world `load`, in Rust a cdylib");
        }
        if exports("wasi:http/incoming-handler") {
            return (format!("a WASI HTTP server ({kind})"), BUILD);
        }
        if self.imports.iter().any(|import| import.starts_with("katydid:load/")) {
            let found = format!("a {kind} that uses katydid:load and declares no user");
            return (found, "export it, in Rust with `scenario!(...)`");
        }
        (format!("a {kind} that exports {}", listed(&self.exports)), BUILD)
    }
}

/// WAT begins with a parenthesis, after white space and comments.
fn looks_like_wat(bytes: &[u8]) -> bool {
    let mut rest = bytes.trim_ascii_start();
    while rest.starts_with(b";;") {
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        rest = rest[end..].trim_ascii_start();
    }
    rest.starts_with(b"(")
}

/// What people point us at by mistake.
fn something_else(bytes: &[u8]) -> String {
    let magic: &[(&[u8], &str)] = &[
        (b"\x7fELF", "a program for this machine (ELF)"),
        (b"MZ", "a program for Windows"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x89PNG", "an image"),
        (b"!<arch>", "a static library"),
        (b"\0as", "the first bytes of a WebAssembly file"),
    ];
    if bytes.is_empty() {
        return "an empty file".to_owned();
    }
    if let Some((_, what)) = magic.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*what).to_owned();
    }
    let first = &bytes[..bytes.len().min(4_096)];
    match std::str::from_utf8(first) {
        Err(error) if error.error_len().is_some() => "binary data of another kind".to_owned(),
        _ if first.contains(&0) => "binary data of another kind".to_owned(),
        _ => {
            let text = String::from_utf8_lossy(first);
            let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            format!("text that begins with {:?}; sources are built first", tame(line.trim(), 40))
        }
    }
}

/// `katydid:load@1.2.3` of a name like `katydid:load/client@1.2.3#call`.
fn our_package(name: &str) -> Option<String> {
    let rest = name
        .trim_start_matches("[export]")
        .trim_start_matches("[dtor]")
        .strip_prefix("katydid:load/")?;
    let version = rest.split_once('@').map_or("(no version)", |(_, version)| version);
    let version = version.split(['#', '[']).next().unwrap_or(version);
    Some(format!("katydid:load@{}", tame(version, 40)))
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let mut text = String::new();
    for (index, name) in names.iter().take(5).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}{:?}", tame(name, 60));
    }
    if names.len() > 5 {
        text.push_str(", …");
    }
    text
}

fn one_line(error: &wat::Error) -> String {
    let text = error.to_string();
    tame(&text.lines().map(str::trim).collect::<Vec<_>>().join(" "), 300)
}

fn tame(text: &str, most_chars: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most_chars).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    /// The error that a file is refused with, if it is.
    fn check(bytes: &[u8]) -> Result<(), ModuleError> {
        Surface::of(bytes)?.1.check()
    }

    #[test]
    fn what_is_not_a_scenario_says_what_it_is() {
        #[rustfmt::skip]
        let table: &[(&str, &[u8], &str)] = &[
            ("nothing", b"", "not WebAssembly but an empty file"),
            ("text", b"\n hello\x1b[31m\n", "not WebAssembly but text that begins with \"hello[31m\"; sources are built first"),
            ("a script", b"#!/usr/bin/env python3\nfrom locust import User", "text that begins with \"#!/usr/bin/env python3\""),
            ("an image", b"\x89PNG\r\n\x1a\n", "not WebAssembly but an image"),
            ("a program", b"\x7fELF\x02\x01", "a program for this machine"),
            ("an archive", b"\x1f\x8b\x08", "a gzip archive"),
            ("something", b"\xff\xfe\x00\x01", "binary data of another kind"),
            ("part of a magic number", b"\0as", "the first bytes of a WebAssembly file"),
            ("half a header", b"\0asm\x01\0", "the file is cut short, it ends after 6 bytes"),
            ("another binary version", b"\0asm\x07\0\0\0", "broken WebAssembly"),
            ("garbage in a section", b"\0asm\x01\0\0\0\x07\x03\x05aa", "broken WebAssembly"),
            ("broken WAT", b";; mine\n(module (func", "a mistake in the WebAssembly text"),
            ("an empty core module", b"(module)", "no scenario but a core module that exports nothing"),
            ("an empty component", b"(component)", "no scenario but a component that exports nothing"),
            ("another core module", b"(module (func (export \"add\")))", "a core module that exports \"add\""),
            ("a WASI command", b"(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func)) (func (export \"_start\")))", "a WASI command, a program with a main function (core module)"),
            ("a WASI command, newer", b"(component (instance $run) (export \"wasi:cli/run@0.2.6\" (instance $run)))", "a WASI command, a program with a main function (component)"),
            ("a WASI server", b"(component (instance $run) (export \"wasi:http/incoming-handler@0.2.6\" (instance $run)))", "a WASI HTTP server (component)"),
            ("a library of ours", b"(module (import \"katydid:load/client@0.1.0\" \"call\" (func)))", "a core module that uses katydid:load and declares no user"),
            ("another version", b"(module (import \"katydid:load/client@0.9.0\" \"call\" (func)))", "katydid:load@0.9.0, this katydid speaks katydid:load@0.1.0"),
            ("another version, exported", b"(module (func (export \"katydid:load/scenario@2.0.0#describe\")))", "katydid:load@2.0.0, this katydid speaks katydid:load@0.1.0"),
            ("no version", b"(module (import \"katydid:load/client\" \"call\" (func)))", "katydid:load@(no version)"),
        ];
        for (what, bytes, expected) in table {
            let error = check(bytes).expect_err(what).to_string();
            assert!(error.contains(expected), "{what}: {error}");
        }
    }

    /// Every cut of a good file is refused in words, none makes us panic. Only where it is cut between two
    /// sections, what is left may be another good file.
    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let wat = include_bytes!("../../../scripts/wat/api_user.wat");
        let whole = wat::parse_bytes(wat).unwrap();
        for length in 0..whole.len() {
            let cut = &whole[..length];
            let Err(error) = check(cut) else {
                let mut sections = wasmparser::Parser::new(0).parse_all(cut);
                assert!(sections.all(|section| section.is_ok()), "{length}");
                continue;
            };
            let error = error.to_string();
            let known = ["not WebAssembly", "broken WebAssembly", "no scenario"];
            assert!(known.iter().any(|text| error.contains(text)), "{length}: {error}");
        }
    }

    #[test]
    fn a_file_says_who_made_it() {
        let of = |bytes: &[u8]| {
            let (binary, surface) = Surface::of(bytes).unwrap();
            surface.origin(matches!(binary, Cow::Owned(_)))
        };
        let origin = |text: &str| of(text.as_bytes());
        let made =
            "(module (@producers (language \"Rust\" \"\") (processed-by \"rustc\" \"1.95.0\")))";
        let expected = ["Rust", "rustc 1.95.0"].map(str::to_owned).to_vec();
        assert_eq!(
            origin(made),
            Origin { form: "core module, as text", producers: expected.clone() }
        );
        let component = format!("(component (core {}", made.trim_start_matches('(')) + ")";
        assert_eq!(origin(&component), Origin { form: "component, as text", producers: expected });
        assert_eq!(of(b"\0asm\x01\0\0\0").form, "core module");
    }
}
