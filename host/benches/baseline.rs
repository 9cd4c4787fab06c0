//! The same iteration with no wasm: write the call, read the reply. What `call` costs more than this
//! is the price of the sandbox and of any language.
#![allow(missing_docs)]

mod shared;

use criterion::{Criterion, criterion_group, criterion_main};
use katydid_xmlrpc::{Encoder, Limits, Node, OwnedNode, decode_reply};

fn baseline(criterion: &mut Criterion) {
    let mut request = Vec::new();
    criterion.bench_function("baseline/get_random_number", |bencher| {
        bencher.iter(|| {
            request.clear();
            let mut encoder =
                Encoder::call(&mut request, "get_random_number", Limits::default()).expect("ok");
            encoder.node(Node::Int(0)).expect("ok");
            encoder.node(Node::Int(100)).expect("ok");
            encoder.finish().expect("ok");
            let mut reply: Vec<OwnedNode> = Vec::new();
            decode_reply(shared::REPLY, Limits::default(), &mut reply).expect("a good reply");
            std::hint::black_box((request.len(), reply))
        });
    });
}

criterion_group!(benches, baseline);
criterion_main!(benches);
