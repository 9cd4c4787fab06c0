//! Keys that a person presses while a run goes on.

use rustix::process::getpgrp;
use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use std::io::{IsTerminal as _, Read as _};
use std::time::Duration;
use tokio::sync::mpsc;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Swap to what the scenario's source is now.
    Swap,
    /// Give the canary to all.
    Promote,
    /// Go back to the version before.
    RollBack,
    /// A tenth more users, at least one.
    More,
    /// A tenth fewer users, at least one.
    Fewer,
    /// Begin no more iterations, or go on.
    Pause,
    /// End the run.
    Quit,
    /// Say which keys there are.
    Help,
}

/// The keys, in one line.
pub(super) const HELP: &str =
    "keys: s swap · p promote · r roll back · + - users · space pause · q stop";

impl Key {
    fn of(byte: u8) -> Option<Self> {
        match byte.to_ascii_lowercase() {
            b's' => Some(Self::Swap),
            b'p' => Some(Self::Promote),
            b'r' => Some(Self::RollBack),
            b'+' => Some(Self::More),
            b'-' => Some(Self::Fewer),
            b' ' => Some(Self::Pause),
            b'q' => Some(Self::Quit),
            b'?' | b'h' => Some(Self::Help),
            _ => None,
        }
    }
}

/// Standard input as keys rather than lines; it is put back when this is dropped.
pub(super) struct Keys {
    before: Option<Termios>,
    pressed: mpsc::UnboundedReceiver<Key>,
}

impl Keys {
    /// Listens, where a person sits at the terminal.
    pub(super) fn listen(wanted: bool) -> Self {
        let (send, pressed) = mpsc::unbounded_channel();
        let terminals = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let before = (wanted && terminals && is_ours()).then(cbreak).flatten();
        if before.is_some() {
            // Ends with the program: a read of the terminal cannot be called off.
            let _ =
                std::thread::Builder::new().name("katydid-keys".into()).spawn(move || read(&send));
        }
        Self { before, pressed }
    }

    /// Whether anybody may press any.
    pub(super) fn are_there(&self) -> bool {
        self.before.is_some()
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Key {
        match self.pressed.recv().await {
            Some(key) => key,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// Whether we are in the terminal's foreground: a program in the background that touches it is stopped.
fn is_ours() -> bool {
    termios::tcgetpgrp(std::io::stdin()).is_ok_and(|group| group == getpgrp())
}

/// Has each key come at once, and unseen; Ctrl-C stays what it is. Answers how the terminal was before.
fn cbreak() -> Option<Termios> {
    let before = termios::tcgetattr(std::io::stdin()).ok()?;
    let mut mode = before.clone();
    mode.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &mode).ok()?;
    Some(before)
}

fn read(keys: &mpsc::UnboundedSender<Key>) {
    let mut byte = [0];
    while !keys.is_closed() {
        if !is_ours() {
            std::thread::sleep(Duration::from_millis(200));
            continue;
        }
        match std::io::stdin().lock().read(&mut byte) {
            Ok(1) => {
                if let Some(key) = Key::of(byte[0]) {
                    let _ = keys.send(key);
                }
            }
            _ => return,
        }
    }
}
