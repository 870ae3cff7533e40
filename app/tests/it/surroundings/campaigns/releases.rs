//! An older release of the notification service beside this one, as while a fleet is upgraded.

use super::rig::{Division, OLDER, Rig};
use crate::support::at_last;

/// More than one chunk, so that both of them hear of some.
const FOLLOWERS: usize = 400;
const NEWCOMERS: usize = 20;

/// What it hears and does not know waits where this release finds it, and be it among the dead letters. A release before campaigns were
/// counted writes mails that name none: their readers get them all the same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program of an older release, which OLDER_PROGRAM names"]
#[expect(clippy::print_stdout, reason = "whoever lets it run wants to see what the older release has left")]
#[expect(clippy::disallowed_methods, reason = "tests have no settings but these")]
async fn beside_an_older_notification_no_mail_is_lost() {
    let older = std::env::var("OLDER_PROGRAM").expect("OLDER_PROGRAM names the program of an older release");
    let Some(mut rig) = Rig::start(Division::Upgrade(older.into()), FOLLOWERS).await else { return };

    let campaign = rig.announce().await;
    for number in 0..NEWCOMERS {
        let newcomer = format!("yeni{number}@example.com");
        rig.register(&newcomer).await;
        rig.mailed(&newcomer).await;
    }
    rig.report(&campaign, |report| report["queued"].as_u64().unwrap() >= FOLLOWERS as u64).await;
    let place = rig.beside.iter().position(|(name, _)| *name == OLDER).unwrap();
    rig.beside.remove(place).1.stop().await.unwrap();
    let left = rig.store.texts("SELECT state FROM bus_dead_letter WHERE consumer = 'notification'").await.len();
    let foreign = "SELECT kind FROM notification_mail WHERE is_commercial AND campaign_id IS NULL";
    let foreign = rig.store.texts(foreign).await.len();
    println!("of the older release: {left} dead letters, {foreign} mails that name no campaign");
    rig.killed[0].run(&["dead-letters", "replay", "--all"], "").await.unwrap();

    at_last("each has their mail", async || rig.wrong(FOLLOWERS).await.is_empty().then_some(())).await;
    for server in rig.servers() {
        server.stop().await.unwrap();
    }
}
