//! A module with room for so many users, and the users themselves.

use super::bindings::exports::katydid::load::scenario as wit;
use super::bindings::{Load, LoadPre};
use super::caller::Caller;
use super::host::{Host, linker};
use super::limits::{Build, Limits};
use super::meter::timed;
use super::module::{Module, new_engine, new_store};
use super::trap::Trap;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::component::{Component, ResourceAny};
use wasmtime::{Engine, Store};

/// A module, compiled and linked, with a pool for its users.
///
/// Each has an engine of its own: a pool's slots fit one component, and are given back with it.
pub struct Scenario<C: Caller> {
    engine: Engine,
    pre: LoadPre<Host<C>>,
    limits: Limits,
    build: Build,
    /// Instances are mapped one after the other: shards that change the process's memory map at the same
    /// time spin on the kernel's lock, which takes twice the CPU. Held for one poll, never while waiting.
    turn: Mutex<()>,
}

/// Who a virtual user is, or for whom an instance is made that is no user's.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its number in the run, from 0; [`Identity::NOBODY`] where it is no user's.
    pub user: u64,
    /// The run's seed.
    pub seed: u64,
    /// Which of its iterations is the next: 0, unless it was made anew.
    pub iteration: u64,
    /// The run's parameters.
    pub parameters: Arc<BTreeMap<String, String>>,
}

impl Identity {
    /// The user of `setup`, `teardown` and `shape`: above the number of any other.
    pub const NOBODY: u64 = u32::MAX as u64;
}

/// What a task wants to happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Go on.
    Proceed,
    /// Leave the innermost task set.
    Interrupt,
    /// End this user.
    StopUser,
}

impl<C: Caller> Scenario<C> {
    /// Reserves room for `users` at a time.
    ///
    /// # Errors
    /// The address space or the number of memory maps does not suffice.
    pub fn new(module: &Module, users: u32) -> anyhow::Result<Self> {
        let limits = module.limits;
        let needs = (module.memories, module.tables);
        let config = limits.pooled(users, needs, module.build);
        let room = || {
            format!(
                "cannot reserve room for {users} users of {} bytes of memory each; \
                 use fewer users, lower --max-memory, or raise `sysctl vm.max_map_count`",
                limits.memory_bytes
            )
        };
        let engine = new_engine(&config, module.build);
        let engine = engine.map_err(anyhow::Error::from).with_context(room)?;
        // SAFETY: the bytes are what our own compiler made in this process a moment ago, and nobody
        // could change them since.
        let component = unsafe { Component::deserialize(&engine, module.compiled.as_slice()) }
            .map_err(anyhow::Error::from)
            .with_context(room)?;
        let linker = linker(&engine, module.needs_wasi).map_err(anyhow::Error::from)?;
        let pre = linker
            .instantiate_pre(&component)
            .and_then(LoadPre::new)
            .map_err(anyhow::Error::from)?;
        Ok(Self { engine, pre, limits, build: module.build, turn: Mutex::default() })
    }

    /// Makes a virtual user: a fresh instance, and in it a user of this class.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn new_user(
        &self,
        caller: C,
        identity: &Identity,
        class: &str,
    ) -> Result<User<C>, Trap> {
        let mut instance = self.instance(caller, identity).await?;
        let user = instance.load.katydid_load_scenario().user();
        let made = user.call_constructor(&mut instance.store, class);
        let made = timed(instance.build, made).await;
        let resource = made.map_err(|error| instance.trap(&error))?;
        Ok(User { instance, resource })
    }

    /// Calls `setup`, in an instance of its own and within the limits of an iteration, where the module names
    /// that hook. It takes the room of one user, until it has answered: at most [`Limits::call_bytes`].
    ///
    /// # Errors
    /// The guest trapped, or answered more than it may.
    pub async fn setup(&self, caller: C, identity: &Identity) -> Answer<Option<Vec<u8>>> {
        let mut instance = self.instance(caller, identity).await?;
        let scenario = instance.load.katydid_load_scenario();
        let answer = scenario.call_setup(&mut instance.store);
        let answer = timed(instance.build, answer).await;
        instance.answer(answer)
    }

    /// Calls `teardown`, like [`Scenario::setup`].
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn teardown(&self, caller: C, identity: &Identity) -> Answer<()> {
        let mut instance = self.instance(caller, identity).await?;
        let scenario = instance.load.katydid_load_scenario();
        let answer = scenario.call_teardown(&mut instance.store);
        let answer = timed(instance.build, answer).await;
        instance.answer(answer)
    }

    /// A fresh instance, with what is left of an iteration's fuel; nothing in it is called yet.
    ///
    /// # Errors
    /// The guest trapped: its start function runs here.
    pub async fn instance(&self, caller: C, identity: &Identity) -> Result<Instance<C>, Trap> {
        let limits = self.limits;
        let Identity { user, seed, iteration, parameters } = identity;
        let mut host = Host::new(caller, &limits, *user, *seed, Arc::clone(parameters));
        host.begin_iteration(*iteration);
        let store = new_store(&self.engine, host, (&limits, self.build));
        let mut store = store.map_err(|error| Trap::new(&error, &limits))?;
        let made = self.in_turn(self.pre.instantiate_async(&mut store));
        match timed(self.build, made).await {
            Ok(load) => Ok(Instance { store, load, limits, build: self.build }),
            Err(error) => Err(trap_in(&mut store, &error, &limits)),
        }
    }

    /// Polls what maps an instance into memory, one shard at a time.
    async fn in_turn<T>(&self, mapping: impl Future<Output = T>) -> T {
        let mut mapping = pin!(mapping);
        poll_fn(|context| {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            mapping.as_mut().poll(context)
        })
        .await
    }
}

