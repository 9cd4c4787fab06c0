//! Modules looked at in the background, and tried before they take another one's place.
#![allow(clippy::unwrap_used)]

use super::{Cache, Effort, Identity, Limits, Module, ModuleError};
use std::sync::Arc;
use std::time::Duration;

const WAT: &str = include_str!("../../../scripts/wat/api_user.wat");
/// What its constructor does.
const CONSTRUCTS: &str = "    (call $new_user (i32.const 1)))";
/// Where its memory is declared; whatever stands before it may be anything but an import.
const MEMORY: &str = "  (memory (export \"memory\") 1)";

/// The demo's scenario with some of its parts exchanged.
pub(super) fn patched(parts: &[(&str, &str)]) -> String {
    parts.iter().fold(WAT.to_owned(), |wat, (from, to)| {
        assert_eq!(wat.matches(from).count(), 1, "the script has changed: {from}");
        wat.replace(from, to)
    })
}

pub(super) async fn module(wat: &str, limits: Limits) -> Module {
    Module::load(wat.as_bytes(), limits, None, Effort::Full).await.unwrap()
}

/// What a task may wait for, whichever thread carries it.
fn movable<F: Future + Send>(future: F) -> F {
    future
}

pub(super) fn whom(user: u64) -> Identity {
    Identity { user, seed: 1, iteration: 0, parameters: Arc::default() }
}

#[tokio::test]
async fn both_efforts_come_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&folder.path().join("cache")).unwrap();
    let load =
        |cache, effort| movable(Module::load(WAT.as_bytes(), Limits::default(), cache, effort));
    let slow = load(Some(&cache), Effort::Background).await.unwrap();
    let found = load(Some(&cache), Effort::Full).await.unwrap();
    let again = load(Some(&cache), Effort::Background).await.unwrap();
    let quick = load(None, Effort::Full).await.unwrap();
    let cached = [&slow, &found, &again, &quick].map(|module| module.cached);
    assert_eq!(cached, [false, true, true, false]);
    for other in [found, again, quick] {
        assert!(other.compiled == slow.compiled, "the same machine code");
        assert_eq!((&other.digest, &other.description), (&slow.digest, &slow.description));
    }
}

#[tokio::test]
async fn in_the_background_the_limits_are_the_same() {
    let hasty = Limits { compile_time: Duration::ZERO, ..Limits::default() };
    let small = Limits { module_bytes: 100, ..Limits::default() };
    let idle = Limits { fuel: 0, ..Limits::default() };
    for (limits, expected) in [
        (hasty, "compiling it takes longer than 0s; raise --max-compile-time"),
        (small, "more than the limit of 100; raise --max-module-bytes"),
        (idle, "describe trapped: CPU limit of 0 fuel an iteration (--max-fuel)"),
    ] {
        let loaded = Module::load(WAT.as_bytes(), limits, None, Effort::Background).await;
        let error = loaded.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_module_is_tried_before_anybody_depends_on_it() {
    let limits = Limits { fuel: 1_000_000, memory_bytes: 1 << 20, ..Limits::default() };
    let cannot = |reason: &str| format!("user class \"ApiUser\" cannot be constructed: {reason}");
    let id =
        "(import \"katydid:load/context@0.1.0\" \"user-id\" (func $id (result i64)))\n  (memory";
    let unless_7 = "(if (i64.ne (call $id) (i64.const 7)) (then (unreachable)))";
    let call =
        "(call $call (i32.const 8) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 320))";
    let bomb =
        "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 4)) (i32.const -1)))) (unreachable)";
    let at_limit = "after the memory limit of 1048576 bytes (it asked for 1114112; --max-memory)";
    #[rustfmt::skip]
    let table = [
        ("nothing wrong", "", Ok(())),
        ("is told who it is", unless_7, Ok(())),
        ("its calls come to nothing", call, Ok(())),
        ("traps", "(unreachable)", Err(cannot("wasm trap: wasm `unreachable` instruction executed"))),
        ("loops", "(loop $l (br $l))", Err(cannot("CPU limit of 1000000 fuel an iteration (--max-fuel)"))),
        ("takes memory for ever", bomb, Err(cannot(&format!("wasm trap: wasm `unreachable` instruction executed {at_limit}")))),
    ];
    for (what, body, expected) in table {
        let constructs = format!("    {body}\n{CONSTRUCTS}");
        let memory = MEMORY.replace("  (memory", id);
        let module =
            module(&patched(&[(CONSTRUCTS, &constructs), (MEMORY, &memory)]), limits).await;
        let tried = movable(module.try_out(&whom(7))).await.map_err(|error| error.to_string());
        assert_eq!(tried, expected, "{what}");
    }
}

/// A class of the demo's tasks, named by so many bytes of "ApiUser", in the layout of the contract.
fn class(name_bytes: u32, weight: u32, fixed_count: Option<u32>) -> String {
    let fixed = [u32::from(fixed_count.is_some()), fixed_count.unwrap_or(0)];
    let head = [0, name_bytes, weight, fixed[0], fixed[1]];
    let rest = [0; 9]; // No host, no wait.
    let lists = [88, 1, 232, 2];
    let words = head.into_iter().chain(rest).chain(lists);
    words.flat_map(u32::to_le_bytes).map(|byte| format!("\\{byte:02x}")).collect()
}

#[tokio::test]
async fn classes_without_users_are_not_tried() {
    let list = "\"\\88\\00\\00\\00\" \"\\01\\00\\00\\00\"";
    // Whoever has not the whole name traps.
    let traps = "(if (i32.ne (local.get $class_len) (i32.const 7)) (then (unreachable)))";
    let constructs = format!("    {traps}\n{CONSTRUCTS}");
    for (weight, fixed_count, tried) in
        [(1, None, true), (0, None, false), (0, Some(1), true), (5, Some(0), false)]
    {
        let classes = class(7, 1, None) + &class(3, weight, fixed_count);
        let data = format!("  (data (i32.const 4096) \"{classes}\")\n{MEMORY}");
        let two = "\"\\00\\10\\00\\00\" \"\\02\\00\\00\\00\"";
        let wat = patched(&[(list, two), (CONSTRUCTS, &constructs), (MEMORY, &data)]);
        let module = module(&wat, Limits::default()).await;
        let error = module.try_out(&whom(0)).await.err();
        match error {
            Some(ModuleError::Constructor { class, .. }) => {
                assert_eq!((class.as_str(), tried), ("Api", true), "{weight} {fixed_count:?}");
            }
            other => assert!(other.is_none() && !tried, "{weight} {fixed_count:?}: {other:?}"),
        }
    }
}
