//! The methods of `validator1.`: the validation suite of XML-RPC's own authors, of the year 2000.
//!
//! What they do stands in <http://1998.xmlrpc.com/validator1Docs.html>. What that page promises of
//! the parameters is demanded here: a caller that sends something else should hear of it.

use super::params::{NUMBER, elements, int, int_member, member, params};
use super::{Call, invalid};
use crate::target::fault::Fault;
use katydid_xmlrpc::OwnedNode;

pub(super) fn array_of_structs(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [array] = params(args, ["array"])?;
    let mut sum = 0;
    for (index, element) in elements(array, "struct").enumerate() {
        let [_, _, curly] = stooges(element?)
            .map_err(|fault| invalid(format!("element {}: {}", index + 1, fault.message)))?;
        sum += curly;
    }
    out.push(int(sum)?);
    Ok(())
}

pub(super) fn count_the_entities(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [value] = params(args, ["string"])?;
    let counted = [
        ("ctLeftAngleBrackets", '<'),
        ("ctRightAngleBrackets", '>'),
        ("ctAmpersands", '&'),
        ("ctApostrophes", '\''),
        ("ctQuotes", '"'),
    ];
    out.push(OwnedNode::Members(5));
    for (name, entity) in counted {
        let count = string(value).matches(entity).count();
        out.extend([
            OwnedNode::Member(name.into()),
            int(i64::try_from(count).unwrap_or(i64::MAX))?,
        ]);
    }
    Ok(())
}

pub(super) fn easy_struct(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [value] = params(args, ["struct"])?;
    out.push(int(stooges(value)?.iter().sum())?);
    Ok(())
}

pub(super) fn echo_struct(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [value] = params(args, ["struct"])?;
    out.extend_from_slice(value);
    Ok(())
}

pub(super) fn many_types(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let types = [NUMBER, "boolean", "string", "double", "dateTime.iso8601", "base64"];
    params(args, types)?;
    out.push(OwnedNode::Array(6));
    out.extend_from_slice(args);
    Ok(())
}

pub(super) fn moderate_size_array(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [array] = params(args, ["array"])?;
    let strings = elements(array, "string").collect::<Result<Vec<_>, _>>()?;
    let ([first, .., last], 100..=200) = (&strings[..], strings.len()) else {
        let count = strings.len();
        return Err(invalid(format!("the array has {count} elements, 100 to 200 are due")));
    };
    out.push(OwnedNode::Text([string(first), string(last)].concat()));
    Ok(())
}

pub(super) fn nested_struct(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [calendar] = params(args, ["struct"])?;
    let year = member(calendar, "2000", "struct")?;
    let month = member(year, "04", "struct")?;
    let day = member(month, "01", "struct")?;
    out.push(int(stooges(day)?.iter().sum())?);
    Ok(())
}

pub(super) fn simple_struct_return(
    _: &mut Call<'_>,
    args: &[OwnedNode],
    out: &mut Vec<OwnedNode>,
) -> Result<(), Fault> {
    let [number] = params(args, [NUMBER])?;
    out.push(OwnedNode::Members(3));
    for (name, factor) in [("times10", 10i32), ("times100", 100), ("times1000", 1000)] {
        let product = match number {
            [OwnedNode::Double(number)] => double(number * f64::from(factor))?,
            [OwnedNode::Int(number)] => int(i64::from(*number) * i64::from(factor))?,
            // Its type has just been checked.
            _ => OwnedNode::Nil,
        };
        out.extend([OwnedNode::Member(name.into()), product]);
    }
    Ok(())
}

/// The ints of `moe`, `larry` and `curly`.
fn stooges(value: &[OwnedNode]) -> Result<[i64; 3], Fault> {
    Ok([int_member(value, "moe")?, int_member(value, "larry")?, int_member(value, "curly")?])
}

fn string(value: &[OwnedNode]) -> &str {
    match value {
        [OwnedNode::Text(text)] => text,
        // Its type has just been checked.
        _ => "",
    }
}

