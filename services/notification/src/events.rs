//! What this service hears, and which action each event calls.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Consumer, HearError, Heard, Hears};
use contracts::{CampaignStateChanged, ConsentChanged, ConsentSource};
use database::WriteTransaction;

use crate::actions::record_mail::record_mail;
use crate::actions::unknown_mail::{CONSUMER, keep_unknown};
use crate::actions::{campaign_states, consent};
use crate::model::mail_request::MailRequest;
use crate::state::Notification;

/// The service as a reader of topics.
pub(crate) fn consumer(notification: &Arc<Notification>) -> Consumer {
    let listener = || Listener::new(notification.clone());
    Consumer::named(CONSUMER)
        .hears::<MailRequest>(listener())
        .hears::<ConsentChanged>(listener())
        .hears::<CampaignStateChanged>(listener())
}

/// The ears of the service.
pub(crate) struct Listener {
    notification: Arc<Notification>,
}

impl Listener {
    pub(crate) fn new(notification: Arc<Notification>) -> Self {
        Self { notification }
    }
}

#[async_trait]
impl Hears<MailRequest> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<MailRequest>) -> Result<(), HearError> {
        match &heard.event {
            MailRequest::Known(event) => record_mail(&self.notification, tx, heard.id, event).await,
            MailRequest::Unknown(value) => keep_unknown(tx, (heard.id, heard.recorded_at), value).await,
        }
    }
}

#[async_trait]
impl Hears<ConsentChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<ConsentChanged>) -> Result<(), HearError> {
        match heard.event.source {
            ConsentSource::Preferences => Ok(consent::follow_consent(tx, &heard.event).await?),
            // Whoever published it wrote it down, too.
            ConsentSource::Link => Ok(()),
        }
    }
}

