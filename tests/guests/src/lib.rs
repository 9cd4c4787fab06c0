//! What the test guests share: the bindings, and a user class with the usual answers, so that a guest
//! says only what is peculiar to it.

wit_bindgen::generate!({
    path: "../../wit",
    world: "load",
    pub_export_macro: true,
    default_bindings_module: "guests",
});

pub use exports::katydid::load::scenario::{
    Description, Guest, GuestUser, Next, Order, Task, TaskSet, UserClass, WaitTime,
};
pub use katydid::load::data::{Failure, Fault, Node};
pub use katydid::load::{client, context, events, log};

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
        sets: vec![TaskSet { name: name.into(), parent: None, weight: 1, order: Order::Weighted }],
        tasks: tasks.iter().enumerate().map(task).collect(),
    }
}

/// What a test guest is. Everything but `describe` and `run` has a usual answer.
pub trait Behaviour: Sized + 'static {
    /// Makes a user.
    fn new(class: String) -> Self;
    /// The user classes.
    fn describe() -> Vec<UserClass>;
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
}

/// Adapts a behaviour to the world's exports.
pub struct Adapter<B>(core::marker::PhantomData<B>);
/// The user of an adapted behaviour.
pub struct AdaptedUser<B>(B);

impl<B: Behaviour> Guest for Adapter<B> {
    type User = AdaptedUser<B>;

    fn describe() -> Description {
        Description { classes: B::describe() }
    }
}

impl<B: Behaviour> GuestUser for AdaptedUser<B> {
    fn new(class: String) -> Self {
        Self(B::new(class))
    }

    fn on_start(&self) -> Result<(), String> {
        self.0.on_start()
    }

    fn run_task(&self, task: u32) -> Result<Next, String> {
        self.0.run(task)
    }

    fn wait_us(&self) -> u64 {
        self.0.wait_us()
    }

    fn on_stop(&self) -> Result<(), String> {
        self.0.on_stop()
    }
}

/// Makes a behaviour the scenario of its module.
#[macro_export]
macro_rules! scenario {
    ($behaviour:ty) => {
        type Exported = $crate::Adapter<$behaviour>;
        $crate::export!(Exported with_types_in $crate);
    };
}
