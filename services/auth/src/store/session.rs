//! `auth_session`: the ledger of sessions. What it says of an end is final, whatever any other store still believes.

use clock::Timestamp;
use contracts::{SessionId, UserId};
use database::{Connection, Result, WriteTransaction};
use kit::PageRequest;
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, IntoActiveModel, QueryOrder, QuerySelect, QueryTrait};

use super::first_id;
use super::security_event::Period;
use crate::model::device::DeviceId;
use crate::model::refresh_token::Generation;
use crate::model::rotation::{Checkpoint, Ledger, MISDATED_TOLERANCE};

/// One sign-in on one device.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) device_id: DeviceId,
    pub(crate) user_agent: Option<String>,
    pub(crate) network: String,
    /// The last generation that was checkpointed; `refresh:<session id>` may be some ahead.
    pub(crate) generation: i64,
    pub(crate) created_at: Timestamp,
    /// When that generation was presented.
    pub(crate) last_seen_at: Timestamp,
    /// When the session ends however busy it is.
    pub(crate) ends_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
    /// When the end was published to every process.
    #[sea_orm(column_name = "told_at")]
    pub(crate) published_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Session;

impl Session {
    pub(crate) fn generation(&self) -> Generation {
        Generation(u32::try_from(self.generation).expect("only generations are written, and they are 32 bits"))
    }

    /// What the rules of rotation need to know of it.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger {
            user_id: self.user_id,
            device_id: Some(self.device_id),
            checkpoint: Checkpoint { generation: self.generation(), at: self.last_seen_at },
            ends_at: self.ends_at,
            revoked: self.revoked_at.is_some(),
        }
    }
}

pub(crate) async fn insert(tx: &WriteTransaction, session: &Session) -> Result<()> {
    Entity::insert(session.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(database: &impl Connection, id: SessionId) -> Result<Option<Session>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

pub(crate) async fn any_of_user(database: &impl Connection, user: UserId) -> Result<bool> {
    let any = Entity::find().filter(Column::UserId.eq(user)).select_only().column(Column::Id).limit(1);
    Ok(any.into_tuple::<SessionId>().one(database).await?.is_some())
}

/// Whether the user ever signed in on the device.
pub(crate) async fn knows_device(database: &impl Connection, user: UserId, device: DeviceId) -> Result<bool> {
    let earlier = Entity::find().filter(Column::UserId.eq(user)).filter(Column::DeviceId.eq(device));
    let earlier = earlier.select_only().column(Column::Id).limit(1).into_tuple::<SessionId>();
    Ok(earlier.one(database).await?.is_some())
}

/// On how many devices the user signed in.
pub(crate) async fn count_devices(tx: &WriteTransaction, user: UserId, period: Period) -> Result<u64> {
    let sessions = Entity::find().filter(Column::UserId.eq(user)).filter(Column::CreatedAt.lte(period.end));
    let sessions = sessions.filter(Column::Id.gte(SessionId(first_id(period.start))));
    Ok(sessions.select_only().column(Column::DeviceId).distinct().count(tx).await?)
}

/// Which sessions count as open: neither revoked nor over, and used since, by a clock that was right.
pub(crate) struct Open {
    pub(crate) now: Timestamp,
    pub(crate) used_since: Timestamp,
}

/// Open sessions of the user, newest first; one more than a page holds, to see whether there is another page.
pub(crate) async fn list_open(
    database: &impl Connection,
    user: UserId,
    open: Open,
    page: PageRequest,
) -> Result<Vec<Session>> {
    let mut select = Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::EndsAt.gt(open.now))
        .filter(Column::LastSeenAt.gt(open.used_since))
        .filter(Column::LastSeenAt.lte(open.now + MISDATED_TOLERANCE))
        .order_by_desc(Column::Id)
        .limit(page.limit + 1);
    if let Some(after) = page.after {
        select = select.filter(Column::Id.lt(SessionId(after.0)));
    }
    Ok(select.all(database).await?)
}

/// Writes that `checkpoint` was presented; `false` when the session was revoked or is not there.
pub(crate) async fn checkpoint(tx: &WriteTransaction, id: SessionId, checkpoint: Checkpoint) -> Result<bool> {
    let generation = i64::from(checkpoint.generation.0);
    let update = Entity::update_many()
        .col_expr(
            Column::LastSeenAt,
            Expr::case(Column::Generation.lte(generation), checkpoint.at).finally(Expr::col(Column::LastSeenAt)).into(),
        )
        .col_expr(
            Column::Generation,
            Expr::case(Column::Generation.lt(generation), generation).finally(Expr::col(Column::Generation)).into(),
        )
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null());
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// Ends the session; `false` when it had ended before.
pub(crate) async fn revoke(tx: &WriteTransaction, id: SessionId) -> Result<bool> {
    let update = Entity::update_many().col_expr(Column::RevokedAt, Expr::value(tx.now()));
    let done = update.filter(Column::Id.eq(id)).filter(Column::RevokedAt.is_null()).exec(tx).await?;
    Ok(done.rows_affected > 0)
}

/// Up to `limit` sessions of the user that are neither revoked nor over, newest first, of those that began before `before`.
pub(crate) async fn alive_of_user(
    tx: &WriteTransaction,
    user: UserId,
    before: Option<SessionId>,
    limit: u64,
) -> Result<Vec<Session>> {
    let mut select = unrevoked(user).filter(Column::EndsAt.gt(tx.now())).limit(limit);
    if let Some(before) = before {
        select = select.filter(Column::Id.lt(before));
    }
    Ok(select.all(tx).await?)
}

/// Up to `limit` sessions of the user that nobody revoked, beside the newest `keep`. Those that a clock dated which was far ahead
/// are over, and keep no other from its place.
pub(crate) async fn surplus_of_user(
    tx: &WriteTransaction,
    user: UserId,
    keep: u64,
    limit: u64,
) -> Result<Vec<Session>> {
    let rightly_dated = unrevoked(user).filter(Column::LastSeenAt.lte(tx.now() + MISDATED_TOLERANCE));
    Ok(rightly_dated.offset(keep).limit(limit).all(tx).await?)
}

fn unrevoked(user: UserId) -> Select<Entity> {
    let unrevoked = Entity::find().filter(Column::UserId.eq(user)).filter(Column::RevokedAt.is_null());
    unrevoked.order_by_desc(Column::Id)
}

/// Ends these sessions.
pub(crate) async fn revoke_each(tx: &WriteTransaction, ids: Vec<SessionId>) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::RevokedAt, Expr::value(tx.now()));
    update.filter(Column::Id.is_in(ids)).filter(Column::RevokedAt.is_null()).exec(tx).await?;
    Ok(())
}

