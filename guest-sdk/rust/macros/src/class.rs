//! An `impl` block as a class or a set.

use crate::attribute::{Declared, Marked, Mistakes};
use crate::chain;
use crate::function::{
    Role, check, check_restore, check_save, check_wait, role, type_span, user_of,
};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::Parser as _;
use syn::{ImplItem, ImplItemFn, ItemImpl, Result, Type};

/// Which attribute it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Set,
}

/// What was found in the block.
#[derive(Default)]
struct Found {
    tasks: Vec<(Ident, Marked)>,
    on_start: Option<Ident>,
    on_stop: Option<Ident>,
    wait_time: Option<Ident>,
    save_state: Option<Ident>,
    restore_state: Option<Ident>,
    /// The user of a set.
    user: Option<Type>,
}

/// The block, and behind it the declaration or the mistakes.
pub(crate) fn expand(kind: Kind, attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(_) => {
            let message = match kind {
                Kind::User => "`#[user]` stands before an `impl` block: `impl ApiUser { ... }`",
                Kind::Set => "`#[task_set]` stands before an `impl` block: `impl Checkout { ... }`",
            };
            let error = syn::Error::new_spanned(&item, message).into_compile_error();
            return quote!(#error #item);
        }
    };
    let declaration = declaration(kind, attribute, &mut block);
    // Even after a mistake the block stays, so that the compiler does not miss its functions.
    let declaration = declaration.unwrap_or_else(syn::Error::into_compile_error);
    quote!(#block #declaration)
}

fn declaration(kind: Kind, attribute: TokenStream, block: &mut ItemImpl) -> Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    if let Some((_, path, _)) = &block.trait_ {
        mistakes.add(syn::Error::new_spanned(path, "tasks do not stand in the `impl` of a trait"));
    }
    if !block.generics.params.is_empty() {
        let message = "neither a user nor a task set has type parameters";
        mistakes.add(syn::Error::new_spanned(&block.generics, message));
    }
    let declared = match kind {
        Kind::User => Declared::of_user.parse2(attribute),
        Kind::Set => Declared::of_set.parse2(attribute),
    };
    let declared = mistakes.keep(declared).unwrap_or_default();
    let found = find(kind, block, &mut mistakes);
    // After another mistake it may only look so.
    if mistakes.is_empty() && found.tasks.is_empty() && declared.sets.is_empty() {
        mistakes.say(type_span(block), "there is nothing to do: mark a function with `#[task]`");
    }
    if let (Some(function), Some(_)) = (&found.wait_time, &declared.wait_time) {
        mistakes.say(function.span(), "the wait time is said twice: here and in the attribute");
    }
    match (&found.save_state, &found.restore_state) {
        (Some(save), None) if kind == Kind::User => {
            mistakes.say(save.span(), "who reads what is saved? Write `restore_state` too");
        }
        (None, Some(restore)) if kind == Kind::User => {
            mistakes.say(restore.span(), "who saves what is restored? Write `save_state` too");
        }
        _ => {}
    }
    chain::check(&declared, &found.tasks, &mut mistakes);
    let user = declared.user.clone().or(found.user.clone());
    if kind == Kind::Set && user.is_none() {
        mistakes.say(type_span(block), "whose set is this? Write `#[task_set(user = TheUser)]`");
    }
    let declaration = write(kind, block, &declared, &found, user.as_ref());
    mistakes.finish(declaration)
}

/// Looks through the functions of the block, and takes their `#[task]` away.
fn find(kind: Kind, block: &mut ItemImpl, mistakes: &mut Mistakes) -> Found {
    let mut found = Found::default();
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        let Some(role) = mistakes.keep(role(function)) else { continue };
        let name = function.sig.ident.clone();
        let check: fn(&ImplItemFn, Kind, &mut Mistakes) = match role {
            Role::Other => continue,
            Role::Task(marked) => {
                found.tasks.push((name, marked));
                check
            }
            Role::OnStart => {
                found.on_start = Some(name);
                check
            }
            Role::OnStop => {
                found.on_stop = Some(name);
                check
            }
            Role::WaitTime => {
                found.wait_time = Some(name);
                check_wait
            }
            Role::SaveState => {
                found.save_state = Some(name);
                check_save
            }
            Role::RestoreState => {
                found.restore_state = Some(name);
                check_restore
            }
        };
        check(function, kind, mistakes);
        if found.user.is_none() {
            found.user = user_of(function).cloned();
        }
    }
    found
}

