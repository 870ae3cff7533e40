//! Kills the server at random moments while clients work with it, and checks afterwards that every promise was kept.
//!
//! Everything is seen from outside: the server is the built binary, its mails arrive at a mail server of ours that stays
//! up, and the final state is read from the database file. What clients were told stands in a [`ledger::Ledger`].

mod client;
mod ledger;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use clock::Sources;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testkit::{Server, SmtpSink};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use client::Client;
use ledger::Ledger;

/// Kills the server at random moments and checks what it promised.
#[derive(Parser)]
struct Arguments {
    /// How often to kill it.
    #[arg(long, default_value_t = 200)]
    runs: u32,
    /// The server.
    #[arg(long, default_value = "target/release/lezzetlimani")]
    binary: PathBuf,
    /// Clients that work at the same time.
    #[arg(long, default_value_t = 4)]
    clients: u64,
    /// Makes the moments of the kills the same again.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line tool")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(report) => {
            println!("{report}");
            if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<verdict::Report> {
    ensure!(arguments.binary.exists(), "{} is missing; build the server first", arguments.binary.display());
    let folder = tempfile::tempdir()?;
    let mails = Arc::new(SmtpSink::start().await.context("the mail server can't be started")?);
    let port = mails.port().to_string();
    let mut server = Server::new(
        &arguments.binary,
        &folder.path().join("data"),
        &[
            ("EMAIL_HOST", "127.0.0.1"),
            ("EMAIL_PORT", &port),
            ("EMAIL_TLS", "none"),
            ("EMAIL_FROM", "liman@example.com"),
            // Each client pretends to come from a network of its own, so that no limit per network slows the run.
            ("TRUSTED_PROXIES", "127.0.0.1/32"),
        ],
    )?;

    let ledger = Ledger::default();
    work_under_kills(arguments, &mut server, &mails, &ledger).await?;
    verdict::settle(&server).await?;
    let report = verdict::judge(arguments.runs, &server, &mails, &ledger).await?;
    ensure!(server.stop().await?.success(), "the server did not stop in order");
    if !report.is_clean() {
        let kept = folder.keep();
        return Err(anyhow::anyhow!("{report}\nthe data folder and the log are kept in {}", kept.display()));
    }
    Ok(report)
}

/// Lets clients work while the server is killed and started again, then lets them finish what is under way.
async fn work_under_kills(
    arguments: &Arguments,
    server: &mut Server,
    mails: &Arc<SmtpSink>,
    ledger: &Ledger,
) -> Result<()> {
    let sources = Sources::system();
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let stop = CancellationToken::new();
    let clients = TaskTracker::new();
    server.start().await?;
    for number in 0..arguments.clients {
        let client = Client::new(number, random.random(), &server.url(""), mails.clone(), ledger.clone());
        let stop = stop.clone();
        clients.spawn(async move { client.work(stop).await });
    }
    clients.close();
    for _ in 0..arguments.runs {
        sources.sleep(Duration::from_millis(random.random_range(20..1500))).await;
        server.kill().await?;
        server.start().await?;
    }
    stop.cancel();
    clients.wait().await;
    Ok(())
}
