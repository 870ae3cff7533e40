//! What this service hears, and which action each event calls.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Consumer, HearError, Heard, Hears};
use contracts::EmailEvent;
use database::WriteTransaction;

use crate::actions::record_mail::record_mail;
use crate::state::Notification;

/// The service as a reader of topics.
pub(crate) fn consumer(notification: &Arc<Notification>) -> Consumer {
    Consumer::named("notification").hears::<EmailEvent>(Listener::new(notification.clone()))
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
impl Hears<EmailEvent> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<EmailEvent>) -> Result<(), HearError> {
        record_mail(&self.notification, tx, heard.id, &heard.event).await
    }
}

#[cfg(test)]
mod tests {
    use bus::HearError;
    use contracts::{Asked, MailMessage, Offer, Secret};

    use kit::on_every_database;
    use kit::testing::heard;

    use super::record_mail;
    use crate::fixture::{Fixture, deliver, discount, event, verification};
    use crate::store::mail::State;
    use crate::{actions, store};

    on_every_database! {
        Fixture:
        hearing_twice_is_hearing_once,
        a_mail_and_its_place_in_the_mailbox_are_one_commit,
        a_token_stands_sealed_while_its_mail_waits,
        who_unsubscribed_finds_no_commercial_mail_in_the_mailbox,
        a_variable_with_a_control_character_is_refused_unrepeated_and_leaves_nothing,
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
        assert!(store::mail::next_due(&fixture.context.database).await.unwrap().is_some());
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
}
