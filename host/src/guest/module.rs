//! A scenario's file, compiled and asked what it is.

use super::bindings::{Load, LoadPre};
use super::cache::Cache;
use super::caller::Nobody;
use super::description::convert;
use super::effort::{Effort, aside};
use super::host::{Host, linker};
use super::limits::{Build, Limits};
use super::meter::{self, timed};
use super::origin::{Origin, Surface};
use super::scenario::trap_in;
use super::wrap::{self, ModuleError};
use katydid_load::describe::Description;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::component::Component;
use wasmtime::{Config, Engine, ResourcesRequired, Store};

/// A compiled scenario and everything that is known of it before it runs.
#[derive(Debug, Clone)]
pub struct Module {
    /// What it says of itself, checked.
    pub description: Arc<Description>,
    /// Where its file comes from.
    pub origin: Origin,
    /// SHA-256 of the file, in hexadecimal: its identity.
    pub digest: String,
    /// Size of the file, in bytes.
    pub file_bytes: usize,
    /// Size of the machine code that it became, in bytes.
    pub compiled_bytes: usize,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// Linear memories of one user.
    pub memories: u32,
    /// What the largest of them holds from the start, in bytes.
    pub initial_memory_bytes: u64,
    /// Tables of one user.
    pub tables: u32,
    /// How long compiling took, or finding it compiled.
    pub compile_time: Duration,
    /// Whether it was found compiled.
    pub cached: bool,
    /// How it was compiled.
    pub build: Build,
    pub(super) compiled: Arc<Vec<u8>>,
    pub(super) limits: Limits,
    pub(super) needs_wasi: bool,
}

impl Module {
    /// Compiles a file's bytes, or finds it compiled in `cache`, and asks it to describe itself. Takes a
    /// few milliseconds for a small module, seconds for one that brings an interpreter; in the background
    /// many times as long where the machine is busy.
    ///
    /// # Errors
    /// The bytes are no scenario of our world, do not compile, or describe themselves wrongly.
    pub async fn load(
        bytes: &[u8],
        limits: Limits,
        cache: Option<&Cache>,
        effort: Effort,
    ) -> Result<Self, ModuleError> {
        if bytes.len() > limits.module_bytes {
            return Err(ModuleError::TooLarge { size: bytes.len(), limit: limits.module_bytes });
        }
        match effort {
            Effort::Full => Self::look_at(bytes, limits, cache, effort).await,
            Effort::Background => {
                let (bytes, cache) = (bytes.to_vec(), cache.cloned());
                aside(async move || Self::look_at(&bytes, limits, cache.as_ref(), effort).await)
                    .await
            }
        }
    }

    async fn look_at(
        bytes: &[u8],
        limits: Limits,
        cache: Option<&Cache>,
        effort: Effort,
    ) -> Result<Self, ModuleError> {
        let started = Instant::now();
        let (binary, surface) = Surface::of(bytes)?;
        surface.check()?;
        let build = Build::of(&surface);
        let mut config = limits.config(build);
        // How many threads compile changes neither the machine code nor the name that it is kept under.
        config.parallel_compilation(effort == Effort::Full);
        let engine = new_engine(&config, build).map_err(|error| compile_error(&error))?;
        let digest = super::hex(&Sha256::digest(bytes));
        let kept = cache.and_then(|cache| cache.get(&digest, &engine));
        let cached = kept.is_some();
        let origin = surface.origin(matches!(binary, Cow::Owned(_)));
        let compiled = match kept {
            Some(compiled) => compiled,
            None => compile(&engine, binary.into_owned(), surface, limits.compile_time).await?,
        };
        let compile_time = started.elapsed();
        if let Some(cache) = cache.filter(|_| !cached) {
            // A cache that cannot be written costs time, nothing else.
            let _ = cache.put(&digest, &engine, &compiled);
        }
        // SAFETY: the bytes are what our own compiler made, in this process a moment ago or in an
        // earlier one that sealed them; nobody could change them since.
        let component = unsafe { Component::deserialize(&engine, &compiled) }
            .map_err(|error| compile_error(&error))?;
        let imports: Vec<String> =
            component.component_type().imports(&engine).map(|(name, _)| name.to_owned()).collect();
        let needs_wasi = imports.iter().any(|name| name.starts_with("wasi:"));
        let needs = component.resources_required().ok_or_else(|| {
            ModuleError::Compile(
                "it imports core modules, so that its needs cannot be known".into(),
            )
        })?;
        check_needs(&needs, &limits)?;
        let description = describe(&engine, &component, needs_wasi, (limits, build)).await?;
        Ok(Self {
            description: Arc::new(description),
            origin,
            digest,
            file_bytes: bytes.len(),
            compiled_bytes: compiled.len(),
            imports,
            memories: needs.num_memories,
            initial_memory_bytes: needs.max_initial_memory_size.unwrap_or(0) * WASM_PAGE,
            tables: needs.num_tables,
            compile_time,
            cached,
            build,
            compiled: Arc::new(compiled),
            limits,
            needs_wasi,
        })
    }
}

