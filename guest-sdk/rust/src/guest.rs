//! The scenario as the host sees it: the contract's exports.

use crate::Next;
use crate::bindings::exports::katydid::load::scenario as wit;
use crate::bindings::katydid::load::log;
use crate::running::Running;
use crate::scenario::Scenario;
use crate::wait::micros;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::panic::PanicHookInfo;

/// Makes a scenario the exports of its module.
pub struct Exported<S>(PhantomData<S>);

impl<S: Scenario> wit::Guest for Exported<S> {
    type User = Instance<S>;

    fn describe() -> wit::Description {
        tell_panics();
        S::declare().describe()
    }

    fn setup() -> Result<Option<Vec<u8>>, String> {
        tell_panics();
        S::declare().set_up()
    }

    fn teardown() -> Result<(), String> {
        tell_panics();
        S::declare().tear_down()
    }

    fn shape(now: wit::Status) -> wit::Load {
        tell_panics();
        S::declare().load(now.into()).into()
    }
}

/// The virtual user of this instance. No borrow is ever held when the next begins: the host makes
/// one call at a time, and a user's code is not handed its own cell.
pub struct Instance<S> {
    user: Result<RefCell<Box<dyn Running>>, String>,
    scenario: PhantomData<S>,
}

impl<S> Instance<S> {
    fn with<T>(
        &self,
        call: impl FnOnce(&mut dyn Running) -> Result<T, String>,
    ) -> Result<T, String> {
        match &self.user {
            Ok(user) => call(user.borrow_mut().as_mut()),
            Err(message) => Err(message.clone()),
        }
    }
}

impl<S: Scenario> wit::GuestUser for Instance<S> {
    fn new(class: String) -> Self {
        tell_panics();
        let user = S::declare().create(&class).map(RefCell::new);
        let user = user.ok_or_else(|| format!("there is no user class {class:?}"));
        Self { user, scenario: PhantomData }
    }

    fn on_start(&self, state: Option<Vec<u8>>) -> Result<(), String> {
        self.with(|user| user.start(state.as_deref()))
    }

    fn run_task(&self, task: u32) -> Result<wit::Next, String> {
        let next = self.with(|user| user.run_task(task as usize))?;
        Ok(match next {
            Next::Proceed => wit::Next::Proceed,
            Next::Interrupt => wit::Next::Interrupt,
            Next::StopUser => wit::Next::StopUser,
        })
    }

    fn wait_us(&self) -> u64 {
        self.with(|user| Ok(micros(user.wait()))).unwrap_or_default()
    }

    fn save(&self) -> Option<Vec<u8>> {
        self.with(|user| Ok(user.save())).unwrap_or_default()
    }

    fn on_stop(&self) -> Result<(), String> {
        self.with(|user| user.stop())
    }
}

/// A panic ends the instance with a trap that knows neither its message nor its place: tell both to
/// the host before.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let message = panic.payload_as_str().unwrap_or("a panic without a message");
        log::panicking(&match panic.location() {
            Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
            None => message.to_owned(),
        });
    }));
}
