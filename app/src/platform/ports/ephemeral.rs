//! The ephemeral port, as this process has it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clock::Sources;
use ephemeral::redis::Unfit;
use ephemeral::{Absent, Embedded, EphemeralStore, Expiring, Members, Redis, Window};
use kit::Status;
use metrics::{Unit, describe_gauge};

use crate::data_folder::DataFolder;
use crate::error::Result;
use crate::settings::EphemeralChoice;

/// How long what a check writes stays.
const CHECK_TTL: Duration = Duration::from_secs(1);
/// A store on a full disk still answers reads. More is written than fits in what is left of a page.
const PROBE: &[u8] = &[0; 8192];

/// The adapter that was chosen, cheap to clone.
#[derive(Clone)]
pub(crate) enum Ephemeral {
    Embedded(Embedded),
    Redis(Redis),
    Absent,
}

impl Ephemeral {
    pub(super) async fn open(choice: &EphemeralChoice, folder: &DataFolder, sources: &Sources) -> Result<Self> {
        Ok(match choice {
            EphemeralChoice::Embedded => Self::Embedded(open_folder(folder.ephemeral(), sources.clone()).await?),
            EphemeralChoice::Redis(server) => {
                describe_gauge!("ephemeral_redis_up", Unit::Count, "Whether Redis answers: 1 or 0");
                Self::Redis(Redis::open(server, sources.clone()).await?)
            }
            EphemeralChoice::Absent => Self::Absent,
        })
    }

    /// As services use it.
    pub(super) fn store(&self) -> Arc<dyn EphemeralStore> {
        match self {
            Self::Embedded(embedded) => Arc::new(embedded.clone()),
            Self::Redis(redis) => Arc::new(redis.clone()),
            Self::Absent => Arc::new(Absent),
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether it takes what it is given, and keeps it.
    pub(crate) async fn status(&self) -> Status {
        if let Err(error) = self.store().put("health", PROBE, CHECK_TTL).await {
            return Status::Down(error.to_string());
        }
        let Self::Redis(redis) = self else { return Status::Up };
        if let Err(error) = try_what_services_do(redis).await {
            return Status::Down(error.to_string());
        }
        match redis.check().await {
            Ok(()) => Status::Up,
            Err(unfit @ Unfit::Away(_)) => Status::Down(unfit.to_string()),
            Err(unfit @ Unfit::Evicts { .. }) => Status::Degraded(unfit.to_string()),
        }
    }

    /// One round of upkeep, wanted about every second; Redis keeps itself and is only probed.
    pub(crate) async fn maintain(&self) -> ephemeral::Result<()> {
        match self {
            Self::Embedded(embedded) => embedded.maintain().await,
            Self::Redis(redis) => {
                metrics::gauge!("ephemeral_redis_up").set(if redis.check().await.is_ok() { 1.0 } else { 0.0 });
                Ok(())
            }
            Self::Absent => Ok(()),
        }
    }

    /// Forces what is only in memory to the disk.
    pub(super) async fn flush(&self) -> ephemeral::Result<()> {
        match self {
            Self::Embedded(embedded) => embedded.flush().await,
            Self::Redis(_) | Self::Absent => Ok(()),
        }
    }
}

/// Redis may forbid each command by itself, and names in its refusal which one it was. That feeds can be read is seen where
/// they are followed.
async fn try_what_services_do(redis: &Redis) -> ephemeral::Result<()> {
    redis.get("health").await?;
    redis.swap("health", Some(PROBE), Some(Expiring { value: PROBE, ttl: CHECK_TTL })).await?;
    redis.count("requests:health", b"probe", Window { limit: 1, length: CHECK_TTL }).await?;
    redis.uncount("requests:health", Members::One(b"probe")).await?;
    redis.uncount("requests:health", Members::All).await?;
    redis.append("feed:health", b"probe", CHECK_TTL).await?;
    Ok(())
}

async fn open_folder(path: PathBuf, sources: Sources) -> Result<Embedded> {
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&path, sources)).await;
    Ok(opened.context("opening the ephemeral store panicked")??)
}
