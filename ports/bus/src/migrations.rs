//! The tables of the bus, one set per database.

use async_trait::async_trait;
use database::Migrations;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, binary, boolean, integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

/// The tables that every database with events needs.
pub const MIGRATIONS: Migrations = Migrations { owner: "bus", list: || vec![Box::new(Initial)] };

struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

#[async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [outbox(), inbox(), position(), parked(), dead_letter(), dead_letter_action()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn outbox() -> TableCreateStatement {
    let mut table = table("bus_outbox");
    table.col(big_pk_auto("seq")).col(text("type"));
    with_delivery(&mut table)
}

fn inbox() -> TableCreateStatement {
    table("bus_inbox")
        .col(text("consumer"))
        .col(uuid("event_id"))
        .col(boolean("set_aside"))
        .col(timestamp_with_time_zone("entered_at"))
        .primary_key(Index::create().col("consumer").col("event_id"))
        .take()
}

/// Where each consumer reads on while the outbox itself is the log; Kafka keeps committed offsets instead.
fn position() -> TableCreateStatement {
    table("bus_position")
        .col(text("consumer"))
        .col(text("topic"))
        .col(big_integer("position"))
        .primary_key(Index::create().col("consumer").col("topic"))
        .take()
}

fn parked() -> TableCreateStatement {
    let mut table = table("bus_parked");
    table
        .col(big_pk_auto("seq"))
        .col(text("consumer"))
        .col(boolean("settling"))
        .col(integer("attempts"))
        .col(text("reason"))
        .col(timestamp_with_time_zone_null("next_at"));
    with_delivery(&mut table)
}

fn dead_letter() -> TableCreateStatement {
    let mut table = table("bus_dead_letter");
    table
        .col(big_pk_auto("id"))
        .col(text("consumer"))
        .col(text("cause"))
        .col(text("reason"))
        .col(integer("attempts"))
        .col(text("state"))
        .col(timestamp_with_time_zone("created_at"));
    with_delivery(&mut table)
}

/// Who did what with a dead letter, and when.
fn dead_letter_action() -> TableCreateStatement {
    table("bus_dead_letter_action")
        .col(big_pk_auto("id"))
        .col(big_integer("dead_letter_id"))
        .col(text("action"))
        .col(text("actor"))
        .col(timestamp_with_time_zone("acted_at"))
        .foreign_key(
            ForeignKey::create()
                .name("bus_dead_letter_action_dead_letter")
                .from("bus_dead_letter_action", "dead_letter_id")
                .to("bus_dead_letter", "id"),
        )
        .take()
}

fn indexes() -> [IndexCreateStatement; 6] {
    [
        index("bus_outbox", ["topic", "seq"].as_slice()),
        index("bus_inbox", &["entered_at"]),
        index("bus_parked", &["consumer", "topic", "key", "seq"]),
        index("bus_parked", &["consumer", "next_at"]),
        index("bus_dead_letter", &["state", "cause"]),
        index("bus_dead_letter_action", &["dead_letter_id"]),
    ]
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).if_not_exists().take()
}

/// An event on its way, the same in each table that holds one; its payload is sealed when it may hold a secret.
fn with_delivery(table: &mut TableCreateStatement) -> TableCreateStatement {
    table
        .col(uuid("event_id"))
        .col(text("topic"))
        .col(text("key"))
        .col(binary("payload"))
        .col(boolean("sealed"))
        .col(text_null("traceparent"))
        .col(timestamp_with_time_zone("recorded_at"))
        .take()
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.if_not_exists().name(format!("{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index.take()
}