/// The implementation of `User` or `TaskSet` by calls of the builder.
fn write(
    kind: Kind,
    block: &ItemImpl,
    declared: &Declared,
    found: &Found,
    user: Option<&Type>,
) -> TokenStream {
    let own = &block.self_ty;
    let mut calls = Vec::new();
    let Declared { host, weight, fixed_count, wait_time, sequential, sets, tags, .. } = declared;
    calls.extend(host.iter().map(|host| quote!(.host(#host))));
    calls.extend(weight.iter().map(|weight| quote!(.weight(#weight))));
    calls.extend(fixed_count.iter().map(|users| quote!(.fixed_count(#users))));
    calls.extend(wait_time.iter().map(|wait| {
        quote!(.wait_time({
            #[allow(unused_imports)]
            use ::katydid_sdk::wait::*;
            #wait
        }))
    }));
    calls.extend((!tags.is_empty()).then(|| quote!(.tags([#(#tags),*]))));
    calls.extend(sequential.then(|| quote!(.sequential())));
    calls.extend(found.wait_time.iter().map(of_self).map(|hook| quote!(.wait_time_asked(#hook))));
    calls.extend(found.on_start.iter().map(of_self).map(|hook| quote!(.on_start(#hook))));
    calls.extend(found.on_stop.iter().map(of_self).map(|hook| quote!(.on_stop(#hook))));
    if let (Some(save), Some(restore)) = (&found.save_state, &found.restore_state) {
        let (save, restore) = (of_self(save), of_self(restore));
        calls.push(quote!(.state(#save, #restore)));
    }
    calls.extend(found.tasks.iter().map(|(function, marked)| {
        let Marked { weight, tags, .. } = marked;
        let (own_function, said) = (of_self(function), said(function, marked));
        let weight = weight.unwrap_or(1);
        match tags[..] {
            [] => quote!(.task(#said, #weight, #own_function)),
            _ => quote!(.tagged_task(#said, #weight, [#(#tags),*], #own_function)),
        }
    }));
    calls.extend(chain::calls(&found.tasks));
    let user = user.map_or_else(|| quote!(Self), |user| quote!(#user));
    calls.extend(
        sets.iter().map(|set| quote!(.set(<#set as ::katydid_sdk::TaskSet<#user>>::set()))),
    );
    let name = declared.name.as_ref().map_or_else(|| type_name(own), syn::LitStr::value);
    match kind {
        Kind::User => quote! {
            impl ::katydid_sdk::User for #own {
                fn class() -> ::katydid_sdk::Class<Self> {
                    ::katydid_sdk::Class::new(#name) #(#calls)*
                }
            }
        },
        Kind::Set => quote! {
            impl ::katydid_sdk::TaskSet<#user> for #own {
                fn set() -> ::katydid_sdk::Set<#user> {
                    ::katydid_sdk::Set::new(#name) #(#calls)*
                }
            }
        },
    }
}

/// A function as a value. What does not fit is shown at its name.
fn of_self(function: &Ident) -> TokenStream {
    quote_spanned!(function.span()=> Self::#function)
}

/// What a task is called.
pub(crate) fn said(function: &Ident, marked: &Marked) -> String {
    marked.name.as_ref().map_or_else(|| plain(function), syn::LitStr::value)
}

/// A function's name without the mark of a raw identifier.
fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// The last word of a type's path.
fn type_name(own: &Type) -> String {
    match own {
        Type::Path(path) => path.path.segments.last().map(|last| plain(&last.ident)),
        _ => None,
    }
    .unwrap_or_else(|| quote!(#own).to_string())
}
