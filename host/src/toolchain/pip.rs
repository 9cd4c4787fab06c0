//! Tools that are packages of Python: each set of them has a folder of its own.

use super::command::Command;
use super::embedded;
use super::kit;
use super::recipe::Job;
use std::path::PathBuf;

/// A set of them.
pub(super) struct Tools {
    /// Of its folder.
    pub(super) name: &'static str,
    /// The file that pins the packages, by its path among what the program carries.
    pub(super) pins: &'static str,
    /// Why a Python is needed, as the beginning of a sentence that says what is wrong with it.
    pub(super) why: &'static str,
    /// What the packages are for, as the end of a sentence that names them.
    pub(super) what: &'static str,
}

/// What this machine's Python must have, and its version.
const PROBE: &str = "\
import sys
try:
    import venv, ensurepip
except ImportError:
    sys.exit(3)
print('%d.%d' % sys.version_info[:2])
sys.exit(0 if sys.version_info >= (3, 9) else 4)";

/// The folder of an environment that has the tools; installs them where they are not there yet.
pub(super) async fn tools(job: &mut Job<'_>, set: &Tools) -> Result<PathBuf, String> {
    let probe = Command::new("python3").args(["-I", "-c", PROBE]);
    let missing = |what: &str, packages: &str| {
        format!("{}, and {what}; install it, on Debian: apt-get install {packages}", set.why)
    };
    let said = probe.run("looking for Python", job.tell).await;
    let said = said.map_err(|error| {
        missing(&format!("python3 cannot be run ({error})"), "python3 python3-venv")
    })?;
    let version = said.out.trim();
    match said.status.code() {
        Some(0) => {}
        Some(3) => return Err(missing("its module venv is missing", "python3-venv")),
        Some(4) => return Err(missing(&format!("{version} is older than 3.9"), "python3")),
        _ => return Err(missing(&format!("python3 is broken:\n{}", said.words()), "python3")),
    }
    let name = format!("{}-{version}-{}", set.name, embedded::digest(&[set.pins]));
    let draft = match job.kit.tools(&name, job.tell).await? {
        kit::Tools::Ready(folder) => return Ok(folder),
        kit::Tools::Missing(draft) => draft,
    };
    let pins = job.kit.sdk()?.join(set.pins);
    let what = embedded::text(set.pins).trim().replace("==", " ");
    let folder = draft.folder();
    let install = [
        Command::new("python3").args(["-I", "-m", "venv"]).arg(folder),
        // `python -m`, since all is moved afterwards, and scripts would not find it again.
        Command::new(folder.join("bin/python"))
            .args(["-I", "-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--only-binary", ":all:", "-r"])
            .arg(pins),
    ];
    super::install(job, &format!("{what}, {}", set.what), &install).await?;
    draft.finish()
}
