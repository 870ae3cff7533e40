//! HTTP: takes requests apart, calls one action each, wraps the answers.

mod account;
mod body;
mod health;
mod keys;
mod mail_pages;
pub(crate) mod pages;
mod password;
mod registration;
mod session;
mod visitor;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::Auth;

/// All routes of the service.
pub(crate) fn routes(auth: &Arc<Auth>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(health::route(auth))
        .routes(routes!(registration::register))
        .routes(routes!(registration::verify_email, registration::verify_email_page))
        .routes(routes!(registration::resend_verification))
        .routes(routes!(password::forgot_password))
        .routes(routes!(password::reset_password, password::reset_password_page))
        .routes(routes!(password::change_password))
        .routes(routes!(session::login))
        .routes(routes!(session::refresh))
        .routes(routes!(session::logout))
        .routes(routes!(session::logout_all))
        .routes(routes!(session::list_sessions))
        .routes(routes!(session::end_session))
        .routes(routes!(account::me))
        .routes(routes!(account::list_events))
        .routes(routes!(account::grant_role))
        .routes(routes!(keys::jwks))
        .with_state(Arc::clone(auth))
}
