//! One platform with its database, and the work that is timed on it.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clock::Sources;
use database::{Database, DatabaseUrl, Vault};
use testkit::filling::{Filling, Trimmed};

use super::figures::{Figures, Task};
use crate::diner::Diner;
use crate::platform::Platform;
use crate::store;

const DINERS: usize = 8;
/// Of each diner, in each round.
const REFRESHES: u32 = 16;
const MAILS: usize = 8;
const LOCKS: usize = 4;
/// Rows of each table that are trimmed at a start: what an hour leaves behind of ten million mails.
const EXPIRED: u64 = 10_000;
const POLL_INTERVAL: Duration = Duration::from_millis(5);
const TIMEOUT: Duration = Duration::from_secs(120);

pub(super) struct Side {
    platform: Platform,
    database: Database,
    diners: Vec<Diner>,
}

impl Side {
    /// A running platform whose database is also at `url`.
    pub(super) async fn of(platform: Platform, url: &DatabaseUrl) -> Result<Self> {
        let sources = Sources::system();
        let vault = Vault::new(&sources.bytes::<32>());
        let database = Database::connect(url, sources, vault).await?;
        Ok(Self { platform, database, diners: Vec::new() })
    }

    /// Fills the database while nobody works on it.
    pub(super) async fn fill(&mut self, accounts: u64) -> Result<()> {
        self.stop().await?;
        store::fill(&self.database, &self.filling(accounts)).await?;
        Ok(self.platform.server.start().await?)
    }

    /// Lets diners sign up; the last one is locked now and then.
    pub(super) async fn welcome(&mut self) -> Result<()> {
        self.diners = self.platform.diners(DINERS + 1).await?;
        Ok(())
    }

    /// One round of everything.
    pub(super) async fn work(&mut self, figures: &mut Figures) -> Result<()> {
        self.start(figures).await?;
        self.each(figures, Task::Login, Diner::login).await?;
        for _ in 0..REFRESHES {
            self.each(figures, Task::Refresh, Diner::refresh).await?;
        }
        self.each(figures, Task::LogoutAll, Diner::logout_all).await?;
        self.mail(figures).await?;
        self.lock(figures).await
    }

    async fn stop(&mut self) -> Result<()> {
        ensure!(self.platform.server.stop().await?.success(), "the server did not stop in order");
        Ok(())
    }

    fn filling(&self, accounts: u64) -> Filling {
        Filling { dialect: store::dialect(&self.database), accounts, now: self.platform.sources.now() }
    }

    /// A start that finds rows to trim.
    async fn start(&mut self, figures: &mut Figures) -> Result<()> {
        self.stop().await?;
        let filling = self.filling(1);
        store::add_expired(&self.database, &filling, EXPIRED).await?;
        let begun = Instant::now();
        self.platform.server.start().await?;
        figures.add(Task::Start, begun.elapsed());
        let mut waiting = vec![
            (Task::TrimAuth, filling.find_expired(Trimmed::Auth)),
            (Task::TrimBus, filling.find_expired(Trimmed::Bus)),
            (Task::TrimNotification, filling.find_expired(Trimmed::Notification)),
        ];
        while !waiting.is_empty() {
            ensure!(begun.elapsed() < TIMEOUT, "what has expired is not trimmed: {waiting:?}");
            let mut left = Vec::new();
            for (task, query) in waiting {
                if store::finds_any(&self.database, &query).await? {
                    left.push((task, query));
                } else {
                    figures.add(task, begun.elapsed());
                }
            }
            waiting = left;
            self.platform.sources.sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }

    /// Lets all diners but the last do it, one after the other.
    async fn each<F>(&mut self, figures: &mut Figures, task: Task, act: impl Fn(Diner) -> F) -> Result<()>
    where
        F: Future<Output = Result<Diner>>,
    {
        let mut done = Vec::with_capacity(self.diners.len());
        for diner in self.diners.drain(..DINERS) {
            let begun = Instant::now();
            done.push(act(diner).await?);
            figures.add(task, begun.elapsed());
        }
        self.diners.splice(..0, done);
        Ok(())
    }

    async fn mail(&self, figures: &mut Figures) -> Result<()> {
        for _ in 0..MAILS {
            let email = self.platform.client.register().await?;
            let answered = Instant::now();
            let is_to_them =
                |mails: &[testkit::ReceivedMail]| mails.iter().rfind(|mail| mail.to.contains(&email)).map(drop);
            self.platform.mails.find(TIMEOUT, is_to_them).await.with_context(|| format!("no mail came for {email}"))?;
            figures.add(Task::Mail, answered.elapsed());
        }
        Ok(())
    }

    async fn lock(&mut self, figures: &mut Figures) -> Result<()> {
        for _ in 0..LOCKS {
            let email = self.diners[DINERS].email();
            let begun = Instant::now();
            self.platform.command(&["admin", "lock", email]).await?;
            figures.add(Task::Lock, begun.elapsed());
            self.platform.command(&["admin", "unlock", email]).await?;
            let diner = self.diners.remove(DINERS).login().await?;
            self.diners.push(diner);
        }
        Ok(())
    }
}
