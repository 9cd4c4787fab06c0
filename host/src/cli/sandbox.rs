//! Flags of the sandbox: every limit of a scenario.

use super::Usage;
use crate::duration;
use crate::guest::{Cache, Limits};
use katydid_load::label::DEFAULT_LABEL_CAP;
use katydid_xmlrpc::Extensions;
use std::path::PathBuf;
use std::time::Duration;

/// What a scenario may use; the same for looking at one and for running it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Sandbox")]
pub(super) struct SandboxArgs {
    /// Linear memory of one user, in bytes, each of its memories
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory_bytes)]
    max_memory: usize,
    /// Linear memories of one user
    #[arg(long, value_name = "N", default_value_t = Limits::default().memories)]
    max_memories: u32,
    /// Elements of each of one user's tables (of functions, usually)
    #[arg(long, value_name = "N", default_value_t = Limits::default().table_elements)]
    max_table_elements: usize,
    /// Tables of one user
    #[arg(long, value_name = "N", default_value_t = Limits::default().tables)]
    max_tables: u32,
    /// Core instances of one user
    #[arg(long, value_name = "N", default_value_t = Limits::default().instances)]
    max_instances: u32,
    /// Stack of one user, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().stack_bytes)]
    max_stack: usize,
    /// CPU of one iteration, in units of fuel: about one for each instruction; waiting is free. For
    /// modules of less than 512 KiB of code
    #[arg(long, value_name = "FUEL", default_value_t = Limits::default().fuel)]
    max_fuel: u64,
    /// CPU time of one iteration; waiting is free. For larger modules, which bring a language's
    /// runtime (JavaScript, Python, Go): counting fuel would slow them down by a third
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::parse)]
    max_cpu: Duration,
    /// What a user may hand over in one call, in bytes; the arguments of client.call are not copied
    /// and have limits of their own
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().call_bytes)]
    max_call_bytes: usize,
    /// XML of one request, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().document.max_bytes)]
    max_request_bytes: usize,
    /// Nodes of one request or reply: values, and names of members
    #[arg(long, value_name = "N", default_value_t = Limits::default().document.max_nodes)]
    max_nodes: usize,
    /// Arrays and structs inside one another, in a request or reply
    #[arg(long, value_name = "N", default_value_t = Limits::default().document.max_depth)]
    max_depth: usize,
    /// Handles of resources that one user holds at a time
    #[arg(long, value_name = "N", default_value_t = Limits::default().handles)]
    max_handles: u32,
    /// Judged calls that one user holds at a time
    #[arg(long, value_name = "N", default_value_t = Limits::default().held_calls)]
    max_held_calls: u32,
    /// Reported requests, checks and rejected calls of one iteration
    #[arg(long, value_name = "N", default_value_t = Limits::default().events)]
    max_events: u32,
    /// Lines that one iteration logs; the rest is dropped and counted
    #[arg(long, value_name = "N", default_value_t = Limits::default().log_lines)]
    max_log_lines: u32,
    /// Bytes that one iteration logs; the rest is dropped and counted
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().log_bytes)]
    max_log_bytes: usize,
    /// Labels of the run that are told apart; the rest is counted together
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LABEL_CAP)]
    pub(super) max_labels: u32,
    /// Size of the scenario's file, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().module_bytes)]
    max_module_bytes: usize,
    /// How long compiling the scenario may take
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration::parse)]
    max_compile_time: Duration,
    /// Compile even what was compiled before, and keep nothing
    #[arg(long)]
    no_cache: bool,
}

/// The least of each limit that a user of any scenario could live with, and what wasmtime can be asked
/// for at most.
const STACK_BYTES: std::ops::RangeInclusive<usize> = (16 << 10)..=(64 << 20);
const MEMORY_BYTES: std::ops::RangeInclusive<usize> = (64 << 10)..=(4 << 30);

impl SandboxArgs {
    /// The limits, or all mistakes in them.
    pub(super) fn limits(&self) -> Result<Limits, Usage> {
        let mut mistakes = Vec::new();
        for (flag, value, range) in [
            ("--max-stack", self.max_stack, STACK_BYTES),
            ("--max-memory", self.max_memory, MEMORY_BYTES),
        ] {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                mistakes.push(format!("{flag} {value} is not between {least} and {most}"));
            }
        }
        if self.max_fuel == 0 {
            mistakes.push("--max-fuel 0 lets nobody run; use 1000000 or more".to_owned());
        }
        if self.max_cpu.is_zero() {
            mistakes.push("--max-cpu 0 lets nobody run; use 100ms or more".to_owned());
        }
        if !mistakes.is_empty() {
            return Err(Usage(mistakes));
        }
        Ok(Limits {
            module_bytes: self.max_module_bytes,
            compile_time: self.max_compile_time,
            memory_bytes: self.max_memory,
            memories: self.max_memories,
            table_elements: self.max_table_elements,
            tables: self.max_tables,
            instances: self.max_instances,
            stack_bytes: self.max_stack,
            fuel: self.max_fuel,
            cpu: self.max_cpu,
            wide: true,
            call_bytes: self.max_call_bytes,
            document: katydid_xmlrpc::Limits {
                max_bytes: self.max_request_bytes,
                max_nodes: self.max_nodes,
                max_depth: self.max_depth,
            },
            extensions: Extensions::default(),
            handles: self.max_handles,
            held_calls: self.max_held_calls,
            events: self.max_events,
            log_lines: self.max_log_lines,
            log_bytes: self.max_log_bytes,
        })
    }

    /// The cache of compiled scenarios, or why there is none.
    pub(super) fn cache(&self) -> Option<anyhow::Result<Cache>> {
        (!self.no_cache).then(|| {
            let folder = cache_folder().ok_or_else(|| {
                anyhow::anyhow!("neither XDG_CACHE_HOME nor HOME says where it would be")
            });
            folder.and_then(|folder| Cache::open(&folder.join("katydid")))
        })
    }
}

/// Where programs keep what they can make again (XDG Base Directory Specification 0.8).
pub(super) fn cache_folder() -> Option<PathBuf> {
    let absolute =
        |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
}
