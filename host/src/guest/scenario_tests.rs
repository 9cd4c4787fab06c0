//! A user from its first call to its last, and what of it outlives it.
#![allow(clippy::unwrap_used)]

use super::module_tests::{module, patched, whom};
use super::{Caller, Level, Limits, Row, Scenario, User};
use katydid_load::Failure;
use katydid_load::metric::Recorded;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An outside that answers no call, notes what is counted and said, and owns something worth keeping.
#[derive(Default)]
pub(super) struct Noting {
    pub(super) counted: Arc<Mutex<Vec<String>>>,
    pub(super) connection: Option<&'static str>,
    /// What there is in the set "users".
    pub(super) row: Option<Row>,
    /// The bodies of all requests.
    pub(super) requests: Arc<Mutex<Vec<String>>>,
    pub(super) data: Option<Arc<[u8]>>,
}

impl Caller for Noting {
    type Measured = ();

    fn begin_iteration(&mut self, _: u64) {}

    fn begin(&mut self) -> Vec<u8> {
        Vec::new()
    }

    async fn exchange(
        &mut self,
        request: Vec<u8>,
        _: Option<Duration>,
    ) -> ((), Result<(), Failure>) {
        self.requests.lock().unwrap().push(String::from_utf8(request).unwrap());
        ((), Err(Failure::Status(503)))
    }

    fn refuse(&mut self, _: Vec<u8>) {}

    fn reply(&self) -> &[u8] {
        &[]
    }

    fn count(&mut self, (): (), name: &str, outcome: Result<(), &Failure>) {
        let failure = outcome.err().map_or_else(|| "good".to_owned(), ToString::to_string);
        self.counted.lock().unwrap().push(format!("{name}: {failure}"));
    }

    fn inner_call(&mut self, _: &str, _: Result<(), &Failure>) {}

    fn report(&mut self, _: &str, _: &str, _: u64, _: u64, _: Result<(), &Failure>) {}

    fn check(&mut self, _: &str, _: bool) {}

    fn metric(&mut self, name: &str, value: Recorded) {
        self.counted.lock().unwrap().push(format!("{name}: {value:?}"));
    }

    fn row(&mut self, set: &str) -> Result<Option<Row>, String> {
        match set {
            "users" => Ok(self.row.clone()),
            other => Err(format!("there is no set {other:?}")),
        }
    }

    fn setup_data(&self) -> Option<Arc<[u8]>> {
        self.data.clone()
    }

    fn log(&mut self, _: Level, line: &str) {
        self.counted.lock().unwrap().push(line.to_owned());
    }

    fn drop_log_line(&mut self) {}

    fn stop_run(&mut self, _: &str) {}

    fn now_us(&self) -> u64 {
        0
    }

    async fn sleep(&mut self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The flags of the hooks; the first is that of the state.
const NO_HOOKS: &str = "(data (i32.const 64)\n    \"\\00";
const STATE: &str = "(data (i32.const 64)\n    \"\\01";
const ON_START: &str = "(param $state_len i32) (result i32)\n";
const SAVE: &str = "[method]user.save\") (param $user i32) (result i32)\n    (i32.const 344))";
const MEMORY: &str = "  (memory (export \"memory\") 1)";

/// A scenario whose users save what they were started with; with room for two of them.
async fn keeping(limits: Limits) -> Scenario<Noting> {
    let on_start = format!(
        "{ON_START}
    (i32.store (i32.const 352) (local.get $is_state))
    (i32.store (i32.const 356) (local.get $state))
    (i32.store (i32.const 360) (local.get $state_len))\n"
    );
    let save = SAVE.replace("344", "352");
    let wat = patched(&[(NO_HOOKS, STATE), (ON_START, &on_start), (SAVE, &save)]);
    let module = module(&wat, limits).await;
    assert!(module.description.hooks.state);
    Scenario::new(&module, 2).unwrap()
}

async fn user(scenario: &Scenario<Noting>, caller: Noting) -> User<Noting> {
    scenario.new_user(caller, &whom(0), "ApiUser").await.unwrap()
}

#[tokio::test]
async fn a_state_goes_from_one_user_to_the_next() {
    let scenario = keeping(Limits { call_bytes: 1_000, ..Limits::default() }).await;
    let most: Vec<u8> = (0..=255).cycle().take(1_000).collect();
    for state in [None, Some(&[][..]), Some(b"\0\xff"), Some(&most)] {
        let mut user = user(&scenario, Noting::default()).await;
        user.on_start(state).await.unwrap().unwrap();
        assert_eq!(user.save().await.unwrap().as_deref(), state);
        // It may be asked again: the limit is that of one answer.
        assert_eq!(user.save().await.unwrap().as_deref(), state);
    }
}

#[tokio::test]
async fn what_a_user_saves_is_limited() {
    let scenario = keeping(Limits { call_bytes: 1_000, ..Limits::default() }).await;
    let mut user = user(&scenario, Noting::default()).await;
    // What the host gives is not limited: it is on the host already.
    user.on_start(Some(&[7; 1_001])).await.unwrap().unwrap();
    let trap = user.save().await.unwrap_err();
    assert_eq!(trap.reason, "limit of 1000 bytes in one call (--max-call-bytes)");
}

#[tokio::test]
async fn a_state_for_which_the_guest_has_no_room_is_a_trap() {
    let scenario = keeping(Limits { memory_bytes: 1 << 20, ..Limits::default() }).await;
    let mut user = user(&scenario, Noting::default()).await;
    let trap = user.on_start(Some(&[7; 1 << 20])).await.unwrap_err();
    assert!(trap.reason.contains("after the memory limit of 1048576 bytes"), "{}", trap.reason);
}

#[tokio::test]
async fn a_module_without_the_hook_has_no_state() {
    let module = module(&patched(&[]), Limits::default()).await;
    assert!(!module.description.hooks.state);
    let scenario = Scenario::new(&module, 1).unwrap();
    let mut user = user(&scenario, Noting::default()).await;
    user.on_start(None).await.unwrap().unwrap();
    assert_eq!(user.save().await, Ok(None));
    user.on_stop().await.unwrap().unwrap();
}

/// What the run takes over is not lost with the user, and a call that nobody judged is still counted.
#[tokio::test]
async fn a_user_is_taken_apart() {
    let judged = "(import \"katydid:load/client@0.1.0\" \"call-judged\" (func $judged \
                  (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))";
    let zeros = "(i32.const 0) ".repeat(7);
    let reset = "    (global.set $heap (i32.const 512))\n";
    let task = format!("{reset}    (drop (call $judged (i32.const 8) (i32.const 8) {zeros}))\n");
    let memory = format!("  {judged}\n{MEMORY}");
    let wat = patched(&[(MEMORY, &memory), (reset, &task)]);
    let scenario = Scenario::new(&module(&wat, Limits::default()).await, 1).unwrap();
    let counted = Arc::<Mutex<Vec<String>>>::default();
    for stops in [true, false] {
        let caller = Noting {
            counted: Arc::clone(&counted),
            connection: Some("kept alive"),
            ..Noting::default()
        };
        let mut user = user(&scenario, caller).await;
        user.run_task(0, 0).await.unwrap().unwrap();
        assert_eq!(
            *counted.lock().unwrap(),
            ["get_time: status 503"],
            "the other is not judged yet"
        );
        if stops {
            user.on_stop().await.unwrap().unwrap();
        }
        assert_eq!(user.caller().connection.take(), Some("kept alive"));
        drop(user);
        let counted = std::mem::take(&mut *counted.lock().unwrap());
        assert_eq!(counted, ["get_time: status 503", "get_time: status 503"]);
    }
}
