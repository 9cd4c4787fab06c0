//! What people and programs want of a run under way.

use super::Shared;
use super::collector::Collector;
use super::line::Exchange;
use super::part::{Part, since};
use super::swap::{Prepare, Swaps};
use katydid_load::Share;
use katydid_load::profile::Rate;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;

/// What was done, or why it could not be, in one line.
pub type Answer = Result<String, String>;

/// What somebody wants, and of which scenario; of the only one, where none is named.
pub(super) struct Command<X: Exchange> {
    pub(super) scenario: Option<String>,
    pub(super) control: Control<X>,
}

pub(super) enum Control<X: Exchange> {
    Swap { digest: String, prepare: Prepare<X>, share: Share, answer: oneshot::Sender<Answer> },
    Promote { answer: oneshot::Sender<Answer> },
    RollBack { answer: oneshot::Sender<Answer> },
    Users { users: u32, rate: Option<Rate>, answer: oneshot::Sender<Answer> },
    Rate { rate: Rate, answer: oneshot::Sender<Answer> },
    Pause { paused: bool, answer: oneshot::Sender<Answer> },
    Reset { answer: oneshot::Sender<Answer> },
}

impl<X: Exchange> Command<X> {
    /// Does it.
    pub(super) fn carry_out(
        self,
        shared: &Arc<Shared<X>>,
        swaps: &mut [Swaps<X>],
        (collector, last): (&mut Collector, &mut u32),
    ) {
        let part = find(shared, self.scenario.as_deref());
        let place = part.as_ref().map_or(0, |part| part.index as usize);
        let lost = part.as_ref().err().cloned();
        // Whoever asked may have gone.
        let tell = |answer: oneshot::Sender<Answer>, said| drop(answer.send(said));
        match self.control {
            Control::Swap { answer, .. }
            | Control::Promote { answer }
            | Control::RollBack { answer }
                if lost.is_some() =>
            {
                tell(answer, Err(lost.unwrap_or_default()));
            }
            Control::Swap { digest, prepare, share, answer } => {
                *last += 1;
                swaps[place].begin(*last, (digest, prepare), (share, answer), collector);
            }
            Control::Promote { answer } => {
                let promoted = swaps[place].promote();
                tell(answer, promoted.map(|number| format!("v{number} is to have all users")));
            }
            Control::RollBack { answer } => swaps[place].go_back(last, answer, collector),
            Control::Users { users, rate, answer } => tell(
                answer,
                part.and_then(|part| {
                    part.set_users(users, since(shared.began() + part.start), rate)?;
                    shared.signal.announce();
                    Ok(format!("scenario {:?} is to have {users} users", part.name))
                }),
            ),
            Control::Rate { rate, answer } => tell(
                answer,
                part.and_then(|part| {
                    part.set_rate(rate, since(shared.began() + part.start))?;
                    shared.signal.announce();
                    Ok(format!("scenario {:?} is to have {rate} arrivals", part.name))
                }),
            ),
            Control::Pause { paused, answer } => {
                let was = shared.paused.swap(paused, Ordering::Relaxed);
                shared.signal.announce();
                collector.pause(paused);
                tell(
                    answer,
                    match (was, paused) {
                        (false, true) => {
                            Ok("paused: no iteration begins until you resume".to_owned())
                        }
                        (true, false) => Ok("resumed".to_owned()),
                        (true, true) => Err("the run is paused already".to_owned()),
                        (false, false) => Err("the run is not paused".to_owned()),
                    },
                );
            }
            Control::Reset { answer } => {
                collector.reset();
                tell(answer, Ok("everything that was counted so far is forgotten".to_owned()));
            }
        }
    }
}

/// The scenario of this name; the only one, where none is named.
fn find<X: Exchange>(shared: &Shared<X>, name: Option<&str>) -> Result<Arc<Part<X>>, String> {
    let names = || {
        let names: Vec<_> = shared.parts.iter().map(|part| format!("{:?}", part.name)).collect();
        names.join(", ")
    };
    let found = match (name, shared.parts.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => return Err(format!("which scenario? There are {}", names())),
        (Some(name), parts) => parts.iter().find(|part| part.name == name),
    };
    found
        .cloned()
        .ok_or_else(|| format!("there is no scenario {:?}, but {}", name.unwrap_or(""), names()))
}
