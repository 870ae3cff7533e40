//! Whether the database takes writes: the only answer that readiness may rely on.

use sea_orm::ConnectionTrait;

use crate::{Database, Result};

impl Database {
    /// Writes one row and commits it, at most once a second however many ask: they share the answer.
    ///
    /// # Errors
    /// The database is away, can't be written, or its disk is full.
    pub async fn probe(&self) -> Result<()> {
        self.probed.get(&self.sources, self.write_and_commit()).await
    }

    async fn write_and_commit(&self) -> Result<()> {
        // Processes that probe at the same moment must not refuse each other.
        let tx = self.begin_locked("database_probe").await?;
        tx.execute_unprepared(
            "CREATE TABLE IF NOT EXISTS database_probe (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)",
        )
        .await?;
        tx.execute_unprepared(
            "INSERT INTO database_probe (id, count) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET count = database_probe.count + 1",
        )
        .await?;
        tx.commit().await
    }
}
