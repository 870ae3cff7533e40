//! One server on embedded state, killed or stopped again and again over the same data folder.

mod verdict;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clock::Sources;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testkit::{Server, SmtpSink};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Arguments;
use crate::client::{Client, Doors};
use crate::fleet::Fault;
use crate::ledger::Ledger;
use crate::stops;

pub(crate) async fn run(arguments: &Arguments) -> Result<verdict::Report> {
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
    let ending = Ending::of(arguments.fault)?;
    work_under_faults(arguments, ending, (&mut server, &mails), &ledger).await?;
    verdict::settle(&server).await?;
    let report = verdict::judge((arguments.runs, ending), &server, &mails, &ledger).await?;
    ensure!(server.stop().await?.success(), "the server did not stop in order");
    if !report.is_clean() {
        let kept = folder.keep();
        return Err(anyhow::anyhow!("{report}\nthe data folder and the log are kept in {}", kept.display()));
    }
    Ok(report)
}

/// How the server is ended each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Killed,
    Stopped,
}

impl Ending {
    fn of(fault: Option<Fault>) -> Result<Self> {
        match fault {
            None | Some(Fault::ProcessKilled) => Ok(Self::Killed),
            Some(Fault::ProcessStopped) => Ok(Self::Stopped),
            Some(other) => bail!("{} needs servers: --bus kafka", other.name()),
        }
    }
}

/// Lets clients work while the server is ended and started again, then lets them finish what is under way.
async fn work_under_faults(
    arguments: &Arguments,
    ending: Ending,
    (server, mails): (&mut Server, &Arc<SmtpSink>),
    ledger: &Ledger,
) -> Result<()> {
    let sources = Sources::system();
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let stop = CancellationToken::new();
    let clients = TaskTracker::new();
    server.start().await?;
    for number in 0..arguments.clients {
        let client = Client::new(number, random.random(), doors(server), mails.clone(), ledger.clone());
        let stop = stop.clone();
        clients.spawn(async move { client.work(stop).await });
    }
    clients.close();
    for _ in 0..arguments.runs {
        sources.sleep(Duration::from_millis(random.random_range(20..1500))).await;
        match ending {
            Ending::Killed => server.kill().await?,
            Ending::Stopped => stops::stop(server, ledger).await?,
        }
        server.start().await?;
    }
    stop.cancel();
    clients.wait().await;
    Ok(())
}

/// One door for all; a kill and a restart fit several times into the time that a mail may take.
fn doors(server: &Server) -> Doors {
    let door = vec![server.url("")];
    Doors {
        auth: door.clone(),
        user: door,
        answer: Duration::from_secs(15),
        retry: Duration::from_millis(20),
        mail: Duration::from_secs(60),
        rest: Duration::ZERO,
    }
}
