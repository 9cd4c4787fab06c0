//! The methods of `interopEchoTests.`: the suite that toolkits of 2001 tried each other with.
//!
//! The names are those that `interop-cgi-server` of xmlrpc-c and the server of xmlrpc-epi have in
//! common. The first page of the suite knew neither `echoBoolean` nor `noInParams`.

use super::params::{elements, params};
use super::{Call, no_params, text, values};
use crate::target::fault::Fault;
use katydid_xmlrpc::OwnedNode;

/// Answers the one parameter, which must be of this type.
pub(super) fn echo(kind: &str, args: &[OwnedNode], out: &mut Vec<OwnedNode>) -> Result<(), Fault> {
    let [value] = params(args, [kind])?;
    out.extend_from_slice(value);
    Ok(())
}

/// Answers the one parameter, an array whose elements must be of this type.
pub(super) fn echo_array(
    kind: &str,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [array] = params(args, ["array"])?;
    elements(array, kind).try_for_each(|element| element.map(|_| ()))?;
    out.extend_from_slice(array);
    Ok(())
}

/// Answers the one parameter, whatever it is.
pub(super) fn echo_value(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    match values(args).count() {
        1 => out.extend_from_slice(args),
        given => {
            return Err(super::invalid(format!("{given} parameters were given, 1 must be")));
        }
    }
    Ok(())
}

pub(super) fn no_in_params(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    no_params("interopEchoTests.noInParams", args)?;
    // Any int will do.
    out.push(OwnedNode::Int(0));
    Ok(())
}

pub(super) fn which_toolkit(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    no_params("interopEchoTests.whichToolkit", args)?;
    let members = [
        ("toolkitName", env!("CARGO_PKG_NAME")),
        ("toolkitVersion", env!("CARGO_PKG_VERSION")),
        ("toolkitOperatingSystem", std::env::consts::OS),
        ("toolkitDocsUrl", env!("CARGO_PKG_REPOSITORY")),
    ];
    out.push(OwnedNode::Members(4));
    for (name, value) in members {
        out.extend([OwnedNode::Member(name.into()), text(value)]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::METHODS;
    use super::super::tests::run;
    use super::OwnedNode::{
        Array, Binary, Boolean, DateTime, Double, Int, Long, Member, Members, Nil,
    };
    use super::*;
    use crate::target::fault::INVALID_PARAMS;

    fn date(text: &str) -> OwnedNode {
        DateTime(text.into())
    }

    fn bytes(bytes: &[u8]) -> OwnedNode {
        Binary(bytes.into())
    }

    fn member(name: &str) -> OwnedNode {
        Member(name.into())
    }

    #[test]
    fn each_echoes_what_it_is_for() {
        let structs = [
            Array(2),
            Members(2),
            member("varInt"),
            Int(1),
            member("varString"),
            text("<a>"),
            Members(0),
        ];
        let rows: &[(&str, &[OwnedNode])] = &[
            ("echoString", &[text("")]),
            ("echoString", &[text(" größe & <co>\n")]),
            ("echoInteger", &[Int(i32::MIN)]),
            ("echoFloat", &[Double(-0.25)]),
            ("echoBoolean", &[Boolean(false)]),
            ("echoDate", &[date("19980717T14:08:55")]),
            ("echoDate", &[date("")]),
            ("echoBase64", &[bytes(b"")]),
            ("echoBase64", &[bytes(b"\0\xff")]),
            ("echoStruct", &[Members(0)]),
            ("echoStruct", &structs[1..6]),
            ("echoStringArray", &[Array(0)]),
            ("echoStringArray", &[Array(2), text("a"), text("")]),
            ("echoIntegerArray", &[Array(2), Int(1), Int(-1)]),
            ("echoFloatArray", &[Array(1), Double(1.5)]),
            ("echoStructArray", &structs),
            ("echoValue", &[Nil]),
            ("echoValue", &[Long(1 << 40)]),
            ("echoValue", &structs),
            // The names within a struct are its caller's affair, as are values below the first level.
            ("echoStruct", &[Members(2), member("a"), Nil, member("a"), Array(1), Members(0)]),
        ];
        for (name, args) in rows {
            let name = format!("interopEchoTests.{name}");
            assert_eq!(run(&name, args).as_deref(), Ok(*args), "{name}");
        }
        assert_eq!(run("interopEchoTests.noInParams", &[]), Ok(vec![Int(0)]));
        let toolkit = run("interopEchoTests.whichToolkit", &[]).expect("it has no parameters");
        assert_eq!(toolkit[..3], [Members(4), member("toolkitName"), text("katydid")]);
        assert_eq!(katydid_xmlrpc::end_of_value(&toolkit, 0), Some(toolkit.len()));
    }

    #[test]
    fn each_refuses_everything_else() {
        let rows: &[(&str, &[OwnedNode], &str)] = &[
            ("echoString", &[], "0 parameters were given, 1 must be: string"),
            ("echoString", &[Int(1)], "parameter 1 is of type int, string is due"),
            ("echoString", &[Nil], "parameter 1 is of type nil, string is due"),
            ("echoString", &[text("a"), text("b")], "2 parameters were given, 1 must be: string"),
            ("echoInteger", &[text("1")], "parameter 1 is of type string, int is due"),
            ("echoInteger", &[Long(1 << 40)], "parameter 1 is of type i8, int is due"),
            ("echoInteger", &[Boolean(true)], "parameter 1 is of type boolean, int is due"),
            ("echoFloat", &[Int(1)], "parameter 1 is of type int, double is due"),
            ("echoBoolean", &[Int(1)], "parameter 1 is of type int, boolean is due"),
            ("echoDate", &[text("x")], "parameter 1 is of type string, dateTime.iso8601 is due"),
            ("echoBase64", &[text("x")], "parameter 1 is of type string, base64 is due"),
            ("echoStruct", &[Array(0)], "parameter 1 is of type array, struct is due"),
            ("echoStringArray", &[text("a")], "parameter 1 is of type string, array is due"),
            (
                "echoStringArray",
                &[Array(2), text("a"), Array(0)],
                "element 2 is of type array, string is due",
            ),
            ("echoIntegerArray", &[Array(1), Double(1.0)], "element 1 is of type double, int"),
            ("echoFloatArray", &[Array(1), Int(1)], "element 1 is of type int, double is due"),
            ("echoStructArray", &[Array(1), Nil], "element 1 is of type nil, struct is due"),
            ("echoValue", &[], "0 parameters were given, 1 must be"),
            ("echoValue", &[Nil, Nil], "2 parameters were given, 1 must be"),
            ("noInParams", &[Nil], "takes no parameters"),
            ("whichToolkit", &[Nil], "takes no parameters"),
        ];
        for (name, args, part) in rows {
            let name = format!("interopEchoTests.{name}");
            let fault = run(&name, args).expect_err(&name);
            assert_eq!(fault.code, INVALID_PARAMS, "{name}");
            assert!(fault.message.contains(part), "{name}: {}", fault.message);
        }
        for method in METHODS.iter().filter(|method| method.name.starts_with("interop")) {
            let name = method.name.trim_start_matches("interopEchoTests.");
            assert!(rows.iter().any(|row| row.0 == name), "{name} has no sad row");
        }
    }
}