#[async_trait]
impl Hears<CampaignStateChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<CampaignStateChanged>) -> Result<(), HearError> {
        Ok(campaign_states::follow_campaign(tx, &heard.event).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bus::{HearError, Hears};
    use clock::Timestamp;
    use contracts::{Asked, ConsentChanged, ConsentSource, EmailAddress, MailClass, MailMessage, Offer, Secret};

    use kit::on_every_database;
    use kit::testing::{Recorded, heard};

    use super::{Listener, record_mail};
    use crate::fixture::{Fixture, deliver, discount, event, offering, verification};
    use crate::model::consent::Suppression;
    use crate::state::Notification;
    use crate::store::mail::State;
    use crate::{actions, store};

    on_every_database! {
        Fixture:
        hearing_twice_is_hearing_once,
        a_mail_and_its_place_in_the_mailbox_are_one_commit,
        a_token_stands_sealed_while_its_mail_waits,
        who_unsubscribed_finds_no_commercial_mail_in_the_mailbox,
        a_variable_with_a_control_character_is_refused_unrepeated_and_leaves_nothing,
        what_a_mailbox_said_last_counts_in_whatever_order_it_is_heard,
        who_agrees_anew_is_written_to_again_unless_their_mailbox_bounced,
        whoever_unsubscribes_by_a_link_is_published_once_and_after_all_that_is_known,
        whoever_unsubscribes_again_has_done_so_after_what_was_not_heard_yet,
        whoever_unsubscribes_again_and_again_is_published_once_a_minute,
        who_agreed_between_two_withdrawals_of_one_minute_has_withdrawn,
    }

    async fn hearing_twice_is_hearing_once(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let id = fixture.context.sources.uuid();

        for _ in 0..2 {
            deliver(&notification, id, event(verification())).await.unwrap();
        }

        assert_eq!(fixture.states().await, [State::Sent]);
        assert_eq!(actions::list_messages(&notification, None).await.unwrap().len(), 1);
    }

    async fn a_mail_and_its_place_in_the_mailbox_are_one_commit(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let heard = heard(&fixture.context, event(verification()));

        let tx = fixture.context.database.begin_write().await.unwrap();
        record_mail(&notification, &tx, heard.id, &heard.event).await.unwrap();
        drop(tx);

        assert!(fixture.mails().await.is_empty());
        assert!(actions::list_messages(&notification, None).await.unwrap().is_empty());
    }

    async fn a_token_stands_sealed_while_its_mail_waits(fixture: Fixture) {
        let notification = fixture.with_server(1);

        fixture.ask_for(&notification, verification()).await;

        let sealed = fixture.mails().await[0].sealed_content.clone().unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"tok-en"));
        assert!(store::mail::next_due(&fixture.context.database, MailClass::Transactional).await.unwrap().is_some());
    }

    async fn who_unsubscribed_finds_no_commercial_mail_in_the_mailbox(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let token = notification.unsubscribe_key.mint(&"ayse@example.com".parse().unwrap());
        actions::unsubscribe(&notification, &token).await.unwrap();

        fixture.ask_for(&notification, discount()).await;

        assert_eq!(fixture.states().await, [State::Suppressed]);
        assert!(actions::list_messages(&notification, None).await.unwrap().is_empty());
    }

    async fn a_variable_with_a_control_character_is_refused_unrepeated_and_leaves_nothing(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let harm = "x\r\nBcc: y@z.com".to_owned();
        let from = Asked { asked_from: Some(harm.clone()), ..Asked::default() };
        let with = Asked { asked_with: Some(harm.clone()), ..Asked::default() };
        let mut messages = vec![
            MailMessage::Verification { token: Secret::new(harm.clone()), asked: Asked::default() },
            MailMessage::PasswordReset { token: Secret::new(harm.clone()), asked: Asked::default() },
            MailMessage::Discount { title: harm.clone(), description: "d".to_owned(), offer: Offer::default() },
            MailMessage::Discount {
                title: "t".to_owned(),
                description: harm.replace("\r\n", "\r"),
                offer: Offer::default(),
            },
        ];
        for (restaurant, code) in [(Some(harm.clone()), None), (None, Some(harm.clone()))] {
            messages.push(offering(Offer { restaurant, code, ..Offer::default() }));
        }
        for asked in [from, with] {
            messages.extend([
                MailMessage::Verification { token: Secret::new("t"), asked: asked.clone() },
                MailMessage::PasswordReset { token: Secret::new("t"), asked: asked.clone() },
                MailMessage::AlreadyRegistered { asked: asked.clone() },
                MailMessage::PasswordChanged { asked: asked.clone() },
                MailMessage::SessionRevoked { asked: asked.clone() },
                MailMessage::NewDevice { asked },
            ]);
        }

        for message in messages {
            let refused = deliver(&notification, fixture.context.sources.uuid(), event(message)).await.unwrap_err();

            assert!(matches!(refused, HearError::Refused(_)), "{refused:?}");
            assert!(refused.to_string().ends_with("holds a control character"), "{refused}");
        }
        assert!(fixture.mails().await.is_empty());
    }

    fn address(number: usize) -> EmailAddress {
        format!("reader{number}@example.com").parse().unwrap()
    }

    fn changed(email: EmailAddress, granted: bool, at: Timestamp) -> ConsentChanged {
        let source = ConsentSource::Preferences;
        ConsentChanged { email, user_id: None, granted, at, source, text_version: None }
    }

    async fn hear(fixture: &Fixture, notification: &Arc<Notification>, changes: Vec<ConsentChanged>) {
        let listener = Listener::new(notification.clone());
        let tx = fixture.context.database.begin_read_committed().await.unwrap();
        for changed in changes {
            listener.hear(&tx, &heard(&fixture.context, changed)).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn is_suppressed(fixture: &Fixture, recipient: &EmailAddress) -> bool {
        store::suppression::find(&fixture.context.database, recipient).await.unwrap().is_some()
    }

    async fn what_a_mailbox_said_last_counts_in_whatever_order_it_is_heard(fixture: Fixture) {
        const ORDERS: usize = 1_000;
        let notification = fixture.with_mailbox();
        let sources = &fixture.context.sources;
        let mut all: Vec<(f64, ConsentChanged)> = Vec::new();
        let mut last = Vec::new();
        for number in 0..ORDERS {
            for second in 0..4 {
                let granted = sources.fraction() < 0.5;
                let at = sources.now() + Duration::from_secs(second);
                all.push((sources.fraction(), changed(address(number), granted, at)));
                last.truncate(number);
                last.push(granted);
            }
        }
        all.sort_by(|(one, _), (other, _)| one.total_cmp(other));

        for some in all.chunks(500) {
            hear(&fixture, &notification, some.iter().map(|(_, changed)| changed.clone()).collect()).await;
        }

        for (number, granted) in last.into_iter().enumerate() {
            assert_eq!(is_suppressed(&fixture, &address(number)).await, !granted, "{number}");
        }
    }

    async fn who_agrees_anew_is_written_to_again_unless_their_mailbox_bounced(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let (now, minute) = (fixture.context.now(), Duration::from_secs(60));
        let tx = fixture.context.database.begin_read_committed().await.unwrap();
        for number in [0, 1] {
            store::suppression::unsubscribe(&tx, &address(number), now).await.unwrap();
        }
        for number in [1, 2] {
            store::suppression::bounce(&tx, &address(number), now).await.unwrap();
        }
        tx.commit().await.unwrap();

        hear(&fixture, &notification, (0..3).map(|number| changed(address(number), true, now - minute)).collect())
            .await;
        assert!(is_suppressed(&fixture, &address(0)).await, "they agreed before they unsubscribed");
        hear(&fixture, &notification, (0..3).map(|number| changed(address(number), true, now + minute)).collect())
            .await;

        assert!(!is_suppressed(&fixture, &address(0)).await);
        for number in [1, 2] {
            let known = store::suppression::find(&fixture.context.database, &address(number)).await.unwrap();
            assert_eq!(known, Some(Suppression { unsubscribed_at: None, bounced_at: Some(now) }));
        }
    }

    async fn whoever_unsubscribes_by_a_link_is_published_once_and_after_all_that_is_known(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let published = Recorded::<ConsentChanged>::of(&fixture.context).await;
        let ahead = fixture.context.now() + Duration::from_secs(5);
        hear(&fixture, &notification, vec![changed(address(0), true, ahead)]).await;
        let token = notification.unsubscribe_key.mint(&address(0));

        for _ in 0..2 {
            actions::unsubscribe(&notification, &token).await.unwrap();
        }

        let published = published.take().await;
        assert_eq!(published.len(), 1, "{published:?}");
        assert_eq!((published[0].granted, published[0].source), (false, ConsentSource::Link));
        assert!(published[0].at > ahead, "{published:?}");
        assert!(is_suppressed(&fixture, &address(0)).await);
    }

    async fn whoever_unsubscribes_again_has_done_so_after_what_was_not_heard_yet(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let published = Recorded::<ConsentChanged>::of(&fixture.context).await;
        let token = notification.unsubscribe_key.mint(&address(0));
        actions::unsubscribe(&notification, &token).await.unwrap();
        let agreed_at = fixture.context.now() + Duration::from_secs(60);
        fixture.clock.advance(Duration::from_secs(120));

        actions::unsubscribe(&notification, &token).await.unwrap();
        let published = published.take().await;
        hear(&fixture, &notification, vec![changed(address(0), true, agreed_at)]).await;

        assert!(is_suppressed(&fixture, &address(0)).await);
        assert_eq!(published.len(), 2, "user hears of both");
    }

    async fn whoever_unsubscribes_again_and_again_is_published_once_a_minute(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let published = Recorded::<ConsentChanged>::of(&fixture.context).await;
        let token = notification.unsubscribe_key.mint(&address(0));

        for _ in 0..25 {
            actions::unsubscribe(&notification, &token).await.unwrap();
            fixture.clock.advance(Duration::from_secs(2));
        }

        assert_eq!(published.take().await.len(), 1);
    }

    async fn who_agreed_between_two_withdrawals_of_one_minute_has_withdrawn(fixture: Fixture) {
        let notification = fixture.with_mailbox();
        let published = Recorded::<ConsentChanged>::of(&fixture.context).await;
        let token = notification.unsubscribe_key.mint(&address(0));
        actions::unsubscribe(&notification, &token).await.unwrap();
        let agreed_at = fixture.context.now() + Duration::from_secs(10);
        fixture.clock.advance(Duration::from_secs(20));

        actions::unsubscribe(&notification, &token).await.unwrap();
        hear(&fixture, &notification, vec![changed(address(0), true, agreed_at)]).await;

        assert!(is_suppressed(&fixture, &address(0)).await);
        let last = published.take().await.pop().unwrap();
        assert_eq!((last.granted, last.source), (false, ConsentSource::Link));
        assert!(last.at > agreed_at, "user hears of a withdrawal that is later than what it published: {last:?}");
    }
}
