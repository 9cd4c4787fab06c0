//! Rows that users draw.

use crate::guest::Row;
use katydid_load::{AtEnd, Draw, Rows};
use std::sync::atomic::{AtomicU64, Ordering};

/// A set of rows, and how they are handed out.
#[derive(Clone)]
pub struct DataSet {
    /// What the scenario calls it.
    pub name: String,
    /// The rows. Users share them.
    pub rows: Vec<Row>,
    /// Who is given which.
    pub kind: Rows,
    /// What happens when there is none left for a user.
    pub at_end: AtEnd,
}

impl std::fmt::Debug for DataSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataSet").field("name", &self.name).field("kind", &self.kind).finish()
    }
}

/// The sets of one scenario, and how far each user is in each.
pub(super) struct Data {
    sets: Vec<(DataSet, Box<[AtomicU64]>)>,
}

impl Data {
    /// For so many users, and one that is nobody.
    pub(super) fn new(sets: Vec<DataSet>, users: u32) -> Self {
        let draws = || (0..=users).map(|_| AtomicU64::new(0)).collect();
        Self { sets: sets.into_iter().map(|set| (set, draws())).collect() }
    }

    /// The next row of a set for the user at this place in its scenario.
    pub(super) fn draw(&self, set: &str, place: u32, seed: u64) -> Result<Option<Row>, String> {
        let found = self.sets.iter().position(|(one, _)| one.name == set);
        let Some(file) = found else {
            let names: Vec<_> =
                self.sets.iter().map(|(set, _)| format!("{:?}", set.name)).collect();
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(format!(
                "there is no set of data {:?}, but {there}; give it with --data NAME=FILE",
                set.chars().take(100).collect::<String>()
            ));
        };
        let (set, draws) = &self.sets[file];
        // Only the user's own task counts here.
        let counter = &draws[place as usize];
        let draw = counter.load(Ordering::Relaxed);
        counter.store(draw + 1, Ordering::Relaxed);
        let users = draws.len() as u64 - 1;
        let (rows, file) = (set.rows.len() as u64, u32::try_from(file).unwrap_or(u32::MAX));
        let draw = Draw { seed, file, rows, user: place.into(), users, draw };
        Ok(set.kind.row(set.at_end, &draw).map(|row| set.rows[row as usize].clone()))
    }
}
