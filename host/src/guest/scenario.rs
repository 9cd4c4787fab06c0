//! A module with room for so many users, and the users themselves.

use super::bindings::exports::katydid::load::scenario as wit;
use super::bindings::{Load, LoadPre};
use super::caller::Caller;
use super::host::{Host, linker};
use super::limits::Limits;
use super::module::{Module, new_store};
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
    /// Instances are mapped one after the other: shards that change the process's memory map at the same
    /// time spin on the kernel's lock, which takes twice the CPU. Held for one poll, never while waiting.
    turn: Mutex<()>,
}

/// Who a virtual user is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its number in the run, from 0.
    pub user: u64,
    /// The run's seed.
    pub seed: u64,
    /// Which of its iterations is the next: 0, unless it was made anew.
    pub iteration: u64,
    /// The run's parameters.
    pub parameters: Arc<BTreeMap<String, String>>,
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
        let config = limits.pooled(users, needs, module.large_image);
        let room = || {
            format!(
                "cannot reserve room for {users} users of {} bytes of memory each; \
                 use fewer users, lower --max-memory, or raise `sysctl vm.max_map_count`",
                limits.memory_bytes
            )
        };
        let engine = Engine::new(&config).map_err(anyhow::Error::from).with_context(room)?;
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
        Ok(Self { engine, pre, limits, turn: Mutex::default() })
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
        let Identity { user, seed, iteration, parameters } = identity;
        let mut host = Host::new(caller, &self.limits, *user, *seed, Arc::clone(parameters));
        host.begin_iteration(*iteration);
        let trap = |error: &wasmtime::Error| Trap::new(error, &self.limits);
        let mut store =
            new_store(&self.engine, host, &self.limits).map_err(|error| trap(&error))?;
        let made = async {
            let load = self.in_turn(self.pre.instantiate_async(&mut store)).await?;
            let resource =
                load.katydid_load_scenario().user().call_constructor(&mut store, class).await?;
            Ok((load, resource))
        }
        .await;
        match made {
            Ok((load, resource)) => Ok(User { store, load, resource, limits: self.limits }),
            Err(error) => Err(trap_in(&mut store, &error, &self.limits)),
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

/// One virtual user. After a trap it is good for nothing but to be dropped, which also counts the judged
/// calls that it leaves behind.
pub struct User<C: Caller> {
    store: Store<Host<C>>,
    load: Load,
    resource: ResourceAny,
    limits: Limits,
}

/// What a scenario's function answered, or the trap that it died of.
pub type Answer<T> = Result<Result<T, String>, Trap>;

impl<C: Caller> User<C> {
    /// Called once before the first iteration: with what a user of another version [saved](Self::save),
    /// where this one takes its place and both versions name the hook `state`.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn on_start(&mut self, state: Option<&[u8]>) -> Answer<()> {
        self.refuel();
        let user = self.load.katydid_load_scenario().user();
        let answer = user.call_on_start(&mut self.store, self.resource, state).await;
        self.answer(answer)
    }

    /// One iteration.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn run_task(&mut self, iteration: u64, task: u32) -> Answer<Next> {
        self.refuel();
        self.store.data_mut().begin_iteration(iteration);
        let user = self.load.katydid_load_scenario().user();
        let answer = user.call_run_task(&mut self.store, self.resource, task).await;
        let answer = answer.map(|answer| {
            answer.map(|next| match next {
                wit::Next::Proceed => Next::Proceed,
                wit::Next::Interrupt => Next::Interrupt,
                wit::Next::StopUser => Next::StopUser,
            })
        });
        self.answer(answer)
    }

    /// The pause that the scenario asks for, in microseconds.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn wait_us(&mut self) -> Result<u64, Trap> {
        self.refuel();
        let user = self.load.katydid_load_scenario().user();
        let answer = user.call_wait_us(&mut self.store, self.resource).await;
        answer.map_err(|error| trap_in(&mut self.store, &error, &self.limits))
    }

    /// What a user of another version is to be started with: at most [`Limits::call_bytes`]. Called between
    /// two iterations, where both versions name the hook `state`. A user that has answered is let go without
    /// [`User::on_stop`]; one that answered none is stopped as ever.
    ///
    /// # Errors
    /// The guest trapped, or answered more than it may.
    pub async fn save(&mut self) -> Result<Option<Vec<u8>>, Trap> {
        self.refuel();
        let user = self.load.katydid_load_scenario().user();
        let state = user.call_save(&mut self.store, self.resource).await;
        self.answer(state)
    }

    /// What the user was made with: its outside. A run takes from it what is to outlive the user.
    pub fn caller(&mut self) -> &mut C {
        &mut self.store.data_mut().caller
    }

    /// Called once after the last iteration; destroys the user inside its instance. Only to be dropped after.
    ///
    /// # Errors
    /// The guest trapped.
    pub async fn on_stop(&mut self) -> Answer<()> {
        self.refuel();
        let user = self.load.katydid_load_scenario().user();
        let answer = user.call_on_stop(&mut self.store, self.resource).await;
        let answer = match answer {
            Ok(said) => self.resource.resource_drop_async(&mut self.store).await.map(|()| said),
            Err(error) => Err(error),
        };
        self.answer(answer)
    }

    /// Fills the tank for what comes next.
    fn refuel(&mut self) {
        self.store.data_mut().refill();
        // Refused only where fuel is not compiled in; ours always is.
        let _ = self.store.set_fuel(self.limits.fuel);
    }

    fn answer<T>(&mut self, answer: wasmtime::Result<T>) -> Result<T, Trap> {
        match answer {
            Ok(said) => {
                self.store.data_mut().log_printed(true);
                Ok(said)
            }
            Err(error) => Err(trap_in(&mut self.store, &error, &self.limits)),
        }
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
