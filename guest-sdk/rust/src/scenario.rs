//! All that a module declares: its classes, and what it does beside them.

use crate::bindings::exports::katydid::load::scenario as wit;
use crate::bindings::exports::katydid::load::scenario::{Description, Hooks, UserClass};
use crate::parameter::{Kind as ParameterKind, Parameter};
use crate::running::{Alive, Running};
use crate::setup::{Setup, Teardown};
use crate::shape::{Load, Status};
use crate::{Class, Client, Result, User};

/// What [`scenario!`](crate::scenario) makes of its words.
#[doc(hidden)]
pub trait Scenario: 'static {
    fn declare() -> Declaration;
}

/// What a module declares.
#[doc(hidden)]
#[derive(Default)]
pub struct Declaration {
    kinds: Vec<Box<dyn Kind>>,
    parameters: Vec<wit::Parameter>,
    setup: Option<Box<SetUp>>,
    teardown: Option<Box<TearDown>>,
    shape: Option<Box<dyn Fn(Status) -> Load>>,
}

type SetUp = dyn Fn(&Client) -> Result<Option<Vec<u8>>>;
type TearDown = dyn Fn(&Client) -> Result;

impl Declaration {
    #[must_use]
    pub fn user<U: User>(mut self) -> Self {
        self.kinds.push(Box::new(U::class()));
        self
    }

    #[must_use]
    pub fn parameter<T: ParameterKind>(mut self, parameter: Parameter<T>) -> Self {
        self.parameters.push(parameter.describe());
        self
    }

    #[must_use]
    pub fn setup<Form>(mut self, setup: impl Setup<Form>) -> Self {
        self.setup = Some(Box::new(move |client| setup.set_up(client)));
        self
    }

    #[must_use]
    pub fn teardown<Form>(mut self, teardown: impl Teardown<Form>) -> Self {
        self.teardown = Some(Box::new(move |client| teardown.tear_down(client)));
        self
    }

    #[must_use]
    pub fn shape(mut self, shape: impl Fn(Status) -> Load + 'static) -> Self {
        self.shape = Some(Box::new(shape));
        self
    }
}

/// What the host asks; elsewhere only tests do.
#[cfg_attr(not(any(target_family = "wasm", test)), expect(dead_code, reason = "the host asks"))]
impl Declaration {
    /// All of it in the contract's words. The module keeps state where any of its classes does.
    pub(crate) fn describe(&self) -> Description {
        let hooks = [
            (Hooks::STATE, self.kinds.iter().any(|kind| kind.keeps_state())),
            (Hooks::SETUP, self.setup.is_some()),
            (Hooks::TEARDOWN, self.teardown.is_some()),
            (Hooks::SHAPE, self.shape.is_some()),
        ];
        let named = hooks.into_iter().filter(|(_, has)| *has);
        let hooks = named.fold(Hooks::empty(), |all, (hook, _)| all | hook);
        let classes = self.kinds.iter().map(|kind| kind.describe()).collect();
        Description { hooks, parameters: self.parameters.clone(), classes }
    }

    /// A user of the class of this name.
    pub(crate) fn create(&self, class: &str) -> Option<Box<dyn Running>> {
        let kind = self.kinds.iter().find(|kind| kind.name() == class);
        kind.map(|kind| kind.create())
    }

    pub(crate) fn set_up(&self) -> Result<Option<Vec<u8>>, String> {
        let Some(setup) = &self.setup else { return Ok(None) };
        setup(&Client::new()).map_err(|error| error.to_string())
    }

    pub(crate) fn tear_down(&self) -> Result<(), String> {
        let Some(teardown) = &self.teardown else { return Ok(()) };
        torn_down(teardown(&Client::new())).map_err(|error| error.to_string())
    }

    pub(crate) fn load(&self, now: Status) -> Load {
        self.shape.as_ref().map_or(Load::Stop, |shape| shape(now))
    }
}

/// What of a teardown's error is left to tell: the host has counted a request that failed.
pub(crate) fn torn_down(answer: Result) -> Result {
    answer.or_else(|error| match error.failure() {
        Some(_) => Ok(()),
        None => Err(error),
    })
}

/// A class whose type is forgotten.
trait Kind {
    fn name(&self) -> &str;
    fn describe(&self) -> UserClass;
    fn keeps_state(&self) -> bool;
    fn create(&self) -> Box<dyn Running>;
}

impl<U: User> Kind for Class<U> {
    fn name(&self) -> &str {
        Class::name(self)
    }

    fn describe(&self) -> UserClass {
        Class::describe(self)
    }

    fn keeps_state(&self) -> bool {
        self.kept_state().is_some()
    }

    fn create(&self) -> Box<dyn Running> {
        Box::new(Alive::<U>::new())
    }
}

