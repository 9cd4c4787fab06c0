//! What a scenario does beside its tasks: its figures, its data, what it does once, and the load that it asks for.
#![allow(clippy::unwrap_used)]

use super::module_tests::{module, patched, whom};
use super::scenario_tests::Noting;
use super::{Identity, Limits, Load, Module, Scenario, Shaper, Status};
use katydid_xmlrpc::Node;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const MEMORY: &str = "  (memory (export \"memory\") 1)";
const TASK: &str = "    (global.set $heap (i32.const 512))\n";
const SETUP: &str = "#setup\") (result i32)\n    (i32.const 344))";
const TEARDOWN: &str = "#teardown\") (result i32)\n    (i32.const 344))";
const SHAPE: &str = "(param $per_second i64) (param $p95 i64) (result i32)\n    (i32.const 344))";

/// The demo's scenario with these imports and this code at the beginning of each task.
async fn doing(imports: &[(&str, &str, &str)], code: &str, limits: Limits) -> Scenario<Noting> {
    let wat = patched(&[(MEMORY, &importing(imports)), (TASK, &format!("{TASK}{code}"))]);
    Scenario::new(&module(&wat, limits).await, 1).unwrap()
}

/// (interface, function, its core type, named by the function)
fn importing(imports: &[(&str, &str, &str)]) -> String {
    let import = |(interface, name, params): &(&str, &str, &str)| {
        format!(
            "(import \"katydid:load/{interface}@0.1.0\" \"{name}\" (func ${name} (param {params})))\n"
        )
    };
    imports.iter().map(import).collect::<String>() + MEMORY
}

/// Runs one task, and answers everything that was noted, or the trap.
async fn noted(scenario: &Scenario<Noting>, caller: Noting) -> Result<Vec<String>, String> {
    let counted = Arc::clone(&caller.counted);
    let mut user = scenario.new_user(caller, &whom(0), "ApiUser").await.unwrap();
    user.run_task(0, 0).await.map_err(|trap| trap.reason)?.unwrap();
    Ok(std::mem::take(&mut counted.lock().unwrap()))
}

const METRICS: [(&str, &str, &str); 4] = [
    ("metrics", "counter", "i32 i32 i64"),
    ("metrics", "gauge", "i32 i32 f64"),
    ("metrics", "rate", "i32 i32 i32"),
    ("metrics", "trend", "i32 i32 i64"),
];

#[tokio::test]
async fn figures_are_recorded() {
    let name = "(i32.const 0) (i32.const 3)";
    let table = [
        (format!("(call $counter {name} (i64.const 7))"), "Api: Counter(7)"),
        (format!("(call $gauge {name} (f64.const -0.5))"), "Api: Gauge(-0.5)"),
        (format!("(call $rate {name} (i32.const 1))"), "Api: Rate(true)"),
        (format!("(call $trend {name} (i64.const -1))"), "Api: Trend(18446744073709551615)"),
        // No figure: said, and not recorded.
        (
            format!("(call $gauge {name} (f64.const nan))"),
            "the gauge \"Api\" is not set: NaN is no figure",
        ),
        (
            format!("(call $gauge {name} (f64.const inf))"),
            "the gauge \"Api\" is not set: inf is no figure",
        ),
    ];
    for (code, expected) in table {
        let scenario = doing(&METRICS, &code, Limits::default()).await;
        let noted = noted(&scenario, Noting::default()).await.unwrap();
        assert_eq!(noted, [expected, "get_time: status 503"]);
        // Each is an event.
        let none = Limits { events: 0, ..Limits::default() };
        let scenario = doing(&METRICS, &code, none).await;
        let trap = self::noted(&scenario, Noting::default()).await.unwrap_err();
        assert_eq!(trap, "limit of 0 events an iteration (--max-events)");
    }
}

