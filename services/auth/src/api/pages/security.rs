//! `/guvenlik`: where a reader is signed in, what has happened to their account, and how they end it.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{EmailAddress, Locale, SessionId};
use kit::{Caller, Page as Rows, PageRequest, Problem};
use web::{AccountTab, AccountTabs, CurrentlySignedIn, Flash, Page, Reader, SIGN_IN, SignedIn, dates, set_cookies};

use super::device_name::device_name;
use super::event_text::event_text;
use super::session_cookies::no_session;
use crate::actions;
use crate::error::AuthError;
use crate::model::origin::Origin;
use crate::state::Auth;
use crate::store::security_event::SecurityEvent;
use crate::store::session::Session;

/// Events beside the sessions; all of them have a page of their own.
const NEWEST: PageRequest = PageRequest { after: None, limit: 5 };

#[derive(Template)]
#[template(path = "security.html")]
struct SecurityBody {
    locale: Locale,
    tabs: AccountTabs,
    email: EmailAddress,
    sessions: Rows<SessionRow>,
    events: Vec<EventRow>,
}

#[derive(Template)]
#[template(path = "security_events.html")]
struct EventsBody {
    locale: Locale,
    events: Rows<EventRow>,
}

/// A sign-in on one device.
struct SessionRow {
    id: SessionId,
    device: Option<String>,
    network: String,
    /// When it was used last, as HTML.
    last_seen: String,
    is_current: bool,
}

/// Something that happened.
struct EventRow {
    text: &'static str,
    /// As HTML.
    at: String,
    network: Option<String>,
}

impl SessionRow {
    fn new(session: Session, current: Option<SessionId>, locale: Locale) -> Self {
        Self {
            id: session.id,
            device: session.user_agent.map(device_name),
            network: session.network,
            last_seen: dates::age_element(session.last_seen_at, locale),
            is_current: current == Some(session.id),
        }
    }
}

impl EventRow {
    fn new(event: SecurityEvent, locale: Locale) -> Self {
        let SecurityEvent { kind, at, network, .. } = event;
        Self { text: event_text(kind, locale), at: dates::age_element(at, locale), network }
    }
}

pub(super) async fn show(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    page: PageRequest,
) -> Result<Page, Problem> {
    let (locale, user) = (reader.locale, caller.user_id());
    let account = actions::me(&auth, user).await?;
    let sessions = actions::list_sessions(&auth, user, page).await?;
    let show = |session| SessionRow::new(session, caller.session_id(), locale);
    let body = SecurityBody {
        locale,
        tabs: AccountTabs::new(locale, AccountTab::Security, caller.role()),
        email: account.email,
        sessions: Rows::of(sessions, &page, |session| session.id.0, show),
        events: events(&auth, &caller, NEWEST, locale).await?.items,
    };
    Ok(Page::of(&reader, locale.say("Hesap güvenliği", "Account security"), &body))
}

pub(super) async fn show_events(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    page: PageRequest,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let body = EventsBody { locale, events: events(&auth, &caller, page, locale).await? };
    Ok(Page::of(&reader, locale.say("Hesabınızda olanlar", "What happened to your account"), &body))
}

async fn events(auth: &Auth, caller: &Caller, page: PageRequest, locale: Locale) -> Result<Rows<EventRow>, Problem> {
    let events = actions::list_events(auth, caller.user_id(), page).await?;
    Ok(Rows::of(events, &page, |event| event.id, |event| EventRow::new(event, locale)))
}

/// Ends another session. Done twice it is done once.
pub(super) async fn end_session(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    CurrentlySignedIn(caller): CurrentlySignedIn,
    origin: Origin,
    session: Result<Path<SessionId>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(session) = session.map_err(|_| AuthError::UnknownSession)?;
    actions::end_session(&auth, caller.user_id(), session, &origin).await?;
    Ok((set_cookies([reader.will_hear(Flash::SessionEnded)]), Redirect::to("/guvenlik")).into_response())
}

pub(super) async fn sign_out_everywhere(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    CurrentlySignedIn(caller): CurrentlySignedIn,
    origin: Origin,
) -> Result<Response, Problem> {
    actions::logout_all(&auth, caller.user_id(), &origin).await?;
    let [access, refresh] = no_session(&auth);
    let cookies = set_cookies([access, refresh, reader.will_hear(Flash::SignedOutEverywhere)]);
    Ok((cookies, Redirect::to(SIGN_IN)).into_response())
}
