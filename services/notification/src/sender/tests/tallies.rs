//! What has become of the mails of a campaign, as others hear it.

use std::time::Duration;

use contracts::{CampaignCounted, CampaignId, Offer};
use kit::on_every_database;
use kit::testing::{Recorded, at_last};
use testkit::{SmtpFault, SmtpPhase, SmtpSink};
use uuid::Uuid;

use crate::actions;
use crate::fixture::{Fixture, deliver, event_to, offering, start};
use crate::store::mail::State;

on_every_database! {
    Fixture:
    mails_of_a_campaign_are_counted_each_once_by_how_they_ended,
    what_ends_in_one_second_is_published_once,
}

fn of(campaign: u128) -> Offer {
    Offer { campaign_id: Some(CampaignId(Uuid::from_u128(campaign))), ..Offer::default() }
}

async fn mails_of_a_campaign_are_counted_each_once_by_how_they_ended(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let published = Recorded::<CampaignCounted>::of(&fixture.context).await;
    let running = start(&notification);
    let token = notification.unsubscribe_key.mint(&"gone@example.com".parse().unwrap());
    actions::unsubscribe(&notification, &token).await.unwrap();
    let over = Offer { ends_at: Some(fixture.context.now()), ..of(1) };
    let refusals = [("nobody@example.com", "550 5.1.1 no such user"), ("strict@example.com", "554 5.7.1 no")];
    for (address, reply) in refusals {
        sink.once(SmtpPhase::Rcpt, SmtpFault::Says(reply.to_owned()));
        fixture.ask_for_event(&notification, event_to(address, offering(of(1)))).await;
        fixture.wait_until(|mails| mails.iter().all(|mail| mail.finished_at.is_some())).await;
    }
    for _ in 0..2 {
        let id = Uuid::from_u128(7);
        deliver(&notification, id, event_to("ayse@example.com", offering(of(1)))).await.unwrap();
        fixture.ask_for_event(&notification, event_to("fatma@example.com", offering(of(1)))).await;
    }
    fixture.ask_for_event(&notification, event_to("gone@example.com", offering(of(1)))).await;
    fixture.ask_for_event(&notification, event_to("late@example.com", offering(over))).await;
    fixture.ask_for_event(&notification, event_to("ayse@example.com", offering(of(2)))).await;
    fixture.wait_until(|mails| mails.len() == 7 && mails.iter().all(|mail| mail.finished_at.is_some())).await;

    let mut heard: Vec<CampaignCounted> = Vec::new();
    at_last("all mails are counted", async || {
        fixture.clock.advance(Duration::from_secs(1));
        heard.extend(published.take().await);
        let last = |campaign: u128| heard.iter().rfind(|counted| counted.campaign_id.0.as_u128() == campaign);
        let all = |counted: &CampaignCounted| counted.sent + counted.suppressed + counted.failed + counted.dropped;
        (last(1).map_or(0, all) == 6 && last(2).map_or(0, all) == 1).then_some(())
    })
    .await;

    let first: Vec<_> = heard.iter().filter(|counted| counted.campaign_id.0.as_u128() == 1).collect();
    assert!(first.windows(2).all(|pair| pair[0].version < pair[1].version), "{first:?}");
    let last = first.last().unwrap();
    assert_eq!((last.sent, last.suppressed, last.failed, last.dropped), (2, 1, 2, 1));
    assert_eq!((last.bounced, last.refused), (1, 1));
    running.stop().await;
}

async fn what_ends_in_one_second_is_published_once(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    let published = Recorded::<CampaignCounted>::of(&fixture.context).await;
    for number in 0..600 {
        let event = event_to(&format!("reader{number}@example.com"), offering(of(1)));
        deliver(&notification, fixture.context.sources.uuid(), event).await.unwrap();
    }

    for _ in 0..3 {
        actions::tally_campaigns(&notification).await.unwrap();
    }
    let at_once = published.take().await;
    fixture.clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        actions::tally_campaigns(&notification).await.unwrap();
    }
    let later = published.take().await;

    let counts = |heard: &[CampaignCounted]| heard.iter().map(|one| (one.version, one.sent)).collect::<Vec<_>>();
    assert_eq!((counts(&at_once), counts(&later)), (vec![(1, 500)], vec![(2, 600)]));
    assert!(fixture.states().await.iter().all(|state| *state == State::Sent));
}
