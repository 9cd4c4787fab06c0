//! What a method finds in its parameters, and the words where it is something else.

use super::{invalid, values};
use crate::target::fault::Fault;
use katydid_xmlrpc::{OwnedNode, end_of_value};

/// Stands in a list of types for `int` or `double`, as in the words of the validator.
pub(super) const NUMBER: &str = "number";

/// The parameters, each a value of the type that is due at its place.
pub(super) fn params<'a, const N: usize>(
    args: &'a [OwnedNode],
    due: [&str; N],
) -> Result<[&'a [OwnedNode]; N], Fault> {
    let given = values(args).count();
    if given != N {
        let due = due.join(", ");
        let were = if given == 1 { "parameter was" } else { "parameters were" };
        return Err(invalid(format!("{given} {were} given, {N} must be: {due}")));
    }
    let mut found: [&[OwnedNode]; N] = [&[]; N];
    for (index, (place, value)) in found.iter_mut().zip(values(args)).enumerate() {
        of_type(value, due[index], || format!("parameter {}", index + 1))?;
        *place = value;
    }
    Ok(found)
}

/// The elements of an array, each of them of this type.
pub(super) fn elements<'a>(
    array: &'a [OwnedNode],
    due: &'a str,
) -> impl Iterator<Item = Result<&'a [OwnedNode], Fault>> {
    values(array.get(1..).unwrap_or_default()).enumerate().map(move |(index, value)| {
        of_type(value, due, || format!("element {}", index + 1))?;
        Ok(value)
    })
}

/// The members of a struct, by name and value; none of anything else.
pub(super) fn members(value: &[OwnedNode]) -> impl Iterator<Item = (&str, &[OwnedNode])> {
    let mut rest = match value {
        [OwnedNode::Members(_), rest @ ..] => rest,
        _ => &[],
    };
    std::iter::from_fn(move || {
        let (OwnedNode::Member(name), after) = rest.split_first()? else { return None };
        let (value, next) = after.split_at_checked(end_of_value(after, 0)?)?;
        rest = next;
        Some((name.as_str(), value))
    })
}

/// A member of a struct, of this type. Of those that repeat the last one wins.
pub(super) fn member<'a>(
    value: &'a [OwnedNode],
    name: &str,
    due: &str,
) -> Result<&'a [OwnedNode], Fault> {
    let found = members(value).filter(|(member, _)| *member == name).last();
    let (_, value) = found.ok_or_else(|| invalid(format!("member \"{name}\" is missing")))?;
    of_type(value, due, || format!("member \"{name}\""))?;
    Ok(value)
}

/// A member of a struct that is an int.
pub(super) fn int_member(value: &[OwnedNode], name: &str) -> Result<i64, Fault> {
    match member(value, name, "int")? {
        [OwnedNode::Int(number)] => Ok((*number).into()),
        // Its type has just been checked.
        _ => Ok(0),
    }
}

/// The int of a result.
pub(super) fn int(number: i64) -> Result<OwnedNode, Fault> {
    let narrow = i32::try_from(number).map_err(|_| {
        invalid(format!("the result {number} does not fit the 32 bits of an int, give less"))
    })?;
    Ok(OwnedNode::Int(narrow))
}

fn of_type(value: &[OwnedNode], due: &str, place: impl FnOnce() -> String) -> Result<(), Fault> {
    let found = type_of(value);
    if found == due || (due == NUMBER && matches!(found, "int" | "double")) {
        return Ok(());
    }
    Err(invalid(format!("{} is of type {found}, {due} is due", place())))
}

/// The type of a value in the words of introspection.
pub(super) fn type_of(value: &[OwnedNode]) -> &'static str {
    match value.first() {
        Some(OwnedNode::Boolean(_)) => "boolean",
        Some(OwnedNode::Int(_)) => "int",
        Some(OwnedNode::Long(_)) => "i8",
        Some(OwnedNode::Double(_)) => "double",
        Some(OwnedNode::Text(_)) => "string",
        Some(OwnedNode::DateTime(_)) => "dateTime.iso8601",
        Some(OwnedNode::Binary(_)) => "base64",
        Some(OwnedNode::Array(_)) => "array",
        Some(OwnedNode::Members(_)) => "struct",
        // A name is no value, and neither is nothing.
        Some(OwnedNode::Nil | OwnedNode::Member(_)) | None => "nil",
    }
}
