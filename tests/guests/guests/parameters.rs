//! Declares a parameter of each kind and asserts what it reads: the defaults, or what `--param` gave.

use guests::{Behaviour, Next, Parameter, ParameterKind, UserClass, call_echo, class, context};

struct Parameters;
guests::scenario!(Parameters);

impl Behaviour for Parameters {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Parameters", &["read"])]
    }

    fn parameters() -> Vec<Parameter> {
        use ParameterKind::{Boolean, Integer, Number, Text};
        let parameter = |name: &str, kind, default: Option<&str>, about: &str| Parameter {
            name: name.into(),
            kind,
            default: default.map(Into::into),
            about: about.into(),
        };
        vec![
            parameter("tenant", Text, None, "whose shop it is"),
            parameter("motto", Text, Some(""), ""),
            parameter("depth", Integer, Some("-3"), "how many pages"),
            parameter("patience", Number, Some("0.5"), "in seconds"),
            parameter("slow", Boolean, Some("false"), ""),
        ]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let [tenant, motto, depth, patience, slow] =
            ["tenant", "motto", "depth", "patience", "slow"].map(context::parameter);
        assert_eq!(context::parameter("unknown"), None);
        let expected = match tenant.as_deref() {
            Some("acme") => ["", "-3", "0.5", "false"],
            Some("other") => ["on = off", "9223372036854775807", "1e3", "true"],
            other => return Err(format!("{other:?} is no tenant")),
        };
        assert_eq!([motto, depth, patience, slow].map(Option::unwrap), expected);
        call_echo();
        Ok(Next::StopUser)
    }
}
