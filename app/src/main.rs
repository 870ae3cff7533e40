//! Reads what only a process has, and hands it to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lezzetlimani::to_the_end(lezzetlimani::main(std::env::args_os(), std::env::vars_os()))
}
