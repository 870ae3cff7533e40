//! A rendered mail as the bytes that go over the wire (RFC 5322): the same bytes at each try.

use aws_lc_rs::digest;
use clock::Timestamp;
use contracts::EmailAddress;
use data_encoding::BASE32_NOPAD;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use uuid::Uuid;

use super::DkimKey;
use super::mail::Content;

/// What stands above the content.
#[derive(Debug, Clone)]
pub(crate) struct MessageHeader {
    pub(crate) from: Mailbox,
    pub(crate) to: EmailAddress,
    pub(crate) message_id: String,
    /// When it was rendered, also if it leaves later.
    pub(crate) date: Timestamp,
}

/// The `Message-ID` of the mail that an event asks for: who hears the event twice writes the same one.
pub(crate) fn message_id(event: Uuid, from: &Mailbox) -> String {
    id_of(event.as_bytes(), from)
}

fn id_of(name: &[u8], from: &Mailbox) -> String {
    let digest = digest::digest(&digest::SHA256, name);
    let name = BASE32_NOPAD.encode(&digest.as_ref()[..20]).to_ascii_lowercase();
    format!("<{name}@{}>", from.email.domain())
}

/// Writes the message.
///
/// It is ASCII, because each part says how it is encoded, so every server takes it; and signed where there is a `key`.
///
/// # Errors
/// The recipient's address is of a kind that the mail builder does not know.
pub(crate) fn message(head: &MessageHeader, content: &Content, key: Option<&DkimKey>) -> anyhow::Result<String> {
    let mut builder = Message::builder()
        .from(head.from.clone())
        .to(Mailbox::new(None, address(&head.to)?))
        .subject(&content.subject)
        .date(head.date.into())
        .message_id(Some(head.message_id.clone()))
        // RFC 3834, section 5: no out-of-office answers to us.
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(link) = &content.unsubscribe {
        // RFC 8058, section 3.1.
        builder = builder
            .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    if let Some(thread) = &content.thread {
        // RFC 5322, section 3.6.4: mails with a common reference are shown together, also where nobody has what it names.
        builder = builder.references(id_of(thread.as_bytes(), &head.from));
    }
    let parts = MultiPart::alternative()
        .boundary(boundary(&head.message_id))
        .singlepart(SinglePart::plain(content.text.clone()))
        .singlepart(SinglePart::html(content.html.clone()));
    let message = String::from_utf8(builder.multipart(parts)?.formatted())?;
    match key {
        Some(key) => key.sign(&message),
        None => Ok(message),
    }
}

/// The address as the mail builder's type.
pub(crate) fn address(address: &EmailAddress) -> anyhow::Result<Address> {
    Ok(address.as_str().parse()?)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Follows from the `Message-ID`. Quoted-printable and base64 never write `=_`, and who writes a plain part does not know
/// the event's id.
fn boundary(message_id: &str) -> String {
    let digest = digest::digest(&digest::SHA256, message_id.as_bytes());
    format!("=_{}", BASE32_NOPAD.encode(&digest.as_ref()[..20]))
}
