//! The outbox read as the log that it is: every committed row once, those of one key in the order of their commits.
//!
//! On SQLite one transaction writes at a time, so rows are committed in the order of their numbers. On Postgres a row with a
//! lower number may be committed later, and whoever reads on behind the highest one loses it. There the log is read in cuts:
//! what was committed between two snapshots, each cut in the order of its numbers. A transaction that stays open delays
//! nothing but its own rows.

#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod trimming;

use std::sync::Arc;

use database::{Connection, Database, Result};
use sea_orm::DbBackend;

use crate::model::position::{LogPosition, SnapshotRange};
use crate::source::Arrival;
use crate::store;
use crate::store::outbox::{self, Wanted};

/// What one poll of the log found.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) arrivals: Vec<Arrival>,
    cut: SnapshotRange,
    /// Where the reader is behind all of them.
    pub(crate) end: LogPosition,
    /// Whether nothing stood behind them when they were read.
    pub(crate) is_last: bool,
}

impl Batch {
    /// Where the reader is that has taken all up to `offset`.
    pub(crate) fn position_at(&self, offset: i64) -> LogPosition {
        match self.arrivals.last() {
            Some(last) if last.offset > offset => LogPosition { cut: self.cut.clone(), seq: offset },
            _ => self.end.clone(),
        }
    }
}

/// Makes the log that of this database. After a dump and a restore it is not: its rows name transactions of another one. All
/// that remains is then read again, in the order of its numbers; every inbox knows what it had.
///
/// # Errors
/// The database failed.
pub(crate) async fn adopt(database: &Database) -> Result<()> {
    if database.get_database_backend() == DbBackend::Postgres {
        let here = database.system_identifier().await?;
        let tx = database.begin_locked("the origin of the log").await?;
        let origin = store::origin::get(&tx).await?;
        let is_elsewhere = !origin.is_empty() && origin != here || store::origin::is_behind(&tx).await?;
        if is_elsewhere {
            tracing::warn!(origin, here, "the log was restored; what remains of it is read again");
            store::origin::renew_log(&tx).await?;
        }
        if is_elsewhere || origin != here {
            store::origin::set(&tx, &here).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// The next rows behind `mark`.
pub(crate) async fn read(database: &Database, mark: &LogPosition, wanted: Wanted<'_>) -> Result<Batch> {
    match &mark.cut {
        SnapshotRange::Whole => {
            let arrivals = outbox::behind(database, mark.seq, wanted).await?;
            let seq = arrivals.last().map_or(mark.seq, |last| last.offset);
            let is_last = !wanted.is_met_by(&arrivals);
            Ok(Batch {
                arrivals,
                cut: SnapshotRange::Whole,
                end: LogPosition { cut: SnapshotRange::Whole, seq },
                is_last,
            })
        }
        SnapshotRange::Between { seen, until, .. } => read_cut(database, (seen, until), mark, wanted).await,
    }
}

async fn read_cut(
    database: &Database,
    (seen, until): (&Arc<str>, &Arc<str>),
    mark: &LogPosition,
    wanted: Wanted<'_>,
) -> Result<Batch> {
    if seen != until
        && let Some((server, arrivals)) = outbox::between(database, (seen, until), mark.seq, wanted).await?
    {
        // What was committed since that cut was made has not been read.
        return Ok(Batch { is_last: false, ..batch(arrivals, (seen, until, &server.into()), mark, wanted) });
    }
    let ((now, server), arrivals) = outbox::since(database, until, wanted).await?;
    Ok(batch(arrivals, (until, &now.into(), &server.into()), mark, wanted))
}

/// The batch of `arrivals`, read behind `before` in the cut from `seen` to `until` of `server`.
pub(crate) fn batch(
    arrivals: Vec<Arrival>,
    (seen, until, server): (&Arc<str>, &Arc<str>, &Arc<str>),
    before: &LogPosition,
    wanted: Wanted<'_>,
) -> Batch {
    let from =
        |seen| SnapshotRange::Between { seen: Arc::clone(seen), until: Arc::clone(until), server: Arc::clone(server) };
    let cut = from(seen);
    let last = arrivals.last().map(|last| last.offset);
    let is_full = wanted.is_met_by(&arrivals);
    let end = match last {
        Some(seq) if is_full => LogPosition { cut: cut.clone(), seq },
        // The cut is read to its end. Its number says nothing any more; the highest one spares the trimming a search.
        _ => LogPosition { cut: from(until), seq: last.map_or(before.seq, |seq| seq.max(before.seq)) },
    };
    Batch { arrivals, cut, end, is_last: !is_full }
}
