//! Users at work in a fake world: sets, hooks, errors and failures.

use crate::prelude::*;
use crate::testing::{World, advance};
use std::collections::BTreeMap;

/// Notes whatever happens to it.
#[derive(Default)]
struct Noting {
    notes: Vec<&'static str>,
    start: Option<Next>,
}

fn noting(word: &'static str) -> impl Fn(&mut Noting) {
    move |user| user.notes.push(word)
}

fn out(user: &mut Noting) -> Next {
    user.notes.push("out");
    Next::Interrupt
}

impl User for Noting {
    fn class() -> Class<Self> {
        let inner = Set::new("Inner")
            .on_start(noting("+inner"))
            .on_stop(noting("-inner"))
            .task("deep", 1, noting("deep"))
            .task("out", 1, out);
        let outer = Set::new("Outer")
            .weight(7)
            .sequential()
            .on_start(noting("+outer"))
            .on_stop(noting("-outer"))
            .task("shallow", 1, noting("shallow"))
            .task("out", 1, out)
            .set(inner);
        let second =
            Set::new("Second").on_stop(noting("-second")).task("other", 1, noting("other"));
        Class::new("Noting")
            .on_start(|user: &mut Noting| {
                user.notes.push("start");
                user.start.unwrap_or(Next::Proceed)
            })
            .on_stop(noting("stop"))
            .tagged_task("plain", 3, ["a", "b"], noting("plain"))
            .set(outer)
            .set(second)
    }
}

#[test]
fn sets_are_entered_and_left_in_order() -> Result {
    let world = World::new();
    let mut user = world.user::<Noting>();
    user.on_start()?;
    for task in ["plain", "deep", "deep", "Inner.out", "shallow", "Outer.out", "plain", "deep"] {
        let left = task.ends_with("out");
        assert_eq!(user.run_task(task)?, if left { Next::Interrupt } else { Next::Proceed });
    }
    user.on_stop()?;
    let expected = "start plain +outer +inner deep deep out -inner shallow out -outer \
                    plain +outer +inner deep -inner -outer stop";
    assert_eq!(user.state().notes.join(" "), expected);
    Ok(())
}

#[test]
fn a_set_that_the_host_left_is_left() -> Result {
    let world = World::new();
    let mut user = world.user::<Noting>();
    for task in ["deep", "other", "plain"] {
        user.run_task(task)?;
    }
    let expected = "+outer +inner deep -inner -outer other -second plain";
    assert_eq!(user.state().notes.join(" "), expected);
    Ok(())
}

#[test]
fn a_user_may_be_done_before_it_began() -> Result {
    let world = World::new();
    let mut user = world.user::<Noting>();
    user.state_mut().start = Some(Next::StopUser);
    user.on_start()?;
    assert_eq!(user.run_task("plain")?, Next::StopUser);
    assert_eq!(user.state().notes, ["start"]);
    Ok(())
}

#[test]
fn the_description_says_all_of_it() {
    let class = Noting::class().describe();
    let sets: Vec<_> =
        class.sets.iter().map(|set| (set.name.as_str(), set.parent, set.weight)).collect();
    let expected =
        [("Noting", None, 1), ("Outer", Some(0), 7), ("Inner", Some(1), 1), ("Second", Some(0), 1)];
    assert_eq!(sets, expected);
    let tasks: Vec<_> =
        class.tasks.iter().map(|task| (task.id, task.name.as_str(), task.set)).collect();
    let expected = [
        (0, "plain", 0),
        (1, "shallow", 1),
        (2, "out", 1),
        (3, "deep", 2),
        (4, "out", 2),
        (5, "other", 3),
    ];
    assert_eq!(tasks, expected);
    assert_eq!((class.tasks[0].weight, class.tasks[0].tags.join(" ")), (3, "a b".to_owned()));
}

#[derive(Default)]
struct Wandering;

impl User for Wandering {
    fn class() -> Class<Self> {
        let still = || |_: &mut Wandering| ();
        // Two tasks of one name: a chain knows its own.
        let inner = Set::new("Shop")
            .tags(["shop"])
            .task("look", 1, still())
            .task("buy", 1, still())
            .then("look", [("look", 3), ("buy", 1)])
            .then("buy", [("look", 1), ("no such task", 0)]);
        Class::new("Wandering").tags(["all", "day"]).task("look", 1, still()).set(inner)
    }
}

