//! One thread's share of the users.

use super::line::Exchange;
use super::{Shared, user};
use crate::clock::thread_cpu_ns;
use katydid_load::ShardState;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

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

/// Starts shard `index` of `shards` on a thread of its own. It ends when its last user has.
pub(super) fn start<X: Exchange>(
    shared: Arc<Shared<X>>,
    index: u32,
    shards: u32,
    began: Instant,
    busy: Arc<Busy>,
) -> std::io::Result<std::thread::JoinHandle<anyhow::Result<()>>> {
    std::thread::Builder::new().name(format!("katydid-shard-{index}")).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let meter = tokio::spawn(measure(busy));
            let result = drive(shared, index, shards, began).await;
            meter.abort();
            result
        })
    })
}

/// Starts this shard's users when they are due, and waits for all of them.
pub(super) async fn drive<X: Exchange>(
    shared: Arc<Shared<X>>,
    index: u32,
    shards: u32,
    began: Instant,
) -> anyhow::Result<()> {
    let mut users = JoinSet::new();
    for number in shared.spec.shape.users_of(index, shards) {
        let due = began + Duration::from_nanos(shared.spec.shape.nth_user_at(number));
        wait_for_start(&shared, due).await;
        if shared.signal.is_stopping() {
            break;
        }
        let shared = Arc::clone(&shared);
        users.spawn(async move {
            shared.crowd.enter();
            user::live(Arc::clone(&shared), index as usize, number).await;
            shared.crowd.leave(&shared.signal);
        });
    }
    while let Some(ended) = users.join_next().await {
        ended.map_err(|error| anyhow::anyhow!("a virtual user's task failed: {error}"))?;
    }
    Ok(())
}

async fn wait_for_start<X: Exchange>(shared: &Shared<X>, due: Instant) {
    let mut waker = shared.signal.waker();
    let mut sleep = pin!(sleep_until(due));
    poll_fn(|context| {
        waker.register(context);
        if shared.signal.is_stopping() {
            return Poll::Ready(());
        }
        sleep.as_mut().poll(context)
    })
    .await;
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
