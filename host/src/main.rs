//! The `katydid` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    katydid::cli::main()
}
