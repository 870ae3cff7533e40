//! Makes each fault, and ends it.

mod surroundings;

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clock::{Sources, Timestamp};
use lezzetlimani::services::ServiceName;
use rand::RngExt;
use rand::rngs::StdRng;
use testkit::Server;
use tokio::task::JoinSet;

use super::deployment::{Deployment, Replica, consumers};
use super::flow::Flow;
use super::witness::Witness;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::plan::Fault;
use crate::stops;

/// Longer than the session of a member in its group.
const HANG: Duration = Duration::from_secs(8);
/// How long a transaction stays open.
const OPEN: Duration = Duration::from_secs(60);

/// The hand that makes faults.
pub(crate) struct Injector {
    random: StdRng,
    sources: Sources,
    ledger: Ledger,
    witness: Witness,
    limits: Limits,
    /// Transactions that are open, over as many rounds as it takes.
    open: JoinSet<Result<String>>,
    stopped: Option<Stopped>,
    /// Whether Postgres was frozen or switched over before.
    has_old_sessions: bool,
}

/// A process that was asked to stop in this round.
struct Stopped {
    door: String,
    unanswered_before: usize,
}

impl Injector {
    pub(crate) fn new(random: StdRng, ledger: Ledger, witness: Witness, limits: Limits) -> Self {
        Self {
            random,
            sources: Sources::system(),
            ledger,
            witness,
            limits,
            open: JoinSet::new(),
            stopped: None,
            has_old_sessions: false,
        }
    }

    /// Makes `fault` and returns when it has ended: at what time.
    pub(crate) async fn make(
        &mut self,
        fault: Fault,
        deployment: &mut Deployment,
        flow: &mut Flow,
    ) -> Result<Timestamp> {
        self.pause(50..600).await;
        match fault {
            Fault::ProcessKilled => self.kill_process(deployment).await,
            Fault::ProcessStopped => self.stop_process(deployment).await,
            Fault::KafkaKilled => {
                deployment.kafka.kill()?;
                self.pause(0..2000).await;
                self.ended(deployment.kafka.restart().await?)
            }
            Fault::RedisKilled => {
                deployment.redis.kill()?;
                self.pause(0..2000).await;
                self.ended(deployment.redis.restart().await?)
            }
            Fault::RedisWiped => self.wipe_redis(deployment).await,
            Fault::PostgresKilled => {
                deployment.postgres.kill()?;
                self.pause(0..2000).await;
                self.ended(deployment.postgres.restart().await?)
            }
            Fault::TransactionOpen => self.open_transaction().await,
            Fault::ConsumerStopped => self.stop_consumer(deployment).await,
            Fault::TwoRelays => self.make_two_relays(deployment).await,
            Fault::Rebalance => self.rebalance(deployment).await,
            Fault::KeyFailing => self.fail_key(flow).await,
            Fault::TopicRefused => self.refuse_topic(deployment, flow).await,
            Fault::RedisRolledBack => self.roll_back_redis(deployment).await,
            Fault::PostgresFrozen => self.freeze_postgres(deployment, flow).await,
            Fault::PostgresSwitchedOver => self.switch_postgres_over(flow).await,
            Fault::RowLocked => self.lock_row(flow).await,
            Fault::ClockJumped => self.jump_clocks(deployment, flow).await,
            Fault::DiskFull | Fault::ClientsThatDoNotRead => bail!("{} is for one embedded server", fault.name()),
        }
    }

    fn ended(&self, (): ()) -> Result<Timestamp> {
        Ok(self.sources.now())
    }

    /// It is started again at once, and flow has to be back before it is.
    async fn kill_process(&mut self, deployment: &mut Deployment) -> Result<Timestamp> {
        let server = self.any_process(deployment);
        server.kill().await?;
        server.launch()?;
        Ok(self.sources.now())
    }

    /// The same in order: whoever found its door open is answered.
    async fn stop_process(&mut self, deployment: &mut Deployment) -> Result<Timestamp> {
        let server = self.any_process(deployment);
        let unanswered_before = self.ledger.promises().unanswered.len();
        stops::stop(server, self.limits.stop(), &self.ledger).await?;
        self.stopped = Some(Stopped { door: server.url(""), unanswered_before });
        server.launch()?;
        Ok(self.sources.now())
    }

    /// Complains of requests that a process cut off though it was asked to stop, when the clients have noticed.
    pub(crate) fn judge_stop(&mut self, occasion: &str) {
        let Some(Stopped { door, unanswered_before }) = self.stopped.take() else { return };
        let mut promises = self.ledger.promises();
        let unanswered = promises.unanswered[unanswered_before..].iter().filter(|unanswered| unanswered.door == door);
        let complaints: Vec<String> =
            unanswered.map(|unanswered| format!("{occasion}: cut off, {}", unanswered.reason)).collect();
        promises.broken.extend(complaints);
    }

