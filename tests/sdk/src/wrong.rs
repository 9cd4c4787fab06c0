//! What goes wrong on purpose.

use crate::ensure;
use katydid_sdk::prelude::*;

/// Fails two iterations; its failed request is no third.
#[derive(Default)]
pub(crate) struct Fails {
    ends: u32,
}

#[user(fixed_count = 1, wait_time = constant_pacing(0.001))]
impl Fails {
    #[task]
    fn in_each_way(&mut self, client: &Client) -> Result {
        self.ends += 1;
        match iteration() {
            0 => Err(Error::new("fails on purpose")),
            1 => client.call("echo", ("x",))?.to::<bool>().map(drop).map_err(Error::from),
            2 => {
                client.call("get_random_number", (1, 2))?;
                Err(Error::new("there was no fault"))
            }
            _ => Err(Next::StopUser)?,
        }
    }

    fn on_stop(&mut self) -> Result {
        ensure(self.ends == 4, "errors and failures are survived")
    }
}

/// Panics once; the user that is made anew stops.
#[derive(Default)]
pub(crate) struct Panics;

#[user(fixed_count = 1, wait_time = between(0.001, 0.002))]
impl Panics {
    #[task]
    fn once(&mut self) -> Next {
        match iteration() {
            0 => panic!("panics on purpose, as user {}", user_id()),
            _ => Next::StopUser,
        }
    }
}