/// What a scenario's function answered, or the trap that it died of.
pub type Answer<T> = Result<Result<T, String>, Trap>;

/// One instance in its store. After a trap it is good for nothing but to be dropped, which also counts the
/// judged calls that it leaves behind.
pub struct Instance<C: Caller> {
    pub(super) store: Store<Host<C>>,
    pub(super) load: Load,
    limits: Limits,
    pub(super) build: Build,
}

impl<C: Caller> Instance<C> {
    /// Fills the tank for what comes next.
    pub(super) fn refuel(&mut self) {
        self.store.data_mut().refill();
        if !self.build.large_code {
            // Refused only where fuel is not compiled in; here it is.
            let _ = self.store.set_fuel(self.limits.fuel);
        }
    }

    pub(super) fn answer<T>(&mut self, answer: wasmtime::Result<T>) -> Result<T, Trap> {
        match answer {
            Ok(said) => {
                self.store.data_mut().log_printed(true);
                Ok(said)
            }
            Err(error) => Err(self.trap(&error)),
        }
    }

    fn trap(&mut self, error: &wasmtime::Error) -> Trap {
        trap_in(&mut self.store, error, &self.limits)
    }
}

/// One virtual user. After a trap it is good for nothing but to be dropped.
pub struct User<C: Caller> {
    instance: Instance<C>,
    resource: ResourceAny,
}

impl<C: Caller> User<C> {
    /// Called once before the first iteration: with what a user of another version [saved](Self::save),
    /// where this one takes its place and both versions name the hook `state`.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn on_start(&mut self, state: Option<&[u8]>) -> Answer<()> {
        let Self { instance, resource } = self;
        instance.refuel();
        let user = instance.load.katydid_load_scenario().user();
        let answer = user.call_on_start(&mut instance.store, *resource, state);
        let answer = timed(instance.build, answer).await;
        instance.answer(answer)
    }

    /// One iteration.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn run_task(&mut self, iteration: u64, task: u32) -> Answer<Next> {
        let Self { instance, resource } = self;
        instance.refuel();
        instance.store.data_mut().begin_iteration(iteration);
        let user = instance.load.katydid_load_scenario().user();
        let answer = user.call_run_task(&mut instance.store, *resource, task);
        let answer = timed(instance.build, answer).await;
        let answer = answer.map(|answer| {
            answer.map(|next| match next {
                wit::Next::Proceed => Next::Proceed,
                wit::Next::Interrupt => Next::Interrupt,
                wit::Next::StopUser => Next::StopUser,
            })
        });
        instance.answer(answer)
    }

    /// The pause that the scenario asks for, in microseconds.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn wait_us(&mut self) -> Result<u64, Trap> {
        let Self { instance, resource } = self;
        instance.refuel();
        let user = instance.load.katydid_load_scenario().user();
        let answer = user.call_wait_us(&mut instance.store, *resource);
        let answer = timed(instance.build, answer).await;
        answer.map_err(|error| instance.trap(&error))
    }

    /// What a user of another version is to be started with: at most [`Limits::call_bytes`]. Called between
    /// two iterations, where both versions name the hook `state`. A user that has answered is let go without
    /// [`User::on_stop`]; one that answered none is stopped as ever.
    ///
    /// # Errors
    /// The guest trapped, or answered more than it may.
    pub async fn save(&mut self) -> Result<Option<Vec<u8>>, Trap> {
        let Self { instance, resource } = self;
        instance.refuel();
        let user = instance.load.katydid_load_scenario().user();
        let state = user.call_save(&mut instance.store, *resource);
        let state = timed(instance.build, state).await;
        instance.answer(state)
    }

    /// What the user was made with: its outside. A run takes from it what is to outlive the user.
    pub fn caller(&mut self) -> &mut C {
        &mut self.instance.store.data_mut().caller
    }

    /// Called once after the last iteration; destroys the user inside its instance. Only to be dropped after.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn on_stop(&mut self) -> Answer<()> {
        let Self { instance, resource } = self;
        instance.refuel();
        let user = instance.load.katydid_load_scenario().user();
        let answer = user.call_on_stop(&mut instance.store, *resource);
        let answer = timed(instance.build, answer).await;
        let answer = match answer {
            Ok(said) => {
                let dropped = resource.resource_drop_async(&mut instance.store);
                timed(instance.build, dropped).await.map(|()| said)
            }
            Err(error) => Err(error),
        };
        instance.answer(answer)
    }
}

pub(super) fn trap_in<C: Caller>(
    store: &mut Store<Host<C>>,
    error: &wasmtime::Error,
    limits: &Limits,
) -> Trap {
    let host = store.data_mut();
    host.log_printed(true);
    let (panic, struck) = (host.panic.take(), host.watch.struck.take());
    Trap::after(error, limits, panic.as_deref(), struck.as_deref())
}
