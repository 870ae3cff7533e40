//! An older release of the notification service beside this one, as while a fleet is upgraded.

use super::rig::{Division, OLDER, Rig};

/// More than one chunk, so that both of them hear of some.
const FOLLOWERS: usize = 400;
const NEWCOMERS: usize = 20;

/// What it hears and does not know waits where this release finds it: among the dead letters, of a release that does not keep unknown
/// mails itself.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program of an older release, which OLDER_PROGRAM names"]
#[expect(clippy::print_stdout, reason = "whoever lets it run wants to see what the older release has left")]
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
    let left = rig.store.texts("SELECT state FROM bus_dead_letter WHERE consumer = 'notification'").await;
    println!("{} dead letters of the older release", left.len());
    rig.killed[0].run(&["dead-letters", "replay", "--all"], "").await.unwrap();
    let report = rig.report_at_the_end(&campaign, FOLLOWERS).await;

    assert_eq!(rig.wrong(FOLLOWERS).await, Vec::new(), "{report}");
    for server in rig.servers() {
        server.stop().await.unwrap();
    }
}
