//! Durations as people write them: see [`katydid_load::duration`].

pub use katydid_load::duration::*;
