//! Tools that are packages of npm: each set of them has a folder of its own.

use super::command::Command;
use super::embedded;
use super::kit;
use super::recipe::Job;
use std::path::PathBuf;

/// A set of them.
pub(super) struct Tools {
    /// Of its folder.
    pub(super) name: &'static str,
    /// The folder in the SDK whose `package.json` and `package-lock.json` pin the packages.
    pub(super) sdk: &'static str,
    /// The packages.
    pub(super) what: &'static str,
    /// What they build scenarios in.
    pub(super) languages: &'static str,
}

/// The oldest Node that will do.
const NODE: u32 = 20;

/// The folder with `node_modules`; installs them where they are not there yet.
pub(super) async fn tools(job: &mut Job<'_>, set: &Tools) -> Result<PathBuf, String> {
    let missing = |what: &str| {
        format!(
            "scenarios in {} are built by Node, and {what}; \
             install Node {NODE} or newer with npm, on Debian 13: apt-get install nodejs npm",
            set.languages
        )
    };
    let said = Command::new("node").arg("--version").run("looking for Node", job.tell).await;
    let said = said.map_err(|error| missing(&format!("node cannot be run ({error})")))?;
    let version = said.out.trim().trim_start_matches('v');
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        return Err(missing(&format!("this is Node {version:?}")));
    }
    let pins = ["package.json", "package-lock.json"].map(|name| format!("{}/{name}", set.sdk));
    let name = format!("{}-{}", set.name, embedded::digest(&pins.each_ref().map(String::as_str)));
    let draft = match job.kit.tools(&name, job.tell).await? {
        kit::Tools::Ready(folder) => return Ok(folder),
        kit::Tools::Missing(draft) => draft,
    };
    for file in &pins {
        let to = draft.folder().join(file.trim_start_matches(set.sdk).trim_start_matches('/'));
        std::fs::write(&to, embedded::text(file))
            .map_err(|error| kit::cannot("write to", &to, &error))?;
    }
    // Their install scripts would only save a few milliseconds.
    let install = [Command::new("npm")
        .args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--loglevel=error", "--prefix"])
        .arg(draft.folder())];
    let what = format!("{}, which build scenarios in {}", set.what, set.languages);
    let installed = super::install(job, &what, &install).await;
    installed.map_err(|error| match error.contains("cannot run npm") {
        true => missing(&error),
        false => error,
    })?;
    draft.finish()
}
