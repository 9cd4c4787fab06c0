//! A load scenario: who the users are, and what they call.

use katydid_sdk::prelude::*;

#[derive(Default)]
struct ApiUser;

#[user(host = "http://127.0.0.1:8877/", wait_time = between(0.1, 1.0))]
impl ApiUser {
    #[task(10)]
    fn get_time(&mut self, client: &Client) -> Reply {
        client.call("get_time", ())
    }

    #[task(5)]
    fn get_random_number(&mut self, client: &Client) -> Result {
        let n: i32 = client.call("get_random_number", (0, 100))?.to()?;
        check("within its bounds", (0..=100).contains(&n));
        Ok(())
    }
}

scenario!(ApiUser);
