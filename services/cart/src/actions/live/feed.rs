//! The feed that says to every process which orders have changed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ephemeral::Position;
use futures_util::future::join_all;
use kit::FailureStreak;
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use super::reports::{hand_on_or_search, next_reports, parse};
use super::{BATCH, RETRY_INTERVAL, Render};
use crate::live::OrderReport;
use crate::state::Carts;

/// Its name.
const FEED: &str = "feed:orders";
/// Who is further behind reads what it watches anew.
const FEED_RETENTION: Duration = Duration::from_secs(60);
/// How long one poll of the feed waits for news.
const POLL_TIMEOUT: Duration = Duration::from_secs(1);
/// Reports that the feed has not taken; what is beyond that other processes find by themselves.
const MOST_UNSAID: usize = 1_000;

/// Says what `reports` say to every other process, until `stop`. What the feed does not take is said again.
pub(crate) async fn publish_reports(carts: Arc<Carts>, mut reports: Receiver<Arc<[u8]>>, stop: CancellationToken) {
    let (mut unsaid, failures) = (VecDeque::new(), FailureStreak::default());
    loop {
        let pause = async {
            if unsaid.is_empty() {
                std::future::pending().await
            } else {
                carts.context.sources.sleep(RETRY_INTERVAL).await
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            entries = next_reports(&carts, &mut reports) => match entries {
                Some(entries) => unsaid.extend(entries),
                None => return,
            },
            () = pause => {}
        }
        unsaid.drain(..unsaid.len().saturating_sub(MOST_UNSAID));
        if stop.run_until_cancelled(say(&carts, &mut unsaid, &failures)).await.is_none() {
            return;
        }
    }
}

/// Appends what is unsaid, some at a time, until something of it is not taken.
async fn say(carts: &Carts, unsaid: &mut VecDeque<Arc<[u8]>>, failures: &FailureStreak) {
    while !unsaid.is_empty() {
        let entries: Vec<Arc<[u8]>> = unsaid.drain(..unsaid.len().min(BATCH)).collect();
        let appended = entries.iter().map(|entry| carts.context.ephemeral.append(FEED, entry, FEED_RETENTION));
        let mut refused = Vec::new();
        // Together, so that a feed that is slow to refuse them is waited for once.
        for (appended, entry) in join_all(appended).await.into_iter().zip(&entries) {
            match appended {
                Ok(_) if failures.ends() => tracing::info!("the feed of orders takes reports again"),
                Ok(_) => {}
                Err(error) => {
                    refused.push(Arc::clone(entry));
                    if failures.begins() {
                        tracing::warn!(%error, "the feed of orders takes no reports; other processes read what has changed");
                    } else {
                        tracing::debug!(%error, "the feed of orders still takes no reports");
                    }
                }
            }
        }
        if !refused.is_empty() {
            refused.into_iter().rev().for_each(|entry| unsaid.push_front(entry));
            return;
        }
    }
}

/// Hands on what other processes report, until `stop`.
pub(crate) async fn follow_feed(carts: Arc<Carts>, render: Render, stop: CancellationToken) {
    let (mut after, failures) = (Position::START, FailureStreak::default());
    loop {
        let followed = carts.context.ephemeral.follow(FEED, after, POLL_TIMEOUT);
        let Some(followed) = stop.run_until_cancelled(followed).await else { return };
        carts.live.set_feed_away(followed.is_err());
        match followed {
            Ok(page) => {
                if failures.ends() {
                    tracing::info!("the feed of orders answers again");
                    carts.live.set_behind();
                }
                if page.gap {
                    carts.live.renew_all();
                }
                let last = page.entries.last().map_or(after, |(position, _)| *position);
                after = if page.gap { Position::START } else { last };
                let reports: Vec<OrderReport> = page.entries.iter().filter_map(|(_, entry)| parse(entry)).collect();
                hand_on_or_search(&carts, render, &reports).await;
            }
            Err(error) => {
                if failures.begins() {
                    tracing::warn!(%error, "the feed of orders does not answer; what has changed is read each second");
                }
                stop.run_until_cancelled(carts.context.sources.sleep(RETRY_INTERVAL)).await;
            }
        }
    }
}
