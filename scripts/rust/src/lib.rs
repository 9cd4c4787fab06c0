//! `ApiUser` in Rust: what `scripts/wat/api_user.wat` does, written with the SDK.

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
    fn get_random_number(&mut self, client: &Client) -> Reply {
        client.call("get_random_number", (0, 100))
    }
}

scenario!(ApiUser);

#[cfg(test)]
mod tests {
    use super::*;
    use katydid_sdk::testing::World;

    #[test]
    fn each_task_makes_its_call() -> Result {
        let world =
            World::new().answer("get_time", |_| Ok(1.5)).answer("get_random_number", |_| Ok(42));
        world.run_task::<ApiUser>("get_time")?;
        world.run_task::<ApiUser>("get_random_number")?;
        assert_eq!(world.calls("get_time"), [[]]);
        assert_eq!(world.calls("get_random_number"), [[Value::from(0), Value::from(100)]]);
        Ok(())
    }

    #[test]
    fn a_target_that_is_down_is_no_error_of_the_scenario() -> Result {
        let world = World::new();
        assert_eq!(world.run_task::<ApiUser>("get_time")?, Next::Proceed);
        assert!(world.requests()[0].outcome.is_err());
        Ok(())
    }
}
