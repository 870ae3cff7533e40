//! Reads what only a process has, and hands it to the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    lezzetlimani::main(std::env::args_os(), std::env::vars_os()).await
}
