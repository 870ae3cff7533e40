//! Asks for an account. Nothing is made yet, and nothing in the answer answers whether the address has one already.

use bus::outbox;
use contracts::{EmailAddress, EmailEvent, Locale, MailMessage};

use super::{audit, mail};
use crate::error::AuthError;
use crate::model::address_digest::AddressDigest;
use crate::model::limits::{self, MailPurpose};
use crate::model::one_time_token::OneTimeToken;
use crate::model::origin::Origin;
use crate::model::password::Password;
use crate::model::registration::{Registration, RegistrationId};
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;

/// What a visitor wants.
pub(crate) struct NewRegistration {
    pub(crate) email: EmailAddress,
    pub(crate) password: Password,
    pub(crate) locale: Locale,
}

pub(crate) async fn register(auth: &Auth, wanted: NewRegistration, origin: &Origin) -> Result<(), AuthError> {
    wanted.password.check_against("password", &wanted.email).map_err(AuthError::Unfit)?;
    let address = auth.address_key.digest(&wanted.email);
    let attempt = auth.context.sources.uuid();
    let mut slots = vec![limits::registration(&origin.network, attempt)];
    slots.extend(limits::mail(MailPurpose::Verification, &address, &origin.network, attempt));
    auth.within_limits(slots, keep_and_mail(auth, wanted, &address, origin)).await
}

async fn keep_and_mail(
    auth: &Auth,
    wanted: NewRegistration,
    address: &AddressDigest,
    origin: &Origin,
) -> Result<(), AuthError> {
    let password_hash = auth.hasher.hash(wanted.password).await?;
    // The registration of an address that has an account waits like any other: the same work takes the same time. Its
    // token is never mailed, and would open nothing.
    let token = OneTimeToken::new(auth.context.sources.bytes());
    let registration = Registration {
        id: RegistrationId(auth.context.sources.uuid()),
        email: wanted.email,
        password_hash,
        locale: wanted.locale,
        asked: origin.asked(auth.context.now()),
        tokens: vec![token.digest()],
    };
    store::registration::put(&auth.context, &registration).await?;
    let id = registration.id;

    let tx = auth.context.database.begin_write().await?;
    let account = store::account::find_by_email(&tx, &registration.email).await?;
    let user_id = account.as_ref().map(|account| account.id);
    audit(&tx, SecurityEventKind::RegistrationAsked, user_id, Some(origin)).await?;
    match account {
        Some(account) => mail(&tx, &account, MailMessage::AlreadyRegistered { asked: registration.asked }).await?,
        None => outbox::record(&tx, &verification(registration, &token)).await?,
    }
    tx.commit().await?;
    if let Err(error) = take_place(auth, address, id).await {
        tracing::warn!(%error, "a registration can't be listed; its mail opens it, but is not sent again");
    }
    Ok(())
}

/// Lists the registration, and removes those that have to leave for it: once its mail is on its way, so that one which came to
/// nothing drives nobody out.
async fn take_place(auth: &Auth, address: &AddressDigest, id: RegistrationId) -> ephemeral::Result<()> {
    for evicted in store::registration::join(&auth.context, address, id).await? {
        store::registration::remove_with_tokens(&auth.context, evicted).await?;
    }
    Ok(())
}

/// The mail that proves the mailbox of `registration`.
pub(super) fn verification(registration: Registration, token: &OneTimeToken) -> EmailEvent {
    let message = MailMessage::Verification { token: token.expose(), asked: registration.asked };
    EmailEvent { to: registration.email, locale: registration.locale, message }
}