fn double(number: f64) -> Result<OwnedNode, Fault> {
    if number.is_finite() {
        return Ok(OwnedNode::Double(number));
    }
    Err(invalid(format!("the result {number} is no double of XML-RPC, give less")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::super::{METHODS, array, text};
    use super::OwnedNode::{
        Array, Binary, Boolean, DateTime, Double, Int, Long, Member, Members, Nil,
    };
    use super::*;
    use crate::target::fault::INVALID_PARAMS;

    fn member(name: &str) -> OwnedNode {
        Member(name.into())
    }

    /// A struct of these members and one more, which must not matter.
    fn stooges(moe: i32, larry: i32, curly: i32) -> Vec<OwnedNode> {
        let mut value = vec![Members(4), member("shemp"), Array(1), Nil];
        for (name, number) in [("moe", moe), ("larry", larry), ("curly", curly)] {
            value.extend([member(name), Int(number)]);
        }
        value
    }

    /// A calendar of two years of two months of two days.
    fn calendar(years: [&str; 2], day: &[OwnedNode]) -> Vec<OwnedNode> {
        let mut value = vec![Members(2)];
        for year in years {
            value.extend([member(year), Members(2)]);
            for month in ["03", "04"] {
                value.extend([member(month), Members(2), member("01")]);
                match (year, month) {
                    ("2000", "04") => value.extend_from_slice(day),
                    _ => value.push(Members(0)),
                }
                value.extend([member("02"), Members(0)]);
            }
        }
        value
    }

    fn strings(count: usize) -> Vec<OwnedNode> {
        let mut value = vec![array(count)];
        value.extend((1..=count).map(|number| text(&format!("<{number}>"))));
        value
    }

    fn many_types(first: OwnedNode) -> Vec<OwnedNode> {
        let date = DateTime("19980717T14:08:55".into());
        vec![first, Boolean(true), text("a & b"), Double(-1.5), date, Binary(b"\0\xff".into())]
    }

    fn counts(of: [i32; 5]) -> Vec<OwnedNode> {
        let names = [
            "ctLeftAngleBrackets",
            "ctRightAngleBrackets",
            "ctAmpersands",
            "ctApostrophes",
            "ctQuotes",
        ];
        let members = names.iter().zip(of).flat_map(|(name, count)| [member(name), Int(count)]);
        std::iter::once(Members(5)).chain(members).collect()
    }

    fn times(products: [OwnedNode; 3]) -> Vec<OwnedNode> {
        let names = ["times10", "times100", "times1000"];
        let members = names.iter().zip(products).flat_map(|(name, value)| [member(name), value]);
        std::iter::once(Members(3)).chain(members).collect()
    }

    #[test]
    fn each_answers_as_the_suite_wants() {
        let twice = [vec![Array(2)], stooges(1, 2, 3), stooges(-9, 9, 40)].concat();
        let largest = [vec![Array(2)], stooges(0, 0, i32::MAX), stooges(0, 0, 0)].concat();
        let all = [vec![Array(6)], many_types(Int(42))].concat();
        let doubled = [
            vec![Members(4), member("moe"), text("no int")],
            vec![member("larry"), Int(1), member("curly"), Int(2), member("moe"), Int(3)],
        ]
        .concat();
        #[rustfmt::skip] // a row a line
        let rows: Vec<(&str, &str, Vec<OwnedNode>, Vec<OwnedNode>)> = vec![
            ("arrayOfStructsTest", "nothing to add", vec![Array(0)], vec![Int(0)]),
            ("arrayOfStructsTest", "only curly counts", twice, vec![Int(43)]),
            ("arrayOfStructsTest", "the largest sum", largest, vec![Int(i32::MAX)]),
            ("countTheEntities", "no text", vec![text("")], counts([0; 5])),
            ("countTheEntities", "all of them", vec![text("<<<>>&'''''\"\"\"\"&amp; é")], counts([3, 2, 2, 5, 4])),
            ("easyStructTest", "a negative sum", stooges(1, -20, 3), vec![Int(-16)]),
            ("easyStructTest", "of doubled members the last one counts", doubled, vec![Int(6)]),
            ("easyStructTest", "what is too large may be taken away again", stooges(i32::MAX, i32::MAX, -i32::MAX), vec![Int(i32::MAX)]),
            ("echoStructTest", "an empty one", vec![Members(0)], vec![Members(0)]),
            ("echoStructTest", "the same, in order", stooges(1, 2, 3), stooges(1, 2, 3)),
            ("manyTypesTest", "an int", many_types(Int(42)), all),
            ("manyTypesTest", "the number is a double", many_types(Double(0.5)), [vec![Array(6)], many_types(Double(0.5))].concat()),
            ("moderateSizeArrayCheck", "the fewest", strings(100), vec![text("<1><100>")]),
            ("moderateSizeArrayCheck", "the most", strings(200), vec![text("<1><200>")]),
            ("nestedStructTest", "the first of April", calendar(["1999", "2000"], &stooges(1, 2, 4)), vec![Int(7)]),
            ("simpleStructReturnTest", "an int", vec![Int(-7)], times([Int(-70), Int(-700), Int(-7000)])),
            ("simpleStructReturnTest", "a double", vec![Double(0.5)], times([Double(5.0), Double(50.0), Double(500.0)])),
        ];
        for (name, what, args, expected) in rows {
            let name = format!("validator1.{name}");
            assert_eq!(run(&name, &args), Ok(expected), "{name}, {what}");
        }
    }

    #[test]
    fn each_refuses_everything_else() {
        let without_moe = vec![Members(1), member("larry"), Int(1)];
        let text_curly = [vec![Members(3)], stooges(1, 2, 0)[4..8].to_vec()].concat();
        let text_curly = [text_curly, vec![member("curly"), text("3")]].concat();
        let mut a_number = strings(150);
        a_number[9] = Int(9);
        let mut five = many_types(Int(1));
        five.pop();
        let mut swapped = many_types(Int(1));
        swapped.swap(1, 2);
        #[rustfmt::skip] // a row a line
        let rows: Vec<(&str, Vec<OwnedNode>, &str)> = vec![
            ("arrayOfStructsTest", vec![], "0 parameters were given, 1 must be: array"),
            ("arrayOfStructsTest", stooges(1, 2, 3), "parameter 1 is of type struct, array is due"),
            ("arrayOfStructsTest", vec![Array(1), Int(1)], "element 1 is of type int, struct is due"),
            ("arrayOfStructsTest", [vec![Array(2)], stooges(1, 2, 3), without_moe.clone()].concat(), "element 2: member \"moe\" is missing"),
            ("arrayOfStructsTest", [vec![Array(2)], stooges(0, 0, i32::MAX), stooges(0, 0, 1)].concat(), "the result 2147483648 does not fit the 32 bits of an int"),
            ("countTheEntities", vec![Int(1)], "parameter 1 is of type int, string is due"),
            ("countTheEntities", vec![text("<"), text(">")], "2 parameters were given, 1 must be: string"),
            ("easyStructTest", vec![Array(0)], "parameter 1 is of type array, struct is due"),
            ("easyStructTest", without_moe, "member \"moe\" is missing"),
            ("easyStructTest", text_curly, "member \"curly\" is of type string, int is due"),
            ("easyStructTest", stooges(i32::MIN, -1, 0), "the result -2147483649 does not fit"),
            ("echoStructTest", vec![text("x")], "parameter 1 is of type string, struct is due"),
            ("echoStructTest", vec![Members(0), Members(0)], "2 parameters were given"),
            ("manyTypesTest", five, "5 parameters were given, 6 must be: number, boolean, string, double, dateTime.iso8601, base64"),
            ("manyTypesTest", swapped, "parameter 2 is of type string, boolean is due"),
            ("manyTypesTest", many_types(Long(1 << 40)), "parameter 1 is of type i8, number is due"),
            ("moderateSizeArrayCheck", strings(99), "the array has 99 elements, 100 to 200 are due"),
            ("moderateSizeArrayCheck", strings(201), "the array has 201 elements"),
            ("moderateSizeArrayCheck", strings(0), "the array has 0 elements"),
            ("moderateSizeArrayCheck", a_number, "element 9 is of type int, string is due"),
            ("nestedStructTest", vec![Members(0)], "member \"2000\" is missing"),
            ("nestedStructTest", vec![Members(1), member("2000"), Members(0)], "member \"04\" is missing"),
            ("nestedStructTest", vec![Members(1), member("2000"), Int(4)], "member \"2000\" is of type int, struct is due"),
            ("nestedStructTest", calendar(["2000", "2001"], &[Members(0)]), "member \"moe\" is missing"),
            ("simpleStructReturnTest", vec![text("7")], "parameter 1 is of type string, number is due"),
            ("simpleStructReturnTest", vec![Int(2_147_484)], "the result 2147484000 does not fit the 32 bits of an int"),
            ("simpleStructReturnTest", vec![Double(1e308)], "the result inf is no double of XML-RPC"),
        ];
        for (name, args, part) in &rows {
            let name = format!("validator1.{name}");
            let fault = run(&name, args).expect_err(&name);
            assert_eq!(fault.code, INVALID_PARAMS, "{name}");
            assert!(fault.message.contains(part), "{name}: {}", fault.message);
        }
        for method in METHODS.iter().filter(|method| method.name.starts_with("validator1.")) {
            let name = method.name.trim_start_matches("validator1.");
            assert!(rows.iter().any(|row| row.0 == name), "{name} has no sad row");
        }
    }
}
