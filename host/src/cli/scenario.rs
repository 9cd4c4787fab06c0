//! From a scenario's bytes to a module.

use super::Usage;
use super::requests::RequestArgs;
use super::sandbox::SandboxArgs;
use super::screen::Screen;
use crate::guest::{Cache, Effort, Limits, Module, ModuleError};
use std::time::Duration;

/// Loads modules, all within the same limits and through the same cache.
pub(super) struct Loader {
    limits: Limits,
    cache: Option<Cache>,
}

impl Loader {
    /// What the flags say; a cache that cannot be had is only missed.
    pub(super) fn new(
        (sandbox, requests): (&SandboxArgs, &RequestArgs),
        screen: &mut Screen,
    ) -> Result<Self, Usage> {
        let limits = Limits { extensions: requests.extensions(), ..sandbox.limits()? };
        Ok(Self::within(limits, sandbox, screen))
    }

    /// One that only looks whether a module is acceptable.
    pub(super) fn to_check(sandbox: &SandboxArgs, screen: &mut Screen) -> Result<Self, Usage> {
        Ok(Self::within(sandbox.limits()?, sandbox, screen))
    }

    fn within(limits: Limits, sandbox: &SandboxArgs, screen: &mut Screen) -> Self {
        let cache = sandbox.cache().transpose().unwrap_or_else(|error| {
            screen.line(&format!("warning: no cache of compiled scenarios: {error:#}"));
            None
        });
        Self { limits, cache }
    }

    /// From now on what is loaded takes few addresses, for runs of so many users that all of them might not do.
    pub(super) fn be_narrow(&mut self) {
        self.limits.wide = false;
    }

    /// Compiles a scenario, or finds it compiled.
    pub(super) async fn load(&self, bytes: &[u8], effort: Effort) -> Result<Module, ModuleError> {
        Module::load(bytes, self.limits, self.cache.as_ref(), effort).await
    }

    /// The same, while it shows that it is at it. The scenario's mistakes are the user's to mend.
    pub(super) async fn load_first(
        &self,
        name: &str,
        bytes: &[u8],
        screen: &mut Screen,
    ) -> anyhow::Result<Module> {
        let usage = |error: ModuleError| Usage(vec![format!("scenario {name:?}: {error}")]);
        let mut loading = std::pin::pin!(self.load(bytes, Effort::Full));
        let mut seconds = 0;
        let module = loop {
            tokio::select! {
                module = &mut loading => break module,
                () = tokio::time::sleep(Duration::from_secs(1)) => {
                    seconds += 1;
                    let first =
                        if self.cache.is_some() { "; the next time it is ready at once" } else { "" };
                    screen.working(&format!("compiling {name}{first}"), seconds);
                }
            }
        };
        screen.clear();
        Ok(module.map_err(usage)?)
    }
}
