//! Publishes ended sessions: first the database, then the feed, then the ledger's mark that they were published.

use std::time::Duration;

use clock::Timestamp;
use contracts::{SessionId, UserId};
use database::WriteTransaction;
use futures_util::future::{join_all, try_join_all};
use kit::access::Revocation;

use crate::error::AuthError;
use crate::model::access_token::token_id;
use crate::model::rotation::MISDATED_TOLERANCE;
use crate::state::Auth;
use crate::store;
use crate::store::refresh_state::Standing;
use crate::store::session::Session;

/// How far the clocks of two processes may differ.
pub(super) const SKEW: Duration = Duration::from_secs(60);
/// A client refreshes once in the life of an access token. So many tokens of one session are good together if it refreshes
/// as often as it tries again what failed.
const TOKENS_AT_ONCE: u32 = 8;
/// So many are published at the same time, which is one round trip for each step: after a wipe, and at each start, there may be
/// thousands. No request waits for more.
const AT_ONCE: usize = 100;
/// So many are ended by one statement, which stays far below the time that a statement may take.
const REVOKED_AT_ONCE: u64 = 1_000;
/// So many sessions of one account are alive: far more than devices of a person, and few enough to be ended with one request.
const ALIVE: u64 = 100;

/// Ends all sessions of the user with the open transaction, and the reset link that was mailed. Gives back the newest ended
/// ones, to be published after its commit; if there are more, the sweep publishes them.
pub(super) async fn revoke_all(tx: &WriteTransaction, user: UserId) -> database::Result<Vec<Session>> {
    store::account::cancel_reset(tx, user).await?;
    let (mut ended, mut before) = (Vec::new(), None);
    loop {
        let some = store::session::alive_of_user(tx, user, before, REVOKED_AT_ONCE).await?;
        let Some(oldest) = some.last() else { return Ok(ended) };
        before = Some(oldest.id);
        store::session::revoke_each(tx, some.iter().map(|session| session.id).collect()).await?;
        ended.extend(some.into_iter().take(AT_ONCE - ended.len()));
    }
}

/// Makes room for one more session of the user with the open transaction: the oldest ones end. Gives back those that must
/// be published after its commit.
pub(super) async fn make_room(tx: &WriteTransaction, user: UserId) -> database::Result<Vec<Session>> {
    let mut ended = store::session::surplus_of_user(tx, user, ALIVE - 1, REVOKED_AT_ONCE).await?;
    if !ended.is_empty() {
        store::session::revoke_each(tx, ended.iter().map(|session| session.id).collect()).await?;
    }
    ended.truncate(AT_ONCE);
    Ok(ended)
}

/// Publishes to every process and every peer that `ended` are over. What fails is published by the sweep.
pub(super) async fn publish(auth: &Auth, ended: &[Session]) {
    match try_publish(auth, ended).await {
        Ok(()) if auth.publications.ends() => tracing::info!("ended sessions are published again"),
        Ok(()) => {}
        Err(error) if auth.publications.begins() => {
            tracing::warn!(%error, "ended sessions can't be published yet; the sweep does it");
        }
        Err(error) => tracing::debug!(%error, "ended sessions can't be published either"),
    }
}

/// Publishes what was committed, and marks that in the ledger.
pub(super) async fn try_publish(auth: &Auth, ended: &[Session]) -> Result<(), AuthError> {
    republish(auth, ended).await?;
    let ids: Vec<SessionId> = ended.iter().map(|session| session.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let tx = auth.context.database.begin_read_committed().await?;
    store::session::set_published(&tx, ids).await?;
    Ok(tx.commit().await?)
}

/// Publishes without marking it; harmless to repeat.
pub(super) async fn republish(auth: &Auth, ended: &[Session]) -> Result<(), AuthError> {
    let now = auth.context.now();
    // This process refuses them all before anything else can fail.
    let mut outcome = Ok(());
    for some in ended.chunks(AT_ONCE) {
        let published = join_all(some.iter().map(|session| {
            let until = last_token_ends(auth, session, session.last_seen_at, now);
            auth.guard.revoke(Revocation { session: session.id, until })
        }));
        outcome = published.await.into_iter().fold(outcome, Result::and);
    }
    outcome?;
    for some in ended.chunks(AT_ONCE) {
        try_join_all(some.iter().map(|session| forget_tokens(auth, session, now))).await?;
    }
    Ok(())
}

/// Makes peers refuse the newest access tokens of `session`, everybody those that a clock dated which was ahead, and lets nobody
/// find its refresh state.
async fn forget_tokens(auth: &Auth, session: &Session, now: Timestamp) -> Result<(), AuthError> {
    let standing = store::refresh_state::find(&auth.context, session.id).await?;
    // The ledger hears of a rotation late.
    if let Some(rotated_at) = standing.as_ref().map(|standing| standing.state.refresh.rotated_at)
        && rotated_at > session.last_seen_at.max(now + SKEW)
    {
        let until = last_token_ends(auth, session, rotated_at, now);
        auth.guard.revoke(Revocation { session: session.id, until }).await?;
    }
    // No peer can check tokens that are signed with keys of ours, so none asks whether they were revoked.
    if auth.guard.accepts_peers() {
        refuse_at_peers(auth, session, standing, now).await?;
    }
    Ok(store::refresh_state::forget(&auth.context, session.id).await?)
}

async fn refuse_at_peers(
    auth: &Auth,
    session: &Session,
    standing: Option<Standing>,
    now: Timestamp,
) -> Result<(), AuthError> {
    let (newest, count) = match standing {
        Some(standing) => (standing.state.refresh.generation, TOKENS_AT_ONCE),
        // Published again, as thousands may be: what the ledger knows has to do.
        None => (session.generation(), 2),
    };
    let life = (last_token_ends(auth, session, session.last_seen_at, now) - now).to_std().unwrap_or_default();
    let generations = (0..count).filter_map(|back| newest.before(back));
    try_join_all(generations.map(async |generation| {
        let jti = token_id(session.id, generation).to_string();
        store::revoked_token::put(&auth.context, &jti, life).await
    }))
    .await?;
    Ok(())
}

/// Until its end is published, a session may still get tokens. An end that was published later than now was so by a clock that
/// is set right since; so was a token that was minted later, when the session was `used_at`. Its time comes. One that was used
/// further ahead is over, and its token opens nothing for as long as anybody can say.
fn last_token_ends(auth: &Auth, session: &Session, used_at: Timestamp, now: Timestamp) -> Timestamp {
    let published_at = session.published_at.unwrap_or(now).min(now);
    let minted_at = Some(used_at).filter(|used_at| *used_at <= now + MISDATED_TOLERANCE);
    published_at.max(minted_at.unwrap_or(published_at)) + longest_token(auth)
}

/// How long an access token may be accepted after it was minted, by whichever clock.
pub(super) fn longest_token(auth: &Auth) -> Duration {
    auth.settings.access_ttl + SKEW
}
