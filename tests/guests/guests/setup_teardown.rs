//! Sets up, hands something to its users, and tears down. Parameters let each of the two go wrong: `setup` and
//! `teardown` say how (`error`, `trap`, `loop`, `heavy`, `none`).

use guests::{
    Behaviour, Hooks, Next, Node, Parameter, ParameterKind, UserClass, class, client, context, log,
};

/// No text, and something that a snapshot or a string would lose.
const DATA: &[u8] = b"set up\0\xff";
/// Who is no user.
const NOBODY: u64 = 4_294_967_295;

struct Hooked;
guests::scenario!(Hooked);

fn call(word: &str) {
    let reply = client::call("echo", &[Node::Text(word.into())]).expect("the target answers");
    assert!(matches!(&reply[..], [Node::Text(text)] if text == word));
}

fn go_wrong(parameter: &str) -> Result<(), String> {
    match context::parameter(parameter).as_deref() {
        Some("error") => Err(format!("the {parameter} does not want to")),
        Some("trap") => panic!("the {parameter} panics"),
        Some("loop") => loop {
            std::hint::black_box(0);
        },
        _ => Ok(()),
    }
}

impl Behaviour for Hooked {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Hooked", &["look"])]
    }

    fn hooks() -> Hooks {
        Hooks::SETUP | Hooks::TEARDOWN
    }

    fn parameters() -> Vec<Parameter> {
        let parameter = |name: &str| Parameter {
            name: name.into(),
            kind: ParameterKind::Text,
            default: Some("well".into()),
            about: format!("how {name} goes"),
        };
        vec![parameter("setup"), parameter("teardown")]
    }

    fn setup() -> Result<Option<Vec<u8>>, String> {
        assert_eq!((context::user_id(), context::setup_data()), (NOBODY, None));
        call("setup");
        log::write(log::Level::Info, "sets up");
        go_wrong("setup")?;
        Ok(match context::parameter("setup").as_deref() {
            Some("none") => None,
            Some("heavy") => Some(vec![7; 2 << 20]),
            _ => Some(DATA.to_vec()),
        })
    }

    fn teardown() -> Result<(), String> {
        assert_eq!(context::user_id(), NOBODY);
        if context::parameter("setup").as_deref() == Some("well") {
            assert_eq!(context::setup_data().as_deref(), Some(DATA));
        }
        call("teardown");
        log::write(log::Level::Info, "tears down");
        go_wrong("teardown")
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let data = context::setup_data();
        match context::parameter("setup").as_deref() {
            Some("none") => assert_eq!(data, None),
            Some("heavy") => assert_eq!(data.map(|data| data.len()), Some(2 << 20)),
            _ => assert_eq!(data.as_deref(), Some(DATA)),
        }
        // It may be asked again.
        assert_eq!(context::setup_data().is_some(), context::setup_data().is_some());
        call("user");
        Ok(Next::StopUser)
    }
}
