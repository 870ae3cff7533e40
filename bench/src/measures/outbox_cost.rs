//! What recording an event costs a transaction on Postgres, against one more row in a plain table.

use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::Result;
use bus::outbox;
use contracts::{UserCreated, UserId};
use database::Database;

use crate::load::{Work, keep_busy};
use crate::report::{Row, Target};
use crate::rounds::Rounds;
use crate::servers::Servers;
use crate::store;

/// Each with a connection of its own.
const CLIENTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(31);
const ROUNDS: usize = 12;
const TURN: Duration = Duration::from_millis(1_500);

/// What is written besides what the business writes for itself.
#[derive(Debug, Clone, Copy)]
enum Besides {
    PlainRow,
    Event,
}

/// No relay is at work: it would cost one side alone.
pub(crate) async fn against_a_plain_insert(servers: &Servers) -> Result<Row> {
    let database = servers.outbox_for("outbox_cost", CLIENTS).await?;
    store::make_business_tables(&database).await?;
    // Not counted: connections are made and statements prepared.
    turn(&database, TURN, Besides::PlainRow).await?;
    turn(&database, TURN, Besides::Event).await?;

    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let mut plain = turn(&database, TURN / 2, Besides::PlainRow).await?;
        let recorded = turn(&database, TURN, Besides::Event).await?;
        plain += turn(&database, TURN / 2, Besides::PlainRow).await?;
        rounds.add(recorded, plain);
    }
    database.close().await?;

    let (recorded, plain) = (rounds.ours.per_second(), rounds.theirs.per_second());
    let detail = format!("median of {ROUNDS} rounds, {CLIENTS} clients; {recorded:.0}/s of {plain:.0}/s in all");
    Ok(Row::new("transaction with an event", rounds.median(), "% of plain", Target::AtLeast(80.0), detail))
}

async fn turn(database: &Database, time: Duration, besides: Besides) -> Result<Work> {
    let clients = vec![database.clone(); CLIENTS.get() as usize];
    let (_, work) = keep_busy(clients, time, move |database| write(database, besides)).await?;
    Ok(work)
}

async fn write(database: Database, besides: Besides) -> Result<Database> {
    let sources = database.sources();
    let event = UserCreated { user_id: UserId(sources.uuid()), email: None, locale: None, created_at: None };
    let tx = database.begin_write().await?;
    store::insert_order(&tx, sources.uuid()).await?;
    match besides {
        Besides::PlainRow => store::insert_plainly(&tx, &event).await?,
        Besides::Event => outbox::record(&tx, &event).await?,
    }
    tx.commit().await?;
    Ok(database)
}
