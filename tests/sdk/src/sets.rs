//! Sets and weights: who is in which set when, and how often each task comes.

use crate::ensure;
use katydid_sdk::prelude::*;

/// Browses, then checks out, then browses again; keeps a journal of it.
#[derive(Default)]
pub(crate) struct Shopper {
    journal: Vec<&'static str>,
    asked: u64,
}

#[user(weight = 2, sequential, sets(Checkout))]
impl Shopper {
    #[task]
    fn browse(&mut self, client: &Client) -> Result<Next> {
        client.call("echo", ("browse",))?;
        self.journal.push("browse");
        Ok(if self.journal.len() == 1 { Next::Proceed } else { Next::StopUser })
    }

    fn wait_time(&mut self) -> f64 {
        self.asked += 1;
        0.002
    }

    fn on_stop(&mut self) -> Result {
        let journal = self.journal.join(" ");
        let expected = "browse +checkout fill +payment pay -payment fill -checkout browse";
        ensure(journal == expected, &format!("{journal} is {expected}"))?;
        ensure(self.asked == iteration(), "it is asked after each iteration but the last")
    }
}

/// Fills the basket, pays, and leaves when it is here a second time.
struct Checkout;

#[task_set(sequential, sets(Payment))]
impl Checkout {
    fn on_start(user: &mut Shopper) {
        user.journal.push("+checkout");
    }

    #[task]
    fn fill(user: &mut Shopper, client: &Client) -> Result {
        user.journal.push("fill");
        client.call("echo", ("fill",))?;
        if user.journal.contains(&"pay") {
            Err(Next::Interrupt)?;
        }
        Ok(())
    }

    fn on_stop(user: &mut Shopper, client: &Client) -> Result {
        user.journal.push("-checkout");
        client.call("echo", ("checked out",))?;
        Ok(())
    }
}

struct Payment;

#[task_set(name = "Paying")]
impl Payment {
    fn on_start(user: &mut Shopper) {
        user.journal.push("+payment");
    }

    #[task(3, name = "pay by card", tags("money"))]
    fn pay(user: &mut Shopper) -> Next {
        user.journal.push("pay");
        Next::Interrupt
    }

    #[task(0)]
    fn never(_user: &mut Shopper) -> Result {
        Err(Error::new("a task of weight 0 was chosen"))
    }

    fn on_stop(user: &mut Shopper) {
        user.journal.push("-payment");
    }
}

/// Written by hand, with the builder: counts how often it does what.
#[derive(Default)]
pub(crate) struct Weighted {
    often: u32,
    seldom: u32,
    in_set: u32,
}

impl Weighted {
    fn seldom(&mut self) -> Result<Next> {
        self.seldom += 1;
        if self.often + self.seldom + self.in_set < 400 {
            return Ok(Next::Proceed);
        }
        // Of 1, 2 and 8 parts in 11; so far off is less likely than a broken machine.
        ensure(self.often > 200 && self.in_set > 30 && self.seldom > 10, "weights are weights")?;
        Ok(Next::StopUser)
    }

    fn save(&mut self) -> Option<Vec<u8>> {
        let counts = [self.often, self.seldom, self.in_set];
        // Who has done nothing yet has nothing to lose.
        (counts != [0; 3]).then(|| counts.into_iter().flat_map(u32::to_le_bytes).collect())
    }

    fn restore(&mut self, state: &[u8], client: &Client) -> Result {
        let counts: &[u8; 12] = state.try_into()?;
        let (counts, _) = counts.as_chunks();
        let count = |place: usize| u32::from_le_bytes(counts[place]);
        (self.often, self.seldom, self.in_set) = (count(0), count(1), count(2));
        client.call("echo", ("resumed",)).map(drop)?;
        Ok(())
    }
}

impl User for Weighted {
    fn class() -> Class<Self> {
        let set =
            Set::new("Inside").weight(2).tagged_task("look", 1, ["a", "b"], |user: &mut Self| {
                user.in_set += 1;
                Next::Interrupt
            });
        Class::new("Weighted")
            .host("http://127.0.0.1:8877/")
            .wait_time(constant_throughput(100_000.0))
            .state(Self::save, Self::restore)
            .task("often", 8, |user: &mut Self| user.often += 1)
            .task("seldom", 1, Self::seldom)
            .set(set)
    }
}
