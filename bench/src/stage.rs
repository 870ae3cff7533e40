//! What the measures stand on, started for the first one that needs it.

use std::path::PathBuf;

use anyhow::Result;

use crate::diner::Diner;
use crate::platform::Platform;
use crate::servers::Servers;

const DINERS: usize = 16;

/// Nothing stands on it at first.
pub(crate) struct Stage {
    pub(crate) binary: PathBuf,
    /// How many samples of each class tell whether the classes can be told apart.
    pub(crate) samples: usize,
    /// How many sessions end together.
    pub(crate) sessions: u64,
    /// How great the greatest town is, and where it is drawn how searches grow with it.
    pub(crate) restaurants: usize,
    pub(crate) pictures: Option<PathBuf>,
    /// Beside how many orders others are placed in the end.
    pub(crate) orders: u64,
    /// How many streams are open.
    pub(crate) streams: usize,
    platform: Option<Platform>,
    diners: Vec<Diner>,
    servers: Option<Servers>,
}

impl Stage {
    /// For the server `binary`.
    pub(crate) fn new(binary: PathBuf, samples: usize, sessions: u64) -> Self {
        let (restaurants, pictures, orders, streams) = (0, None, 0, 0);
        let (platform, diners, servers) = (None, Vec::new(), None);
        Self { binary, samples, sessions, restaurants, pictures, orders, streams, platform, diners, servers }
    }

    /// The platform with everything embedded.
    pub(crate) async fn platform(&mut self) -> Result<&mut Platform> {
        let platform = match self.platform.take() {
            Some(platform) => platform,
            None => Platform::embedded(&self.binary).await?,
        };
        Ok(self.platform.insert(platform))
    }

    /// The same, with diners who are signed in.
    pub(crate) async fn platform_with_diners(&mut self) -> Result<(&Platform, &mut Vec<Diner>)> {
        if self.diners.is_empty() {
            self.diners = self.platform().await?.diners(DINERS).await?;
        }
        let platform = self.platform.as_ref().expect("diners go with the platform that they signed in to");
        Ok((platform, &mut self.diners))
    }

    /// A platform that nobody has used yet; the one from before ends.
    pub(crate) async fn fresh_platform(&mut self) -> Result<&mut Platform> {
        self.end_platform();
        self.platform().await
    }

    /// Ends the embedded platform; a measure may set up another one of the binary that this answers.
    pub(crate) fn end_platform(&mut self) -> PathBuf {
        self.platform = None;
        self.diners.clear();
        self.binary.clone()
    }

    /// Kafka, Postgres and Redis. The embedded platform ends, so that nothing else is at work.
    pub(crate) async fn servers(&mut self) -> Result<&Servers> {
        self.end_platform();
        let servers = match self.servers.take() {
            Some(servers) => servers,
            None => Servers::start().await?,
        };
        Ok(self.servers.insert(servers))
    }
    /// Kafka, Postgres and Redis that nobody has used yet: those from before may hold mails that others would wait behind.
    pub(crate) async fn fresh_servers(&mut self) -> Result<&Servers> {
        self.servers = None;
        self.servers().await
    }
}
