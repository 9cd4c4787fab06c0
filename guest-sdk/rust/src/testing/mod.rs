//! A world for unit tests: plain `cargo test`, no host, no target, no waiting.
//!
//! ```
//! use katydid_sdk::prelude::*;
//! use katydid_sdk::testing::World;
//!
//! #[derive(Default)]
//! struct Buyer {
//!     left: i32,
//! }
//!
//! #[user]
//! impl Buyer {
//!     #[task]
//!     fn buy(&mut self, client: &Client) -> Result {
//!         self.left = client.call("buy", ("tea", 1))?["left"].to()?;
//!         check("something is left", self.left > 0);
//!         Ok(())
//!     }
//! }
//!
//! let world = World::new().answer("buy", |args| match args {
//!     [what, _] if what.as_str() == Some("tea") => Ok(Value::from([("left", 3)])),
//!     _ => Err(Failure::Fault { code: 4, message: "out of stock".into() }),
//! });
//! let mut user = world.user::<Buyer>();
//! user.run_task("buy")?;
//! assert_eq!(user.state().left, 3);
//! assert_eq!(world.checks(), [("something is left".to_owned(), true)]);
//! # Ok::<(), Error>(())
//! ```
//!
//! The newest world of a thread is what scenario code on that thread sees. Where there is none, a
//! target answers nothing.

pub(crate) mod backend;
mod driver;

pub use driver::TestUser;

use crate::log::Level;
use crate::scenario::torn_down;
use crate::setup::{IntoSetupData, Setup, Teardown};
use crate::{Client, Error, Failure, IntoValue, Next, Result, User, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

type Answer = Rc<RefCell<dyn FnMut(&[Value]) -> Result<Value, Failure>>>;

/// What a request came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// `xmlrpc` for calls, else what the scenario reported.
    pub request_type: String,
    /// What it is counted under: the method or the label.
    pub name: String,
    /// What was called; nothing where the scenario only reported the request.
    pub method: String,
    /// The parameters of the call.
    pub args: Vec<Value>,
    /// Its failure in the host's words, for example `fault 4: out of stock` or `judged: too slow`.
    pub outcome: Result<(), String>,
    /// How long it took, in the world's time or as reported.
    pub response_time: Duration,
}

/// A figure of the scenario's own, see [`metrics`](crate::metrics).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// Added to a sum.
    Counter(u64),
    /// What is so much now.
    Gauge(f64),
    /// Whether something held.
    Rate(bool),
    /// One value of a distribution.
    Trend(u64),
}

/// What there is around a scenario: a target that answers as the test says, parameters, data, a clock that
/// only moves when somebody sleeps, and a record of everything.
pub struct World(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    answers: HashMap<String, Answer>,
    parameters: BTreeMap<String, String>,
    rows: HashMap<String, VecDeque<Value>>,
    setup_data: Option<Vec<u8>>,
    user: u64,
    iteration: u64,
    drawn: u64,
    seed: u64,
    now: Duration,
    requests: Vec<Request>,
    checks: Vec<(String, bool)>,
    metrics: Vec<(String, Metric)>,
    lines: Vec<(Level, String)>,
    sleeps: Vec<Duration>,
    stopped: Option<String>,
}

thread_local! {
    /// The world that scenario code on this thread sees.
    static CURRENT: RefCell<Rc<RefCell<State>>> = RefCell::default();
}

fn with<T>(look: impl FnOnce(&mut State) -> T) -> T {
    let current = CURRENT.with_borrow(Rc::clone);
    look(&mut current.borrow_mut())
}

/// Lets time pass at once. An answer that does so is a slow target.
pub fn advance(time: Duration) {
    with(|state| state.now = state.now.saturating_add(time));
}

impl World {
    /// A world whose target answers nothing yet: each call fails with `transport`.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "making one has an effect")]
    pub fn new() -> Self {
        let state = Rc::<RefCell<State>>::default();
        CURRENT.set(Rc::clone(&state));
        Self(state)
    }

