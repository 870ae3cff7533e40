//! The tables of the bus, one set per database.

use async_trait::async_trait;
use database::Migrations;
use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, binary, boolean, integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

/// The tables that every database with events needs.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "bus",
    list: || {
        vec![
            Box::new(Initial),
            Box::new(Held),
            Box::new(Retention),
            Box::new(FanOut),
            Box::new(Origin),
            Box::new(Progress),
        ]
    },
};

struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

#[async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [inbox(), position(), parked(), dead_letter(), dead_letter_action()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(POSTGRES_LOG).await?;
        } else {
            manager.create_table(outbox()).await?;
            manager.create_index(index("bus_outbox", &["topic", "seq"])).await?;
        }
        Ok(())
    }
}

struct Held;

impl MigrationName for Held {
    fn name(&self) -> &'static str {
        "m0002_held"
    }
}

#[async_trait]
impl MigrationTrait for Held {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(with_delivery(table("bus_held").col(big_integer("seq").primary_key()))).await?;
        manager.create_index(index("bus_held", &["topic", "seq"])).await
    }
}

/// What it takes to forget the right things at the right time, and to count what waits without reading all of it.
struct Retention;

impl MigrationName for Retention {
    fn name(&self) -> &'static str {
        "m0003_retention"
    }
}

#[async_trait]
impl MigrationTrait for Retention {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let recorded_at = timestamp_with_time_zone_null("recorded_at");
        manager.alter_table(Table::alter().table("bus_inbox").add_column(recorded_at).take()).await?;
        for create in RETENTION_INDEXES {
            manager.get_connection().execute_unprepared(create).await?;
        }
        Ok(())
    }
}

const RETENTION_INDEXES: [&str; 4] = [
    "CREATE INDEX bus_parked_consumer_event_id ON bus_parked (consumer, event_id)",
    "CREATE INDEX bus_parked_first ON bus_parked (consumer, topic) WHERE next_at IS NOT NULL",
    "CREATE INDEX bus_dead_letter_open ON bus_dead_letter (consumer, event_id) WHERE state = 'open'",
    "CREATE INDEX bus_dead_letter_action_acted_at ON bus_dead_letter_action (acted_at)",
];

/// Where fan-outs are.
struct FanOut;

impl MigrationName for FanOut {
    fn name(&self) -> &'static str {
        "m0004_fan_out"
    }
}

#[async_trait]
impl MigrationTrait for FanOut {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(fan_out()).await?;
        manager.create_index(index("bus_fan_out", &["next_at"])).await
    }
}

/// In which database each consumer read Kafka last.
struct Origin;

impl MigrationName for Origin {
    fn name(&self) -> &'static str {
        "m0005_origin"
    }
}

#[async_trait]
impl MigrationTrait for Origin {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("bus_position").add_column(text_null("origin")).take()).await
    }
}

/// What each consumer of Kafka counts while it reads, so that a database that became older is known by its count.
struct Progress;

impl MigrationName for Progress {
    fn name(&self) -> &'static str {
        "m0006_progress"
    }
}

#[async_trait]
impl MigrationTrait for Progress {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let progress = big_integer("progress").default(0).take();
        manager.alter_table(Table::alter().table("bus_position").add_column(progress).take()).await
    }
}

/// One without `next_at` stands until it is resumed.
fn fan_out() -> TableCreateStatement {
    table("bus_fan_out")
        .col(text("name"))
        .col(text("subject"))
        .col(text_null("cursor"))
        .col(integer("attempts"))
        .col(text("reason"))
        .col(timestamp_with_time_zone_null("next_at"))
        .col(timestamp_with_time_zone("begun_at"))
        .primary_key(Index::create().col("name").col("subject"))
        .take()
}

fn outbox() -> TableCreateStatement {
    with_delivery(table("bus_outbox").col(big_pk_auto("seq")))
}

/// The log where many write at once. Rows are numbered before they are committed, so a reader also needs to know of which
/// transaction each is, and which ones it has seen. The log stands in two segments: while one takes new rows, the other is
/// emptied by TRUNCATE, which leaves nothing for a vacuum. Positions count only in the database that made them.
const POSTGRES_LOG: &str = "
    CREATE SEQUENCE bus_outbox_seq;
    CREATE TABLE bus_outbox (
        segment smallint NOT NULL,
        seq bigint NOT NULL DEFAULT nextval('bus_outbox_seq'),
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        event_id uuid NOT NULL,
        type text NOT NULL,
        topic text NOT NULL,
        key text NOT NULL,
        payload bytea NOT NULL,
        sealed boolean NOT NULL,
        traceparent text,
        recorded_at timestamptz NOT NULL
    ) PARTITION BY LIST (segment);
    CREATE TABLE bus_outbox_0 PARTITION OF bus_outbox FOR VALUES IN (0);
    CREATE TABLE bus_outbox_1 PARTITION OF bus_outbox FOR VALUES IN (1);
    CREATE INDEX ON bus_outbox (seq);
    CREATE INDEX ON bus_outbox (xid);
    CREATE TABLE bus_outbox_segment (current smallint NOT NULL);
    INSERT INTO bus_outbox_segment VALUES (0);
    ALTER TABLE bus_position
        ADD seen pg_snapshot NOT NULL DEFAULT '3:3:',
        ADD until pg_snapshot NOT NULL DEFAULT '3:3:';
    CREATE TABLE bus_origin (system_identifier text NOT NULL);
    INSERT INTO bus_origin VALUES ('');
";

fn inbox() -> TableCreateStatement {
    table("bus_inbox")
        .col(text("consumer"))
        .col(uuid("event_id"))
        .col(boolean("set_aside"))
        .col(timestamp_with_time_zone("entered_at"))
        .primary_key(Index::create().col("consumer").col("event_id"))
        .take()
}

/// Where each consumer reads on while the outbox itself is the log, and where the relay does otherwise. A relay that takes
/// over counts `epoch` on, so that the one before it can't write here any more.
fn position() -> TableCreateStatement {
    table("bus_position")
        .col(text("consumer"))
        .col(text("topic"))
        .col(big_integer("position"))
        .col(big_integer("epoch").default(0))
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

fn indexes() -> [IndexCreateStatement; 5] {
    [
        index("bus_inbox", ["entered_at"].as_slice()),
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
        .col(text("type"))
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
