//! Brings a schema up to date, one service at a time.

use sea_orm::DynIden;
use sea_orm::sea_query::{Alias, IntoIden};
use sea_orm_migration::MigrationTrait;
use sea_orm_migration::migrator::MigratorTraitSelf;

use crate::{Database, DatabaseError, Result};

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
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(format!("{}_migration", self.owner)).into_iden()
    }
}

impl Database {
    /// Applies what is missing of `migrations`.
    ///
    /// # Errors
    /// [`DatabaseError::NewerSchema`] when some were applied that this program does not know.
    pub async fn migrate(&self, migrations: Migrations) -> Result<()> {
        self.refuse_newer(migrations).await?;
        Ok(migrations.up(&self.writer, None).await?)
    }

    async fn refuse_newer(&self, migrations: Migrations) -> Result<()> {
        let known: Vec<String> = migrations.migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let applied = migrations.get_migration_models(&self.writer).await?;
        match applied.into_iter().find(|applied| !known.contains(&applied.version)) {
            Some(unknown) => Err(DatabaseError::NewerSchema(format!("{} of {}", unknown.version, migrations.owner))),
            None => Ok(()),
        }
    }
}
