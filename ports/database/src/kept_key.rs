//! The root key of an operator who gave none: kept in the database itself, where every replica finds it.
//!
//! It keeps replicas in agreement and not the secrets of a dump, which holds key and sealed texts alike.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use sea_orm_migration::prelude::{ColumnDef, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::{Database, Migrations, Result, Vault};

const MIGRATIONS: Migrations = Migrations { owner: "database", list: || vec![Box::new(RootKey)] };

struct RootKey;

impl MigrationName for RootKey {
    fn name(&self) -> &'static str {
        "m0001_root_key"
    }
}

#[async_trait]
impl MigrationTrait for RootKey {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut id = ColumnDef::new("id");
        let mut key = ColumnDef::new("key");
        let table = Table::create()
            .table("database_root_key")
            .col(id.integer().not_null().primary_key())
            .col(key.binary().not_null())
            .take();
        manager.create_table(table).await
    }
}

impl Database {
    /// The same database with a vault over the root key that stands in it, made at first use.
    ///
    /// # Errors
    /// The database is away.
    pub async fn with_kept_key(self) -> Result<Self> {
        self.migrate(MIGRATIONS).await?;
        let key = self.kept_key().await?;
        Ok(Self { vault: Vault::new(&key), ..self })
    }

    async fn kept_key(&self) -> Result<Vec<u8>> {
        let backend = self.get_database_backend();
        let offered = self.sources.bytes::<32>().to_vec();
        let tx = self.begin_write().await?;
        // Whoever comes first decides.
        let insert = "INSERT INTO database_root_key (id, key) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
        tx.execute_raw(Statement::from_sql_and_values(backend, insert, [offered.into()])).await?;
        tx.commit().await?;
        let select = Statement::from_string(backend, "SELECT key FROM database_root_key WHERE id = 1");
        let row = self.query_one_raw(select).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the root key".to_owned()))?;
        Ok(row.try_get_by_index(0)?)
    }
}
