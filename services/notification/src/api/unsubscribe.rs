//! The way out of commercial mail: a page for people, one POST for mail providers (RFC 8058).

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use contracts::{EmailAddress, Locale};
use kit::{Language, Problem};
use serde::Deserialize;
use utoipa::IntoParams;
use web::Page;

use crate::actions;
use crate::error::NotificationError;
use crate::state::Notification;

/// The link's only parameter.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Token {
    /// From the link in the mail.
    token: String,
}

type TokenQuery = Result<Query<Token>, QueryRejection>;

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct UnsubscribePage {
    locale: Locale,
    reader: Reader,
}

enum Reader {
    /// The link is not ours.
    Unknown,
    /// They may press the button.
    Asks { token: String, address: EmailAddress },
    /// It is done.
    Gone { address: EmailAddress },
}

/// Shows the button that ends commercial mail. Changes nothing, because mail scanners open every link.
#[utoipa::path(
    get,
    path = "/notification/unsubscribe",
    tag = "notification",
    params(Token),
    responses(
        (status = 200, description = "A page with a button", body = String, content_type = "text/html"),
        (status = 400, description = "A page that says that the link is not ours", body = String, content_type = "text/html"),
    )
)]
pub(super) async fn show_unsubscribe(
    State(notification): State<Arc<Notification>>,
    Language(locale): Language,
    token: TokenQuery,
) -> Result<Page, Problem> {
    let token = taken(token);
    page(locale, actions::find_subscriber(&notification, &token).map(|address| Reader::Asks { token, address }))
}

/// Ends commercial mail to the mailbox that the link was made for; at once, without a login, however often it is asked.
///
/// The body does not matter: a mail provider sends `List-Unsubscribe=One-Click`, our page an empty form.
#[utoipa::path(
    post,
    path = "/notification/unsubscribe",
    tag = "notification",
    params(Token),
    responses(
        (status = 200, description = "Done, with a page that says so", body = String, content_type = "text/html"),
        (status = 400, description = "A page that says that the link is not ours", body = String, content_type = "text/html"),
        (status = 503, description = "The database is away"),
    )
)]
pub(super) async fn unsubscribe(
    State(notification): State<Arc<Notification>>,
    Language(locale): Language,
    token: TokenQuery,
) -> Result<Page, Problem> {
    page(locale, actions::unsubscribe(&notification, &taken(token)).await.map(|address| Reader::Gone { address }))
}

/// A link without a token is one that is not ours.
fn taken(token: TokenQuery) -> String {
    token.map(|Query(Token { token })| token).unwrap_or_default()
}

fn page(locale: Locale, reader: Result<Reader, NotificationError>) -> Result<Page, Problem> {
    let (status, reader) = match reader {
        Ok(reader) => (StatusCode::OK, reader),
        Err(NotificationError::InvalidToken) => (StatusCode::BAD_REQUEST, Reader::Unknown),
        Err(error) => return Err(error.into()),
    };
    let title = locale.say("Kampanya iletileri", "Mail about offers");
    Ok(Page::new(locale, title, &UnsubscribePage { locale, reader }).status(status))
}
