//! Whatever a scenario's file holds becomes a component: a component as it is, a core module
//! wrapped, the text form (WAT) of either assembled first.

use std::fmt::Write as _;
use wasmparser::{Encoding, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The package that scenarios are written against.
pub const HOST_PACKAGE: &str = "katydid:load@0.1.0";
const WIT: &str = include_str!("../../../wit/load.wit");

/// Why a file is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// Neither WebAssembly nor its text form.
    #[error(
        "not WebAssembly: {0}; a scenario is a component or core module (.wasm), or its text (.wat)"
    )]
    NotWasm(String),
    /// Its world has another version than this host's.
    #[error(
        "the scenario is written against {guest}, this katydid speaks {HOST_PACKAGE}; \
         rebuild the scenario with this version's WIT, or use a katydid that speaks {guest}"
    )]
    Version {
        /// The package and version that the scenario names.
        guest: String,
    },
    /// WebAssembly, but of another world.
    #[error(
        "no scenario: it does not export katydid:load/scenario ({found}); build it for the world `load` of {HOST_PACKAGE}"
    )]
    OtherWorld {
        /// What it exports instead.
        found: String,
    },
    /// It needs what no scenario is given.
    #[error("the scenario imports {import:?}, which this host does not offer; {cure}")]
    Import {
        /// The import.
        import: String,
        /// What to do.
        cure: &'static str,
    },
    /// A core module that does not fit the world it claims.
    #[error("the core module does not fit the world `load` of {HOST_PACKAGE}: {0}")]
    Unfit(String),
    /// Too large.
    #[error(
        "the module has {size} bytes, more than the limit of {limit}; raise --max-module-bytes if you trust it"
    )]
    TooLarge {
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// It begins with more than a user may have.
    #[error(
        "the scenario begins with {need} {what} for each user, more than the limit of {limit}; raise {flag}"
    )]
    Needs {
        /// Of what.
        what: &'static str,
        /// How much.
        need: u64,
        /// How much there may be.
        limit: usize,
        /// The flag that says so.
        flag: &'static str,
    },
    /// Valid on the outside, refused by the compiler.
    #[error("the module does not compile: {0}")]
    Compile(String),
    /// `describe` trapped, or what it said makes no sense.
    #[error("the scenario's description is wrong: {0}")]
    Description(String),
}

/// What can be seen in a binary without compiling it.
#[derive(Debug, Default)]
struct Surface {
    component: bool,
    has_component_type: bool,
    imports: Vec<String>,
    exports: Vec<String>,
}

/// Makes a component of `bytes`.
pub(super) fn component(bytes: &[u8]) -> Result<Vec<u8>, ModuleError> {
    let binary =
        wat::parse_bytes(bytes).map_err(|error| ModuleError::NotWasm(first_lines(&error)))?;
    let surface = survey(&binary).map_err(|error| ModuleError::NotWasm(error.to_string()))?;
    check(&surface)?;
    if surface.component {
        return Ok(binary.into_owned());
    }
    wrap(binary.into_owned(), surface.has_component_type)
        .map_err(|error| ModuleError::Unfit(format!("{error:#}")))
}

fn first_lines(error: &wat::Error) -> String {
    error
        .to_string()
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(300)
        .collect()
}

