//! Modules that bring as much code as a language's runtime.
#![allow(clippy::unwrap_used)]

use super::module_tests::{module, patched, whom};
use super::scenario_tests::Noting;
use super::{Cache, Effort, Limits, Module, ModuleError, Scenario, User};
use std::sync::Mutex;
use std::time::Duration;

const MEMORY: &str = "  (memory (export \"memory\") 1)";
const TASK: &str = "    (global.set $heap (i32.const 512))\n";
const LOOP: &str = "(loop $l (br $l))";

fn limits(cpu_ms: u64) -> Limits {
    // Fuel would not do for anything.
    Limits { fuel: 1, cpu: Duration::from_millis(cpu_ms), ..Limits::default() }
}

/// The demo's scenario with 600 KB of code more, and this code at a place.
fn large(place: &str, code: &str) -> String {
    let sleep = "(import \"katydid:load/context@0.1.0\" \"sleep-us\" (func $sleep (param i64)))";
    let ballast = format!("(func {})", "nop ".repeat(600_000));
    let memory = format!("  {sleep}\n{MEMORY}\n{ballast}");
    patched(&[(MEMORY, &memory), (place, &format!("{place}{code}"))])
}

async fn user(scenario: &Scenario<Noting>, caller: Noting) -> User<Noting> {
    scenario.new_user(caller, &whom(0), "ApiUser").await.unwrap()
}

#[tokio::test]
async fn time_is_counted_in_place_of_fuel() {
    let out_of_time = "CPU limit of 20ms an iteration (--max-cpu)";
    let wat = large(TASK, LOOP);
    let module = module(&wat, limits(20)).await;
    assert!(module.build.large_code);
    let scenario = Scenario::new(&module, 1).unwrap();
    for _ in 0..2 {
        let trap = user(&scenario, Noting::default()).await.run_task(0, 0).await.unwrap_err();
        assert_eq!(trap.reason, out_of_time);
    }
    // Before there is any user.
    let describe = "scenario@0.1.0#describe\") (result i32)\n";
    let wat = large(describe, LOOP);
    let error = Module::load(wat.as_bytes(), limits(20), None, Effort::Full).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        ModuleError::Description(format!("describe trapped: {out_of_time}")).to_string()
    );
}

#[tokio::test]
async fn waiting_uses_no_time_and_each_iteration_has_all_of_it() {
    // Each wait outlasts what may be computed.
    let module = module(&large(TASK, "(call $sleep (i64.const 30000))"), limits(20)).await;
    let scenario = Scenario::new(&module, 1).unwrap();
    let mut user = user(&scenario, Noting::default()).await;
    for iteration in 0..3 {
        user.run_task(iteration, 0).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn one_that_computes_lets_others_go_on() {
    // The first task loops, the other one does not.
    let code = format!("(if (i32.eqz (local.get $task)) (then {LOOP}))");
    let scenario = Scenario::new(&module(&large(TASK, &code), limits(100)).await, 2).unwrap();
    let (mut greedy, mut modest) =
        (user(&scenario, Noting::default()).await, user(&scenario, Noting::default()).await);
    let order = Mutex::new(Vec::new());
    let note = |who| order.lock().unwrap().push(who);
    tokio::join!(
        async {
            greedy.run_task(0, 0).await.unwrap_err();
            note("greedy");
        },
        async {
            modest.run_task(0, 1).await.unwrap().unwrap();
            note("modest");
        }
    );
    assert_eq!(order.into_inner().unwrap(), ["modest", "greedy"]);
}

#[tokio::test]
async fn memory_is_bounded_with_and_without_room_for_guards() {
    // (four bytes of it, whether they are inside of the one page that it has)
    let table = [
        ("(i32.const 65532)", true),
        ("(i32.const 65533)", false),
        ("offset=4294967295 (i32.const -1)", false),
    ];
    for wide in [true, false] {
        for (place, inside) in table {
            let limits = Limits { wide, ..limits(60_000) };
            let wat = large(TASK, &format!("(drop (i32.load {place}))"));
            let scenario = Scenario::new(&module(&wat, limits).await, 1).unwrap();
            let done = user(&scenario, Noting::default()).await.run_task(0, 0).await;
            let outcome = done.map(|_| ()).map_err(|trap| trap.reason);
            let outside = Err("wasm trap: out of bounds memory access".to_owned());
            assert_eq!(outcome, if inside { Ok(()) } else { outside }, "wide {wide}: {place}");
        }
    }
}

#[tokio::test]
async fn what_was_compiled_with_room_for_guards_is_not_taken_for_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&folder.path().join("katydid")).unwrap();
    let wat = large(TASK, "");
    for (wide, cached) in [(true, false), (false, false), (true, true), (false, true)] {
        let limits = Limits { wide, ..limits(60_000) };
        let module = Module::load(wat.as_bytes(), limits, Some(&cache), Effort::Full).await;
        assert_eq!(module.unwrap().cached, cached, "wide {wide}");
    }
}
