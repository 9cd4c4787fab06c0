//! The methods of the target: one table, and what its rows may use.

mod interop;
mod params;
mod system;
mod table;
mod validator1;

pub(super) use table::METHODS;

use super::delay::Delay;
use super::fault::{Fault, INVALID_PARAMS, METHOD_NOT_FOUND};
use katydid_load::Rng;
use katydid_xmlrpc::{OwnedNode, end_of_value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

    pub(super) fn run(name: &str, args: &[OwnedNode]) -> Result<Vec<OwnedNode>, Fault> {
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
