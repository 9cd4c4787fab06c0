//! A user's state on its way from one version of the scenario to the next.

use crate::bindings::exports::katydid::load::scenario::Hooks;
use crate::prelude::*;
use crate::scenario::Declaration;
use crate::testing::{TestUser, World};

/// Notes what happens to it, and saves its notes.
#[derive(Default)]
struct Keeping {
    notes: Vec<String>,
}

impl Keeping {
    fn start(&mut self) -> Next {
        self.notes.push("start".to_owned());
        if parameter("done").is_some() { Next::StopUser } else { Next::Proceed }
    }

    fn save(&mut self) -> Option<Vec<u8>> {
        (!self.notes.is_empty()).then(|| self.notes.join(" ").into_bytes())
    }

    /// The notes of another, unless they say something else.
    fn restore(&mut self, state: &[u8], client: &Client) -> Result<Next> {
        client.call("resume", (state.len(),))?;
        match std::str::from_utf8(state)? {
            "enough" => return Ok(Next::StopUser),
            "foreign" => return Err(Error::new("a state of somebody else")),
            notes => self.notes.extend(notes.split(' ').map(str::to_owned)),
        }
        Ok(Next::Proceed)
    }
}

fn noting(word: &'static str) -> impl Fn(&mut Keeping) {
    move |user| user.notes.push(word.to_owned())
}

impl User for Keeping {
    fn class() -> Class<Self> {
        let inside = Set::new("Inside")
            .on_start(noting("+inside"))
            .on_stop(noting("-inside"))
            .task("deep", 1, noting("deep"));
        Class::new("Keeping")
            .on_start(Self::start)
            .on_stop(noting("stop"))
            .state(Self::save, Self::restore)
            .task("plain", 1, noting("plain"))
            .set(inside)
    }
}

fn world() -> World {
    World::new().answer("resume", |_| Ok(true))
}

fn told<T>(answer: Result<T>) -> Result<T, String> {
    answer.map_err(|error| error.to_string())
}

fn notes(user: &TestUser<Keeping>) -> String {
    user.state().notes.join(" ")
}

#[test]
fn what_was_saved_is_restored_in_place_of_on_start() -> Result {
    let world = world();
    let mut old = world.user::<Keeping>();
    old.on_start()?;
    old.run_task("plain")?;
    let state = old.save().expect("it has notes");
    assert_eq!(notes(&old), "start plain", "nothing but the state is asked for");
    let mut new = world.user::<Keeping>();
    new.resume(&state)?;
    new.run_task("plain")?;
    new.on_stop()?;
    assert_eq!(notes(&new), "start plain plain stop");
    assert_eq!(world.calls("resume"), [[Value::Int(11)]]);
    Ok(())
}

/// Which sets a user is in is lost with its instance: the next task there enters them again.
#[test]
fn a_user_inside_a_set_enters_it_again() -> Result {
    let world = world();
    let mut old = world.user::<Keeping>();
    old.run_task("deep")?;
    let mut new = world.user::<Keeping>();
    new.resume(&old.save().expect("it has notes"))?;
    new.run_task("deep")?;
    new.run_task("plain")?;
    assert_eq!(notes(&new), "+inside deep +inside deep -inside plain");
    Ok(())
}

#[test]
fn who_cannot_restore_has_not_started() {
    let world = world();
    let mut user = world.user::<Keeping>();
    assert_eq!(told(user.resume(b"foreign")), Err("a state of somebody else".to_owned()));
    let utf_8 = "invalid utf-8 sequence of 1 bytes from index 0";
    assert_eq!(told(user.resume(&[0xff])), Err(utf_8.to_owned()));
    assert_eq!(told(user.resume(b"notes")), Ok(()));
    let _down = World::new();
    let failure = "transport: the test's world has no answer for \"resume\"";
    assert_eq!(told(user.resume(b"notes")), Err(failure.to_owned()), "a failure is an error here");
}

#[test]
fn who_has_done_enough_keeps_no_state() {
    let world = world();
    let mut user = world.user::<Keeping>();
    assert_eq!(told(user.resume(b"enough")), Ok(()));
    assert_eq!((told(user.run_task("plain")), user.save()), (Ok(Next::StopUser), None));
    let world = self::world().parameter("done", "yes");
    let mut user = world.user::<Keeping>();
    assert_eq!((told(user.on_start()), user.save()), (Ok(()), None));
    // One that was interrupted while it began has not begun.
    let world = World::new().answer("resume", |_| Err::<Value, _>(Failure::Interrupted));
    let mut user = world.user::<Keeping>();
    assert_eq!((told(user.resume(b"notes")), user.save()), (Ok(()), None));
}

/// Keeps nothing.
#[derive(Default)]
struct Forgetting {
    started: bool,
}

impl User for Forgetting {
    fn class() -> Class<Self> {
        let on_start = |user: &mut Self| user.started = true;
        Class::new("Forgetting").on_start(on_start).task("nothing", 1, |_: &mut Self| ())
    }
}

#[test]
fn a_class_without_a_state_starts_anew() {
    let world = world();
    let mut user = world.user::<Forgetting>();
    assert_eq!((user.save(), told(user.resume(b"another's"))), (None, Ok(())));
    assert!(user.state().started);
}

/// Every form in which the builder takes it.
#[derive(Default)]
struct Forms<const FORM: u8>(u8);

impl<const FORM: u8> User for Forms<FORM> {
    fn class() -> Class<Self> {
        let class = Class::new("Forms").task("nothing", 1, |_: &mut Self| ());
        let own = |user: &mut Self, state: &[u8]| user.0 = state[0];
        match FORM {
            0 => class.state(|user: &mut Self| vec![user.0], own),
            1 => class.state(|user: &mut Self| Some(vec![user.0]), own),
            2 => class.state(|_| None, own),
            3 => class.state(
                |user| vec![user.0],
                |user: &mut Self, state: &[u8], client: &Client| {
                    user.0 = state[0];
                    client.call("resume", ())
                },
            ),
            _ => class,
        }
    }
}

#[test]
fn a_state_has_many_forms() {
    fn saved<const FORM: u8>() -> Option<Vec<u8>> {
        let world = world();
        let mut user = world.user::<Forms<FORM>>();
        user.resume(&[7]).expect("it restores everything");
        user.save()
    }
    let seven = Some(vec![7]);
    assert_eq!([saved::<0>(), saved::<1>(), saved::<3>()], [(); 3].map(|()| seven.clone()));
    assert_eq!([saved::<2>(), saved::<4>()], [None, None]);
}

#[test]
fn a_module_has_the_hook_where_any_class_has_it() {
    let forgetting = || Declaration::default().user::<Forgetting>();
    assert_eq!(forgetting().describe().hooks, Hooks::empty());
    let both = forgetting().user::<Keeping>().describe();
    assert_eq!((both.hooks, both.classes.len()), (Hooks::STATE, 2));
}
