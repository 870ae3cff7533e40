//! The search for what has changed and was not reported.

use std::time::Duration;

use clock::Timestamp;

use super::reports::hand_on;
use super::{Render, report_of_watched};
use crate::error::CartError;
use crate::live::{OrderReport, SEARCH_WINDOW, Search};
use crate::state::Carts;
use crate::store;

/// How often it is asked whether changes have to be searched for.
pub(crate) const SEARCH_INTERVAL: Duration = Duration::from_secs(1);
/// Changes of which a search reads at a time that there were.
const SEARCH_BATCH: u64 = 1_000;

/// Hands on what has changed lately and was not reported: what has changed a moment ago each time, so that a process whose reports
/// are lost keeps nobody waiting for long, and what has changed within the last minute, or could not be read, where it is time for that.
pub(crate) async fn search_changes(carts: &Carts, render: Render) -> Result<(), CartError> {
    let now = carts.context.now();
    carts.live.trim(now);
    match carts.live.search_due(now) {
        Search::None => return Ok(()),
        Search::Recent(since) => return Ok(search_since(carts, render, since).await?),
        Search::All => {}
    }
    carts.live.begin_search();
    let found = search_all(carts, render, now).await;
    match &found {
        Ok(()) => carts.live.end_search(now),
        Err(_) => carts.live.set_behind(),
    }
    Ok(found?)
}

async fn search_all(carts: &Carts, render: Render, now: Timestamp) -> database::Result<()> {
    hand_on(carts, render, &carts.live.unreadable()).await?;
    search_since(carts, render, carts.live.searched_up_to(now) - SEARCH_WINDOW).await
}

async fn search_since(carts: &Carts, render: Render, since: Timestamp) -> database::Result<()> {
    let (mut after, until) = ((since, 0), carts.context.now() + SEARCH_WINDOW);
    loop {
        let changed = store::live::list_changed(&carts.context.database, (after, until), SEARCH_BATCH).await?;
        let reports: Vec<OrderReport> = changed.iter().map(report_of_watched).collect();
        hand_on(carts, render, &reports).await?;
        match changed.last() {
            Some(last) if changed.len() as u64 >= SEARCH_BATCH => after = (last.changed_at, last.id),
            Some(_) | None => return Ok(()),
        }
    }
}
