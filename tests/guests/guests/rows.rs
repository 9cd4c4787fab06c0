//! Draws rows until there is none, and sends the first member of each back as a call of `echo`. Which rows come, the
//! target's log tells.

use guests::{Behaviour, Next, Node, UserClass, class, client, context, log};

struct Rows;
guests::scenario!(Rows);

impl Behaviour for Rows {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Rows", &["draw"])]
    }

    fn on_start(&self) -> Result<(), String> {
        let none = context::row("nobody has given this");
        assert!(none.as_ref().is_err_and(|why| !why.is_empty()), "{none:?}");
        Ok(())
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let Some(row) = context::row("users")? else {
            log::write(log::Level::Info, "there is no row left");
            return Ok(Next::StopUser);
        };
        // A struct of texts, or whatever a line of JSON says.
        let first = match &row[..] {
            [Node::Members(1..), Node::Member(_), value, ..] => value.clone(),
            other => return Err(format!("{other:?} is no row")),
        };
        client::call("echo", &[first]).expect("the target answers");
        Ok(Next::Proceed)
    }
}