const CONTEXT: [(&str, &str, &str); 3] = [
    ("context", "row", "i32 i32 i32"),
    ("context", "setup-data", "i32"),
    ("log", "write", "i32 i32 i32"),
];

#[tokio::test]
async fn a_row_is_as_the_run_gives_it() {
    // Asks for a row of the set at 368, and sends it back as the arguments of a call; logs an error.
    let code = "(call $row (i32.const 368) (i32.const 5) (i32.const 384))
        (if (i32.load8_u (i32.const 384))
          (then (call $write (i32.const 1) (i32.load (i32.const 388)) (i32.load (i32.const 392))))
          (else (if (i32.load8_u (i32.const 388))
            (then (call $call (i32.const 0) (i32.const 3)
              (i32.load (i32.const 392)) (i32.load (i32.const 396)) (i32.const 320))))))";
    let with = |set: &str| format!("(data (i32.const 368) \"{set}\")\n  (global $heap");
    let [users, others] = ["users", "other"].map(|set| {
        let imports = importing(&CONTEXT);
        let task = format!("{TASK}{code}");
        patched(&[(MEMORY, &imports), (TASK, &task), ("  (global $heap", &with(set))])
    });
    let row = super::Row::new([
        Node::Members(2),
        Node::Member("name"),
        Node::Text("ada"),
        Node::Member("age"),
        Node::Int(36),
    ]);
    let sent = "<struct><member><name>name</name><value><string>ada</string></value></member>\
                <member><name>age</name><value><int>36</int></value></member></struct>";
    let table = [
        (&users, Some(row.clone()), vec!["Api: status 503"], Some(sent)),
        // The set is used up.
        (&users, None, vec![], None),
        (&others, Some(row), vec!["there is no set \"other\""], None),
    ];
    for (wat, row, expected, sent) in table {
        let scenario = Scenario::new(&module(wat, Limits::default()).await, 1).unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let caller = Noting { row, requests: Arc::clone(&requests), ..Noting::default() };
        let noted = noted(&scenario, caller).await.unwrap();
        assert_eq!(noted, [expected, vec!["get_time: status 503"]].concat());
        let requests = std::mem::take(&mut *requests.lock().unwrap());
        assert_eq!(requests.len(), 1 + usize::from(sent.is_some()));
        assert!(requests[0].contains(sent.unwrap_or("get_time")), "{requests:?}");
        let none = Limits { events: 0, ..Limits::default() };
        let scenario = Scenario::new(&module(wat, none).await, 1).unwrap();
        let trap = self::noted(&scenario, Noting::default()).await.unwrap_err();
        assert_eq!(trap, "limit of 0 events an iteration (--max-events)");
    }
}

#[tokio::test]
async fn users_read_what_setup_answered() {
    let code = "(call $setup-data (i32.const 384))
        (if (i32.load8_u (i32.const 384))
          (then (call $write (i32.const 1) (i32.load (i32.const 388)) (i32.load (i32.const 392)))))";
    let scenario = doing(&CONTEXT, code, Limits::default()).await;
    for (data, expected) in
        [(None, vec![]), (Some(""), vec![""]), (Some("session 7"), vec!["session 7"])]
    {
        let data = data.map(|text| Arc::from(text.as_bytes()));
        let noted = noted(&scenario, Noting { data, ..Noting::default() }).await.unwrap();
        assert_eq!(noted, [expected, vec!["get_time: status 503"]].concat());
    }
}

/// A function that answers what its code leaves at 384.
fn answering(end: &str, code: &str) -> String {
    end.replace("(i32.const 344)", &format!("{code}\n    (i32.const 384)"))
}