/// Sessions whose end was committed but not published, oldest first.
pub(crate) async fn unpublished(database: &impl Connection, limit: u64) -> Result<Vec<Session>> {
    let unpublished = Entity::find().filter(Column::RevokedAt.is_not_null()).filter(Column::PublishedAt.is_null());
    Ok(unpublished.order_by_asc(Column::RevokedAt).limit(limit).all(database).await?)
}

/// How far somebody is who reads the sessions whose end was published.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PublishedCursor {
    at: Timestamp,
    id: SessionId,
}

impl PublishedCursor {
    /// Before whatever was published at `since` or later.
    pub(crate) fn since(since: Timestamp) -> Self {
        Self { at: since, id: SessionId(Uuid::nil()) }
    }

    /// Behind `session`, whose end was published.
    pub(crate) fn behind(session: &Session) -> Option<Self> {
        session.published_at.map(|at| Self { at, id: session.id })
    }
}

/// Up to `limit` sessions whose end was published, those published earlier first.
pub(crate) async fn published_after(
    database: &impl Connection,
    cursor: PublishedCursor,
    limit: u64,
) -> Result<Vec<Session>> {
    let later = Column::PublishedAt.gt(cursor.at).or(Column::Id.gt(cursor.id));
    let published = Entity::find().filter(Column::PublishedAt.gte(cursor.at)).filter(later);
    Ok(published.order_by_asc(Column::PublishedAt).order_by_asc(Column::Id).limit(limit).all(database).await?)
}

/// Marks the end of these sessions as published.
pub(crate) async fn set_published(tx: &WriteTransaction, ids: Vec<SessionId>) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::PublishedAt, Expr::value(tx.now()));
    update.filter(Column::Id.is_in(ids)).filter(Column::PublishedAt.is_null()).exec(tx).await?;
    Ok(())
}

/// Deletes up to `limit` sessions that began before `before`, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, before: SessionId, limit: u64) -> Result<u64> {
    let oldest = Entity::find().select_only().column(Column::Id).filter(Column::Id.lt(before));
    let oldest = oldest.order_by_asc(Column::Id).limit(limit).into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(oldest)).exec(tx).await?.rows_affected)
}
