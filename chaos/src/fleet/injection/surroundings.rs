//! What happens to that which our processes stand on, without any of it ending.

use std::time::Duration;

use anyhow::{Result, ensure};
use clock::Timestamp;
use testkit::servers::kafka_tools;

use super::Injector;
use crate::clocks;
use crate::fleet::deployment::Deployment;
use crate::fleet::flow::Flow;

/// Whose events Kafka refuses.
const REFUSED: &str = "user_created";
/// How long Redis works on before it forgets what it did meanwhile.
const FORGOTTEN: std::ops::Range<u64> = 2_000..5_000;
/// How long somebody else holds a row at least.
const LOCKED: Duration = Duration::from_secs(15);

impl Injector {
    /// Mails have to go on, and no user may be lost or made twice.
    pub(super) async fn refuse_topic(&mut self, deployment: &Deployment, flow: &mut Flow) -> Result<Timestamp> {
        kafka_tools::refuse_writes(&deployment.kafka, REFUSED).await?;
        flow.expect_mails("a topic that is refused").await;
        self.pause(0..2000).await;
        kafka_tools::accept_writes(&deployment.kafka, REFUSED).await?;
        Ok(self.sources.now())
    }

    /// As a server does that is killed between two snapshots, or a replica that takes over too early. One of our processes is
    /// killed with it, and has to learn from what came back which sessions have ended.
    pub(super) async fn roll_back_redis(&mut self, deployment: &mut Deployment) -> Result<Timestamp> {
        let snapshot = deployment.redis.snapshot()?;
        self.pause(FORGOTTEN).await;
        self.ledger.promises().wipes += 1;
        deployment.redis.kill()?;
        deployment.redis.roll_back(&snapshot)?;
        let forgetful = self.any_process(deployment);
        forgetful.kill().await?;
        forgetful.launch()?;
        deployment.redis.restart().await?;
        self.ledger.promises().wipes += 1;
        Ok(self.sources.now())
    }

    /// The sessions stay open on both sides, with whatever they hold. Those of the last time are ended before.
    pub(super) async fn freeze_postgres(&mut self, deployment: &Deployment, flow: &mut Flow) -> Result<Timestamp> {
        self.end_old_sessions(flow).await?;
        deployment.way_to_postgres.freeze();
        Ok(self.sources.now())
    }

    pub(super) async fn switch_postgres_over(&mut self, flow: &mut Flow) -> Result<Timestamp> {
        self.end_old_sessions(flow).await?;
        self.witness.switch_over().await?;
        Ok(self.sources.now())
    }

    /// Those that an earlier fault left, which Postgres would keep for the whole run, or could not reach again.
    async fn end_old_sessions(&mut self, flow: &mut Flow) -> Result<()> {
        if std::mem::replace(&mut self.has_old_sessions, true) {
            self.witness.forget_switch_over().await?;
            let ended = self.sources.now();
            ensure!(flow.measure(ended).await?.is_some(), "events do not flow after all sessions were ended");
        }
        Ok(())
    }

    /// Flow is measured all the time, and what waits for the row has to have its effect afterwards.
    pub(super) async fn lock_row(&mut self, flow: &mut Flow) -> Result<Timestamp> {
        let email = flow.next_failing_address();
        let lock = self.witness.lock_user(&email).await?;
        let until = self.sources.now() + LOCKED;
        let registered = flow.register_failing().await;
        self.wait_until_locked().await?;
        while self.sources.now() < until {
            flow.expect_undelayed("one locked row").await?;
        }
        drop(lock);
        ensure!(registered.as_ref() == Some(&email), "the user whose row is locked could not register");
        Ok(self.sources.now())
    }

    async fn wait_until_locked(&self) -> Result<()> {
        let deadline = self.sources.now() + self.limits.take_over();
        while !self.witness.has_met_lock().await? {
            ensure!(self.sources.now() < deadline, "nobody needs the row that is locked");
            self.sources.sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Ahead or behind, and back: flow has to go on while the clock is wrong, and once it is right again.
    pub(super) async fn jump_clocks(&mut self, deployment: &Deployment, flow: &mut Flow) -> Result<Timestamp> {
        let jump = clocks::any_jump(&mut self.random);
        self.ledger.promises().jumps += 1;
        deployment.set_clocks(jump)?;
        for replica in &deployment.replicas {
            clocks::ensure_jumped(&replica.server, jump).await?;
        }
        flow.expect_undelayed(&format!("a clock that jumped by {jump} s")).await?;
        self.ledger.promises().jumps += 1;
        deployment.set_clocks(0)?;
        Ok(self.sources.now())
    }
}
