//! What the test guests share: the bindings, and a user class with the usual answers, so that a guest
//! says only what is peculiar to it.

wit_bindgen::generate!({
    path: "../../wit",
    world: "load",
    pub_export_macro: true,
    default_bindings_module: "guests",
});

pub use exports::katydid::load::scenario::{
    Description, Guest, GuestUser, Hooks, Load, Next, Order, Parameter, ParameterKind, Status,
    Task, TaskSet, Transition, UserClass, WaitTime,
};
pub use katydid::load::data::{Failure, Fault, Node};
pub use katydid::load::{client, context, events, log, metrics};

/// A set that is chosen with the weight 1.
pub fn set(name: &str, parent: Option<u32>, order: Order) -> TaskSet {
    let (tags, transitions) = (Vec::new(), Vec::new());
    TaskSet { name: name.into(), parent, weight: 1, order, tags, transitions }
}

/// A class without pauses whose tasks are all equally likely; task ids are places in the list.
pub fn class(name: &str, tasks: &[&str]) -> UserClass {
    let task = |(id, name): (usize, &&str)| Task {
        id: id as u32,
        name: (*name).into(),
        set: 0,
        weight: 1,
        tags: Vec::new(),
    };
    UserClass {
        name: name.into(),
        weight: 1,
        fixed_count: None,
        host: None,
        wait: WaitTime::None,
        sets: vec![set(name, None, Order::Weighted)],
        tasks: tasks.iter().enumerate().map(task).collect(),
    }
}

/// What a test guest is. Everything but `describe` and `run` has a usual answer.
pub trait Behaviour: Sized + 'static {
    /// Makes a user.
    fn new(class: String) -> Self;
    /// The user classes.
    fn describe() -> Vec<UserClass>;
    /// What it does beside its tasks.
    fn hooks() -> Hooks {
        Hooks::empty()
    }
    /// The parameters that it declares.
    fn parameters() -> Vec<Parameter> {
        Vec::new()
    }
    /// Before the first user.
    fn setup() -> Result<Option<Vec<u8>>, String> {
        unreachable!("a guest without the hook is asked to set up")
    }
    /// After the last one.
    fn teardown() -> Result<(), String> {
        unreachable!("a guest without the hook is asked to tear down")
    }
    /// Each second.
    fn shape(now: Status) -> Load {
        unreachable!("a guest without the hook is asked for the load after {} us", now.elapsed_us)
    }
    /// One iteration.
    fn run(&self, task: u32) -> Result<Next, String>;
    /// Before the first iteration.
    fn on_start(&self) -> Result<(), String> {
        Ok(())
    }
    /// After the last one.
    fn on_stop(&self) -> Result<(), String> {
        Ok(())
    }
    /// The pause, where a class asks for it.
    fn wait_us(&self) -> u64 {
        0
    }
    /// Before the first iteration, where another version's user saved this.
    fn resume(&self, state: Vec<u8>) -> Result<(), String> {
        unreachable!("a state of {} bytes for a guest without the hook", state.len())
    }
    /// After the last iteration of this version.
    fn save(&self) -> Option<Vec<u8>> {
        unreachable!("a guest without the hook is asked for its state")
    }
}

/// Adapts a behaviour to the world's exports.
pub struct Adapter<B>(core::marker::PhantomData<B>);
/// The user of an adapted behaviour.
pub struct AdaptedUser<B>(B);

impl<B: Behaviour> Guest for Adapter<B> {
    type User = AdaptedUser<B>;

    fn describe() -> Description {
        Description { hooks: B::hooks(), parameters: B::parameters(), classes: B::describe() }
    }

    fn setup() -> Result<Option<Vec<u8>>, String> {
        B::setup()
    }

    fn teardown() -> Result<(), String> {
        B::teardown()
    }

    fn shape(now: Status) -> Load {
        B::shape(now)
    }
}

impl<B: Behaviour> GuestUser for AdaptedUser<B> {
    fn new(class: String) -> Self {
        Self(B::new(class))
    }

    fn on_start(&self, state: Option<Vec<u8>>) -> Result<(), String> {
        match state {
            Some(state) => self.0.resume(state),
            None => self.0.on_start(),
        }
    }

    fn run_task(&self, task: u32) -> Result<Next, String> {
        self.0.run(task)
    }

    fn wait_us(&self) -> u64 {
        self.0.wait_us()
    }

    fn save(&self) -> Option<Vec<u8>> {
        self.0.save()
    }

    fn on_stop(&self) -> Result<(), String> {
        self.0.on_stop()
    }
}

/// A user that breaks, beside two healthy ones that call `echo` each 10 ms: they show that the run goes
/// on. The user's class is named `Bad`, its task `task`.
pub trait Breaks: Sized + 'static {
    /// Makes the user; the healthy ones are made without it.
    fn new() -> Self;
    /// The pause between its iterations.
    fn wait() -> WaitTime {
        WaitTime::Constant(10_000)
    }
    /// What it does beside its tasks. Healthy users keep nothing.
    fn hooks() -> Hooks {
        Hooks::empty()
    }
    /// One iteration.
    fn run(&self) -> Result<Next, String> {
        call_echo();
        Ok(Next::Proceed)
    }
    /// Before the first iteration.
    fn on_start(&self) -> Result<(), String> {
        Ok(())
    }
    /// After the last one.
    fn on_stop(&self) -> Result<(), String> {
        Ok(())
    }
    /// The pause, where `wait` is `asked`.
    fn wait_us(&self) -> u64 {
        0
    }
    /// After the last iteration of this version.
    fn save(&self) -> Option<Vec<u8>> {
        unreachable!("a guest without the hook is asked for its state")
    }
}

/// A call that goes well.
pub fn call_echo() {
    client::call("echo", &[Node::Text("healthy".into())]).expect("the target answers");
}

/// A breaking user or, without one, a healthy one.
pub struct Beside<B>(Option<B>);

impl<B: Breaks> Behaviour for Beside<B> {
    fn new(class: String) -> Self {
        Self((class == "Bad").then(B::new))
    }

    fn describe() -> Vec<UserClass> {
        let healthy = class("Healthy", &["echo"]);
        let bad = class("Bad", &["task"]);
        let wait = WaitTime::Pacing(10_000);
        vec![
            UserClass { fixed_count: Some(2), wait, ..healthy },
            UserClass { fixed_count: Some(1), wait: B::wait(), ..bad },
        ]
    }

    fn hooks() -> Hooks {
        B::hooks()
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        match &self.0 {
            Some(bad) => bad.run(),
            None => {
                call_echo();
                Ok(Next::Proceed)
            }
        }
    }

    fn on_start(&self) -> Result<(), String> {
        self.0.as_ref().map_or(Ok(()), B::on_start)
    }

    fn on_stop(&self) -> Result<(), String> {
        self.0.as_ref().map_or(Ok(()), B::on_stop)
    }

    fn wait_us(&self) -> u64 {
        self.0.as_ref().map_or(0, B::wait_us)
    }

    fn save(&self) -> Option<Vec<u8>> {
        self.0.as_ref().and_then(B::save)
    }
}

/// Makes a breaking user the scenario of its module, healthy ones beside it.
#[macro_export]
macro_rules! breaks {
    ($breaks:ty) => {
        $crate::scenario!($crate::Beside<$breaks>);
    };
}

/// Makes a behaviour the scenario of its module.
#[macro_export]
macro_rules! scenario {
    ($behaviour:ty) => {
        type Exported = $crate::Adapter<$behaviour>;
        $crate::export!(Exported with_types_in $crate);
    };
}
