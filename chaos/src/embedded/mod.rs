//! One server on embedded state, which goes through one fault after the other over the same data folder.

mod disk;
mod idlers;
mod verdict;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clock::{Sources, Timestamp};
use lezzetlimani::services::ServiceName;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use testkit::order_books::OrderDatabase;
use testkit::{Server, SmtpSink};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::Client;
use crate::http_client::{Doors, HttpClient};
use crate::kitchen::Kitchen;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::plan::{Fault, Plan, Rig};
use crate::recoveries::Recoveries;
use crate::{Arguments, clocks, stops};
use disk::SmallDisk;
use idlers::Idlers;

/// How long the disk stays full, and clients read nothing.
const LASTING: Duration = Duration::from_secs(5);
/// The network of the probe is that of nobody else.
const PROBE: u64 = 200;

pub(crate) async fn run(arguments: &Arguments) -> Result<verdict::Report> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut plan = Plan::new(Rig::Embedded, arguments.fault);
    let disk = small_disk(&mut plan, arguments, &data)?;
    let outcome = judged(arguments, &mut plan, &data, disk.as_ref()).await;
    let complaint = match outcome {
        Ok(report) if report.is_clean() => return Ok(report),
        Ok(report) => report.to_string(),
        Err(error) => format!("{error:#}"),
    };
    let kept = folder.keep();
    if let Some(disk) = disk {
        disk.keep();
    }
    bail!("{complaint}\nthe data folder and the log are kept in {}", kept.display())
}

async fn judged(
    arguments: &Arguments,
    plan: &mut Plan,
    data: &Path,
    disk: Option<&SmallDisk>,
) -> Result<verdict::Report> {
    let mut rig = start(arguments, data, disk).await?;
    let recoveries = rig.work_under_faults(arguments, plan).await?;
    verdict::wait_until_idle(&rig.server).await?;
    let judged = (recoveries, arguments.fault);
    let report = verdict::judge(judged, &rig.server, &rig.mails, &rig.ledger).await?;
    ensure!(rig.server.stop().await?.success(), "the server did not stop in order");
    Ok(report)
}

/// Says loudly what can't be made here.
fn small_disk(plan: &mut Plan, arguments: &Arguments, data: &Path) -> Result<Option<SmallDisk>> {
    if !plan.has(Fault::DiskFull) {
        return Ok(None);
    }
    match SmallDisk::mount(data) {
        Ok(disk) => Ok(Some(disk)),
        Err(error) if arguments.fault == Some(Fault::DiskFull) => Err(error).context("no small disk can be mounted"),
        Err(error) => {
            say(&format!("NO DISK WILL BE FULL in this run: a small one can't be mounted ({error}); it takes root"));
            plan.leave_out(Fault::DiskFull);
            Ok(None)
        }
    }
}

#[expect(clippy::print_stderr, reason = "whoever waits wants to see how far it has come")]
fn say(line: &str) {
    eprintln!("{line}");
}

async fn start<'a>(arguments: &Arguments, data: &Path, disk: Option<&'a SmallDisk>) -> Result<EmbeddedRig<'a>> {
    let mails = Arc::new(SmtpSink::start().await.context("the mail server can't be started")?);
    let port = mails.port().to_string();
    let environment = [
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", &port),
        ("EMAIL_TLS", "none"),
        ("EMAIL_FROM", "liman@example.com"),
        // Each client pretends to come from a network of its own, so that no limit per network slows the run.
        ("TRUSTED_PROXIES", "127.0.0.1/32"),
    ];
    let mut server = Server::new(&arguments.binary, data, &environment)?;
    if arguments.fault == Some(Fault::ClockJumped) {
        server = server.with_a_clock_of_its_own()?;
        server.set_clock(0)?;
    }
    server.start().await?;
    let ledger = Ledger::default();
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let probe = Client::new(PROBE, random.random(), doors(&server), mails.clone(), ledger.clone());
    let (limits, sources) = (arguments.limits(), Sources::system());
    Ok(EmbeddedRig { server, disk, mails, ledger, limits, probe, random, sources })
}

struct EmbeddedRig<'a> {
    server: Server,
    disk: Option<&'a SmallDisk>,
    mails: Arc<SmtpSink>,
    ledger: Ledger,
    limits: Limits,
    /// A client that comes only to see whether the server works.
    probe: Client,
    random: StdRng,
    sources: Sources,
}