    /// How the target answers a method, from its parameters.
    #[must_use]
    pub fn answer<V: IntoValue>(
        self,
        method: &str,
        mut answer: impl FnMut(&[Value]) -> Result<V, Failure> + 'static,
    ) -> Self {
        let answer: Answer = Rc::new(RefCell::new(move |args: &[Value]| {
            let unfit = |mismatch: crate::Mismatch| Failure::Protocol(mismatch.to_string());
            answer(args)?.into_value().map_err(unfit)
        }));
        self.0.borrow_mut().answers.insert(method.to_owned(), answer);
        self
    }

    /// A parameter of the run.
    #[must_use]
    pub fn parameter(self, name: &str, value: &str) -> Self {
        self.0.borrow_mut().parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// One more row of a set of data. They come in this order; after the last one the set is used up.
    ///
    /// # Panics
    /// XML-RPC has no value for it.
    #[must_use]
    pub fn row(self, set: &str, row: impl IntoValue) -> Self {
        let row = row.into_value().expect("a row has a value");
        self.0.borrow_mut().rows.entry(set.to_owned()).or_default().push_back(row);
        self
    }

    /// What the scenario's `setup` has answered, for tests that do without it.
    ///
    /// # Panics
    /// It cannot be left to users.
    #[must_use]
    pub fn setup_data(self, data: impl IntoSetupData) -> Self {
        let data = data.into_setup_data().expect("it can be left to users");
        self.0.borrow_mut().setup_data = data;
        self
    }

    /// The number of the user, 0 unless said otherwise.
    #[must_use]
    pub fn user_id(self, user: u64) -> Self {
        self.0.borrow_mut().user = user;
        self
    }

    /// What determines the randomness, 0 unless said otherwise.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.0.borrow_mut().seed = seed;
        self
    }

    /// A virtual user to be driven as the host does it. It has not started yet.
    #[must_use]
    pub fn user<U: User>(&self) -> TestUser<U> {
        TestUser::new()
    }

    /// One iteration of a fresh user, started before and stopped after.
    ///
    /// # Errors
    /// See [`TestUser`].
    pub fn run_task<U: User>(&self, task: &str) -> Result<Next> {
        let mut user = self.user::<U>();
        user.on_start()?;
        let next = user.run_task(task)?;
        user.on_stop()?;
        Ok(next)
    }

    /// Sets up, as the host does before the first user; users of this world read what it answers.
    ///
    /// # Errors
    /// The set-up's; there would be no run.
    pub fn setup<Form>(&self, setup: impl Setup<Form>) -> Result {
        let data = setup.set_up(&Client::new())?;
        self.0.borrow_mut().setup_data = data;
        Ok(())
    }

    /// Tears down, as the host does after the last user.
    ///
    /// # Errors
    /// What the host would count as an error: no request that failed.
    pub fn teardown<Form>(&self, teardown: impl Teardown<Form>) -> Result {
        torn_down(teardown.tear_down(&Client::new()))
    }

    /// Every request, in the order of counting.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.0.borrow().requests.clone()
    }

    /// The parameters of each call of this method.
    #[must_use]
    pub fn calls(&self, method: &str) -> Vec<Vec<Value>> {
        let state = self.0.borrow();
        let calls = state.requests.iter().filter(|request| request.method == method);
        calls.map(|request| request.args.clone()).collect()
    }

    /// Every check and what it came to.
    #[must_use]
    pub fn checks(&self) -> Vec<(String, bool)> {
        self.0.borrow().checks.clone()
    }

    /// Every figure of the scenario's own, by its name.
    #[must_use]
    pub fn metrics(&self) -> Vec<(String, Metric)> {
        self.0.borrow().metrics.clone()
    }

    /// Every line of the log.
    #[must_use]
    pub fn lines(&self) -> Vec<(Level, String)> {
        self.0.borrow().lines.clone()
    }

    /// Every sleep. Each was over at once.
    #[must_use]
    pub fn sleeps(&self) -> Vec<Duration> {
        self.0.borrow().sleeps.clone()
    }

    /// Why the scenario ended the run, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        self.0.borrow().stopped.clone()
    }
}

impl Drop for World {
    /// What runs later on this thread sees nothing of this world.
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| {
            if Rc::ptr_eq(current, &self.0) {
                *current = Rc::default();
            }
        });
    }
}

/// An error as the host would show it.
fn error(message: String) -> Error {
    Error::new(message)
}
