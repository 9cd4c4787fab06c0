//! What the attributes write, and what they say where they cannot.

use crate::class::{Kind, expand};
use proc_macro2::TokenStream;
use quote::quote;

/// What stands behind the block, without white space.
pub(crate) fn squeezed(tokens: &TokenStream) -> String {
    tokens.to_string().split_whitespace().collect()
}

fn expect(kind: Kind, attribute: TokenStream, item: TokenStream, expected: TokenStream) {
    let expanded = expand(kind, attribute, item);
    assert_eq!(squeezed(&expanded), squeezed(&expected), "{expanded}");
}

#[test]
fn a_user_is_a_chain_of_calls() {
    expect(
        Kind::User,
        quote!(
            host = "http://a/",
            weight = 2,
            fixed_count = 1,
            wait_time = between(0.1, 1.0),
            sets(Pay, b::Browse),
            tags("shop", "smoke"),
            sequential
        ),
        quote! {
            impl shop::Shopper {
                #[task]
                fn plain(&mut self) {}
                #[task(5, tags("a", "b"), name = "to buy")]
                #[inline]
                fn r#match(&mut self, client: &Client) -> Result { Ok(()) }
                #[katydid_sdk::task(weight = 0)]
                fn never(&mut self) {}
                fn on_start(&mut self) {}
                fn on_stop(&mut self) {}
                fn other(self, many: i32, things: i32) {}
            }
        },
        quote! {
            impl shop::Shopper {
                fn plain(&mut self) {}
                #[inline]
                fn r#match(&mut self, client: &Client) -> Result { Ok(()) }
                fn never(&mut self) {}
                fn on_start(&mut self) {}
                fn on_stop(&mut self) {}
                fn other(self, many: i32, things: i32) {}
            }
            impl ::katydid_sdk::User for shop::Shopper {
                fn class() -> ::katydid_sdk::Class<Self> {
                    ::katydid_sdk::Class::new("Shopper")
                        .host("http://a/")
                        .weight(2u32)
                        .fixed_count(1u32)
                        .wait_time({
                            #[allow(unused_imports)]
                            use ::katydid_sdk::wait::*;
                            between(0.1, 1.0)
                        })
                        .tags(["shop", "smoke"])
                        .sequential()
                        .on_start(Self::on_start)
                        .on_stop(Self::on_stop)
                        .task("plain", 1u32, Self::plain)
                        .tagged_task("to buy", 5u32, ["a", "b"], Self::r#match)
                        .task("never", 0u32, Self::never)
                        .set(<Pay as ::katydid_sdk::TaskSet<Self>>::set())
                        .set(<b::Browse as ::katydid_sdk::TaskSet<Self>>::set())
                }
            }
        },
    );
}

#[test]
fn a_set_learns_its_user_from_its_functions() {
    expect(
        Kind::Set,
        quote!(weight = 3, sets(Inner)),
        quote!(impl Pay { fn on_start(user: &mut Shopper) {} #[task] fn pay(user: &mut Shopper) {} }),
        quote! {
            impl Pay { fn on_start(user: &mut Shopper) {} fn pay(user: &mut Shopper) {} }
            impl ::katydid_sdk::TaskSet<Shopper> for Pay {
                fn set() -> ::katydid_sdk::Set<Shopper> {
                    ::katydid_sdk::Set::new("Pay")
                        .weight(3u32)
                        .on_start(Self::on_start)
                        .task("pay", 1u32, Self::pay)
                        .set(<Inner as ::katydid_sdk::TaskSet<Shopper>>::set())
                }
            }
        },
    );
    expect(
        Kind::Set,
        quote!(user = Shopper, name = "all", sets(Inner)),
        quote!(impl Pay {}),
        quote! {
            impl Pay {}
            impl ::katydid_sdk::TaskSet<Shopper> for Pay {
                fn set() -> ::katydid_sdk::Set<Shopper> {
                    ::katydid_sdk::Set::new("all")
                        .set(<Inner as ::katydid_sdk::TaskSet<Shopper>>::set())
                }
            }
        },
    );
}

#[test]
fn a_user_may_be_asked_for_its_wait() {
    let item = quote!(impl A { #[task] fn a(&mut self) {} fn wait_time(&mut self) -> f64 { 1.0 } });
    let expanded = squeezed(&expand(Kind::User, quote!(), item));
    assert!(expanded.contains(".wait_time_asked(Self::wait_time)"), "{expanded}");
}

#[test]
fn a_users_state_is_saved_and_restored() {
    let save = quote!(
        fn save_state(&mut self) -> Vec<u8> {
            Vec::new()
        }
    );
    for restore in [
        quote!(
            fn restore_state(&mut self, state: &[u8]) -> Result {
                Ok(())
            }
        ),
        quote!(
            fn restore_state(&mut self, state: &[u8], client: &Client) {}
        ),
    ] {
        let item = quote!(impl A { #[task] fn a(&mut self) {} #restore #save });
        let expanded = squeezed(&expand(Kind::User, quote!(), item));
        let call = ".state(Self::save_state,Self::restore_state)";
        assert!(expanded.contains(call), "{expanded}");
    }
}

/// Every mistake in what was written.
pub(crate) fn mistakes(kind: Kind, attribute: TokenStream, item: TokenStream) -> Vec<String> {
    let expanded = expand(kind, attribute, item).to_string();
    let told = expanded.split("compile_error !").skip(1);
    told.map(|rest| rest.split('"').nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn mistakes_are_told_in_words() {
    const TAKES: &str = "a task takes `&mut self` and perhaps `client: &Client`";
    const SET_TAKES: &str = "a task takes `user: &mut TheUser` and perhaps `client: &Client`";
    let good = || quote!(impl A { #[task] fn a(&mut self) {} });
    let weight = "a weight is a whole number from 0 to 4294967295";
    let rows = [
        (
            Kind::User,
            quote!(),
            quote!(impl A {}),
            "there is nothing to do: mark a function with `#[task]`",
        ),
        (Kind::User, quote!(), quote!(impl A { #[task] fn a() {} }), TAKES),
        (Kind::User, quote!(), quote!(impl A { #[task] fn a(self) {} }), TAKES),
        (Kind::User, quote!(), quote!(impl A { #[task] fn a(&self) {} }), TAKES),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task] fn a(&mut self, client: Client) {} }),
            TAKES,
        ),
        (Kind::User, quote!(), quote!(impl A { #[task] fn a(&mut self, a: &A, b: &B) {} }), TAKES),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task] fn a(&mut self) {} fn on_stop(&mut self, n: i32) {} }),
            TAKES,
        ),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task] async fn a(&mut self) {} }),
            "a task is not `async`: a call simply waits for its reply",
        ),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task] fn a<T>(&mut self) {} }),
            "a task has no type parameters",
        ),
        (Kind::User, quote!(), quote!(impl A { #[task(-1)] fn a(&mut self) {} }), weight),
        (Kind::User, quote!(), quote!(impl A { #[task(weight = 0.5)] fn a(&mut self) {} }), weight),
        (Kind::User, quote!(), quote!(impl A { #[task(4294967296)] fn a(&mut self) {} }), weight),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task(1, weight = 1)] fn a(&mut self) {} }),
            "the weight is said twice",
        ),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task(tag("a"))] fn a(&mut self) {} }),
            "there is no `tag` here; allowed are a weight, `tags(...)`, `then(...)` and `name`",
        ),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task(tags = "a")] fn a(&mut self) {} }),
            "write `tags(...)`",
        ),
        (
            Kind::User,
            quote!(wait = constant(1)),
            good(),
            "there is no `wait` here; allowed are `host`, `weight`, `fixed_count`, `wait_time`, `sequential`, `sets(...)`, `tags(...)` and `name`",
        ),
        (Kind::User, quote!(weight = -1), good(), weight),
        (Kind::User, quote!(weight = 1, weight = 2), good(), "`weight` is said twice"),
        (Kind::User, quote!(host("a")), good(), "write `host = ...`"),
        (Kind::User, quote!(wait_time = constant(-1.0)), good(), "a wait time is not negative"),
        (
            Kind::User,
            quote!(),
            quote!(impl Trait for A { #[task] fn a(&mut self) {} }),
            "tasks do not stand in the `impl` of a trait",
        ),
        (
            Kind::User,
            quote!(),
            quote!(
                impl<T> A<T> {
                    #[task]
                    fn a(&mut self) {}
                }
            ),
            "neither a user nor a task set has type parameters",
        ),
        (
            Kind::User,
            quote!(),
            quote!(
                struct A;
            ),
            "`#[user]` stands before an `impl` block: `impl ApiUser { ... }`",
        ),
        (
            Kind::User,
            quote!(),
            quote!(impl A { #[task] fn a(&mut self) {} fn wait_time(&mut self) {} }),
            "write `fn wait_time(&mut self) -> f64`, in seconds",
        ),
        (
            Kind::User,
            quote!(wait_time = constant(1.0)),
            quote!(impl A { #[task] fn a(&mut self) {} fn wait_time(&mut self) -> f64 { 1.0 } }),
            "the wait time is said twice: here and in the attribute",
        ),
        (
            Kind::Set,
            quote!(),
            quote!(impl A { #[task] fn a(user: Shopper) {} #[task] fn b(user: &mut Shopper) {} }),
            SET_TAKES,
        ),
        (
            Kind::Set,
            quote!(sets(B)),
            quote!(impl A {}),
            "whose set is this? Write `#[task_set(user = TheUser)]`",
        ),
        (
            Kind::Set,
            quote!(host = "a"),
            quote!(impl A { #[task] fn a(user: &mut S) {} }),
            "there is no `host` here; allowed are `weight`, `sequential`, `sets(...)`, `tags(...)`, `name` and `user`",
        ),
        (
            Kind::Set,
            quote!(),
            quote!(impl A { #[task] fn a(user: &mut S) {} fn wait_time(user: &mut S) -> f64 { 1.0 } }),
            "a wait time is its user's, not a set's",
        ),
    ];
    for (kind, attribute, item, expected) in rows {
        assert_eq!(mistakes(kind, attribute, item.clone()), [expected], "{item}");
    }
}

#[test]
fn mistakes_with_a_state_are_told_in_words() {
    const SAVE: &str = "write `fn save_state(&mut self) -> Vec<u8>`";
    const RESTORE: &str = "write `fn restore_state(&mut self, state: &[u8]) -> Result`, perhaps with \
                           `client: &Client` behind the state";
    const ALONE: [&str; 2] = [
        "who reads what is saved? Write `restore_state` too",
        "who saves what is restored? Write `save_state` too",
    ];
    const SET: &str = "a state is its user's, not a set's";
    let save = || {
        quote!(
            fn save_state(&mut self) -> Vec<u8> {
                Vec::new()
            }
        )
    };
    let restore = || {
        quote!(
            fn restore_state(&mut self, state: &[u8]) {}
        )
    };
    let with_save = |restore| quote!(#restore fn save_state(&mut self) -> Vec<u8> { Vec::new() });
    let with_restore = |save| quote!(#save fn restore_state(&mut self, state: &[u8]) {});
    let rows = [
        (Kind::User, save(), ALONE[0]),
        (Kind::User, restore(), ALONE[1]),
        (
            Kind::User,
            with_restore(quote!(
                fn save_state(&mut self) {}
            )),
            SAVE,
        ),
        (
            Kind::User,
            with_restore(quote!(
                fn save_state(&self) -> Vec<u8> {
                    Vec::new()
                }
            )),
            SAVE,
        ),
        (
            Kind::User,
            with_restore(quote!(
                fn save_state(&mut self, client: &Client) -> Vec<u8> {
                    Vec::new()
                }
            )),
            SAVE,
        ),
        (
            Kind::User,
            with_restore(quote!(
                async fn save_state(&mut self) -> Vec<u8> {
                    Vec::new()
                }
            )),
            SAVE,
        ),
        (
            Kind::User,
            with_save(quote!(
                fn restore_state(&mut self) {}
            )),
            RESTORE,
        ),
        (
            Kind::User,
            with_save(quote!(
                fn restore_state(state: &[u8]) {}
            )),
            RESTORE,
        ),
        (
            Kind::User,
            with_save(quote!(
                fn restore_state(&mut self, state: Vec<u8>) {}
            )),
            RESTORE,
        ),
        (
            Kind::User,
            with_save(quote!(
                fn restore_state(&mut self, a: &[u8], b: &Client, c: &A) {}
            )),
            RESTORE,
        ),
        (
            Kind::User,
            with_save(quote!(
                fn restore_state<T>(&mut self, a: &[T]) {}
            )),
            RESTORE,
        ),
        (
            Kind::Set,
            quote!(
                fn save_state(user: &mut S) -> Vec<u8> {
                    Vec::new()
                }
            ),
            SET,
        ),
        (
            Kind::Set,
            quote!(
                fn restore_state(user: &mut S, state: &[u8]) {}
            ),
            SET,
        ),
    ];
    for (kind, functions, expected) in rows {
        let task = match kind {
            Kind::User => quote!(
                #[task]
                fn a(&mut self) {}
            ),
            Kind::Set => quote!(
                #[task]
                fn a(user: &mut S) {}
            ),
        };
        let item = quote!(impl A { #task #functions });
        assert_eq!(mistakes(kind, quote!(), item.clone()), [expected], "{item}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let item = quote!(impl A { #[task(-1)] fn a(&mut self) {} #[task] fn b() {} });
    assert_eq!(mistakes(Kind::User, quote!(weight = 1.5), item).len(), 3);
}
