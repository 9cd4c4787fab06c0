//! The attributes of `katydid-sdk`: they only write calls of its builders.

mod attribute;
mod chain;
mod class;
mod function;
#[cfg(test)]
mod tests;

use class::Kind;
use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;

/// Makes an `impl` block a kind of user: its functions marked `#[task]` are tasks, those called
/// `on_start`, `on_stop`, `wait_time`, `save_state` and `restore_state` are hooks, all others stay what
/// they are.
///
/// ```
/// use katydid_sdk::prelude::*;
///
/// #[derive(Default)]
/// struct Shopper {
///     token: String,
/// }
///
/// #[user(host = "http://127.0.0.1:8877/", weight = 3, wait_time = between(0.1, 1.0), sets(Checkout))]
/// impl Shopper {
///     fn on_start(&mut self, client: &Client) -> Result {
///         self.token = client.call("login", ("ada",))?.to()?;
///         Ok(())
///     }
///
///     #[task(10, tags("read"))]
///     fn browse(&mut self, client: &Client) -> Result {
///         client.call("browse", (&self.token,))?;
///         Ok(())
///     }
///
///     fn save_state(&mut self) -> Vec<u8> {
///         self.token.clone().into_bytes()
///     }
///
///     fn restore_state(&mut self, state: &[u8]) -> Result {
///         self.token = String::from_utf8(state.to_vec())?;
///         Ok(())
///     }
/// }
///
/// struct Checkout;
///
/// #[task_set(sequential)]
/// impl Checkout {
///     #[task]
///     fn pay(user: &mut Shopper, client: &Client) -> Result<Next> {
///         client.call("pay", (&user.token,))?;
///         Ok(Next::Interrupt)
///     }
/// }
/// ```
///
/// All in parentheses is optional:
///
/// - `host = "http://127.0.0.1:8877/"`: its target, unless the run says otherwise;
/// - `weight = 3`: its share of the users, against the other classes (1);
/// - `fixed_count = 1`: so many users exactly;
/// - `wait_time = between(0.1, 1.0)`: the pause between iterations in seconds, also `constant`,
///   `constant_pacing`, `constant_throughput` and `poisson`. Or a function
///   `wait_time(&mut self) -> f64`, which is asked each time;
/// - `sequential`: tasks in the order of declaration, in place of by weight;
/// - `sets(Checkout, Browse)`: task sets that it may enter, see `task_set`;
/// - `tags("smoke")`: words by which a run may choose among tasks, for all of its tasks and sets;
/// - `name = "Shopper"`: its name, unless that of the type.
///
/// The type implements `Default`, which makes each user.
///
/// A pair of functions lets its state outlive the exchange of the scenario while it runs: the old
/// version's `save_state(&mut self) -> Vec<u8>` (or `Option<Vec<u8>>`) is followed by the new one's
/// `restore_state(&mut self, state: &[u8]) -> Result`, perhaps with `client: &Client` behind the state,
/// in place of `on_stop` and `on_start`.
#[proc_macro_attribute]
pub fn user(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expanded(Kind::User, attribute, item)
}

/// Makes an `impl` block a set of tasks, to be named in `sets(...)` by users or by other sets. A user
/// that enters it stays until a task answers `Next::Interrupt`.
///
/// Its functions take no `self` but `user: &mut TheUser` and perhaps `client: &Client`: state is the
/// user's. Those marked `#[task]` are tasks, those called `on_start` and `on_stop` run when a user
/// enters and leaves. In parentheses may stand `weight = 3`, `sequential`, `sets(...)`, `tags(...)`,
/// `name = "..."` as with `user`, and `user = TheUser` for a set whose functions do not tell.
#[proc_macro_attribute]
pub fn task_set(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expanded(Kind::Set, attribute, item)
}

/// Marks a task in an `impl` block with `#[user]` or `#[task_set]`: `#[task]`, `#[task(10)]`,
/// `#[task(weight = 10, tags("read", "fast"), name = "browse all")]`. The weight is 1 unless said
/// otherwise; 0 means never.
///
/// A block in which tasks say what follows them is a Markov chain: the next task is chosen by the one that
/// came before, not by weight. It begins with the first one. A task that does not say what follows it ends
/// it: the user leaves the set, as after `Next::Interrupt`; a user's own tasks begin anew.
///
/// ```
/// use katydid_sdk::prelude::*;
///
/// #[derive(Default)]
/// struct Shopper;
///
/// #[user]
/// impl Shopper {
///     /// Of four times, three times followed by itself.
///     #[task(then(browse = 3, buy = 1))]
///     fn browse(&mut self, client: &Client) -> Reply {
///         client.call("browse", ())
///     }
///
///     #[task(then(browse))]
///     fn buy(&mut self, client: &Client) -> Reply {
///         client.call("buy", ())
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn task(_attribute: TokenStream, item: TokenStream) -> TokenStream {
    // Inside such a block the other attributes have taken it away.
    let error = syn::Error::new(
        proc_macro2::Span::call_site(),
        "a task stands in an `impl` block with `#[user]` or `#[task_set]`",
    );
    let (error, item) = (error.into_compile_error(), Tokens::from(item));
    quote::quote!(#error #item).into()
}

fn expanded(kind: Kind, attribute: TokenStream, item: TokenStream) -> TokenStream {
    class::expand(kind, attribute.into(), item.into()).into()
}
