//! Reads what only a process has, and hands it to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lezzetlimani::main(std::env::args_os().collect(), std::env::vars_os().collect())
}
