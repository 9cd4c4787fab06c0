//! Black-box tests live in `tests/tests`; this crate has what they share.
