//! Opens databases: the one place that knows which adapter stands behind an address.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clock::Sources;

use crate::announcements::Announcements;
use crate::turns::Turns;
use crate::{Database, DatabaseError, DatabaseUrl, Result, Vault, postgres, sqlite};

/// How soon a connection to a database that is away is tried again.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

impl Database {
    /// Opens the database at `url`.
    ///
    /// # Errors
    /// In one line that says why: the database is away ([`DatabaseError::Unavailable`]), it refuses us
    /// ([`DatabaseError::Unexpected`]), or its file can't be made.
    pub async fn connect(url: &DatabaseUrl, sources: Sources, vault: Vault) -> Result<Self> {
        let engine = match url {
            DatabaseUrl::Sqlite(file) => sqlite::connect(file).await?,
            DatabaseUrl::Postgres(address) => postgres::connect(address).await?,
        };
        Ok(Self {
            engine: Arc::from(engine),
            sources,
            vault,
            announcements: Announcements::default(),
            turns: Turns::default(),
            probed: Arc::default(),
        })
    }

    /// Opens the database at `url`, and while it is away tries again until `timeout` is over: a server and its
    /// database are often started together.
    ///
    /// # Errors
    /// As [`Database::connect`]; what will not pass is reported at once.
    pub async fn connect_with_retry(
        url: &DatabaseUrl,
        sources: Sources,
        vault: Vault,
        timeout: Duration,
    ) -> Result<Self> {
        let deadline = Instant::now() + timeout;
        loop {
            match Self::connect(url, sources.clone(), vault.clone()).await {
                Err(DatabaseError::Unavailable(error)) if Instant::now() + RETRY_INTERVAL < deadline => {
                    tracing::warn!(%error, "the database is away; trying again for {timeout:?} at most");
                    sources.sleep(RETRY_INTERVAL).await;
                }
                connected => return connected,
            }
        }
    }
}
