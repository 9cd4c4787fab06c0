//! What counting one request costs.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use katydid_load::{LabelId, Sample, Window};

fn record(criterion: &mut Criterion) {
    let mut window = Window::default();
    let mut sample = Sample {
        label: LabelId(0),
        version: 1,
        user: 0,
        iteration: 0,
        number: 0,
        due_ns: 0,
        called_ns: 0,
        sent_ns: 1_000,
        done_ns: 400_000,
        bytes_sent: 180,
        bytes_received: 140,
        attempts: 1,
        outcome: Ok(()),
    };
    criterion.bench_function("record", |bencher| {
        bencher.iter(|| {
            sample.done_ns = 400_000 + (sample.done_ns * 31) % 100_000;
            window.record(std::hint::black_box(&sample));
        });
    });
}

criterion_group!(benches, record);
criterion_main!(benches);
