//! Lines for the person who runs the test: `log::info!("{n} items left")`.
//!
//! The host removes control characters, cuts long lines, and shows what is as grave as the run asks
//! for (`--loglevel`).

use crate::backend;

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It explains. Not shown unless asked for.
    Debug,
    /// It tells.
    Info,
    /// It warns.
    Warn,
    /// Something went wrong.
    Error,
}

/// Writes one line. Usually by [`debug!`], [`info!`], [`warn!`] or [`error!`].
pub fn write(level: Level, message: &str) {
    backend::log(level, message);
}

/// Writes a line that explains, in the words of `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __debug {
    ($($message:tt)+) => {
        $crate::log::write($crate::log::Level::Debug, &::std::format!($($message)+))
    };
}

/// Writes a line that tells, in the words of `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __info {
    ($($message:tt)+) => {
        $crate::log::write($crate::log::Level::Info, &::std::format!($($message)+))
    };
}

/// Writes a line that warns, in the words of `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __warn {
    ($($message:tt)+) => {
        $crate::log::write($crate::log::Level::Warn, &::std::format!($($message)+))
    };
}

/// Writes a line about what went wrong, in the words of `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __error {
    ($($message:tt)+) => {
        $crate::log::write($crate::log::Level::Error, &::std::format!($($message)+))
    };
}

#[doc(inline)]
pub use crate::{__debug as debug, __error as error, __info as info, __warn as warn};
