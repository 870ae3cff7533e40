//! Measures what the platform promises about its speed, as ratios wherever two sides can be compared in one run.
//!
//! The platform is the built binary, asked over HTTP, with a mail server of ours behind it. Only what no request shows alone
//! is measured inside this process, on the ports themselves: the check of a token, and what becomes of events.

mod access_token;
mod bare;
mod browser;
mod client;
mod diner;
mod event_stream;
mod lean_client;
mod load;
mod measures;
mod platform;
mod plot;
mod process;
mod report;
mod rounds;
mod running_bus;
mod scale;
mod servers;
mod stage;
mod store;
mod town;
mod welch;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

use bare::BareArguments;
use measures::Measure;
use report::Report;
use stage::Stage;

/// Measures the platform's speed.
#[derive(Parser)]
struct Arguments {
    /// The server.
    #[arg(long, default_value = "target/release/lezzetlimani")]
    binary: PathBuf,
    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Measures these alone.
    #[arg(long, value_enum, value_name = "NAME", num_args = 1..)]
    only: Vec<Measure>,
    /// Requests of each class by which it is told whether the time of an answer tells a known address.
    #[arg(long, default_value_t = 2_000, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(2..=900_000))]
    samples: u32,
    /// Sessions that end together, of which `revocations` tells what they cost.
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    sessions: u64,
    /// Restaurants of the greatest town of `search` and `search-on-servers`.
    #[arg(long, default_value_t = 100_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1_000..=100_000))]
    restaurants: u32,
    /// Orders beside which others are placed in the end of `orders-on-servers`, and ten times as many as in that of `orders`.
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(10_000..=10_000_000))]
    orders: u64,
    /// Streams of `live`, which need as many open files and more of the bench and of the server.
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = clap::value_parser!(u32).range(20..=10_000))]
    streams: u32,
    /// Where `search` and `search-on-servers` draw how they grow.
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Leaves out what needs Kafka, Postgres or Redis.
    #[arg(long)]
    embedded: bool,
    /// Measures what a filled database costs beside an empty one instead, on SQLite and on Postgres.
    #[arg(long, conflicts_with = "only")]
    scale: bool,
    /// Accounts that fill it, instead of 100 000 on SQLite and 1 000 000 on Postgres; ten times as many sessions, security
    /// events and mails.
    #[arg(long, value_name = "N", requires = "scale", value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    accounts: Option<u64>,
    #[command(flatten)]
    bare: BareArguments,
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line tool")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = async {
        match arguments.bare.serve().await {
            Some(served) => served.map(|()| ExitCode::SUCCESS),
            None => {
                let mut report = Report::default();
                let measured = measure(&arguments, &mut report).await;
                // What was measured before anything failed is told all the same.
                println!("{}", if arguments.json { report.json() } else { report.table() });
                measured?;
                Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
        }
    };
    // Servers have process groups of their own, so they end only with what holds them.
    let ended = tokio::select! {
        ended = run => ended,
        interrupted = interruption() => interrupted,
    };
    ended.unwrap_or_else(|error| {
        eprintln!("bench: {error:#}");
        ExitCode::FAILURE
    })
}

/// Fails when somebody wants the run to end.
async fn interruption() -> Result<ExitCode> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => bail!("interrupted by SIGTERM"),
        _ = interrupt.recv() => bail!("interrupted by SIGINT"),
    }
}

async fn measure(arguments: &Arguments, report: &mut Report) -> Result<()> {
    ensure!(arguments.binary.exists(), "{} is missing; build the server first", arguments.binary.display());
    let is_wanted = |measure: &Measure| {
        let is_named = arguments.only.contains(measure) || (arguments.only.is_empty() && !measure.has_to_be_named());
        is_named && !(arguments.embedded && measure.needs_servers())
    };
    let mut stage = Stage::new(arguments.binary.clone(), usize::try_from(arguments.samples)?, arguments.sessions);
    stage.restaurants = usize::try_from(arguments.restaurants)?;
    stage.pictures.clone_from(&arguments.pictures);
    stage.orders = arguments.orders;
    stage.streams = usize::try_from(arguments.streams)?;
    if arguments.scale {
        report.add(scale::on_sqlite(&arguments.binary, arguments.accounts).await?);
        if !arguments.embedded {
            report.add(scale::on_postgres(&arguments.binary, stage.servers().await?, arguments.accounts).await?);
        }
        return Ok(());
    }
    for measure in Measure::value_variants().iter().copied().filter(is_wanted) {
        report.add(measure.take(&mut stage).await?);
    }
    Ok(())
}
