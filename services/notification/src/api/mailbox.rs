//! The built-in mailbox, as pages and as JSON.

use std::sync::Arc;

use askama::Template;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use contracts::{EmailAddress, Locale};
use kit::{Language, LocalRequest, Problem, QueryParameters};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::Page;

use crate::actions::{self, StoredMessage};
use crate::error::NotificationError;
use crate::state::Notification;

/// A mail in the mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MailboxMessage {
    id: Uuid,
    to: EmailAddress,
    subject: String,
    /// The type of the message.
    #[schema(example = "verification")]
    r#type: String,
    locale: Locale,
    /// The plain part.
    text: String,
    /// The HTML part.
    html: String,
    message_id: String,
    received_at: DateTime<Utc>,
}

/// Whose messages to list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what list_messages reads")]
pub(super) struct Filter {
    /// One recipient; all when left out.
    #[param(required = false)]
    to: String,
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage {
    locale: Locale,
    messages: Vec<StoredMessage>,
}

#[derive(Template)]
#[template(path = "mailbox_message.html")]
struct MessagePage {
    locale: Locale,
    message: StoredMessage,
}

/// Lists the newest mails as a page, to a browser on this machine; to others there is nothing here.
#[utoipa::path(
    get,
    path = "/mailbox",
    tag = "mailbox",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(super) async fn show_mailbox(
    State(notification): State<Arc<Notification>>,
    _: LocalRequest,
    Language(locale): Language,
) -> Result<Page, Problem> {
    let messages = actions::list_messages(&notification, None).await?;
    Ok(Page::new(locale, locale.say("Posta kutusu", "Mailbox"), &MailboxPage { locale, messages }))
}

/// Shows one mail as a page, its links working.
#[utoipa::path(
    get,
    path = "/mailbox/{id}",
    tag = "mailbox",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = 404, description = "There is no such mail"),
    )
)]
pub(super) async fn show_message(
    State(notification): State<Arc<Notification>>,
    _: LocalRequest,
    Language(locale): Language,
    Path(id): Path<String>,
) -> Result<Page, Problem> {
    let message = read_message(&notification, &id).await?;
    Ok(Page::new(locale, message.content.subject.clone(), &MessagePage { locale, message }))
}

/// Nothing in the message may run or load; its links open in a window of their own.
const LETTER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; \
    form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// The HTML part of one mail just as it would be sent, for the frame in its page.
#[utoipa::path(
    get,
    path = "/mailbox/{id}/letter",
    tag = "mailbox",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The HTML part", body = String, content_type = "text/html"),
        (status = 404, description = "There is no such mail"),
    )
)]
pub(super) async fn show_letter(
    State(notification): State<Arc<Notification>>,
    _: LocalRequest,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let message = read_message(&notification, &id).await?;
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, LETTER_POLICY),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    Ok((headers, Html(message.content.html)).into_response())
}

/// Lists the newest 500 mails, newest first, to a program on this machine; to others there is nothing here.
#[utoipa::path(
    get,
    path = "/mailbox/messages",
    tag = "mailbox",
    params(Filter),
    responses((status = 200, description = "The mails", body = [MailboxMessage]))
)]
pub(super) async fn list_messages(
    State(notification): State<Arc<Notification>>,
    _: LocalRequest,
    parameters: QueryParameters,
) -> Result<Response, Problem> {
    let to = parameters.one("to").map_err(|fault| Problem::invalid(vec![fault]))?;
    let messages = match to.map(str::parse::<EmailAddress>) {
        None => actions::list_messages(&notification, None).await?,
        Some(Ok(to)) => actions::list_messages(&notification, Some(&to)).await?,
        // Nobody writes to what is no address.
        Some(Err(_)) => Vec::new(),
    };
    let messages: Vec<MailboxMessage> = messages.into_iter().map(MailboxMessage::from).collect();
    Ok(([(CACHE_CONTROL, "no-store")], Answer(messages)).into_response())
}

async fn read_message(notification: &Notification, id: &str) -> Result<StoredMessage, NotificationError> {
    let id = id.parse().map_err(|_| NotificationError::MessageNotFound)?;
    actions::read_message(notification, id).await
}

impl From<StoredMessage> for MailboxMessage {
    fn from(message: StoredMessage) -> Self {
        let StoredMessage { id, kind, to, locale, message_id, received_at, content } = message;
        Self {
            id,
            to,
            subject: content.subject,
            r#type: kind,
            locale,
            text: content.text,
            html: content.html,
            message_id,
            received_at,
        }
    }
}

impl MessagePage {
    /// The lines of the plain part; those that are a link are shown as one.
    fn lines(&self) -> impl Iterator<Item = MessageLine<'_>> {
        self.message.content.text.lines().map(|line| {
            let is_link = (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(' ');
            if is_link { MessageLine::Link(line) } else { MessageLine::Text(line) }
        })
    }
}

enum MessageLine<'a> {
    Link(&'a str),
    Text(&'a str),
}
