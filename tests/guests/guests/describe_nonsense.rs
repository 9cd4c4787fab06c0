//! Describes itself with many mistakes; all of them are told at once.

use guests::{
    Behaviour, Next, Order, Parameter, ParameterKind, Transition, UserClass, WaitTime, class, set,
};

struct DescribeNonsense;
guests::scenario!(DescribeNonsense);

impl Behaviour for DescribeNonsense {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        let mut a = class("", &["task"]);
        a.host = Some("http://a\nb".into());
        let mut b = class("B", &["one", "two"]);
        b.tasks[1].id = 0;
        b.tasks[1].set = 7;
        b.wait = WaitTime::Between((5, 2));
        b.sets[0].order = Order::Transitions;
        b.sets[0].transitions = vec![Transition { before: 0, after: 99, weight: 1 }];
        b.sets[0].tags = vec!["".into()];
        b.sets.push(set("inside", Some(0), Order::Weighted));
        vec![a, b, class("C", &[])]
    }

    fn parameters() -> Vec<Parameter> {
        let (name, default) = ("depth".to_owned(), Some("deep".into()));
        let depth = Parameter { name, kind: ParameterKind::Integer, default, about: "".into() };
        vec![depth.clone(), depth]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        Ok(Next::Proceed)
    }
}
