//! A scenario that says itself what load there is to be.

use super::bindings::exports::katydid::load::scenario as wit;
use super::caller::{Level, Nobody};
use super::meter::timed;
use super::module::Module;
use super::scenario::{Identity, Instance, Scenario};
use super::trap::Trap;
use super::wrap::ModuleError;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// Microseconds since the run began.
    pub elapsed_us: u64,
    /// Users alive.
    pub users: u32,
    /// Requests since the run began.
    pub requests: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Requests of the last second.
    pub requests_per_second: u64,
    /// 95th percentile of the response times of the last second, in microseconds.
    pub p95_us: u64,
}

/// What load there is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// So many users.
    Users(u32),
    /// So many iterations begun in each second: finite, from 0.
    Arrivals(f64),
    /// The run has done enough.
    Stop,
}

/// An instance that is asked for the load, for as long as a run lasts. It reaches nothing: what it calls is
/// answered `interrupted`, rows of data and what `setup` answered are not there. Only the parameters are, and the
/// log.
pub struct Shaper {
    instance: Instance<Nobody>,
    asked: u64,
}

impl Module {
    /// Makes the instance that is asked for the load, where the module names the hook `shape`. It takes no room
    /// from the users.
    ///
    /// # Errors
    /// There is no room for it, or it traps before it can be asked.
    pub async fn shaper(&self, whom: &Identity) -> Result<Shaper, ModuleError> {
        let room = Scenario::new(self, 1);
        let scenario = room.map_err(|error| ModuleError::NoRoom(format!("{error:#}")))?;
        let made = scenario.instance(Nobody::default(), whom).await;
        let instance = made.map_err(|trap| ModuleError::Shape(trap.reason))?;
        Ok(Shaper { instance, asked: 0 })
    }
}

impl Shaper {
    /// What load there is to be from now on. Each question has the limits of an iteration.
    ///
    /// # Errors
    /// The guest trapped, after which it cannot be asked again; or it answered a rate that is none.
    pub async fn ask(&mut self, now: Status) -> Result<Load, Trap> {
        let Self { instance, asked } = self;
        instance.refuel();
        let host = instance.store.data_mut();
        host.caller.lines.clear();
        host.begin_iteration(*asked);
        *asked += 1;
        let Status { elapsed_us, users, requests, failed, requests_per_second, p95_us } = now;
        let now = wit::Status { elapsed_us, users, requests, failed, requests_per_second, p95_us };
        let scenario = instance.load.katydid_load_scenario();
        let answer = scenario.call_shape(&mut instance.store, now);
        let answer = timed(instance.build, answer).await;
        match instance.answer(answer)? {
            wit::Load::Users(users) => Ok(Load::Users(users)),
            wit::Load::Arrivals(rate) if rate.is_finite() && rate >= 0.0 => {
                Ok(Load::Arrivals(rate))
            }
            wit::Load::Arrivals(rate) => Err(Trap {
                reason: format!("shape answered {rate} arrivals each second, which is no rate"),
                backtrace: Vec::new(),
            }),
            wit::Load::Stop => Ok(Load::Stop),
        }
    }

    /// What it has logged since it was last asked; bounded like the log of an iteration.
    pub fn take_lines(&mut self) -> Vec<(Level, String)> {
        std::mem::take(&mut self.instance.store.data_mut().caller.lines)
    }
}