#[tokio::test]
async fn setup_and_teardown_are_instances_of_their_own() {
    let call =
        "(call $call (i32.const 8) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 320))";
    let set = |at: u32, value: u32| format!("(i32.store (i32.const {at}) (i32.const {value}))");
    let some = call.to_owned() + &set(388, 1) + &set(396, 7);
    let wrong = set(384, 1) + &set(392, 3);
    let limits = Limits { fuel: 1_000_000, call_bytes: 1_000, ..Limits::default() };
    let plenty = Limits { fuel: 1_000_000, ..Limits::default() };
    let looping = "(loop $l (br $l))".to_owned();
    let out_of_fuel = "CPU limit of 1000000 fuel an iteration (--max-fuel)";
    // (code, limits, what setup answers, what teardown answers)
    #[rustfmt::skip]
    let table = [
        (String::new(), plenty, Ok(Ok(None)), Ok(Ok(()))),
        (set(388, 1), plenty, Ok(Ok(Some(""))), Ok(Ok(()))),
        (some.clone(), plenty, Ok(Ok(Some("ApiUser"))), Ok(Ok(()))),
        (some, limits, Ok(Ok(Some("ApiUser"))), Ok(Ok(()))),
        (set(388, 1) + &set(396, 1_001), limits, Err("limit of 1000 bytes in one call (--max-call-bytes)"), Ok(Ok(()))),
        (looping, plenty, Err(out_of_fuel), Err(out_of_fuel)),
        ("(unreachable)".to_owned(), plenty, Err("wasm trap: wasm `unreachable` instruction executed"), Err("wasm trap: wasm `unreachable` instruction executed")),
    ];
    for (code, limits, sets_up, tears_down) in table {
        let calls = code.contains("call");
        let wat =
            patched(&[(SETUP, &answering(SETUP, &code)), (TEARDOWN, &answering(TEARDOWN, &code))]);
        let scenario = Scenario::new(&module(&wat, limits).await, 1).unwrap();
        let counted = Arc::<Mutex<Vec<String>>>::default();
        let caller = || Noting { counted: Arc::clone(&counted), ..Noting::default() };
        let answer = scenario.setup(caller(), &whom(Identity::NOBODY)).await;
        let answer = answer.map_err(|trap| trap.reason);
        let expected = sets_up.map_err(str::to_owned);
        assert_eq!(
            answer,
            expected.map(|said: Result<Option<&str>, String>| {
                said.map(|data| data.map(|text| text.as_bytes().to_vec()))
            })
        );
        let answer = scenario.teardown(caller(), &whom(Identity::NOBODY)).await;
        assert_eq!(answer.map_err(|trap| trap.reason), tears_down.map_err(str::to_owned));
        // Their requests count, and they leave the room to others.
        let expected = if calls { vec!["get_time: status 503"; 2] } else { vec![] };
        assert_eq!(*counted.lock().unwrap(), expected);
        assert!(scenario.new_user(caller(), &whom(0), "ApiUser").await.is_ok());
    }
    // Errors are the scenario's own words: of a set-up at 388, of a teardown too.
    let wat =
        patched(&[(SETUP, &answering(SETUP, &wrong)), (TEARDOWN, &answering(TEARDOWN, &wrong))]);
    let scenario = Scenario::new(&module(&wat, plenty).await, 1).unwrap();
    let refused = Err("Api".to_owned());
    assert_eq!(scenario.setup(Noting::default(), &whom(0)).await, Ok(refused.clone()));
    assert_eq!(scenario.teardown(Noting::default(), &whom(0)).await, Ok(refused.map(|_| ())));
}

/// A scenario with this shape.
async fn shaped(code: &str, limits: Limits) -> Module {
    let imports = [("context", "parameter", "i32 i32 i32"), ("log", "write", "i32 i32 i32")];
    let shape = answering(SHAPE, code);
    module(&patched(&[(MEMORY, &importing(&imports)), (SHAPE, &shape)]), limits).await
}

fn shaper_may_move<T: Send>(shaper: T) -> T {
    shaper
}

