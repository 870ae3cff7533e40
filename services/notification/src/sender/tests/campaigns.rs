//! What becomes of mails of campaigns before they leave.

use std::time::Duration;

use contracts::{CampaignId, Offer};
use kit::on_every_database;
use testkit::{SmtpFault, SmtpPhase, SmtpSink};

use crate::actions;
use crate::fixture::{Fixture, discount, event_to, offering, start, verification};
use crate::model::verdict::RefusalCause;
use crate::store::mail::State;

on_every_database! {
    Fixture:
    a_reader_gets_one_mail_of_a_campaign_however_often_it_is_asked_for,
    who_unsubscribes_gets_nothing_that_waits_and_who_agrees_later_does,
    a_campaign_that_is_over_is_dropped,
    a_mailbox_that_does_not_exist_gets_no_more_commercial_mail,
    a_policy_ends_commercial_mail_alone,
}

async fn a_reader_gets_one_mail_of_a_campaign_however_often_it_is_asked_for(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let campaign = || Offer { campaign_id: Some(CampaignId(fixture.context.sources.uuid())), ..Offer::default() };
    let (first, second) = (campaign(), campaign());

    for offer in [&first, &first, &second] {
        fixture.ask_for(&notification, offering(offer.clone())).await;
    }
    fixture.ask_for_event(&notification, event_to("fatma@example.com", offering(first))).await;

    let running = start(&notification);
    fixture.wait_for_states(&[State::Sent; 3]).await;
    running.stop().await;
}

async fn who_unsubscribes_gets_nothing_that_waits_and_who_agrees_later_does(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let agreed = || Offer { consent_at: Some(fixture.context.now()), ..Offer::default() };
    fixture.ask_for(&notification, offering(agreed())).await;
    let token = notification.unsubscribe_key.mint(&"ayse@example.com".parse().unwrap());
    actions::unsubscribe(&notification, &token).await.unwrap();
    fixture.a_moment_later();

    let running = start(&notification);
    fixture.wait_for_states(&[State::Suppressed]).await;
    fixture.ask_for(&notification, offering(agreed())).await;
    fixture.ask_for(&notification, discount()).await;

    fixture.wait_for_states(&[State::Suppressed, State::Sent, State::Suppressed]).await;
    running.stop().await;
}

async fn a_campaign_that_is_over_is_dropped(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let ends_at = fixture.context.now() + Duration::from_secs(60);
    for _ in 0..2 {
        fixture.ask_for(&notification, offering(Offer { ends_at: Some(ends_at), ..Offer::default() })).await;
    }
    fixture.clock.advance(Duration::from_secs(60));

    let running = start(&notification);

    fixture.wait_for_states(&[State::Dropped; 2]).await;
    assert!(fixture.mails().await.iter().all(|mail| mail.sealed_content.is_none() && mail.attempts == 0));
    assert!(sink.mails().is_empty());
    running.stop().await;
}

async fn a_mailbox_that_does_not_exist_gets_no_more_commercial_mail(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Rcpt, SmtpFault::Says("550 5.1.1 no such user".to_owned()));
    let running = start(&notification);
    fixture.ask_for(&notification, discount()).await;
    fixture.wait_for_states(&[State::Failed]).await;

    let consent_at = Some(fixture.context.now() + Duration::from_secs(1));
    fixture.ask_for(&notification, offering(Offer { consent_at, ..Offer::default() })).await;
    fixture.ask_for(&notification, verification()).await;

    fixture.wait_for_states(&[State::Failed, State::Suppressed, State::Sent]).await;
    assert_eq!(fixture.mails().await[0].refusal, Some(RefusalCause::NoMailbox));
    running.stop().await;
}

async fn a_policy_ends_commercial_mail_alone(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.always(SmtpPhase::Rcpt, SmtpFault::Says("550 5.7.1 we do not like that".to_owned()));
    let running = start(&notification);

    fixture.ask_for(&notification, discount()).await;
    fixture.ask_for(&notification, verification()).await;

    fixture.wait_until(|mails| mails.len() == 2 && mails.iter().all(|mail| mail.attempts == 1)).await;
    fixture.wait_for_states(&[State::Failed, State::Pending]).await;
    assert_eq!(fixture.mails().await[0].refusal, Some(RefusalCause::Policy));
    sink.behave();
    fixture.ask_for(&notification, discount()).await;
    fixture.wait_until(|mails| mails[2].state == State::Sent).await;
    running.stop().await;
}
