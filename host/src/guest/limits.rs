//! What one virtual user may use, and how wasmtime is told.

use super::origin::Surface;
use katydid_xmlrpc::Extensions;
use std::time::Duration;
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, ResourceLimiter, Store,
};

/// Limits of a scenario: of its file, and of each virtual user. What strikes is told with the flag of
/// the command line that moves it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size of a module, in bytes.
    pub module_bytes: usize,
    /// How long compiling it may take.
    pub compile_time: Duration,
    /// Linear memory, in bytes, of each of its memories.
    pub memory_bytes: usize,
    /// Linear memories. A component that brings an interpreter has several.
    pub memories: u32,
    /// Elements of each of its tables.
    pub table_elements: usize,
    /// Tables.
    pub tables: u32,
    /// Core instances, of which a component may have dozens.
    pub instances: u32,
    /// Stack, in bytes.
    pub stack_bytes: usize,
    /// Fuel for one iteration of a small module: about one unit an instruction; waiting uses none.
    pub fuel: u64,
    /// CPU time for one iteration of a module that brings a language's runtime: waiting uses none.
    pub cpu: Duration,
    /// Whether each memory of such a module may take [`WIDE_MEMORY`] of addresses.
    pub wide: bool,
    /// Bytes that the guest may hand to the host in one call, or in one answer, that are copied.
    pub call_bytes: usize,
    /// Bounds on the documents that cross to and from the guest.
    pub document: katydid_xmlrpc::Limits,
    /// What calls may hold that XML-RPC's specification does not know.
    pub extensions: Extensions,
    /// Handles of resources that a user may hold at a time.
    pub handles: u32,
    /// Judged calls that a user may hold at a time; their replies lie outside its memory.
    pub held_calls: u32,
    /// Requests that it may report, checks that it may make and calls that may be refused, together,
    /// in one iteration: what costs the host work and the guest next to nothing.
    pub events: u32,
    /// Lines that it may log in one iteration.
    pub log_lines: u32,
    /// Bytes that it may log in one iteration.
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            module_bytes: 64 << 20,
            compile_time: Duration::from_secs(120),
            memory_bytes: 64 << 20,
            memories: 10,
            table_elements: 20_000,
            tables: 50,
            instances: 100,
            stack_bytes: 256 << 10,
            fuel: 5_000_000_000,
            cpu: Duration::from_secs(5),
            wide: true,
            call_bytes: 16 << 20,
            document: katydid_xmlrpc::Limits::default(),
            extensions: Extensions::default(),
            handles: 1_000,
            held_calls: 100,
            events: 100_000,
            log_lines: 100,
            log_bytes: 64 << 10,
        }
    }
}

/// Fuel after which a computing guest lets the other users of its shard run: about a millisecond.
pub(super) const FUEL_SLICE: u64 = 1_000_000;

/// Data from which a memory's beginning is mapped rather than copied: an interpreter's megabytes.
const LARGE_IMAGE: u64 = 32 << 10;

/// Code from which a language's runtime is taken to be in a module: Rust's and C's have a tenth of it, QuickJS
/// and Go twice as much.
const LARGE_CODE: u64 = 512 << 10;

/// Addresses that no 32-bit index leaves, in bytes: nothing need be checked at an access.
pub const WIDE_MEMORY: u64 = 4 << 30;
/// Behind it, for what is added to an index.
const WIDE_GUARD: u64 = 32 << 20;

/// How a module is compiled: what suits its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Build {
    /// The memory's beginning is mapped rather than copied.
    pub large_image: bool,
    /// CPU is measured by time rather than fuel, memory guarded by addresses rather than checks.
    pub large_code: bool,
}

impl Build {
    pub(super) fn of(surface: &Surface) -> Self {
        Self {
            large_image: surface.data_bytes > LARGE_IMAGE,
            large_code: surface.code_bytes > LARGE_CODE,
        }
    }
}

/// Host functions run on the guest's stack, beneath its own frames.
const HOST_STACK: usize = 128 << 10;

impl Limits {
    /// Bytes of a memory that stay resident when its user has gone, for the next one: at most.
    pub const KEPT_RESIDENT: usize = 64 << 10;

