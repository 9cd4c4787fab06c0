//! Saves more than may cross in one answer. The limit should be below 32 MiB.

use guests::{Breaks, Hooks};

struct StateBomb;
guests::breaks!(StateBomb);

impl Breaks for StateBomb {
    fn new() -> Self {
        Self
    }

    fn hooks() -> Hooks {
        Hooks::STATE
    }

    fn save(&self) -> Option<Vec<u8>> {
        Some(vec![7; 32 << 20])
    }
}
