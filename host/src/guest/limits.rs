//! What one virtual user may use, and how wasmtime is told.

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, ResourceLimiter,
};

/// Limits of one virtual user.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Linear memory, in bytes, of each of its memories.
    pub memory_bytes: usize,
    /// Elements of each of its tables.
    pub table_elements: usize,
    /// Stack, in bytes.
    pub stack_bytes: usize,
    /// Fuel for one iteration: about one unit an instruction; waiting uses none.
    pub fuel: u64,
    /// Bounds on the documents that cross to and from the guest.
    pub document: katydid_xmlrpc::Limits,
    /// Size of a module, in bytes.
    pub module_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            table_elements: 20_000,
            stack_bytes: 256 << 10,
            fuel: 5_000_000_000,
            document: katydid_xmlrpc::Limits::default(),
            module_bytes: 64 << 20,
        }
    }
}

/// Fuel after which a computing guest lets the other users of its shard run: about a millisecond.
pub(super) const FUEL_SLICE: u64 = 1_000_000;

/// Host functions run on the guest's stack, beneath its own frames.
const HOST_STACK: usize = 128 << 10;

impl Limits {
    /// How code is compiled and run; the same for looking at a module and for running it, since what
    /// was compiled for one is loaded into the other.
    pub(super) fn config(&self) -> Config {
        let mut config = Config::new();
        config
            // We suspend guests on fibers; the concurrency of component-model async would cost 0.85 µs
            // a call and serve nobody here.
            .concurrency_support(false)
            // Deterministic, and blind to time spent waiting; an epoch's deadline is wall time.
            .consume_fuel(true)
            .max_wasm_stack(self.stack_bytes)
            .async_stack_size(self.stack_bytes + HOST_STACK)
            // A memory never moves and never grows beyond its reservation, so that 10,000 of them
            // fit the address space.
            .memory_reservation(self.memory_bytes as u64)
            .memory_reservation_for_growth(0)
            .memory_guard_size(0)
            .memory_may_move(false)
            .guard_before_linear_memory(false);
        config
    }

    /// The same for so many users at a time of a component that needs these memories and tables.
    pub(super) fn pooled(&self, users: u32, memories: u32, tables: u32) -> Config {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_stacks(users)
            .total_memories(users.saturating_mul(memories))
            .total_tables(users.saturating_mul(tables))
            // Mere counters, no memory stands behind them.
            .total_component_instances(u32::MAX)
            .total_core_instances(u32::MAX)
            .max_memories_per_component(memories)
            .max_tables_per_component(tables)
            .max_memories_per_module(memories.max(1))
            .max_tables_per_module(tables.max(1))
            .max_memory_size(self.memory_bytes)
            .table_elements(self.table_elements)
            // Reuse without resetting what was never touched.
            .pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(64 << 10)
            .table_keep_resident(8 << 10);
        let mut config = self.config();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        config
    }
}

/// Watches one store's memories and tables, and remembers which limit struck, for the trap that
/// usually follows.
#[derive(Debug)]
pub(super) struct Watch {
    memory_bytes: usize,
    table_elements: usize,
    pub(super) struck: Option<String>,
}

impl Watch {
    pub(super) fn new(limits: &Limits) -> Self {
        let Limits { memory_bytes, table_elements, .. } = *limits;
        Self { memory_bytes, table_elements, struck: None }
    }
}

impl ResourceLimiter for Watch {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.memory_bytes;
        if !allowed {
            self.struck = Some(format!(
                "memory limit of {} bytes (it asked for {desired})",
                self.memory_bytes
            ));
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.table_elements;
        if !allowed {
            self.struck = Some(format!(
                "table limit of {} elements (it asked for {desired})",
                self.table_elements
            ));
        }
        Ok(allowed)
    }
}
