//! The methods of `system.`: what is there, and several calls in one.

use super::params::members;
use super::{Call, METHODS, Method, array, find, invalid, no_params, text, unknown, values};
use crate::target::fault::{Fault, INVALID_PARAMS};
use katydid_xmlrpc::OwnedNode;

pub(super) fn list_methods(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    no_params("system.listMethods", args)?;
    out.push(array(METHODS.len()));
    out.extend(METHODS.iter().map(|method| text(method.name)));
    Ok(())
}

pub(super) fn method_help(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let method = named("system.methodHelp", args)?;
    out.push(text(method.help));
    Ok(())
}

pub(super) fn method_signature(
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

pub(super) fn multicall(
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
    if !matches!(value, [OwnedNode::Members(_), ..]) {
        return Err(invalid("each call is a struct of methodName and params"));
    }
    let mut name = None;
    let mut params: &[OwnedNode] = &[];
    for (member, value) in members(value) {
        match (member, value) {
            ("methodName", [OwnedNode::Text(text)]) => name = Some(text.as_str()),
            ("methodName", _) => return Err(invalid("methodName must be a string")),
            ("params", [OwnedNode::Array(_), values @ ..]) => params = values,
            ("params", _) => return Err(invalid("params must be an array")),
            _ => {}
        }
    }
    match name {
        None => Err(invalid("a call lacks its methodName")),
        // Nested, a short request could ask for an endless reply.
        Some("system.multicall") => Err(invalid("system.multicall cannot call itself")),
        Some(name) => Ok((name, params)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::OwnedNode::{Array, Int, Member, Members};
    use super::*;
    use crate::target::fault::METHOD_NOT_FOUND;

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
}