impl EmbeddedRig<'_> {
    /// Lets clients work through one fault after the other, then lets them finish what is under way.
    async fn work_under_faults(&mut self, arguments: &Arguments, plan: &mut Plan) -> Result<Recoveries> {
        let kitchen = self.open_kitchen().await?;
        let stop = CancellationToken::new();
        let clients = TaskTracker::new();
        for number in 0..arguments.clients {
            let (seed, doors) = (self.random.random(), doors(&self.server));
            let client = Client::new(number, seed, doors, self.mails.clone(), self.ledger.clone());
            clients.spawn(client.ordering_from(kitchen.menu()).work(stop.clone()));
        }
        let cooking = clients.spawn(kitchen.work(stop.clone()));
        clients.close();
        let mut recoveries = Recoveries::default();
        for round in 1..=arguments.runs.unwrap_or_else(|| plan.rounds()) {
            self.pause(20..1500).await;
            let fault = plan.next(&mut self.random);
            let recovery = self.make(fault).await.with_context(|| format!("round {round} ({})", fault.name()))?;
            if recovery > self.limits.recovery() {
                let complaint = format!("round {round} ({}): it worked again after {recovery:.1?}", fault.name());
                self.ledger.promises().broken.push(complaint);
            }
            recoveries.note(fault, recovery);
        }
        stop.cancel();
        clients.wait().await;
        self.close(&mut cooking.await?, arguments.fault).await?;
        Ok(recoveries)
    }

    async fn open_kitchen(&mut self) -> Result<Kitchen> {
        let orders = order_database(&self.server).await?;
        orders.note_steps().await?;
        orders.close().await;
        let http = HttpClient::new(self.random.random(), doors(&self.server), self.ledger.clone());
        Kitchen::open(&self.server, http, (self.ledger.clone(), self.random.random())).await
    }

    /// Lets the kitchen lead all orders to their end; where the clock was ahead meanwhile, as soon as that is again so.
    async fn close(&mut self, kitchen: &mut Kitchen, only: Option<Fault>) -> Result<()> {
        let has_jumped = only == Some(Fault::ClockJumped);
        if has_jumped {
            self.ledger.promises().jumps += 1;
            self.server.set_clock(clocks::CLOSING)?;
        }
        let orders = order_database(&self.server).await?;
        kitchen.close(&orders).await?;
        orders.close().await;
        if has_jumped {
            self.ledger.promises().jumps += 1;
            self.server.set_clock(0)?;
        }
        Ok(())
    }

    /// Makes `fault`, and answers how long after its end the server worked again. After a kill that is as soon as it is
    /// ready, so that the next one can come while it still catches up.
    async fn make(&mut self, fault: Fault) -> Result<Duration> {
        match fault {
            Fault::ProcessKilled => {
                self.server.kill().await?;
                return self.start_again().await;
            }
            Fault::ProcessStopped => {
                stops::stop(&mut self.server, self.limits.stop(), &self.ledger).await?;
                return self.start_again().await;
            }
            Fault::ClockJumped => self.jump_clock().await?,
            Fault::DiskFull => self.fill_disk().await?,
            Fault::ClientsThatDoNotRead => self.let_idlers_send().await?,
            Fault::KafkaKilled
            | Fault::TopicRefused
            | Fault::RedisKilled
            | Fault::RedisWiped
            | Fault::RedisRolledBack
            | Fault::PostgresKilled
            | Fault::PostgresFrozen
            | Fault::PostgresSwitchedOver
            | Fault::TransactionOpen
            | Fault::RowLocked
            | Fault::ConsumerStopped
            | Fault::TwoRelays
            | Fault::Rebalance
            | Fault::KeyFailing => bail!("{} needs servers: --bus kafka", fault.name()),
        }
        let recovery = self.until_it_works(self.sources.now()).await?;
        self.server.wait_until_ready().await?;
        Ok(recovery)
    }

    async fn start_again(&mut self) -> Result<Duration> {
        let began = self.sources.now();
        self.server.start().await?;
        Ok(self.since(began))
    }

    /// There and back; a visitor has to come through while it is wrong.
    async fn jump_clock(&mut self) -> Result<()> {
        let jump = clocks::any_jump(&mut self.random);
        self.ledger.promises().jumps += 1;
        self.server.set_clock(jump)?;
        clocks::ensure_jumped(&self.server, jump).await?;
        self.expect_undelayed(&format!("a clock that jumped by {jump} s")).await?;
        self.ledger.promises().jumps += 1;
        Ok(self.server.set_clock(0)?)
    }

    async fn fill_disk(&mut self) -> Result<()> {
        let disk = self.disk.context("there is no small disk")?;
        disk.fill()?;
        self.sources.sleep(LASTING).await;
        Ok(disk.free()?)
    }

    async fn let_idlers_send(&mut self) -> Result<()> {
        let idlers = Idlers::send(&self.server).await?;
        self.expect_undelayed("clients that do not read").await?;
        self.sources.sleep(LASTING).await;
        drop(idlers);
        Ok(())
    }

    /// Complains if a visitor needs too long at this moment, because of `cause`.
    async fn expect_undelayed(&mut self, cause: &str) -> Result<()> {
        let took = self.until_it_works(self.sources.now()).await?;
        if took > self.limits.recovery() {
            self.ledger.promises().broken.push(format!("{cause} delayed a visitor by {took:.1?}"));
        }
        Ok(())
    }

    /// How long after `since` a fresh visitor had proven a mailbox.
    async fn until_it_works(&mut self, since: Timestamp) -> Result<Duration> {
        let visit = async { while self.probe.prove_mailbox().await.is_none() {} };
        tokio::time::timeout(self.limits.flow(), visit).await.context("no visitor comes through any more")?;
        Ok(self.since(since))
    }

    fn since(&self, instant: Timestamp) -> Duration {
        (self.sources.now() - instant).to_std().unwrap_or_default()
    }

    async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        self.sources.sleep(Duration::from_millis(self.random.random_range(milliseconds))).await;
    }
}

async fn order_database(server: &Server) -> Result<OrderDatabase> {
    let file = server.folder().join("lezzetlimani.db");
    OrderDatabase::open(&file).await.with_context(|| format!("{} can't be opened", file.display()))
}

/// One door for all; a kill and a restart fit several times into the time that a mail may take.
fn doors(server: &Server) -> Doors {
    let door = vec![server.url("")];
    Doors {
        of: ServiceName::all().iter().map(|service| (*service, door.clone())).collect(),
        answer: Duration::from_secs(15),
        retry: Duration::from_millis(20),
        mail: Duration::from_secs(60),
        rest: Duration::ZERO,
    }
}
