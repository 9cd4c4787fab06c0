//! Commands of other people's tools: run, waited for, and told of.

use super::{Progress, Tell};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

/// A command, as it will be run and as it is shown.
#[derive(Debug, Clone)]
pub(super) struct Command {
    words: Vec<OsString>,
    folder: Option<std::path::PathBuf>,
    variables: Vec<(&'static str, OsString)>,
}

/// What a command that ran to its end has said.
pub(super) struct Said {
    pub(super) status: ExitStatus,
    pub(super) out: String,
    pub(super) err: String,
}

impl Said {
    /// Whether it did what it was to do.
    pub(super) fn good(&self) -> bool {
        self.status.success()
    }

    /// What it said although it did that; what it said, as an error, where it did not.
    pub(super) fn warnings(&self) -> Result<String, String> {
        if self.good() { Ok(self.words()) } else { Err(self.words()) }
    }

    /// All of it, for people: what it complained of first.
    pub(super) fn words(&self) -> String {
        let both = [self.err.trim_end(), self.out.trim_end()];
        let both = both.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        // We say that it is an error ourselves.
        both.strip_prefix("error: ").map_or(both.clone(), str::to_owned)
    }
}

impl Command {
    pub(super) fn new(program: impl AsRef<OsStr>) -> Self {
        Self { words: vec![program.as_ref().to_owned()], folder: None, variables: Vec::new() }
    }

    pub(super) fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(word.as_ref().to_owned());
        self
    }

    pub(super) fn args<W: AsRef<OsStr>>(self, words: impl IntoIterator<Item = W>) -> Self {
        words.into_iter().fold(self, Self::arg)
    }

    /// In this folder rather than where we are.
    pub(super) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// With this variable in its environment.
    pub(super) fn variable(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name, value.as_ref().to_owned()));
        self
    }

    /// The line that does the same, typed into a shell.
    pub(super) fn line(&self) -> String {
        let mut line = String::new();
        if let Some(folder) = &self.folder {
            line = format!("cd {} && ", quoted(folder.as_os_str()));
        }
        for (name, value) in &self.variables {
            line += &format!("{name}={} ", quoted(value));
        }
        line + &self.words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// Runs it to its end, and tells each second that `what` goes on.
    ///
    /// # Errors
    /// It cannot be run at all.
    pub(super) async fn run(&self, what: &str, tell: Tell<'_>) -> io::Result<Said> {
        let mut words = self.words.iter();
        let program = words.next().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = tokio::process::Command::new(program);
        command.args(words).envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        let mut running = std::pin::pin!(command.output());
        let mut seconds = 0;
        let output = loop {
            tokio::select! {
                output = &mut running => break output?,
                () = tokio::time::sleep(Duration::from_secs(1)) => {
                    seconds += 1;
                    tell(Progress::Working(what, seconds));
                }
            }
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Said { status: output.status, out: text(&output.stdout), err: text(&output.stderr) })
    }
}

/// A word as a shell takes it for one.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,^".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.into_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_typed() {
        let command = Command::new("npm").args(["ci", "--prefix", "/a b/c's", ""]);
        assert_eq!(command.line(), r"npm ci --prefix '/a b/c'\''s' ''");
        let command =
            Command::new("go").arg("build").within(Path::new("/x")).variable("GOOS", "wasip1");
        assert_eq!(command.line(), "cd /x && GOOS=wasip1 go build");
    }

    #[tokio::test]
    async fn what_a_command_says() {
        let mut seconds = Vec::new();
        let mut tell = |progress: Progress<'_>| {
            if let Progress::Working(what, second) = progress {
                seconds.push((what.to_owned(), second));
            }
        };
        let command = Command::new("sh").args(["-c", "echo out; echo err >&2; sleep 1.2; exit 3"]);
        let said = command.run("sleeping", &mut tell).await.expect("there is a shell");
        assert_eq!((said.good(), said.words().as_str()), (false, "err\nout"));
        assert_eq!(seconds, [("sleeping".to_owned(), 1)]);
        let none = Command::new("katydid-no-such-tool").run("", &mut |_| {}).await;
        assert_eq!(none.err().map(|error| error.kind()), Some(io::ErrorKind::NotFound));
    }
}