    /// How code is compiled and run; the same for looking at a module and for running it, since what
    /// was compiled for one is loaded into the other.
    ///
    /// What a memory holds from the start is copied into it, or, where it is much, mapped
    /// and copied page by page when it is written. Copying a little is cheaper: a page that is mapped and
    /// then written makes the kernel interrupt every other core, and each map counts against the machine's
    /// limit.
    pub(super) fn config(&self, build: Build) -> Config {
        let mut config = Config::new();
        config
            // We suspend guests on fibers; the concurrency of component-model async would cost 0.85 µs
            // a call and serve nobody here.
            .concurrency_support(false)
            // Fuel is deterministic, and blind to time spent waiting. See `meter` for the other one.
            .consume_fuel(!build.large_code)
            .epoch_interruption(build.large_code)
            .max_wasm_stack(self.stack_bytes)
            .async_stack_size(self.stack_bytes + HOST_STACK)
            // A memory never moves and never grows beyond its reservation, so that 10,000 of them
            // fit the address space.
            .memory_reservation(self.memory_bytes as u64)
            .memory_reservation_for_growth(0)
            .memory_guard_size(0)
            .memory_may_move(false)
            .guard_before_linear_memory(false)
            .memory_init_cow(build.large_image);
        if build.large_code && self.wide {
            config.memory_reservation(WIDE_MEMORY).memory_guard_size(WIDE_GUARD);
        }
        config
    }

    /// The same for so many users at a time of a component that needs these memories and tables.
    pub(super) fn pooled(
        &self,
        users: u32,
        (memories, tables): (u32, u32),
        build: Build,
    ) -> Config {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_stacks(users)
            .total_memories(users.saturating_mul(memories))
            .total_tables(users.saturating_mul(tables))
            // Mere counters, no memory stands behind them; a store's own limit holds each user.
            .total_component_instances(u32::MAX)
            .total_core_instances(u32::MAX)
            .max_core_instances_per_component(self.instances)
            .max_memories_per_component(memories)
            .max_tables_per_component(tables)
            .max_memories_per_module(memories.max(1))
            .max_tables_per_module(tables.max(1))
            .max_memory_size(self.memory_bytes)
            .table_elements(self.table_elements)
            // Reuse without resetting what was never touched.
            .pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(Self::KEPT_RESIDENT)
            .table_keep_resident(8 << 10);
        let mut config = self.config(build);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        config
    }

    /// The rest, which a store is told.
    pub(super) fn bind<H>(&self, store: &mut Store<H>, build: Build) -> wasmtime::Result<()> {
        if !build.large_code {
            store.set_fuel(self.fuel)?;
            store.fuel_async_yield_interval(Some(FUEL_SLICE))?;
        }
        store.set_hostcall_fuel(self.call_bytes);
        store.set_max_component_handles(self.handles as usize);
        Ok(())
    }

    /// Our words for a limit that wasmtime itself enforces, if `error` is one.
    pub(super) fn struck(&self, error: &wasmtime::Error) -> Option<String> {
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::OutOfFuel) => {
                return Some(format!("CPU limit of {} fuel an iteration (--max-fuel)", self.fuel));
            }
            Some(wasmtime::Trap::StackOverflow) => {
                return Some(format!("stack limit of {} bytes (--max-stack)", self.stack_bytes));
            }
            _ => {}
        }
        // These have no type that could be asked for; a test of each keeps the texts honest.
        let cause = error.root_cause().to_string();
        if cause.contains("fuel allocated for hostcalls has been exhausted") {
            Some(format!("limit of {} bytes in one call (--max-call-bytes)", self.call_bytes))
        } else if cause.contains("store handle limit exceeded")
            || cause.contains("resource table has no free keys")
        {
            Some(format!("limit of {} handles (--max-handles)", self.handles))
        } else if cause.contains("instance count too high") {
            Some(format!("limit of {} instances (--max-instances)", self.instances))
        } else {
            None
        }
    }
}

/// Watches one store's memories and tables, and remembers which limit struck, for the trap that
/// usually follows.
#[derive(Debug)]
pub(super) struct Watch {
    memory_bytes: usize,
    table_elements: usize,
    instances: usize,
    memories: usize,
    tables: usize,
    pub(super) struck: Option<String>,
}

impl Watch {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            instances: limits.instances as usize,
            memories: limits.memories as usize,
            tables: limits.tables as usize,
            struck: None,
        }
    }
}

impl ResourceLimiter for Watch {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let limit = self.memory_bytes;
        let allowed = desired <= limit;
        if !allowed {
            let asked = format!("it asked for {desired}; --max-memory");
            self.struck = Some(format!("memory limit of {limit} bytes ({asked})"));
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let limit = self.table_elements;
        let allowed = desired <= limit;
        if !allowed {
            let asked = format!("it asked for {desired}; --max-table-elements");
            self.struck = Some(format!("table limit of {limit} elements ({asked})"));
        }
        Ok(allowed)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.memories
    }

    fn tables(&self) -> usize {
        self.tables
    }
}
