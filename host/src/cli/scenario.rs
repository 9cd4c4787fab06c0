//! From a scenario's file to a module.

use super::Usage;
use super::requests::RequestArgs;
use super::sandbox::SandboxArgs;
use super::screen::Screen;
use crate::guest::{Limits, Module, ModuleError};
use std::path::Path;
use std::time::Duration;

/// A scenario's bytes.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        let cure = match error.kind() {
            std::io::ErrorKind::NotFound => "; check the path",
            std::io::ErrorKind::IsADirectory => "; name a .wasm or .wat file in it",
            _ => "",
        };
        Usage(vec![format!("cannot read the scenario {:?}: {error}{cure}", path.display())]).into()
    })
}

/// Compiles a scenario, or finds it compiled, and shows that it is at it. The scenario's mistakes are the
/// user's to mend.
pub(super) async fn load(
    name: &str,
    bytes: &[u8],
    (sandbox, requests): (&SandboxArgs, &RequestArgs),
    screen: &mut Screen,
) -> anyhow::Result<Module> {
    let limits = Limits { extensions: requests.extensions(), ..sandbox.limits()? };
    let cache = match sandbox.cache().transpose() {
        Ok(cache) => cache,
        Err(error) => {
            screen.line(&format!("warning: no cache of compiled scenarios: {error:#}"));
            None
        }
    };
    let usage = |error: ModuleError| Usage(vec![format!("scenario {name:?}: {error}")]);
    let mut loading = std::pin::pin!(Module::load(bytes, limits, cache.as_ref()));
    let mut seconds = 0;
    let module = loop {
        tokio::select! {
            module = &mut loading => break module,
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                seconds += 1;
                let first = if cache.is_some() { "; the next time it is ready at once" } else { "" };
                screen.compiling(&format!("compiling {name}{first}"), seconds);
            }
        }
    };
    screen.clear();
    Ok(module.map_err(usage)?)
}
