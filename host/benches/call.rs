//! One iteration with one call, from the host into the guest, out again, and back with the reply; no
//! network, no statistics.
#![allow(missing_docs)]

mod shared;

use criterion::{Criterion, criterion_group, criterion_main};
use katydid::guest::{Identity, Scenario};
use shared::Instantly;
use std::sync::Arc;

fn call(criterion: &mut Criterion) {
    let runtime = shared::runtime();
    let mut user = runtime.block_on(async {
        let scenario = Scenario::new(&shared::module().await, 1).expect("room for one");
        let identity = Identity { user: 0, seed: 1, iteration: 0, parameters: Arc::default() };
        scenario.new_user(Instantly::default(), &identity, "ApiUser").await.expect("a user")
    });
    for (task, name) in [(0, "call/get_time"), (1, "call/get_random_number")] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(user.run_task(0, task)).expect("no trap"));
        });
    }
}

criterion_group!(benches, call);
criterion_main!(benches);