/// Compiles beside the caller's thread, for as long as it may take.
async fn compile(
    engine: &Engine,
    binary: Vec<u8>,
    surface: Surface,
    most: Duration,
) -> Result<Vec<u8>, ModuleError> {
    let engine = engine.clone();
    let work = tokio::task::spawn_blocking(move || {
        let binary = wrap::component(binary, &surface)?;
        engine.precompile_component(&binary).map_err(|error| compile_error(&error))
    });
    match tokio::time::timeout(most, work).await {
        Ok(Ok(compiled)) => compiled,
        Ok(Err(failed)) => Err(ModuleError::Compile(format!("the compiler broke: {failed}"))),
        Err(_) => Err(ModuleError::TooSlow { limit: most }),
    }
}

/// A module that could never be instantiated is better told so before the run.
fn check_needs(needs: &ResourcesRequired, limits: &Limits) -> Result<(), ModuleError> {
    let memory = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(WASM_PAGE);
    let table = needs.max_initial_table_size.unwrap_or(0);
    for (what, need, limit, flag) in [
        ("bytes of memory", memory, limits.memory_bytes, "--max-memory"),
        ("memories", needs.num_memories.into(), limits.memories as usize, "--max-memories"),
        ("elements of a table", table, limits.table_elements, "--max-table-elements"),
        ("tables", needs.num_tables.into(), limits.tables as usize, "--max-tables"),
    ] {
        if usize::try_from(need).map_or(true, |need| need > limit) {
            return Err(ModuleError::Needs { what, need, limit, flag });
        }
    }
    Ok(())
}

/// Bytes of a page of linear memory.
const WASM_PAGE: u64 = 64 << 10;

fn compile_error(error: &wasmtime::Error) -> ModuleError {
    ModuleError::Compile(format!("{error:#}"))
}

/// Runs `describe` in a throw-away instance, within the limits of an iteration.
async fn describe(
    engine: &Engine,
    component: &Component,
    needs_wasi: bool,
    (limits, build): (Limits, Build),
) -> Result<Description, ModuleError> {
    let linker = linker::<Nobody>(engine, needs_wasi).map_err(|error| compile_error(&error))?;
    let pre = linker
        .instantiate_pre(component)
        .and_then(LoadPre::new)
        .map_err(|error| ModuleError::Unfit(format!("{error:#}")))?;
    let host = Host::new(Nobody::default(), &limits, 0, 0, Arc::default());
    let mut store =
        new_store(engine, host, (&limits, build)).map_err(|error| compile_error(&error))?;
    let described = timed(build, async {
        let instance: Load = pre.instantiate_async(&mut store).await?;
        instance.katydid_load_scenario().call_describe(&mut store).await
    });
    let described = described.await;
    let description = described.map_err(|error| {
        let trap = trap_in(&mut store, &error, &limits);
        ModuleError::Description(format!("describe trapped: {}", trap.reason))
    })?;
    let description = convert(description);
    description.check().map_err(|mistakes| ModuleError::Description(mistakes.join("; ")))?;
    Ok(description)
}

/// An engine whose guests are measured as their code was compiled to be.
pub(super) fn new_engine(config: &Config, build: Build) -> wasmtime::Result<Engine> {
    let engine = Engine::new(config)?;
    if build.large_code {
        meter::tick(&engine)?;
    }
    Ok(engine)
}

/// A store with an iteration's fuel in its tank, or its time.
pub(super) fn new_store<C: super::Caller>(
    engine: &Engine,
    host: Host<C>,
    (limits, build): (&Limits, Build),
) -> wasmtime::Result<Store<Host<C>>> {
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.watch);
    limits.bind(&mut store, build)?;
    if build.large_code {
        meter::watch(&mut store);
    }
    Ok(store)
}
