//! Brings a schema up to date, one service at a time.

use async_trait::async_trait;
use sea_orm::sea_query::{Alias, IntoIden};
use sea_orm::{DbErr, DynIden};
use sea_orm_migration::migrator::MigratorTraitSelf;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::{Database, DatabaseError};

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
    /// Applies what is missing of `migrations`.
    ///
    /// # Errors
    /// [`DatabaseError::NewerSchema`] when some were applied that this program does not know.
    pub async fn migrate(&self, migrations: Migrations) -> crate::Result<()> {
        self.refuse_newer(migrations).await?;
        Ok(migrations.up(&self.writer, None).await?)
    }

    async fn refuse_newer(&self, migrations: Migrations) -> crate::Result<()> {
        let known: Vec<String> = migrations.migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let applied = migrations.get_migration_models(&self.writer).await?;
        match applied.into_iter().find(|applied| !known.contains(&applied.version)) {
            Some(unknown) => Err(DatabaseError::NewerSchema(format!("{} of {}", unknown.version, migrations.owner))),
            None => Ok(()),
        }
    }
}
