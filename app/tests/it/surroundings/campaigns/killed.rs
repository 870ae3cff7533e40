//! A process that is killed while a campaign becomes mails and these leave. Each follower who agreed gets one; two, or none, only where
//! it is written down that nobody knows, and newcomers are let in meanwhile.

use std::time::Duration;

use super::rig::{Division, Rig};

/// A kill comes within this time, while all the mails of a campaign take a second or two.
const KILL_WINDOW: Duration = Duration::from_millis(700);

impl Rig {
    /// Lets somebody register, who gets their mail whatever else there is to send, and kills a process at some time.
    async fn kill(&mut self, number: usize) {
        let newcomer = format!("yeni{number}@example.com");
        self.register(&newcomer).await;
        self.sources.sleep(KILL_WINDOW.mul_f64(self.sources.fraction())).await;
        let turn = number % self.killed.len();
        let killed = &mut self.killed[turn];
        killed.kill().await.unwrap();
        killed.start().await.unwrap();
        self.mailed(&newcomer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_reaches_each_once_whoever_is_killed() {
    survive(Division::Embedded, 2_000, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_of_a_fleet_reaches_each_once_whoever_is_killed() {
    survive(Division::Fleet, 2_000, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; run it by hand when campaigns or mails were changed"]
async fn a_campaign_reaches_a_hundred_thousand_once_over_two_hundred_kills() {
    survive(Division::Embedded, 100_000, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; run it by hand when campaigns or mails were changed"]
async fn a_campaign_on_servers_reaches_a_hundred_thousand_once_over_two_hundred_kills() {
    survive(Division::OneProcess, 100_000, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; run it by hand when campaigns or mails were changed"]
async fn a_campaign_of_a_fleet_reaches_a_hundred_thousand_once_over_two_hundred_kills() {
    survive(Division::Fleet, 100_000, 200).await;
}

#[expect(clippy::print_stdout, reason = "whoever lets it run for long wants to see what happened")]
async fn survive(division: Division, followers: usize, kills: usize) {
    let Some(mut rig) = Rig::start(division, followers).await else { return };
    let campaign = rig.announce().await;
    for number in 0..kills {
        rig.kill(number).await;
    }
    let report = rig.report_at_the_end(&campaign, followers).await;

    let in_doubt = rig.in_doubt().await;
    assert_eq!(rig.wrong(followers).await, Vec::new(), "{report}");
    assert!(in_doubt.len() < followers / 10, "{} mails are in doubt", in_doubt.len());
    println!("{followers} followers, {kills} kills: {} mails in doubt", in_doubt.len());
    for server in rig.servers() {
        server.stop().await.unwrap();
    }
}