/// Inside a chain, it is left behind its last task.
#[test]
fn a_chain_is_left_at_its_end() -> Result {
    #[derive(Default)]
    struct Funnel(Vec<&'static str>);

    impl User for Funnel {
        fn class() -> Class<Self> {
            let note = |word| move |user: &mut Funnel| user.0.push(word);
            let shop = Set::new("Shop")
                .on_start(note("+"))
                .on_stop(note("-"))
                .task("look", 1, note("look"))
                .task("fail", 1, |_: &mut Funnel| Err::<(), _>(Error::new("no")))
                .task("buy", 1, note("buy"))
                .then("look", [("look", 3), ("buy", 1)])
                .then("fail", [("buy", 0)]);
            Class::new("Funnel").set(shop)
        }
    }

    let world = World::new();
    let mut user = world.user::<Funnel>();
    for task in ["look", "look", "buy", "look", "buy", "look"] {
        assert_eq!(user.run_task(task)?, Next::Proceed);
    }
    assert!(user.run_task("fail").is_err());
    assert_eq!(user.state().0.join(" "), "+ look look buy - + look buy - + look -");
    Ok(())
}

#[test]
fn a_chain_is_described_by_ids() {
    use crate::bindings::exports::katydid::load::scenario::Order;
    let class = Wandering::class().describe();
    let (outer, inner) = (&class.sets[0], &class.sets[1]);
    assert_eq!((outer.order, outer.tags.join(" ")), (Order::Weighted, "all day".to_owned()));
    assert_eq!((inner.order, inner.tags.join(" ")), (Order::Transitions, "shop".to_owned()));
    assert_eq!(outer.transitions.len(), 0);
    let links: Vec<_> = inner.transitions.iter().map(|t| (t.before, t.after, t.weight)).collect();
    assert_eq!(links, [(1, 1, 3), (1, 2, 1), (2, 1, 1), (2, u32::MAX, 0)]);
}

/// Does what its tasks' names say.
#[derive(Default)]
struct Failing {
    hooks: Vec<Result<Next, &'static str>>,
}

fn fault() -> Failure {
    Failure::Fault { code: 4, message: "out of stock".to_owned() }
}

impl Failing {
    fn hook(&mut self) -> Result<Next> {
        match self.hooks.pop() {
            None => Ok(Next::Proceed),
            Some(Ok(next)) => Err(next)?,
            Some(Err("fault")) => Err(fault())?,
            Some(Err("interrupted")) => Err(Failure::Interrupted)?,
            Some(Err(message)) => Err(Error::new(message)),
        }
    }
}

impl User for Failing {
    fn class() -> Class<Self> {
        let set = Set::new("Set")
            .on_start(Self::hook)
            .on_stop(Self::hook)
            .task("inside", 1, |_: &mut Self| ())
            .task("leave", 1, |_: &mut Self| Next::Interrupt);
        Class::new("Failing")
            .on_start(Self::hook)
            .on_stop(Self::hook)
            .wait_time_asked(|user| user.hooks.len() as f64 * 0.5)
            .task("fails", 1, |_: &mut Self, client: &Client| client.call("buy", ()).map(drop))
            .task("errs", 1, |_: &mut Self| -> Result { Err(Error::new("on purpose")) })
            .task("parses", 1, |_: &mut Self| "x".parse::<i32>().map(drop))
            .set(set)
    }
}

fn failing(
    world: &World,
    hooks: &[Result<Next, &'static str>],
) -> crate::testing::TestUser<Failing> {
    let mut user = world.user::<Failing>();
    user.state_mut().hooks = hooks.iter().rev().cloned().collect();
    user
}

fn told<T>(answer: Result<T>) -> Result<T, String> {
    answer.map_err(|error| error.to_string())
}

#[test]
fn a_failure_is_data_and_an_error_is_not() {
    let world = World::new().answer("buy", |_| Err::<Value, _>(fault()));
    let mut user = failing(&world, &[]);
    assert_eq!(told(user.run_task("fails")), Ok(Next::Proceed));
    assert_eq!(told(user.run_task("errs")), Err("on purpose".to_owned()));
    let parsed = told(user.run_task("parses"));
    assert_eq!(parsed, Err("invalid digit found in string".to_owned()));
    assert_eq!(world.requests().len(), 1);
}

#[test]
fn whoever_does_not_get_through_on_start_has_not_started() {
    let world = World::new();
    let mut user = failing(&world, &[Err("fault"), Err("no")]);
    assert_eq!(told(user.on_start()), Err("fault 4: out of stock".to_owned()));
    assert_eq!(told(user.on_start()), Err("no".to_owned()));
    assert_eq!(told(user.on_start()), Ok(()));
}

#[test]
fn a_run_that_ends_meanwhile_is_no_error() {
    let world = World::new();
    let mut user = failing(&world, &[Err("interrupted")]);
    assert_eq!(told(user.on_start()), Ok(()));
    assert_eq!(told(user.run_task("errs")), Ok(Next::StopUser));
}

#[test]
fn a_set_is_not_entered_before_its_on_start_ends_well() {
    let world = World::new();
    let stop =
        [Err("fault"), Err("no"), Ok(Next::StopUser), Ok(Next::Interrupt), Ok(Next::Proceed)];
    let mut user = failing(&world, &stop);
    let expected = [
        Ok(Next::Proceed), // a failure
        Err("no".to_owned()),
        Ok(Next::StopUser),
        Ok(Next::Interrupt),
        Ok(Next::Proceed),
        Ok(Next::Proceed),
    ];
    for expected in expected {
        assert_eq!(told(user.run_task("inside")), expected);
    }
    assert_eq!(user.state().hooks.len(), 0, "the last one ran no hook");
}

#[test]
fn what_goes_wrong_while_leaving_is_told_at_the_end() {
    let world = World::new();
    let mut user = failing(&world, &[Ok(Next::Proceed), Err("lost"), Err("fault")]);
    assert_eq!(told(user.run_task("leave")), Ok(Next::Interrupt));
    assert_eq!(world.lines().len(), 1);
    assert_eq!(told(user.on_stop()), Err("Set.on_stop: lost".to_owned()));
    assert_eq!(told(user.on_stop()), Ok(()), "told once; a failed request is no error");
}

#[test]
fn a_user_asked_for_its_wait_answers_in_seconds() {
    let world = World::new();
    assert_eq!(failing(&world, &[Err("x"); 3]).wait_time(), Duration::from_millis(1_500));
}

#[test]
fn judged_calls_are_counted_by_their_verdict() {
    let world = World::new().answer("echo", |args| Ok(args[0].clone()));
    let client = Client::new();
    let send = |name: &'static str| client.request("echo", (1,)).label(name).send();
    let exchange = send("refused");
    assert_eq!(exchange.reply(), Ok(Value::Int(1)));
    assert_eq!(exchange.reply(), Ok(Value::Int(1)), "may be asked again");
    exchange.fail("too small");
    client.request("none", ()).label("expected").send().pass();
    drop(send("left"));
    drop(client.request("none", ()).send());
    client.request("echo", (u64::MAX,)).label("too large").send().pass();
    let counted: BTreeMap<String, Result<(), String>> =
        world.requests().into_iter().map(|request| (request.name, request.outcome)).collect();
    let none = "transport: the test's world has no answer for \"none\"".to_owned();
    let large = "18446744073709551615 does not fit a long of 64 bits";
    let expected = [
        ("refused", Err("judged: too small".to_owned())),
        ("expected", Ok(())),
        ("left", Ok(())),
        ("none", Err(none)),
        ("too large", Err(format!("reported: rejected: {large}"))),
    ];
    assert_eq!(counted, expected.map(|(name, outcome)| (name.to_owned(), outcome)).into());
}

#[test]
fn time_passes_only_when_somebody_says_so() {
    let world = World::new().answer("slow", |_| {
        advance(Duration::from_secs(2));
        Ok(true)
    });
    let client = Client::new();
    sleep(Duration::from_secs(1));
    assert_eq!(client.call("slow", ()), Ok(Value::Bool(true)));
    let timely = client.request("slow", ()).timeout(Duration::from_millis(500)).send();
    assert!(timely.reply().is_err_and(|failure| failure.is_timeout()));
    drop(timely);
    assert_eq!(now(), Duration::from_millis(3_500));
    assert_eq!(world.sleeps(), [Duration::from_secs(1)]);
    let took: Vec<u128> =
        world.requests().iter().map(|request| request.response_time.as_millis()).collect();
    assert_eq!(took, [2_000, 500]);
}

#[test]
fn the_world_keeps_everything() {
    let world = World::new().parameter("tenant", "acme").user_id(3).answer("f", |_| Ok(1));
    assert_eq!((parameter("tenant").as_deref(), parameter("other")), (Some("acme"), None));
    assert_eq!((user_id(), iteration()), (3, 0));
    assert!(check("holds", true) && !check("does not", false));
    log::warn!("{} left", 3);
    stop_run("enough");
    stop_run("ignored");
    let made = measure("grpc", "Charge", || {
        advance(Duration::from_millis(7));
        Ok::<_, Error>(("made", 5))
    });
    assert_eq!(made, Ok("made"));
    let failed = measure("grpc", "Refund", || Err::<((), u64), _>("no funds"));
    assert_eq!(failed, Err(Failure::Reported("no funds".to_owned())));
    assert!(Client::new().call("f", (1, "a")).is_ok());
    assert_eq!(world.calls("f"), [[Value::Int(1), Value::from("a")]]);
    assert_eq!(world.checks(), [("holds".to_owned(), true), ("does not".to_owned(), false)]);
    assert_eq!(world.lines(), [(log::Level::Warn, "3 left".to_owned())]);
    assert_eq!(world.stopped().as_deref(), Some("enough"));
    let requests = world.requests();
    assert_eq!(requests[0].response_time, Duration::from_millis(7));
    assert_eq!(requests[1].outcome, Err("reported: no funds".to_owned()));
}

#[test]
fn worlds_do_not_leak() {
    let drawn = |seed| {
        let _world = World::new().seed(seed);
        (random(), random())
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    assert_ne!(drawn(1).0, drawn(1).1);
    drop(World::new().parameter("a", "b"));
    assert_eq!(parameter("a"), None);
}

#[test]
fn tasks_are_called_by_name() {
    let world = World::new();
    let mut user = world.user::<Noting>();
    assert_eq!(told(user.run_task("out")), Err("which task \"out\"? Outer.out, Inner.out".into()));
    let known = "Noting.plain, Outer.shallow, Outer.out, Inner.deep, Inner.out, Second.other";
    let missing = format!("there is no task \"in\", only {known}");
    assert_eq!(told(user.run_task("in")), Err(missing));
}
