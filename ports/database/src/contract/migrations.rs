//! A schema goes forward, once per step, and never back.

use async_trait::async_trait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, integer_uniq, pk_auto, text_uniq, timestamp_with_time_zone};

use super::{Harness, execute, numbers};
use crate::{DatabaseError, Migrations};

/// The tables of the suite, and one that an older program does not know.
pub(super) const CURRENT: Migrations =
    Migrations { owner: "contract", list: || vec![Box::new(First), Box::new(Second)] };
const OLDER: Migrations = Migrations { owner: "contract", list: || vec![Box::new(First)] };

pub async fn a_schema_goes_forward_and_each_step_is_taken_once<H: Harness>() {
    let harness = H::fresh().await;
    let database = harness.database();

    database.migrate(OLDER).await.unwrap();
    execute(database, "INSERT INTO contract_number (number) VALUES (7)", []).await.unwrap();
    database.migrate(CURRENT).await.unwrap();
    database.migrate(CURRENT).await.unwrap();

    assert_eq!(numbers(database, "SELECT number FROM contract_number").await, [7]);
    assert_eq!(numbers(database, "SELECT number FROM contract_later").await, [1]);
}

pub async fn a_newer_schema_is_refused_and_left_alone<H: Harness>() {
    let harness = H::fresh().await;
    harness.database().migrate(CURRENT).await.unwrap();

    let refusals = [harness.database().migrate(OLDER).await, harness.database().check_not_newer(OLDER).await];

    for refused in refusals {
        assert!(
            matches!(&refused, Err(DatabaseError::NewerSchema(what)) if what == "second of contract"),
            "{refused:?}"
        );
    }
    harness.database().check_not_newer(CURRENT).await.unwrap();
    harness.database().migrate(CURRENT).await.unwrap();
}

pub async fn a_migration_that_fails_halfway_changes_nothing<H: Harness>() {
    let harness = H::fresh().await;
    let broken = Migrations { owner: "contract", list: || vec![Box::new(First), Box::new(Broken)] };

    let failed = harness.database().migrate(broken).await;

    assert!(matches!(failed, Err(DatabaseError::Unexpected(_))), "{failed:?}");
    harness.database().migrate(CURRENT).await.unwrap();
    assert_eq!(numbers(harness.database(), "SELECT number FROM contract_later").await, [1]);
}

pub async fn owners_migrate_side_by_side<H: Harness>() {
    let harness = H::fresh().await;
    let other = Migrations { owner: "neighbour", list: || vec![Box::new(OtherService)] };

    harness.database().migrate(CURRENT).await.unwrap();
    harness.database().migrate(other).await.unwrap();
    harness.database().migrate(CURRENT).await.unwrap();

    assert_eq!(numbers(harness.database(), "SELECT number FROM neighbour_number").await, [0; 0]);
}

pub async fn processes_migrate_at_the_same_time<H: Harness>() {
    let harness = H::fresh().await;
    let (second, third) = (harness.connect().await, harness.connect().await);

    let done = tokio::join!(harness.database().migrate(CURRENT), second.migrate(CURRENT), third.migrate(CURRENT));

    assert!(matches!(done, (Ok(()), Ok(()), Ok(()))), "{done:?}");
    assert_eq!(numbers(&second, "SELECT number FROM contract_later").await, [1]);
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "first"
    }
}

#[async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner.from("contract_session", "account_id").to("contract_account", "id");
        let tables = [
            Table::create().table("contract_number").col(integer_uniq("number")).take(),
            Table::create().table("contract_account").col(pk_auto("id")).col(text_uniq("email")).take(),
            Table::create().table("contract_session").col(integer("account_id")).foreign_key(&mut owner).take(),
            Table::create().table("contract_instant").col(timestamp_with_time_zone("at")).take(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        Ok(())
    }
}

struct Second;

impl MigrationName for Second {
    fn name(&self) -> &'static str {
        "second"
    }
}

#[async_trait]
impl MigrationTrait for Second {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(Table::create().table("contract_later").col(integer("number")).take()).await?;
        manager.get_connection().execute_unprepared("INSERT INTO contract_later (number) VALUES (1)").await?;
        Ok(())
    }
}

/// A [`Second`] whose process dies, or whose disk is full, in the middle.
struct Broken;

impl MigrationName for Broken {
    fn name(&self) -> &'static str {
        "second"
    }
}

#[async_trait]
impl MigrationTrait for Broken {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Second.up(manager).await?;
        Err(DbErr::Custom("as planned".to_owned()))
    }
}

struct OtherService;

impl MigrationName for OtherService {
    fn name(&self) -> &'static str {
        "first"
    }
}

#[async_trait]
impl MigrationTrait for OtherService {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(Table::create().table("neighbour_number").col(integer("number")).take()).await
    }
}
