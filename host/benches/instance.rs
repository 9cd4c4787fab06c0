//! What a component costs before a function of it is called: compiling it, and making one instance. Of the files
//! that are named, `cargo bench --bench instance -- FILE...`, or of the demo's scenario.
//!
//! No measurement of Criterion's: instances are made in slots that nobody had before, as a run makes its users, and
//! all stay; and CPU is what counts, since much of it is the kernel's.
#![allow(missing_docs)]

mod shared;

use katydid::clock::{monotonic_ns, thread_cpu_ns};
use katydid::guest::{Effort, Identity, Limits, Module, Scenario};
use shared::Instantly;
use std::sync::Arc;

const INSTANCES: u32 = 200;

fn main() {
    // Cargo's own flags are among the arguments.
    let files: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let runtime = shared::runtime();
    if files.is_empty() {
        runtime.block_on(async { tell("demo", &shared::module().await).await });
    }
    for file in files {
        let bytes = std::fs::read(&file).expect("a component that can be read");
        let loaded = Module::load(&bytes, Limits::default(), None, Effort::Full);
        runtime.block_on(async { tell(&file, &loaded.await.expect("a scenario")).await });
    }
}

async fn tell(name: &str, module: &Module) {
    let scenario = Scenario::new(module, INSTANCES + 1).expect("room for all");
    let identity = Identity { user: 0, seed: 1, iteration: 0, parameters: Arc::default() };
    let instance =
        || async { scenario.instance(Instantly::default(), &identity).await.expect("an instance") };
    // The first one pays for what all share.
    let mut made = vec![instance().await];
    let before = (thread_cpu_ns(), monotonic_ns());
    for _ in 0..INSTANCES {
        made.push(instance().await);
    }
    let (cpu_ns, wall_ns) = (thread_cpu_ns() - before.0, monotonic_ns() - before.1);
    let each_us = |ns: u64| ns as f64 / f64::from(INSTANCES) / 1e3;
    println!(
        "{name}: compiled in {:.2} s, an instance made in {:.1} us of CPU, {:.1} us in all",
        module.compile_time.as_secs_f64(),
        each_us(cpu_ns),
        each_us(wall_ns)
    );
}
