//! Brings a schema up to date, one service at a time.

use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sea_query::{Alias, IntoIden};
use sea_orm::{DatabaseConnection, DbErr, DynIden};
use sea_orm_migration::migrator::MigratorTraitSelf;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use tokio::time::timeout;

use crate::{Connection, Database, DatabaseError};

/// A database that falls silent must not keep a start waiting for good; an import of millions of rows takes minutes.
const TIMEOUT: Duration = Duration::from_secs(3_600);
/// How often a table is asked for that others keep, five seconds each time.
const ATTEMPTS: u32 = 10;
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// The migrations that one owner wrote for its own tables, oldest first.
#[derive(Clone, Copy)]
pub struct Migrations {
    /// Whose tables they are; also the prefix of their names.
    pub owner: &'static str,
    /// All of them, oldest first.
    pub list: fn() -> Vec<Box<dyn MigrationTrait>>,
}

impl MigratorTraitSelf for Migrations {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        (self.list)()
            .into_iter()
            .map(|migration| Box::new(AllOrNothing(migration)) as Box<dyn MigrationTrait>)
            .collect()
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(format!("{}_migration", self.owner)).into_iden()
    }
}

/// A migration whose steps, and the row that says it was applied, are one transaction: a process killed in the middle
/// leaves a schema that the next start can bring up to date.
struct AllOrNothing(Box<dyn MigrationTrait>);

impl MigrationName for AllOrNothing {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait]
impl MigrationTrait for AllOrNothing {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(schema).await
    }
}

impl Database {
    /// Applies what is missing of `migrations`. One process does so at a time.
    ///
    /// # Errors
    /// [`DatabaseError::NewerSchema`] when some were applied that this program does not know.
    pub async fn migrate(&self, migrations: Migrations) -> crate::Result<()> {
        let (connection, _lock) = self.engine.migrator().await?;
        match timeout(TIMEOUT, self.apply(migrations, &connection)).await {
            Ok(applied) => applied,
            Err(_) => {
                Err(DatabaseError::Unavailable(DbErr::Custom(format!("no end of a migration within {TIMEOUT:?}"))))
            }
        }
    }

    /// Asks again and again for a table that others read for long: whoever waits for it at length keeps all who come later
    /// from it, too.
    async fn apply(&self, migrations: Migrations, connection: &DatabaseConnection) -> crate::Result<()> {
        refuse_newer(connection, migrations).await?;
        for _ in 1..ATTEMPTS {
            match migrations.up(connection, None).await {
                Err(error) if self.engine.is_locked(&error) => {
                    tracing::warn!(%error, "a migration waits for a table that others keep");
                    self.sources.sleep(RETRY_INTERVAL).await;
                }
                applied => return Ok(applied?),
            }
        }
        Ok(migrations.up(connection, None).await?)
    }

    /// Refuses a schema that a newer version of this program made, which may do so while this one runs.
    ///
    /// # Errors
    /// [`DatabaseError::NewerSchema`] when more than `migrations` were applied.
    pub async fn check_not_newer(&self, migrations: Migrations) -> crate::Result<()> {
        self.pending(migrations).await.map(drop)
    }

    /// Refuses a schema other than the one that `migrations` make, and changes nothing.
    ///
    /// # Errors
    /// [`DatabaseError::OlderSchema`] when some are missing, [`DatabaseError::NewerSchema`] when there are more.
    pub async fn check_schema(&self, migrations: Migrations) -> crate::Result<()> {
        let pending = self.pending(migrations).await?;
        let owner = migrations.owner;
        match pending.first() {
            Some(_) if pending.len() == (migrations.list)().len() => {
                Err(DatabaseError::OlderSchema(format!("{owner} has no tables yet")))
            }
            Some(first) => Err(DatabaseError::OlderSchema(format!("{first} of {owner}"))),
            None => Ok(()),
        }
    }

    /// Whether any of `migrations` was applied, be it by an older or a newer version of this program; changes nothing.
    ///
    /// # Errors
    /// The database is away.
    pub async fn has_tables(&self, migrations: Migrations) -> crate::Result<bool> {
        match self.pending(migrations).await {
            Err(DatabaseError::NewerSchema(_)) => Ok(true),
            pending => Ok(pending?.len() < (migrations.list)().len()),
        }
    }

    /// The names of those that were not applied; changes nothing.
    async fn pending(&self, migrations: Migrations) -> crate::Result<Vec<String>> {
        match migrations.get_pending_migrations_read_only(self).await {
            // The library's word for a migration that was applied and that it does not know.
            Err(error @ DbErr::Custom(_)) => {
                refuse_newer(self, migrations).await?;
                Err(error.into())
            }
            pending => Ok(pending?.iter().map(|migration| migration.name().to_owned()).collect()),
        }
    }
}

async fn refuse_newer<C: Connection>(connection: &C, migrations: Migrations) -> crate::Result<()> {
    let known: Vec<String> = migrations.migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied = migrations.get_migration_models(connection).await?;
    match applied.into_iter().find(|applied| !known.contains(&applied.version)) {
        Some(unknown) => Err(DatabaseError::NewerSchema(format!("{} of {}", unknown.version, migrations.owner))),
        None => Ok(()),
    }
}
