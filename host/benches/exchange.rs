//! One request over a kept connection to the built-in target, which runs on a thread of its own.
#![allow(missing_docs)]

mod shared;

use criterion::{Criterion, criterion_group, criterion_main};
use katydid::clock::monotonic_ns;
use katydid::target::{self, Delay, Options};
use katydid::wire::{Connection, Settings, Target, TargetOptions};
use katydid_xmlrpc::{Encoder, Limits};
use std::sync::Arc;

fn exchange(criterion: &mut Criterion) {
    let options = Options { delay: Delay::NONE, ..Options::default() };
    let server = target::start("127.0.0.1:0", options).expect("a target");
    let runtime = shared::runtime();
    let url = format!("http://{}/", server.addr());
    let target = Target::resolve(&url, &TargetOptions::default()).expect("its URL");
    let _entered = runtime.enter();
    let mut connection = Connection::new(Arc::new(target), Arc::new(Settings::default()), 1);
    criterion.bench_function("exchange", |bencher| {
        bencher.iter(|| {
            let mut request = connection.begin();
            Encoder::call(&mut request, "get_time", Limits::default())
                .and_then(Encoder::finish)
                .expect("it can be written");
            let facts =
                runtime.block_on(connection.exchange(request, monotonic_ns(), (0, 0), None));
            assert!(facts.outcome.is_ok(), "{facts:?}");
        });
    });
}

criterion_group!(benches, exchange);
criterion_main!(benches);
