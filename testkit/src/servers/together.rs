//! All servers that a fleet stands on.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use super::kafka::KafkaServer;
use super::postgres::{Durability, PostgresServer};
use super::redis::RedisServer;

/// Redis, Kafka and Postgres, each as durable as in production; dropped, they end.
pub struct Together {
    /// Redis, in a folder of its own.
    pub redis: RedisServer,
    /// Kafka.
    pub kafka: KafkaServer,
    /// Postgres, which keeps what it has committed over a power loss.
    pub postgres: PostgresServer,
    /// What Kafka and Postgres keep, and room for more.
    pub folder: TempDir,
}

impl Together {
    /// Starts them over a folder whose name begins with `prefix`, and returns when all answer.
    ///
    /// # Errors
    /// One of them is not installed, or ended by itself.
    pub async fn start(prefix: &str) -> io::Result<Self> {
        // Postgres runs as a user of its own, who has to get to its folder.
        let folder = tempfile::Builder::new().prefix(prefix).permissions(Permissions::from_mode(0o755)).tempdir()?;
        let (kafka, postgres) = (made(&folder, "kafka")?, made(&folder, "postgres")?);
        let (redis, kafka, postgres) = tokio::try_join!(
            RedisServer::start(),
            KafkaServer::start(&kafka),
            PostgresServer::start(&postgres, Durability::Full),
        )?;
        Ok(Self { redis, kafka, postgres, folder })
    }
}

fn made(folder: &TempDir, name: &str) -> io::Result<PathBuf> {
    let made = folder.path().join(name);
    std::fs::create_dir(&made)?;
    Ok(made)
}
