//! All classes of a module together.

use crate::bindings::exports::katydid::load::scenario::{Description, Hooks, UserClass};
use crate::running::{Alive, Running};
use crate::{Class, User};

/// What [`scenario!`](crate::scenario) makes of its classes.
#[doc(hidden)]
pub trait Scenario: 'static {
    fn kinds() -> Vec<Box<dyn Kind>>;
}

/// A class whose type is forgotten.
#[doc(hidden)]
#[allow(private_interfaces, reason = "only the macro names this trait, and it calls nothing")]
pub trait Kind {
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

    #[allow(private_interfaces, reason = "as above")]
    fn create(&self) -> Box<dyn Running> {
        Box::new(Alive::<U>::new())
    }
}

/// The classes in the contract's words. The module has a hook where any of them has it.
#[cfg_attr(not(any(target_family = "wasm", test)), expect(dead_code, reason = "the host asks"))]
pub(crate) fn describe(kinds: &[Box<dyn Kind>]) -> Description {
    let keeps_state = kinds.iter().any(|kind| kind.keeps_state());
    Description {
        hooks: if keeps_state { Hooks::STATE } else { Hooks::empty() },
        classes: kinds.iter().map(|kind| kind.describe()).collect(),
    }
}

/// Makes one or more user classes the scenario of this module: `scenario!(Shopper, Admin);`, once in
/// a crate whose type is `cdylib`.
///
/// Elsewhere than on WebAssembly it only checks that they are users, so that the same crate can be
/// tested with `cargo test`.
#[macro_export]
macro_rules! scenario {
    ($($user:ty),+ $(,)?) => {
        const _: () = {
            struct Classes;

            impl $crate::__private::Scenario for Classes {
                fn kinds() -> ::std::vec::Vec<::std::boxed::Box<dyn $crate::__private::Kind>> {
                    ::std::vec![$(::std::boxed::Box::new(<$user as $crate::User>::class())),+]
                }
            }

            $crate::__export!(Classes);
        };
    };
}

#[cfg(target_family = "wasm")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($classes:ident) => {
        type Exported = $crate::__private::Exported<$classes>;
        $crate::__private::bindings::export!(Exported with_types_in $crate::__private::bindings);
    };
}

#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($classes:ident) => {
        // Elsewhere nobody asks for the classes; that they could be is what keeps a scenario's code
        // from being called dead.
        const _: fn() -> ::std::vec::Vec<::std::boxed::Box<dyn $crate::__private::Kind>> =
            <$classes as $crate::__private::Scenario>::kinds;
    };
}