/// Makes one or more user classes the scenario of this module: `scenario!(Shopper, Admin);`, once in
/// a crate whose type is `cdylib`. Behind them may stand what the scenario does beside its tasks:
///
/// ```
/// # use katydid_sdk::prelude::*;
/// # #[derive(Default)] struct Shopper;
/// # #[user] impl Shopper { #[task] fn buy(&mut self) {} }
/// # fn open(client: &Client) -> Result<String> { Ok("t-1".to_owned()) }
/// # fn close(client: &Client) {}
/// # fn day(now: Status) -> Load { Load::Users(1) }
/// const TENANT: Parameter<&str> = Parameter::text("tenant").default("acme").about("which tenant");
///
/// scenario!(Shopper, parameters = [TENANT], setup = open, teardown = close, shape = day);
/// ```
///
/// - `parameters = [...]`: what a run may decide, see [`Parameter`](crate::Parameter). Where none is declared, a
///   run may give any;
/// - `setup = open`: once before the first user, see [`Setup`](crate::Setup);
/// - `teardown = close`: once after the last one, see [`Teardown`](crate::Teardown);
/// - `shape = day`: asked each second for the load, see [`Load`](crate::Load).
///
/// Elsewhere than on WebAssembly it only checks that they are users, so that the same crate can be
/// tested with `cargo test`.
#[macro_export]
macro_rules! scenario {
    ($($words:tt)+) => {
        const _: () = {
            struct Declared;

            impl $crate::__private::Scenario for Declared {
                fn declare() -> $crate::__private::Declaration {
                    $crate::__declare!($crate::__private::Declaration::default(); $($words)+)
                }
            }

            $crate::__export!(Declared);
        };
    };
}

/// One word of `scenario!` after the other becomes a call.
#[doc(hidden)]
#[macro_export]
macro_rules! __declare {
    ($made:expr;) => { $made };
    ($made:expr; parameters = [$($parameter:expr),* $(,)?] $(, $($rest:tt)*)?) => {
        $crate::__declare!($made$(.parameter($parameter))*; $($($rest)*)?)
    };
    ($made:expr; setup = $function:expr $(, $($rest:tt)*)?) => {
        $crate::__declare!($made.setup($function); $($($rest)*)?)
    };
    ($made:expr; teardown = $function:expr $(, $($rest:tt)*)?) => {
        $crate::__declare!($made.teardown($function); $($($rest)*)?)
    };
    ($made:expr; shape = $function:expr $(, $($rest:tt)*)?) => {
        $crate::__declare!($made.shape($function); $($($rest)*)?)
    };
    ($made:expr; $other:ident = $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "there is no `", ::core::stringify!($other),
            "` here; allowed are users, `parameters = [...]`, `setup`, `teardown` and `shape`"
        ))
    };
    ($made:expr; $user:ty $(, $($rest:tt)*)?) => {
        $crate::__declare!($made.user::<$user>(); $($($rest)*)?)
    };
}

#[cfg(target_family = "wasm")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($declared:ident) => {
        type Exported = $crate::__private::Exported<$declared>;
        $crate::__private::bindings::export!(Exported with_types_in $crate::__private::bindings);
    };
}

#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($declared:ident) => {
        // Elsewhere nobody asks for it; that somebody could is what keeps a scenario's code from being
        // called dead.
        const _: fn() -> $crate::__private::Declaration =
            <$declared as $crate::__private::Scenario>::declare;
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::testing::World;

    #[derive(Default)]
    struct Shopper;

    impl User for Shopper {
        fn class() -> Class<Self> {
            Class::new("Shopper").task("buy", 1, |_: &mut Self| ())
        }
    }

    mod elsewhere {
        #[derive(Default)]
        pub(super) struct Admin;

        impl crate::User for Admin {
            fn class() -> crate::Class<Self> {
                crate::Class::new("Admin").task("look", 1, |_: &mut Self| ())
            }
        }
    }

    const TENANT: Parameter<&str> = Parameter::text("tenant");
    const DEPTH: Parameter<i64> = Parameter::integer("depth").default(3);

    fn open(client: &Client) -> Result<String> {
        client.call("open", ())?.to().map_err(Error::from)
    }

    fn close() -> Result {
        Err(Error::new("it is still open"))
    }

    fn up(now: Status) -> Load {
        Load::Users(now.users + 1)
    }

    #[test]
    fn a_module_says_what_it_does_beside_its_tasks() {
        let whole = crate::__declare!(
            Declaration::default();
            Shopper, elsewhere::Admin, teardown = close, parameters = [TENANT, DEPTH], shape = up, setup = open,
        );
        let told = whole.describe();
        assert_eq!(told.hooks, Hooks::SETUP | Hooks::TEARDOWN | Hooks::SHAPE);
        let names: Vec<_> = told.parameters.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["tenant", "depth"]);
        let names: Vec<_> = told.classes.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Shopper", "Admin"]);

        assert!(whole.create("Admin").is_some() && whole.create("shopper").is_none());

        let plain = crate::__declare!(Declaration::default(); Shopper).describe();
        assert_eq!((plain.hooks, plain.parameters.len()), (Hooks::empty(), 0));
    }

    #[test]
    fn the_host_calls_what_it_was_told_of() {
        let whole = crate::__declare!(
            Declaration::default(); Shopper, setup = open, teardown = close, shape = up
        );
        let world = World::new();
        let failed = "transport: the test's world has no answer for \"open\"".to_owned();
        assert_eq!(whole.set_up(), Err(failed));
        let _world = world.answer("open", |_| Ok("t-1"));
        assert!(whole.set_up().is_ok_and(|data| data.is_some()));
        assert_eq!(whole.tear_down(), Err("it is still open".to_owned()));
        assert_eq!(whole.load(Status { users: 4, ..Status::default() }), Load::Users(5));
        // What is not there is not asked for, and does nothing.
        let plain = crate::__declare!(Declaration::default(); Shopper);
        assert_eq!((plain.set_up(), plain.tear_down()), (Ok(None), Ok(())));
        assert_eq!(plain.load(Status::default()), Load::Stop);
    }
}
