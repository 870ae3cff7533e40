//! Measures what the platform promises about its speed, as ratios wherever two sides can be compared in one run.
//!
//! The platform is the built binary, asked over HTTP, with a mail server of ours behind it. Only the check of a token and
//! the way of an event are measured inside this process, because no request shows them alone.

mod diner;
mod load;
mod measures;
mod platform;
mod process;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Parser;

use measures::{delivery, idle, mail, passwords, refresh, revocation, start, storm, token_check};
use platform::Platform;
use report::Report;

/// Measures the platform's speed.
#[derive(Parser)]
struct Arguments {
    /// The server.
    #[arg(long, default_value = "target/release/lezzetlimani")]
    binary: PathBuf,
    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line tool")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments).await {
        Ok(report) => {
            println!("{}", if arguments.json { report.json() } else { report.table() });
            if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> Result<Report> {
    ensure!(arguments.binary.exists(), "{} is missing; build the server first", arguments.binary.display());
    let mut platform = Platform::start(&arguments.binary).await?;
    let mut report = Report::default();

    report.add(idle::of_a_fresh_start(&platform).await?);
    let mut diners = platform.diners(16).await?;
    for row in passwords::against_bare_argon2(&platform, &mut diners).await? {
        report.add(row);
    }
    report.add(refresh::per_cpu_second(&platform, &mut diners).await?);
    report.add(token_check::warm().await?);
    report.add(mail::after_register(&platform).await?);
    report.add(revocation::after_logout(&platform, &mut diners).await?);
    report.add(delivery::after_commit().await?);
    report.add(storm::liveness_under_logins(&platform).await?);
    report.add(idle::after_all_that(&platform).await?);
    report.add(start::until_ready(&mut platform).await?);
    Ok(report)
}
