//! Makes faults at random moments while clients work, and checks afterwards that every promise was kept.
//!
//! Everything is seen from outside: servers are built binaries, their mails arrive at a mail server of ours that stays up,
//! and the final state is read from the databases. What clients were answered stands in a [`ledger::Ledger`].

mod cart_promise;
mod client;
mod clocks;
mod embedded;
mod fleet;
mod http_client;
mod kitchen;
mod ledger;
mod limits;
mod order_figures;
mod plan;
mod recoveries;
mod stops;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

use limits::Limits;
use plan::{Fault, Rig};

/// Makes faults at random moments and checks what was promised.
#[derive(Parser)]
struct Arguments {
    /// How many faults to make; by default as many as show each kind at least once.
    #[arg(long)]
    runs: Option<u32>,
    /// The server.
    #[arg(long, default_value = "target/release/lezzetlimani")]
    binary: PathBuf,
    /// Clients that work at the same time.
    #[arg(long, default_value_t = 4)]
    clients: u64,
    /// Makes the faults and their moments the same again.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What runs: one embedded server, or a fleet on Redis, Kafka and Postgres.
    #[arg(long, value_enum, default_value = "embedded")]
    bus: BusChoice,
    /// Make this fault alone. Embedded: process-killed, process-stopped, clock-jumped, disk-full or
    /// clients-that-do-not-read; with --bus kafka all others and clock-jumped.
    #[arg(long, value_enum)]
    fault: Option<Fault>,
    /// How many times slower than a machine with nothing else to do this one may be: every limit of time is multiplied by
    /// it. What may be lost, doubled or out of order stays nothing.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    slowness: u32,
    /// Report in JSON; with --bus kafka.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    fn limits(&self) -> Limits {
        Limits::new(self.slowness)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BusChoice {
    Embedded,
    Kafka,
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line tool")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok((report, ending)) => {
            println!("{report}");
            ending
        }
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(String, ExitCode)> {
    ensure!(arguments.binary.exists(), "{} is missing; build the server first", arguments.binary.display());
    let rig = match arguments.bus {
        BusChoice::Embedded => Rig::Embedded,
        BusChoice::Kafka => Rig::Fleet,
    };
    if let Some(fault) = arguments.fault {
        ensure!(rig.can(fault), "{} is for the other --bus", fault.name());
    }
    let (text, is_clean) = match arguments.bus {
        BusChoice::Embedded => {
            let report = embedded::run(arguments).await?;
            (report.to_string(), report.is_clean())
        }
        BusChoice::Kafka => {
            // Servers have process groups of their own, so they end only with what holds them.
            let report = tokio::select! {
                report = fleet::run(arguments) => report?,
                interrupted = interruption() => bail!("interrupted by {}", interrupted?),
            };
            let text = if arguments.json { format!("{:#}", report.to_json()) } else { report.to_string() };
            (text, report.is_clean())
        }
    };
    Ok((text, if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
}

/// Returns when somebody wants the run to end, and how.
async fn interruption() -> Result<&'static str> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}
