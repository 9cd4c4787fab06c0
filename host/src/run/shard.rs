//! One thread's share of the users.

use super::line::Exchange;
use super::{Shared, executor};
use crate::clock::thread_cpu_ns;
use katydid_load::ShardState;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How busy a shard is, in permille.
#[derive(Debug, Default)]
pub(super) struct Busy {
    last: AtomicU32,
    most: AtomicU32,
    mean: AtomicU32,
}

impl Busy {
    pub(super) fn state(&self) -> ShardState {
        let share = |permille: &AtomicU32| f64::from(permille.load(Ordering::Relaxed)) / 1_000.0;
        ShardState {
            busy_share: share(&self.last),
            most_busy_share: share(&self.most),
            mean_busy_share: share(&self.mean),
        }
    }
}

/// Starts shard `index` on a thread of its own. It ends when its last user has.
pub(super) fn start<X: Exchange>(
    shared: Arc<Shared<X>>,
    index: u32,
    busy: Arc<Busy>,
) -> std::io::Result<std::thread::JoinHandle<anyhow::Result<()>>> {
    std::thread::Builder::new().name(format!("katydid-shard-{index}")).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let meter = tokio::spawn(measure(busy));
            let result = drive(shared, index).await;
            meter.abort();
            result
        })
    })
}

/// Carries this shard's users of every scenario to their end.
pub(super) async fn drive<X: Exchange>(shared: Arc<Shared<X>>, index: u32) -> anyhow::Result<()> {
    let mut scenarios = JoinSet::new();
    for part in &shared.parts {
        scenarios.spawn(executor::execute(Arc::clone(&shared), Arc::clone(part), index));
    }
    while let Some(ended) = scenarios.join_next().await {
        ended.map_err(|error| anyhow::anyhow!("a scenario's task failed: {error}"))??;
    }
    Ok(())
}

/// Notes each second which share of it this thread was computing.
async fn measure(busy: Arc<Busy>) {
    let mut interval = tokio::time::interval(Duration::from_secs(1));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let began = (interval.tick().await, thread_cpu_ns());
    let mut then = began;
    loop {
        interval.tick().await;
        let now = (Instant::now(), thread_cpu_ns());
        let last = permille(then, now);
        busy.last.store(last, Ordering::Relaxed);
        busy.most.fetch_max(last, Ordering::Relaxed);
        busy.mean.store(permille(began, now), Ordering::Relaxed);
        then = now;
    }
}

/// CPU time for wall time, between two looks at both.
fn permille((then, used_then_ns): (Instant, u64), (now, used_ns): (Instant, u64)) -> u32 {
    let wall_ns = (now - then).as_nanos().max(1);
    let permille = u128::from(used_ns - used_then_ns) * 1_000 / wall_ns;
    u32::try_from(permille).unwrap_or(1_000).min(1_000)
}
