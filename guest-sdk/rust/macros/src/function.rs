//! The functions of an `impl` block: tasks, hooks and others.

use crate::attribute::{Marked, Mistakes};
use crate::class::Kind;
use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, ImplItemFn, Meta, Result, ReturnType, Type};

/// What a function is to its user or set.
pub(crate) enum Role {
    Task(Marked),
    OnStart,
    OnStop,
    WaitTime,
    SaveState,
    RestoreState,
    Other,
}

/// Tells a function's role, and takes `#[task]` away from it.
pub(crate) fn role(function: &mut ImplItemFn) -> Result<Role> {
    let is_task = |attribute: &Attribute| {
        attribute.path().segments.last().is_some_and(|last| last.ident == "task")
    };
    if let Some(place) = function.attrs.iter().position(is_task) {
        let attribute = function.attrs.remove(place);
        return Ok(Role::Task(match &attribute.meta {
            Meta::Path(_) => Marked::default(),
            _ => attribute.parse_args()?,
        }));
    }
    Ok(match function.sig.ident.to_string().as_str() {
        "on_start" => Role::OnStart,
        "on_stop" => Role::OnStop,
        "wait_time" => Role::WaitTime,
        "save_state" => Role::SaveState,
        "restore_state" => Role::RestoreState,
        _ => Role::Other,
    })
}

/// Refuses what no task and no hook can be. That its parameters have the right types is for the
/// compiler to say, who knows types.
pub(crate) fn check(function: &ImplItemFn, kind: Kind, mistakes: &mut Mistakes) {
    let signature = &function.sig;
    if let Some(word) = &signature.asyncness {
        mistakes.say(word.span, "a task is not `async`: a call simply waits for its reply");
    }
    if !signature.generics.params.is_empty() {
        mistakes.say(signature.generics.span(), "a task has no type parameters");
    }
    let (takes, first_is_right) = match kind {
        Kind::User => ("`&mut self`", takes_self(signature.inputs.first())),
        Kind::Set => ("`user: &mut TheUser`", user_of(function).is_some()),
    };
    let second_is_right = signature.inputs.iter().nth(1).is_none_or(is_lent);
    if !first_is_right || !second_is_right || signature.inputs.len() > 2 {
        let at = if signature.inputs.is_empty() {
            signature.ident.span()
        } else {
            signature.inputs.span()
        };
        mistakes.say(at, &format!("a task takes {takes} and perhaps `client: &Client`"));
    }
}

/// Refuses what cannot be asked for a pause.
pub(crate) fn check_wait(function: &ImplItemFn, kind: Kind, mistakes: &mut Mistakes) {
    let signature = &function.sig;
    if kind == Kind::Set {
        return mistakes.say(signature.ident.span(), "a wait time is its user's, not a set's");
    }
    let takes = takes_self(signature.inputs.first()) && signature.inputs.len() == 1;
    let answers = matches!(signature.output, ReturnType::Type(..));
    if !takes || !answers || signature.asyncness.is_some() {
        mistakes.say(signature.span(), "write `fn wait_time(&mut self) -> f64`, in seconds");
    }
}

/// Refuses what cannot be asked for a state.
pub(crate) fn check_save(function: &ImplItemFn, kind: Kind, mistakes: &mut Mistakes) {
    let signature = &function.sig;
    let answers = matches!(signature.output, ReturnType::Type(..));
    let fits = signature.inputs.len() == 1 && answers;
    check_state(function, kind, fits, "write `fn save_state(&mut self) -> Vec<u8>`", mistakes);
}

/// Refuses what cannot be given a state.
pub(crate) fn check_restore(function: &ImplItemFn, kind: Kind, mistakes: &mut Mistakes) {
    const FORM: &str = "write `fn restore_state(&mut self, state: &[u8]) -> Result`, perhaps with \
                        `client: &Client` behind the state";
    let others = function.sig.inputs.iter().skip(1);
    let fits = (1..=2).contains(&others.len()) && others.into_iter().all(is_lent);
    check_state(function, kind, fits, FORM, mistakes);
}

fn check_state(function: &ImplItemFn, kind: Kind, fits: bool, form: &str, mistakes: &mut Mistakes) {
    let signature = &function.sig;
    if kind == Kind::Set {
        return mistakes.say(signature.ident.span(), "a state is its user's, not a set's");
    }
    let is_plain = signature.asyncness.is_none() && signature.generics.params.is_empty();
    if !fits || !is_plain || !takes_self(signature.inputs.first()) {
        mistakes.say(signature.span(), form);
    }
}

/// Whether a parameter is a reference, and not `self`.
fn is_lent(parameter: &FnArg) -> bool {
    matches!(parameter, FnArg::Typed(argument) if matches!(&*argument.ty, Type::Reference(_)))
}

fn takes_self(first: Option<&FnArg>) -> bool {
    matches!(first, Some(FnArg::Receiver(own)) if own.reference.is_some() && own.mutability.is_some())
}

/// The user of a set, as the first parameter of one of its functions tells it.
pub(crate) fn user_of(function: &ImplItemFn) -> Option<&Type> {
    match function.sig.inputs.first()? {
        FnArg::Typed(argument) => match &*argument.ty {
            Type::Reference(reference) if reference.mutability.is_some() => Some(&reference.elem),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    }
}

/// Where a mistake of a whole block is shown: at its type.
pub(crate) fn type_span(block: &syn::ItemImpl) -> Span {
    block.self_ty.span()
}
