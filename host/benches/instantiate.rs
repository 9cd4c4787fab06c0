//! Making a virtual user and dropping it: a slot of the pool, a store, an instance, its constructor.
#![allow(missing_docs)]

mod shared;

use criterion::{Criterion, criterion_group, criterion_main};
use katydid::guest::{Identity, Scenario};
use shared::Instantly;
use std::sync::Arc;

fn instantiate(criterion: &mut Criterion) {
    let runtime = shared::runtime();
    let scenario = runtime
        .block_on(async { Scenario::new(&shared::module().await, 10) })
        .expect("room for ten");
    let identity = Identity { user: 0, seed: 1, iteration: 0, parameters: Arc::default() };
    criterion.bench_function("instantiate", |bencher| {
        bencher.iter(|| {
            let made = scenario.new_user(Instantly::default(), &identity, "ApiUser");
            drop(runtime.block_on(made).expect("a user"));
        });
    });
}

criterion_group!(benches, instantiate);
criterion_main!(benches);