#[tokio::test]
async fn a_shape_says_what_load_there_is_to_be() {
    let arrivals = |rate: &str| {
        format!(
            "(i32.store8 (i32.const 384) (i32.const 1))
             (f64.store (i32.const 392) (f64.const {rate}))"
        )
    };
    let traps = |reason: &str| Err(reason.to_owned());
    let unreachable = "wasm trap: wasm `unreachable` instruction executed";
    let out_of_fuel = "CPU limit of 1000000 fuel an iteration (--max-fuel)";
    // Ten users for each second, and those that there are.
    let users = "(i32.store (i32.const 392) (i32.add (local.get $users)
        (i32.wrap_i64 (i64.div_u (local.get $elapsed) (i64.const 100000)))))";
    let call =
        "(call $call (i32.const 8) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 320))";
    #[rustfmt::skip]
    let table = [
        (String::new(), Ok(Load::Users(0))),
        (users.to_owned(), Ok(Load::Users(23))),
        // Its calls come to nothing.
        (format!("{call} {users}"), Ok(Load::Users(23))),
        (arrivals("12.5"), Ok(Load::Arrivals(12.5))),
        (arrivals("0"), Ok(Load::Arrivals(0.0))),
        (arrivals("-1"), traps("shape answered -1 arrivals each second, which is no rate")),
        (arrivals("nan"), traps("shape answered NaN arrivals each second, which is no rate")),
        (arrivals("inf"), traps("shape answered inf arrivals each second, which is no rate")),
        ("(i32.store8 (i32.const 384) (i32.const 2))".to_owned(), Ok(Load::Stop)),
        ("(unreachable)".to_owned(), traps(unreachable)),
        ("(loop $l (br $l))".to_owned(), traps(out_of_fuel)),
    ];
    let limits = Limits { fuel: 1_000_000, ..Limits::default() };
    let now = Status { elapsed_us: 2_000_000, users: 3, ..Status::default() };
    for (code, expected) in table {
        let module = shaped(&code, limits).await;
        let made = shaper_may_move(module.shaper(&whom(Identity::NOBODY))).await;
        let mut shaper: Shaper = shaper_may_move(made.unwrap());
        for _ in 0..2 {
            let answer = shaper_may_move(shaper.ask(now)).await.map_err(|trap| trap.reason);
            assert_eq!(answer, expected, "{code}");
            // Whoever has trapped is not asked again.
            if expected.is_err() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_shape_knows_the_parameters_and_may_say_something() {
    // The parameter "ApiUser", which it logs.
    let code = "(call $parameter (i32.const 0) (i32.const 7) (i32.const 400))
        (if (i32.load8_u (i32.const 400))
          (then (call $write (i32.const 1) (i32.load (i32.const 404)) (i32.load (i32.const 408)))))";
    let module = shaped(code, Limits::default()).await;
    let parameters = BTreeMap::from([("ApiUser".to_owned(), "seven".to_owned())]);
    let whom = Identity { parameters: Arc::new(parameters), ..whom(Identity::NOBODY) };
    let mut shaper = module.shaper(&whom).await.unwrap();
    for _ in 0..3 {
        shaper.ask(Status::default()).await.unwrap();
    }
    let lines: Vec<_> = shaper.take_lines().into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, ["seven"], "those of the last question");
}

#[tokio::test]
async fn a_shape_that_cannot_be_asked_is_an_error() {
    let limits = Limits { fuel: 10_000, ..Limits::default() };
    // It begins well for whoever asks what it is, and for nobody else.
    let start = "(import \"katydid:load/context@0.1.0\" \"user-id\" (func $id (result i64)))
        (func $begin (if (i64.ne (call $id) (i64.const 0)) (then (unreachable)))) (start $begin)\n";
    let module = module(&patched(&[(MEMORY, &format!("{start}{MEMORY}"))]), limits).await;
    let error = module.shaper(&whom(Identity::NOBODY)).await.err().unwrap().to_string();
    assert!(error.starts_with("its shape cannot be asked: wasm trap: "), "{error}");
}
