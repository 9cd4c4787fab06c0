//! Calls every method of the suites `validator1` and `interopEchoTests`, and compares each answer. Each
//! user runs one iteration.

use guests::{Behaviour, Next, Node, UserClass, class, client};

struct Interop;
guests::scenario!(Interop);

impl Behaviour for Interop {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Interop", &["all"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        for (method, args, expected) in validator().into_iter().chain(echoes()) {
            let answer = call(&method, &args)?;
            if format!("{answer:?}") != format!("{expected:?}") {
                return Err(format!("{method}: {answer:?} instead of {expected:?}"));
            }
        }
        toolkit()?;
        Ok(Next::StopUser)
    }
}

/// A method, its parameters, and what it must answer.
type Case = (String, Vec<Node>, Vec<Node>);

fn call(method: &str, args: &[Node]) -> Result<Vec<Node>, String> {
    client::call(method, args).map_err(|failure| format!("{method}: {failure:?}"))
}

fn text(text: &str) -> Node {
    Node::Text(text.into())
}

fn member(name: &str) -> Node {
    Node::Member(name.into())
}

fn date() -> Node {
    Node::DateTime("19980717T14:08:55".into())
}

/// A struct of scalars.
fn members(members: &[(&str, Node)]) -> Vec<Node> {
    let mut value = vec![Node::Members(members.len() as u32)];
    for (name, node) in members {
        value.extend([member(name), node.clone()]);
    }
    value
}

fn array(values: &[&[Node]]) -> Vec<Node> {
    let mut array = vec![Node::Array(values.len() as u32)];
    values.iter().for_each(|value| array.extend_from_slice(value));
    array
}

/// A struct with the three that the suite adds up, and one more that must not matter.
fn stooges() -> Vec<Node> {
    members(&[
        ("moe", Node::Int(1)),
        ("larry", Node::Int(20)),
        ("curly", Node::Int(-300)),
        ("shemp", text("x")),
    ])
}

/// Two years of two months of two days, all empty but the first of April 2000.
fn calendar() -> Vec<Node> {
    let mut calendar = vec![Node::Members(2)];
    for year in ["1999", "2000"] {
        calendar.extend([member(year), Node::Members(2)]);
        for month in ["03", "04"] {
            calendar.extend([member(month), Node::Members(2), member("01")]);
            match (year, month) {
                ("2000", "04") => calendar.extend(stooges()),
                _ => calendar.push(Node::Members(0)),
            }
            calendar.extend([member("02"), Node::Members(0)]);
        }
    }
    calendar
}

fn validator() -> Vec<Case> {
    let case = |name: &str, args: Vec<Node>, answer| (format!("validator1.{name}"), args, answer);
    let many = vec![
        Node::Int(42),
        Node::Boolean(true),
        text("a & b"),
        Node::Double(-1.5),
        date(),
        Node::Binary((0..=255).collect()),
    ];
    let each: Vec<&[Node]> = many.chunks(1).collect();
    let strings: Vec<Node> = (1..=150).map(|number| text(&format!("<{number}> "))).collect();
    let strings: Vec<&[Node]> = strings.chunks(1).collect();
    let counts = members(&[
        ("ctLeftAngleBrackets", Node::Int(3)),
        ("ctRightAngleBrackets", Node::Int(2)),
        ("ctAmpersands", Node::Int(2)),
        ("ctApostrophes", Node::Int(5)),
        ("ctQuotes", Node::Int(4)),
    ]);
    let times = members(&[
        ("times10", Node::Int(-70)),
        ("times100", Node::Int(-700)),
        ("times1000", Node::Int(-7000)),
    ]);
    vec![
        case("arrayOfStructsTest", array(&[&stooges(), &stooges()]), vec![Node::Int(-600)]),
        case("countTheEntities", vec![text("<<<>>&'''''\"\"\"\" &amp; größe")], counts),
        case("easyStructTest", stooges(), vec![Node::Int(-279)]),
        case("echoStructTest", calendar(), calendar()),
        case("manyTypesTest", many.clone(), array(&each)),
        case("moderateSizeArrayCheck", array(&strings), vec![text("<1> <150> ")]),
        case("nestedStructTest", calendar(), vec![Node::Int(-279)]),
        case("simpleStructReturnTest", vec![Node::Int(-7)], times),
    ]
}

fn echoes() -> Vec<Case> {
    let of = members(&[
        ("varString", text("größe & <co>")),
        ("varInt", Node::Int(-7)),
        ("varFloat", Node::Double(0.25)),
    ]);
    let structs = array(&[&of, &[Node::Members(0)]]);
    let echoed = [
        ("echoString", vec![text(" größe & <co>\n")]),
        ("echoInteger", vec![Node::Int(i32::MIN)]),
        ("echoFloat", vec![Node::Double(-0.5)]),
        ("echoBoolean", vec![Node::Boolean(false)]),
        ("echoDate", vec![date()]),
        ("echoBase64", vec![Node::Binary((0..=255).collect())]),
        ("echoStruct", of),
        ("echoValue", structs.clone()),
        ("echoStringArray", array(&[&[text("a")], &[text("")], &[text(" <&> ")]])),
        ("echoIntegerArray", array(&[&[Node::Int(1)], &[Node::Int(i32::MAX)]])),
        ("echoFloatArray", array(&[&[Node::Double(0.5)], &[Node::Double(-1.25)]])),
        ("echoStructArray", structs),
    ];
    let mut cases: Vec<Case> = echoed
        .into_iter()
        .map(|(name, value)| (format!("interopEchoTests.{name}"), value.clone(), value))
        .collect();
    cases.push(("interopEchoTests.noInParams".into(), vec![], vec![Node::Int(0)]));
    cases
}

/// Four texts, whatever they say.
fn toolkit() -> Result<(), String> {
    let answer = call("interopEchoTests.whichToolkit", &[])?;
    let names = ["toolkitName", "toolkitVersion", "toolkitOperatingSystem", "toolkitDocsUrl"];
    let named = |name: &str| {
        let pairs = answer.windows(2);
        pairs.into_iter().any(|pair| match pair {
            [Node::Member(found), Node::Text(_)] => found == name,
            _ => false,
        })
    };
    let whole =
        matches!(answer[..], [Node::Members(4), ..]) && names.iter().all(|name| named(name));
    if whole { Ok(()) } else { Err(format!("interopEchoTests.whichToolkit: {answer:?}")) }
}
