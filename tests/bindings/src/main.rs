//! Writes the bindings of `wit/load.wit` that are kept in the tree, since installing the generator takes
//! minutes and a person who writes a scenario should not need it.
//!
//! ```text
//! cargo run --manifest-path tests/bindings/Cargo.toml -- c guest-sdk/c/bindings
//! cargo run --manifest-path tests/bindings/Cargo.toml -- --check c guest-sdk/c/bindings
//! cargo run --manifest-path tests/bindings/Cargo.toml -- go guest-sdk/go/internal/bindings
//! ```
//!
//! `--check` writes nothing: it says which file differs and the line to type, and ends with exit code 1.

use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use wit_bindgen_core::wit_parser::{Resolve, WorldId};
use wit_bindgen_core::{Files, WorldGenerator};
use wit_component::StringEncoding;

const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/load.wit");
const USAGE: &str = "bindings [--check] LANGUAGE FOLDER";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("bindings: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether the folder holds what it should.
fn run(mut arguments: Vec<String>) -> Result<bool> {
    let before = arguments.len();
    arguments.retain(|argument| argument != "--check");
    let check = arguments.len() < before;
    let [language, folder] = arguments.as_slice() else { bail!("usage: {USAGE}") };
    let files = generate(language)?;
    let folder = Path::new(folder);
    if !check {
        write(&files, folder)?;
        return Ok(true);
    }
    let wrong = differences(&files, folder);
    for line in &wrong {
        eprintln!("{line}");
    }
    if !wrong.is_empty() {
        eprintln!(
            "the bindings do not match wit/load.wit; type:\n  \
             cargo run --manifest-path tests/bindings/Cargo.toml -- {language} {}",
            folder.display()
        );
    }
    Ok(wrong.is_empty())
}

/// The files of a language, by their paths below its folder.
fn generate(language: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut resolve = Resolve::default();
    let contract = resolve.push_file(WIT).context("wit/load.wit")?;
    let world = match language {
        "javascript" => engine(&mut resolve)?,
        _ => resolve.select_world(&[contract], Some("load"))?,
    };
    if matches!(language, "javascript" | "python") {
        let section = wit_component::metadata::encode(&resolve, world, StringEncoding::UTF8, None)?;
        return Ok(BTreeMap::from([("world.c".into(), custom_section(&section).into_bytes())]));
    }
    let mut generator = generator(language)?;
    let mut files = Files::default();
    generator.generate(&mut resolve, world, &mut files)?;
    let kept = files.iter().map(|(path, bytes)| (path.to_owned(), finished(language, bytes)));
    Ok(kept.collect())
}

/// The world of an engine of JavaScript: `Date` is the real time, which the contract knows nothing of.
fn engine(resolve: &mut Resolve) -> Result<WorldId> {
    const CLOCKS: &str = "package wasi:clocks@0.2.0;
        interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }";
    const ENGINE: &str = "package katydid:javascript;
        world engine { include katydid:load/load@0.1.0; import wasi:clocks/wall-clock@0.2.0; }";
    resolve.push_str("clocks.wit", CLOCKS)?;
    let package = resolve.push_str("engine.wit", ENGINE)?;
    resolve.select_world(&[package], Some("engine"))
}

/// Says which world a module of C is of, for whoever links it or makes a component of it. Python's library and
/// JavaScript's engine go by the bindings for C.
fn custom_section(bytes: &[u8]) -> String {
    let mut text = String::from(
        "/* Generated from wit/load.wit: the world that this is of. DO NOT EDIT. */\n\n\
         __asm__(\".section \\\".custom_section.component-type:katydid\\\",\\\"\\\",@\\n\"\n",
    );
    for line in bytes.chunks(24) {
        let numbers: Vec<String> = line.iter().map(|byte| byte.to_string()).collect();
        text.push_str(&format!("        \".byte {}\\n\"\n", numbers.join(",")));
    }
    text.push_str("        \".text\\n\");\n\n");
    // Called by the bindings, so that no linker leaves this out.
    text.push_str("void __component_type_object_force_link_load(void) {}\n");
    text
}

/// A row for each language whose bindings are kept.
fn generator(language: &str) -> Result<Box<dyn WorldGenerator>> {
    match language {
        // No object file: the host itself says which world a bare core module is of.
        "c" => Ok(wit_bindgen_c::Opts { no_object_file: true, ..Default::default() }.build()),
        "go" => Ok(wit_bindgen_go::Opts {
            // Whether there is a gofmt must not decide what is written.
            format: wit_bindgen_go::Format::False,
            pkg_name: Some("katydid/internal/bindings".into()),
            ..Default::default()
        }
        .build()),
        other => bail!("no bindings are kept for {other:?}; there are: c, go, javascript, python"),
    }
}

/// What is kept of a generated file.
fn finished(language: &str, bytes: &[u8]) -> Vec<u8> {
    if language != "go" {
        return bytes.to_vec();
    }
    // The generator's runtime package lies inside the SDK, so that a scenario has one module to point at.
    let text = String::from_utf8_lossy(bytes);
    text.replace("\"go.bytecodealliance.org/pkg/wit/", "\"katydid/internal/wit/").into_bytes()
}

fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) -> Result<()> {
    for (path, bytes) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        println!("{}", path.display());
    }
    Ok(())
}

/// A line for each file that is missing or differs, with the first line where it does.
fn differences(files: &BTreeMap<String, Vec<u8>>, folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, bytes) in files {
        let path = folder.join(path);
        match std::fs::read(&path) {
            Err(error) => wrong.push(format!("{}: {error}", path.display())),
            Ok(kept) if &kept == bytes => {}
            Ok(kept) => {
                let lines = |bytes: &[u8]| {
                    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>()
                };
                let (kept, new) = (lines(&kept), lines(bytes));
                let same = kept.iter().zip(&new).take_while(|(kept, new)| kept == new).count();
                wrong.push(format!("{}: differs from line {}", path.display(), same + 1));
            }
        }
    }
    wrong
}
