//! What a scenario does beside its tasks, with the Rust SDK: it sets up, says the load itself, draws rows, and tears
//! down. Asserts for itself; needs `--data users=FILE` with the columns `name` and `pin`.

use katydid_sdk::prelude::*;
use serde::{Deserialize, Serialize};

const USERS: Parameter<i64> =
    Parameter::integer("users").default(3).about("users, for two seconds");

scenario!(Drawer, parameters = [USERS], setup = open, teardown = close, shape = for_two_seconds);

/// What all users share.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Shop {
    id: u64,
    open: bool,
    greeting: String,
    shelves: Vec<Option<f64>>,
}

fn shop() -> Shop {
    Shop { id: 1 << 40, open: true, greeting: "ä\0".into(), shelves: vec![Some(0.5), None] }
}

/// A row of text.
#[derive(Deserialize)]
struct Account {
    name: String,
    pin: u16,
}

fn open(client: &Client) -> Result<Shop> {
    client.call("echo", ("open",))?;
    Ok(shop())
}

fn close(client: &Client) -> Result {
    client.call("echo", ("close",))?;
    if setup_data::<Shop>()? != shop() {
        return Err(Error::new("this is another shop"));
    }
    Ok(())
}

fn for_two_seconds(now: Status) -> Load {
    log::info!("{} users after {} s", now.users, now.elapsed.as_secs());
    match now.elapsed.as_secs() {
        0..2 => Load::Users(u32::try_from(USERS.get()).unwrap_or(0)),
        _ => Load::Stop,
    }
}

#[derive(Default)]
struct Drawer {
    shop: Option<Shop>,
}

#[user(wait_time = constant(0.01))]
impl Drawer {
    fn on_start(&mut self) -> Result {
        self.shop = Some(setup_data()?);
        Ok(())
    }

    #[task]
    fn draw(&mut self, client: &Client) -> Result {
        if self.shop != Some(shop()) {
            return Err(Error::new(format!("{:?} is another shop", self.shop)));
        }
        // Ends the user when there is none left.
        let Account { name, pin } = data::row("users")?;
        client.call("echo", (name, i32::from(pin)))?;
        Ok(())
    }
}