    fn any_process<'a>(&mut self, deployment: &'a mut Deployment) -> &'a mut Server {
        let victim = self.random.random_range(0..deployment.replicas.len());
        &mut deployment.replicas[victim].server
    }

    /// While it runs, or together with its disk.
    async fn wipe_redis(&mut self, deployment: &mut Deployment) -> Result<Timestamp> {
        self.ledger.promises().wipes += 1;
        if self.random.random_bool(0.5) {
            deployment.redis.wipe()?;
        } else {
            deployment.redis.kill()?;
            deployment.redis.wipe()?;
            deployment.redis.restart().await?;
        }
        self.ledger.promises().wipes += 1;
        Ok(self.sources.now())
    }

    /// Flow is measured while it is open: it may delay no other key.
    async fn open_transaction(&mut self) -> Result<Timestamp> {
        let held = self.witness.hold_event().await?;
        let sources = self.sources.clone();
        self.open.spawn(async move {
            sources.sleep(OPEN).await;
            held.commit().await
        });
        Ok(self.sources.now())
    }

    async fn stop_consumer(&mut self, deployment: &Deployment) -> Result<Timestamp> {
        let services = consumers();
        let consumers: Vec<&Replica> =
            deployment.replicas.iter().filter(|replica| services.contains(&replica.service)).collect();
        let victim = &consumers[self.random.random_range(0..consumers.len())].server;
        victim.pause().await?;
        self.sources.sleep(HANG).await;
        self.pause(0..1000).await;
        victim.resume().await?;
        Ok(self.sources.now())
    }

    /// The process that relays hangs until another one relays, and then goes on where it was.
    async fn make_two_relays(&mut self, deployment: &Deployment) -> Result<Timestamp> {
        let turns_before = turns(deployment)?;
        let (_, relaying) = turns_before.last().context("nobody relays")?;
        let relaying = &deployment.replicas[*relaying].server;
        relaying.pause().await?;
        let taken_over = self.wait_for_another_relay(deployment, turns_before.len()).await;
        self.pause(0..1000).await;
        relaying.resume().await?;
        taken_over?;
        Ok(self.sources.now())
    }

    async fn wait_for_another_relay(&self, deployment: &Deployment, turns_before: usize) -> Result<()> {
        let limit = self.limits.take_over();
        let deadline = self.sources.now() + limit;
        while turns(deployment)?.len() <= turns_before {
            ensure!(self.sources.now() < deadline, "no other process relays {limit:?} after the first one hung");
            self.sources.sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn rebalance(&mut self, deployment: &mut Deployment) -> Result<Timestamp> {
        let spare = self.random.random_range(0..deployment.spares.len());
        let server = &mut deployment.spares[spare].server;
        server.start().await?;
        self.pause(500..3000).await;
        ensure!(server.stop().await?.success(), "a further replica did not stop in order");
        Ok(self.sources.now())
    }

    /// Flow is measured while the key fails, and what failed has to have its effect afterwards.
    async fn fail_key(&mut self, flow: &mut Flow) -> Result<Timestamp> {
        let email = flow.next_failing_address();
        self.witness.refuse_user(&email).await?;
        let registered = flow.register_failing().await;
        self.wait_until_parked().await?;
        flow.expect_undelayed("one key that fails").await?;
        self.witness.take_user(&email).await?;
        ensure!(registered.as_ref() == Some(&email), "the user whose key fails could not register");
        Ok(self.sources.now())
    }

    async fn wait_until_parked(&self) -> Result<()> {
        let deadline = self.sources.now() + self.limits.take_over();
        while self.witness.parked_attempts().await? == 0 {
            ensure!(self.sources.now() < deadline, "the event of a key that fails is not parked");
            self.sources.sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// The users of transactions that were committed since the last call; those that a fault cut off are gone.
    pub(crate) fn committed(&mut self) -> Vec<String> {
        let mut users = Vec::new();
        while let Some(ended) = self.open.try_join_next() {
            users.extend(ended.ok().and_then(Result::ok));
        }
        users
    }

    /// The same once all have ended.
    pub(crate) async fn commit_all(&mut self) -> Vec<String> {
        let ended = std::mem::take(&mut self.open).join_all().await;
        ended.into_iter().filter_map(Result::ok).collect()
    }

    async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        self.sources.sleep(Duration::from_millis(self.random.random_range(milliseconds))).await;
    }
}

/// Every turn at relaying of auth's events, by its number, and the replica that had it.
fn turns(deployment: &Deployment) -> Result<Vec<(u64, usize)>> {
    let mut turns = Vec::new();
    for (index, replica) in deployment.replicas.iter().enumerate().filter(|(_, it)| it.service == ServiceName::Auth) {
        let log = fs::read_to_string(replica.server.log())?;
        let epochs = log.lines().filter_map(|line| line.split_once("this process relays epoch=")?.1.parse().ok());
        turns.extend(epochs.map(|epoch| (epoch, index)));
    }
    turns.sort_unstable();
    Ok(turns)
}
