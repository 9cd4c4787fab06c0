//! What may stand in the parentheses of an attribute.

use proc_macro2::{Ident, Span};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Lit, LitStr, Path, Result, Token, Type, UnOp, parenthesized};

/// One thing in the parentheses: `key = value`, `key(values)` or `key` alone.
struct Item<'a> {
    key: Ident,
    input: ParseStream<'a>,
}

impl Item<'_> {
    fn value<T: Parse>(&self) -> Result<T> {
        if !self.input.peek(Token![=]) {
            let key = &self.key;
            return Err(Error::new(key.span(), format!("write `{key} = ...`")));
        }
        self.input.parse::<Token![=]>()?;
        self.input.parse()
    }

    fn values<T: Parse>(&self) -> Result<Vec<T>> {
        if !self.input.peek(syn::token::Paren) {
            let key = &self.key;
            return Err(Error::new(key.span(), format!("write `{key}(...)`")));
        }
        let content;
        parenthesized!(content in self.input);
        Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
    }

    fn unknown(&self, allowed: &str) -> Error {
        let key = &self.key;
        Error::new(key.span(), format!("there is no `{key}` here; allowed are {allowed}"))
    }
}

/// Reads everything in the parentheses; `each` takes what follows its key.
fn items(input: ParseStream<'_>, mut each: impl FnMut(&Item<'_>) -> Result<()>) -> Result<()> {
    let mut seen: Vec<Ident> = Vec::new();
    while !input.is_empty() {
        let key: Ident = input.parse()?;
        if seen.contains(&key) {
            return Err(Error::new(key.span(), format!("`{key}` is said twice")));
        }
        seen.push(key.clone());
        each(&Item { key, input })?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// A number of 32 bits from 0; `what` is it in words.
fn count(value: &Expr, what: &str) -> Result<u32> {
    let number = match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    };
    let message = || format!("{what} is a whole number from 0 to {}", u32::MAX);
    number.ok_or_else(|| Error::new(value.span(), message()))
}

/// `#[user(...)]` and `#[task_set(...)]`.
#[derive(Default)]
pub(crate) struct Declared {
    pub(crate) name: Option<LitStr>,
    pub(crate) host: Option<LitStr>,
    pub(crate) weight: Option<u32>,
    pub(crate) fixed_count: Option<u32>,
    pub(crate) wait_time: Option<Expr>,
    pub(crate) sequential: bool,
    pub(crate) sets: Vec<Path>,
    pub(crate) tags: Vec<LitStr>,
    pub(crate) user: Option<Type>,
}

impl Declared {
    pub(crate) fn of_user(input: ParseStream<'_>) -> Result<Self> {
        let mut to = Self::default();
        items(input, |item| {
            match item.key.to_string().as_str() {
                "host" => to.host = Some(item.value()?),
                "fixed_count" => {
                    to.fixed_count = Some(count(&item.value()?, "a fixed count")?);
                }
                "wait_time" => to.wait_time = Some(pause(item.value()?)?),
                _ if to.shared(item)? => {}
                _ => {
                    return Err(item.unknown(
                        "`host`, `weight`, `fixed_count`, `wait_time`, `sequential`, `sets(...)`, \
                         `tags(...)` and `name`",
                    ));
                }
            }
            Ok(())
        })?;
        Ok(to)
    }

    pub(crate) fn of_set(input: ParseStream<'_>) -> Result<Self> {
        let mut to = Self::default();
        items(input, |item| {
            match item.key.to_string().as_str() {
                "user" => to.user = Some(item.value()?),
                _ if to.shared(item)? => {}
                _ => {
                    return Err(item.unknown(
                        "`weight`, `sequential`, `sets(...)`, `tags(...)`, `name` and `user`",
                    ));
                }
            }
            Ok(())
        })?;
        Ok(to)
    }

    /// What users and sets have in common; false for anything else.
    fn shared(&mut self, item: &Item<'_>) -> Result<bool> {
        match item.key.to_string().as_str() {
            "name" => self.name = Some(item.value()?),
            "weight" => self.weight = Some(count(&item.value()?, "a weight")?),
            "sequential" => self.sequential = true,
            "sets" => self.sets = item.values()?,
            "tags" => self.tags = item.values()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A wait time without a negative number in it: that would be no pause at all.
fn pause(value: Expr) -> Result<Expr> {
    if let Expr::Call(call) = &value {
        for argument in &call.args {
            if matches!(argument, Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_))) {
                return Err(Error::new(argument.span(), "a wait time is not negative"));
            }
        }
    }
    Ok(value)
}

/// `#[task(...)]`.
#[derive(Default)]
pub(crate) struct Marked {
    /// 1, unless it is said.
    pub(crate) weight: Option<u32>,
    pub(crate) tags: Vec<LitStr>,
    pub(crate) name: Option<LitStr>,
    /// What follows it in a chain.
    pub(crate) then: Option<Vec<Follower>>,
}

/// `buy = 3` or `buy`: a task that follows another one, and how often.
pub(crate) struct Follower {
    pub(crate) task: Ident,
    pub(crate) weight: u32,
}

impl Parse for Follower {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let task = input.parse()?;
        let mut weight = 1;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            weight = count(&input.parse()?, "a weight")?;
        }
        Ok(Self { task, weight })
    }
}

impl Parse for Marked {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut to = Self::default();
        // The weight may stand alone at the beginning, as in Locust.
        let weight_first = !input.is_empty() && !input.peek(syn::Ident);
        if weight_first {
            to.weight = Some(count(&input.parse()?, "a weight")?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        items(input, |item| {
            match item.key.to_string().as_str() {
                "weight" if !weight_first => {
                    to.weight = Some(count(&item.value()?, "a weight")?);
                }
                "weight" => return Err(Error::new(item.key.span(), "the weight is said twice")),
                "tags" => to.tags = item.values()?,
                "name" => to.name = Some(item.value()?),
                "then" => to.then = Some(item.values()?),
                _ => return Err(item.unknown("a weight, `tags(...)`, `then(...)` and `name`")),
            }
            Ok(())
        })?;
        Ok(to)
    }
}

/// The mistakes found so far, told all at once.
#[derive(Default)]
pub(crate) struct Mistakes(Option<Error>);

impl Mistakes {
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn say(&mut self, at: Span, message: &str) {
        self.add(Error::new(at, message));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What was made, or, after a mistake, nothing.
    pub(crate) fn keep<T>(&mut self, made: Result<T>) -> Option<T> {
        made.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn finish<T>(self, made: T) -> Result<T> {
        self.0.map_or(Ok(made), Err)
    }
}