/// Names of the outermost imports and exports.
fn survey(binary: &[u8]) -> Result<Surface, wasmparser::BinaryReaderError> {
    let mut surface = Surface::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(binary) {
        match payload? {
            Payload::Version { encoding, .. } if depth == 0 => {
                surface.component = encoding == Encoding::Component;
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ImportSection(section) if depth == 0 => {
                for import in section.into_imports() {
                    surface.imports.push(import?.module.to_owned());
                }
            }
            Payload::ExportSection(section) if depth == 0 => {
                for export in section {
                    surface.exports.push(export?.name.to_owned());
                }
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    surface.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    surface.exports.push(export?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if depth == 0 => {
                surface.has_component_type |= section.name().starts_with("component-type");
            }
            _ => {}
        }
    }
    surface.imports.dedup();
    Ok(surface)
}

/// Tells early, and in words, what the linker would tell late and in types.
fn check(surface: &Surface) -> Result<(), ModuleError> {
    let names = || surface.exports.iter().chain(&surface.imports);
    for name in names() {
        if let Some(guest) = our_package(name)
            && guest != HOST_PACKAGE
        {
            return Err(ModuleError::Version { guest });
        }
    }
    let ours =
        |name: &String| name.trim_start_matches("cm32p2|").starts_with("katydid:load/scenario");
    if !surface.exports.iter().any(ours) {
        return Err(ModuleError::OtherWorld { found: what_it_exports(surface) });
    }
    for import in &surface.imports {
        let cure = if import.starts_with("wasi_snapshot_preview1") {
            "build it as a component (for Rust: --target wasm32-wasip2) or without WASI (wasm32-unknown-unknown)"
        } else if surface.component
            && !import.starts_with("katydid:load/")
            && !import.starts_with("wasi:")
        {
            "a scenario may import katydid:load and WASI only"
        } else {
            continue;
        };
        return Err(ModuleError::Import { import: import.clone(), cure });
    }
    Ok(())
}

/// `katydid:load@1.2.3` of a name like `katydid:load/client@1.2.3#call`.
fn our_package(name: &str) -> Option<String> {
    let rest = name
        .trim_start_matches("[export]")
        .trim_start_matches("[dtor]")
        .strip_prefix("katydid:load/")?;
    let version = rest.split_once('@').map_or("(no version)", |(_, version)| version);
    let version = version.split(['#', '[']).next().unwrap_or(version);
    Some(format!("katydid:load@{version}"))
}

fn what_it_exports(surface: &Surface) -> String {
    let kind = if surface.component { "component" } else { "core module" };
    if surface.exports.is_empty() {
        return format!("a {kind} that exports nothing");
    }
    let mut text = format!("a {kind} that exports ");
    for (index, name) in surface.exports.iter().take(5).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        let _ = write!(text, "{comma}{name:?}");
    }
    if surface.exports.len() > 5 {
        text.push_str(", …");
    }
    text
}

/// Wraps a core module; one that does not say which world it is of gets ours.
fn wrap(mut binary: Vec<u8>, has_component_type: bool) -> anyhow::Result<Vec<u8>> {
    if !has_component_type {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("load.wit", WIT)?;
        let world = resolve.select_world(&[package], Some("load"))?;
        embed_component_metadata(&mut binary, &resolve, world, StringEncoding::UTF8)?;
    }
    ComponentEncoder::default().module(&binary)?.validate(true).encode()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn what_is_not_a_scenario_says_what_it_is() {
        #[rustfmt::skip]
        let table: &[(&str, &[u8], &str)] = &[
            ("nothing", b"", "not WebAssembly"),
            ("text", b"hello", "not WebAssembly"),
            ("an image", b"\x89PNG\r\n\x1a\n", "not WebAssembly"),
            ("half a header", b"\0asm\x01\0", "not WebAssembly"),
            ("broken WAT", b"(module (func", "not WebAssembly"),
            ("an empty core module", b"(module)", "a core module that exports nothing"),
            ("an empty component", b"(component)", "a component that exports nothing"),
            ("another core module", b"(module (func (export \"add\")))", "a core module that exports \"add\""),
            ("another version", b"(module (import \"katydid:load/client@0.9.0\" \"call\" (func)))", "katydid:load@0.9.0, this katydid speaks katydid:load@0.1.0"),
            ("another version, exported", b"(module (func (export \"katydid:load/scenario@2.0.0#describe\")))", "katydid:load@2.0.0, this katydid speaks katydid:load@0.1.0"),
            ("no version", b"(module (import \"katydid:load/client\" \"call\" (func)))", "katydid:load@(no version)"),
            ("preview 1", b"(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func)) (func (export \"katydid:load/scenario@0.1.0#describe\")))", "wasm32-wasip2"),
            ("half of our world", b"(module (func (export \"katydid:load/scenario@0.1.0#describe\")))", "does not fit the world"),
        ];
        for (what, bytes, expected) in table {
            let error = component(bytes).expect_err(what).to_string();
            assert!(error.contains(expected), "{what}: {error}");
        }
    }
}
