//! The methods of the target: one table.

use super::delay::Delay;
use katydid_load::Rng;
use katydid_xmlrpc::{DecodeError, EncodeError, OwnedNode, end_of_value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Codes of the Specification for Fault Code Interoperability.
pub(super) const NOT_WELL_FORMED: i32 = -32700;
pub(super) const NOT_XML_RPC: i32 = -32600;
pub(super) const METHOD_NOT_FOUND: i32 = -32601;
pub(super) const INVALID_PARAMS: i32 = -32602;
pub(super) const INTERNAL: i32 = -32603;
pub(super) const APPLICATION: i32 = -32500;

/// A fault to answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub(super) code: i32,
    pub(super) message: String,
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        let code = match error {
            DecodeError::NotXmlRpc { .. } | DecodeError::Limit { .. } => NOT_XML_RPC,
            DecodeError::Empty
            | DecodeError::Doctype { .. }
            | DecodeError::Truncated { .. }
            | DecodeError::Malformed { .. } => NOT_WELL_FORMED,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<EncodeError> for Fault {
    fn from(error: EncodeError) -> Self {
        Self { code: INTERNAL, message: format!("cannot write the reply: {error}") }
    }
}

/// Appends one value to the result, or answers a fault.
type Run = fn(&mut Call<'_>, args: &[OwnedNode], out: &mut Vec<OwnedNode>) -> Result<(), Fault>;

/// A method of the target.
pub(super) struct Method {
    pub(super) name: &'static str,
    /// One type of the result and those of the parameters for each way to call it; none where any
    /// will do.
    signatures: &'static [&'static [&'static str]],
    help: &'static str,
    /// It takes the delay that is set for all methods; otherwise only one that is set for it.
    pub(super) delayed: bool,
    run: Run,
}

/// All of them. A new method is one more row.
pub(super) const METHODS: &[Method] = &[
    Method {
        name: "echo",
        signatures: &[],
        help: "Returns its argument. With several, an array of them; with none, an empty string.",
        delayed: true,
        run: echo,
    },
    Method {
        name: "get_random_number",
        signatures: &[&["int", "int", "int"]],
        help: "get_random_number(low, high): a random integer from low to high, both included.",
        delayed: true,
        run: get_random_number,
    },
    Method {
        name: "get_time",
        signatures: &[&["double"]],
        help: "The time of the target: seconds since 1970-01-01 00:00 UTC, when the reply is sent.",
        delayed: true,
        run: get_time,
    },
    Method {
        name: "system.listMethods",
        signatures: &[&["array"]],
        help: "The names of all methods.",
        delayed: false,
        run: list_methods,
    },
    Method {
        name: "system.methodHelp",
        signatures: &[&["string", "string"]],
        help: "system.methodHelp(name): what a method does.",
        delayed: false,
        run: method_help,
    },
    Method {
        name: "system.methodSignature",
        signatures: &[&["array", "string"]],
        help: "system.methodSignature(name): for each way to call a method an array, the type of the \
               result first; the string undef where any types will do.",
        delayed: false,
        run: method_signature,
    },
    Method {
        name: "system.multicall",
        signatures: &[&["array", "array"]],
        help: "system.multicall([{methodName, params}, ...]): carries out several calls, one after \
               the other, their delays added up. For each an array of its one result, or a struct of \
               faultCode and faultString. It cannot call itself.",
        delayed: false,
        run: multicall,
    },
];

/// What a method may use.
pub(super) struct Call<'c> {
    pub(super) dice: &'c mut Rng,
    /// One for each of [`METHODS`].
    pub(super) delays: &'c [Delay],
    /// How long the reply is held back: methods add to it, and none of them really sleeps.
    pub(super) wait: Duration,
}

impl Call<'_> {
    /// Runs a method: appends one value, or nothing and answers a fault.
    pub(super) fn run(
        &mut self,
        name: &str,
        args: &[OwnedNode],
        out: &mut Vec<OwnedNode>,
    ) -> Result<(), Fault> {
        let Some((index, method)) = find(name) else {
            return Err(unknown(METHOD_NOT_FOUND, name));
        };
        let before = (out.len(), self.wait);
        let delay = self.delays.get(index).copied().unwrap_or(Delay::NONE);
        self.wait = self.wait.saturating_add(delay.draw(self.dice));
        let result = (method.run)(self, args, out);
        if result.is_err() {
            // What it does not answer it does not take time for either.
            out.truncate(before.0);
            self.wait = before.1;
        }
        result
    }
}

fn find(name: &str) -> Option<(usize, &'static Method)> {
    METHODS.iter().enumerate().find(|(_, method)| method.name == name)
}

fn unknown(code: i32, name: &str) -> Fault {
    let name: String = name.chars().take(100).collect();
    let message = format!("method \"{name}\" is not known here, see system.listMethods");
    Fault { code, message }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault { code: INVALID_PARAMS, message: message.into() }
}

fn no_params(name: &str, args: &[OwnedNode]) -> Result<(), Fault> {
    if args.is_empty() { Ok(()) } else { Err(invalid(format!("{name} takes no parameters"))) }
}

fn echo(_: &mut Call<'_>, args: &[OwnedNode], out: &mut Vec<OwnedNode>) -> Result<(), Fault> {
    match values(args).count() {
        0 => out.push(OwnedNode::Text(String::new())),
        1 => {}
        count => out.push(array(count)),
    }
    out.extend_from_slice(args);
    Ok(())
}

fn get_random_number(
    call: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [OwnedNode::Int(low), OwnedNode::Int(high)] = *args else {
        return Err(invalid("get_random_number takes two parameters of type int: low and high"));
    };
    if low > high {
        return Err(invalid(format!("low \"{low}\" is above high \"{high}\", exchange them")));
    }
    let drawn = i64::from(low) + call.dice.below(u64::from(high.abs_diff(low)) + 1) as i64;
    // It lies between the two.
    out.push(OwnedNode::Int(i32::try_from(drawn).unwrap_or(high)));
    Ok(())
}

fn get_time(
    call: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    no_params("get_time", args)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // A server that really slept would look at its clock afterwards.
    out.push(OwnedNode::Double(now.saturating_add(call.wait).as_secs_f64()));
    Ok(())
}

fn list_methods(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    no_params("system.listMethods", args)?;
    out.push(array(METHODS.len()));
    out.extend(METHODS.iter().map(|method| text(method.name)));
    Ok(())
}

fn method_help(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let method = named("system.methodHelp", args)?;
    out.push(text(method.help));
    Ok(())
}

fn method_signature(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let method = named("system.methodSignature", args)?;
    if method.signatures.is_empty() {
        out.push(text("undef"));
        return Ok(());
    }
    out.push(array(method.signatures.len()));
    for types in method.signatures {
        out.push(array(types.len()));
        out.extend(types.iter().map(|name| text(name)));
    }
    Ok(())
}

/// The method that the only parameter names.
fn named(asked: &str, args: &[OwnedNode]) -> Result<&'static Method, Fault> {
    let [OwnedNode::Text(name)] = args else {
        return Err(invalid(format!("{asked} takes one parameter: the name of a method")));
    };
    find(name).map(|(_, method)| method).ok_or_else(|| unknown(INVALID_PARAMS, name))
}

fn multicall(
    call: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let (Some(OwnedNode::Array(count)), 1) = (args.first(), values(args).count()) else {
        return Err(invalid("system.multicall takes one parameter: an array of calls"));
    };
    out.push(OwnedNode::Array(*count));
    for inner in values(args.get(1..).unwrap_or_default()) {
        let place = out.len();
        out.push(OwnedNode::Array(1));
        if let Err(fault) = inner_call(inner).and_then(|(name, args)| call.run(name, args, out)) {
            out.truncate(place);
            out.extend([
                OwnedNode::Members(2),
                OwnedNode::Member("faultCode".into()),
                OwnedNode::Int(fault.code),
                OwnedNode::Member("faultString".into()),
                OwnedNode::Text(fault.message),
            ]);
        }
    }
    Ok(())
}

/// Takes a struct of `methodName` and `params` apart. Other members are ignored, of those that
/// repeat the last one wins, and without `params` there are none.
fn inner_call(value: &[OwnedNode]) -> Result<(&str, &[OwnedNode]), Fault> {
    let Some((OwnedNode::Members(_), mut rest)) = value.split_first() else {
        return Err(invalid("each call is a struct of methodName and params"));
    };
    let mut name = None;
    let mut params: &[OwnedNode] = &[];
    while let Some((OwnedNode::Member(member), after)) = rest.split_first() {
        let end = end_of_value(after, 0).unwrap_or(after.len());
        let (value, next) = after.split_at(end);
        match (member.as_str(), value) {
            ("methodName", [OwnedNode::Text(text)]) => name = Some(text.as_str()),
            ("methodName", _) => return Err(invalid("methodName must be a string")),
            ("params", [OwnedNode::Array(_), values @ ..]) => params = values,
            ("params", _) => return Err(invalid("params must be an array")),
            _ => {}
        }
        rest = next;
    }
    match name {
        None => Err(invalid("a call lacks its methodName")),
        // Nested, a short request could ask for an endless reply.
        Some("system.multicall") => Err(invalid("system.multicall cannot call itself")),
        Some(name) => Ok((name, params)),
    }
}

/// The values of a document, one after the other.
fn values(mut document: &[OwnedNode]) -> impl Iterator<Item = &[OwnedNode]> {
    std::iter::from_fn(move || {
        let (value, rest) = document.split_at_checked(end_of_value(document, 0)?)?;
        document = rest;
        Some(value)
    })
}

fn text(text: &str) -> OwnedNode {
    OwnedNode::Text(text.into())
}

fn array(length: usize) -> OwnedNode {
    // A document is bounded far below what 32 bits can count.
    OwnedNode::Array(u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::random::dice;
    use super::OwnedNode::{Array, Boolean, Double, Int, Long, Member, Members};
    use super::*;

    fn text(text: &str) -> OwnedNode {
        OwnedNode::Text(text.into())
    }

    fn run_delayed(
        name: &str,
        args: &[OwnedNode],
        delay: Delay,
    ) -> (Result<Vec<OwnedNode>, Fault>, Duration) {
        let delays: Vec<Delay> =
            METHODS.iter().map(|method| if method.delayed { delay } else { Delay::NONE }).collect();
        let mut dice = dice(1, 1);
        let mut call = Call { dice: &mut dice, delays: &delays, wait: Duration::ZERO };
        let mut out = vec![text("before")];
        let result = call.run(name, args, &mut out).map(|()| out.split_off(1));
        assert_eq!(out, [text("before")], "what stood there before stays");
        (result, call.wait)
    }

    fn run(name: &str, args: &[OwnedNode]) -> Result<Vec<OwnedNode>, Fault> {
        run_delayed(name, args, Delay::NONE).0
    }

    #[test]
    fn methods_answer() {
        let rows: &[(&str, &[OwnedNode], &[OwnedNode])] = &[
            ("echo", &[], &[text("")]),
            ("echo", &[Int(5)], &[Int(5)]),
            ("echo", &[Array(2), Int(1), text("a")], &[Array(2), Int(1), text("a")]),
            (
                "echo",
                &[Int(1), Members(0), Boolean(true)],
                &[Array(3), Int(1), Members(0), Boolean(true)],
            ),
            ("get_random_number", &[Int(7), Int(7)], &[Int(7)]),
            ("system.methodSignature", &[text("echo")], &[text("undef")]),
            ("system.methodSignature", &[text("get_time")], &[Array(1), Array(1), text("double")]),
            ("system.multicall", &[Array(0)], &[Array(0)]),
        ];
        for (name, args, expected) in rows {
            assert_eq!(run(name, args).as_deref(), Ok(*expected), "{name} {args:?}");
        }
    }

    #[test]
    fn methods_refuse_what_they_cannot_do() {
        let rows: &[(&str, &[OwnedNode], i32, &str)] = &[
            ("nonsense", &[], METHOD_NOT_FOUND, "\"nonsense\""),
            ("get_time", &[Int(1)], INVALID_PARAMS, "takes no parameters"),
            ("get_random_number", &[Int(1)], INVALID_PARAMS, "two parameters"),
            ("get_random_number", &[Int(1), Long(1 << 40)], INVALID_PARAMS, "of type int"),
            ("get_random_number", &[Array(2), Int(1), Int(2)], INVALID_PARAMS, "two parameters"),
            (
                "get_random_number",
                &[Int(2), Int(1)],
                INVALID_PARAMS,
                "low \"2\" is above high \"1\"",
            ),
            ("system.listMethods", &[text("x")], INVALID_PARAMS, "takes no parameters"),
            ("system.methodHelp", &[], INVALID_PARAMS, "the name of a method"),
            ("system.methodHelp", &[text("x")], INVALID_PARAMS, "\"x\""),
            ("system.multicall", &[], INVALID_PARAMS, "an array of calls"),
            ("system.multicall", &[Array(0), Array(0)], INVALID_PARAMS, "an array of calls"),
            ("system.multicall", &[Int(5)], INVALID_PARAMS, "an array of calls"),
        ];
        for (name, args, code, part) in rows {
            let fault = run(name, args).expect_err(name);
            assert_eq!(fault.code, *code, "{name} {args:?}");
            assert!(fault.message.contains(part), "{name}: {}", fault.message);
        }
    }

    #[test]
    fn random_numbers_reach_both_ends() {
        let mut dice = dice(1, 1);
        let mut call = Call { dice: &mut dice, delays: &[], wait: Duration::ZERO };
        let mut out = Vec::new();
        for _ in 0..1000 {
            call.run("get_random_number", &[Int(-1), Int(1)], &mut out).expect("good bounds");
        }
        for expected in [-1, 0, 1] {
            assert!(out.contains(&Int(expected)));
        }
        assert!(out.iter().all(|drawn| matches!(drawn, Int(-1..=1))));
        assert!(run("get_random_number", &[Int(i32::MIN), Int(i32::MAX)]).is_ok());
    }

    #[test]
    fn a_multicall_answers_each_call_or_its_fault() {
        let inner = |name: &str, args: &[OwnedNode]| {
            let mut call = vec![Members(3), Member("note".into()), Array(1), Int(9)];
            call.extend([Member("methodName".into()), text(name), Member("params".into())]);
            call.push(array(args.len()));
            call.extend_from_slice(args);
            call
        };
        let mut args = vec![Array(7)];
        args.extend(inner("echo", &[Int(1)]));
        args.extend(inner("nonsense", &[]));
        args.extend(inner("system.multicall", &[Array(0)]));
        args.extend([Int(5)]);
        args.extend([Members(1), Member("methodName".into()), text("echo")]);
        args.extend([Members(0)]);
        args.extend([
            Members(2),
            Member("methodName".into()),
            text("echo"),
            Member("params".into()),
            Int(1),
        ]);
        let out = run("system.multicall", &args).expect("the multicall itself is good");
        let codes: Vec<_> = values(&out[1..])
            .map(|value| match value {
                [Array(1), ..] => 0,
                [Members(2), Member(_), Int(code), Member(_), OwnedNode::Text(_)] => *code,
                _ => i32::MAX,
            })
            .collect();
        assert_eq!(out[0], Array(7));
        assert_eq!(
            codes,
            [
                0,
                METHOD_NOT_FOUND,
                INVALID_PARAMS,
                INVALID_PARAMS,
                0,
                INVALID_PARAMS,
                INVALID_PARAMS
            ]
        );
    }

    #[test]
    fn delays_are_drawn_added_up_and_forgotten_after_a_fault() {
        let second = Delay::constant(Duration::from_secs(1));
        assert_eq!(run_delayed("get_time", &[], second).1, Duration::from_secs(1));
        assert_eq!(run_delayed("get_time", &[Int(1)], second).1, Duration::ZERO);
        assert_eq!(run_delayed("system.listMethods", &[], second).1, Duration::ZERO);
        let mut args = vec![Array(3)];
        for name in ["get_time", "nonsense", "get_time"] {
            args.extend([Members(1), Member("methodName".into()), text(name)]);
        }
        let (result, wait) = run_delayed("system.multicall", &args, second);
        assert_eq!(wait, Duration::from_secs(2));
        // Each clock is looked at when its own delay is over.
        let times: Vec<f64> = result
            .expect("good")
            .iter()
            .filter_map(|n| if let Double(t) = n { Some(*t) } else { None })
            .collect();
        assert!((times[1] - times[0] - 1.0).abs() < 0.5, "{times:?}");
    }

    #[test]
    fn the_table_is_sorted_and_describes_itself() {
        assert!(METHODS.is_sorted_by_key(|method| method.name));
        for method in METHODS {
            assert!(run("system.methodHelp", &[text(method.name)]).is_ok());
            assert!(run("system.methodSignature", &[text(method.name)]).is_ok());
        }
        let listed = run("system.listMethods", &[]).expect("it has no parameters");
        assert_eq!(listed.len(), METHODS.len() + 1);
    }
}
