//! Tasks that say what follows them: a Markov chain, which ends with a task that does not.

use crate::attribute::{Declared, Follower, Marked, Mistakes};
use crate::class::said;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::HashSet;

/// Finds what is wrong with a chain, in which nothing but the task before decides what comes next.
pub(crate) fn check(declared: &Declared, tasks: &[(Ident, Marked)], mistakes: &mut Mistakes) {
    let Some((first, _)) = tasks.iter().find(|(_, marked)| marked.then.is_some()) else { return };
    if declared.sequential {
        mistakes.say(first.span(), "tasks come in order or as `then(...)` says, not both");
    }
    if let Some(set) = declared.sets.first() {
        let message = "a chain has no sets inside: nothing would lead there";
        mistakes.add(syn::Error::new_spanned(set, message));
    }
    let mut names = HashSet::new();
    for (function, marked) in tasks {
        if !names.insert(said(function, marked)) {
            mistakes.say(function.span(), "two tasks of a chain have this name");
        }
        if marked.weight.is_some() {
            let message = "a task of a chain has no weight: `then(...)` of the one before has";
            mistakes.say(function.span(), message);
        }
        if let Some(followers) = &marked.then {
            check_followers(function, followers, tasks, mistakes);
        }
    }
}

fn check_followers(
    task: &Ident,
    followers: &[Follower],
    tasks: &[(Ident, Marked)],
    mistakes: &mut Mistakes,
) {
    if followers.iter().all(|follower| follower.weight == 0) {
        let message = format!("nothing ever follows `{task}`: leave `then` out to end the chain");
        mistakes.say(task.span(), &message);
    }
    let mut seen = HashSet::new();
    for Follower { task, .. } in followers {
        if !tasks.iter().any(|(function, _)| function == task) {
            mistakes.say(task.span(), &format!("there is no task `{task}` here"));
        }
        if !seen.insert(task) {
            mistakes.say(task.span(), &format!("`{task}` is said twice"));
        }
    }
}

/// The calls of the builder that make a chain of the tasks.
pub(crate) fn calls(tasks: &[(Ident, Marked)]) -> impl Iterator<Item = TokenStream> {
    let named = |wanted: &Ident| {
        tasks
            .iter()
            .find(|(function, _)| function == wanted)
            .map(|(function, marked)| said(function, marked))
    };
    tasks.iter().filter_map(move |(function, marked)| {
        let name = said(function, marked);
        let links = marked.then.as_ref()?.iter().map(|Follower { task, weight }| {
            let after = named(task);
            quote!((#after, #weight))
        });
        Some(quote!(.then(#name, [#(#links),*])))
    })
}

#[cfg(test)]
mod tests {
    use crate::class::{Kind, expand};
    use crate::tests::{mistakes, squeezed};
    use quote::quote;

    #[test]
    fn a_chain_is_written_by_names() {
        let item = quote!(impl Shop {
            #[task(then(look = 3, r#match), name = "look around")]
            fn look(user: &mut A) {}
            #[task]
            fn leave(user: &mut A) {}
            #[task(then(look, leave), tags("a"))]
            fn r#match(user: &mut A) {}
        });
        let expanded = squeezed(&expand(Kind::Set, quote!(weight = 2), item));
        let calls = ".weight(2u32).task(\"lookaround\",1u32,Self::look).task(\"leave\",1u32,Self::leave).tagged_task(\"match\",1u32,[\"a\"],Self::r#match)\
                     .then(\"lookaround\",[(\"lookaround\",3u32),(\"match\",1u32)]).then(\"match\",[(\"lookaround\",1u32),(\"leave\",1u32)])}";
        assert!(expanded.contains(calls), "{expanded}");
    }

    #[test]
    fn mistakes_in_a_chain_are_told_in_words() {
        #[rustfmt::skip]
        let rows = [
            (quote!(), quote!(#[task(then(a, c))] fn a(&mut self) {}), "there is no task `c` here"),
            (quote!(), quote!(#[task(then(a, a = 2))] fn a(&mut self) {}), "`a` is said twice"),
            (quote!(), quote!(#[task(then())] fn a(&mut self) {}), "nothing ever follows `a`: leave `then` out to end the chain"),
            (quote!(), quote!(#[task(then(a = 0))] fn a(&mut self) {}), "nothing ever follows `a`: leave `then` out to end the chain"),
            (quote!(), quote!(#[task(2, then(a))] fn a(&mut self) {}), "a task of a chain has no weight: `then(...)` of the one before has"),
            (quote!(), quote!(#[task(then(a = -1))] fn a(&mut self) {}), "a weight is a whole number from 0 to 4294967295"),
            (quote!(), quote!(#[task(then = a)] fn a(&mut self) {}), "write `then(...)`"),
            (quote!(), quote!(#[task(then(a), name = "x")] fn a(&mut self) {} #[task(then(a), name = "x")] fn b(&mut self) {}), "two tasks of a chain have this name"),
            (quote!(sequential), quote!(#[task(then(a))] fn a(&mut self) {}), "tasks come in order or as `then(...)` says, not both"),
            (quote!(sets(B)), quote!(#[task(then(a))] fn a(&mut self) {}), "a chain has no sets inside: nothing would lead there"),
        ];
        for (attribute, functions, expected) in rows {
            let item = quote!(impl A { #functions });
            assert_eq!(mistakes(Kind::User, attribute, item.clone()), [expected], "{item}");
        }
    }
}
