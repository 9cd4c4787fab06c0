//! Calls whose arguments and reply are JSON text. One iteration.

use guests::{Behaviour, Failure, Next, Node, UserClass, class, client};

struct CallsInJson;
guests::scenario!(CallsInJson);

impl Behaviour for CallsInJson {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("CallsInJson", &["call"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        for (said, back) in SAID {
            assert_eq!(client::call_json("echo", said).as_deref(), Some(*back), "{said}");
        }
        let inner = r#"[{"methodName":"echo","params":[5]}]"#;
        assert_eq!(client::call_json("system.multicall", inner).as_deref(), Some("[[5]]"));

        // What has no form in JSON comes as nodes, once.
        assert_eq!(client::call_json("echo", "9007199254740993"), None);
        assert!(matches!(client::reply().as_deref(), Ok([Node::Long(9_007_199_254_740_993)])));
        assert!(matches!(client::reply(), Err(Failure::Protocol(_))), "it was asked for already");
        let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
        assert_eq!(client::call_json("echo", &deep), None);
        assert!(matches!(client::reply(), Ok(nodes) if nodes.len() == 33));

        assert_eq!(client::call_json("no.such.method", ""), None);
        let failure = client::reply().unwrap_err();
        assert!(matches!(failure, Failure::Fault(fault) if fault.code == -32601));
        for (wrong, why) in WRONG {
            assert_eq!(client::call_json("wrong", wrong), None);
            let failure = client::reply().unwrap_err();
            assert!(matches!(&failure, Failure::Rejected(told) if told == why), "{failure:?}");
        }
        Ok(Next::StopUser)
    }
}

/// What is sent, and what `echo` gives back.
const SAID: &[(&str, &str)] = &[
    (" -5 ", "-5"),
    ("2147483648", "2147483648"),
    ("1e3", "1000.0"),
    (r#""é\u00e9\n\"""#, r#""éé\n\"""#),
    ("null", "null"),
    ("true", "true"),
    ("[]", "[]"),
    ("{}", "{}"),
    (r#"{"b":[1,{"a":null}],"a":"x"}"#, r#"{"b":[1,{"a":null}],"a":"x"}"#),
];

/// What cannot be sent, and what the scenario is told.
const WRONG: &[(&str, &str)] = &[
    ("{", "the arguments are no JSON: a name is expected at byte 1"),
    ("1e999", "double \"inf\" cannot be written as XML-RPC, only finite numbers can"),
    (
        "\"\\u0001\"",
        "character \\u{1} at byte 0 of a text cannot be written as XML, send it as binary",
    ),
];
