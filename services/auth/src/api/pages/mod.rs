//! Pages: signing in and out, staying signed in, and what a reader sees of their own account.

mod device_name;
mod event_text;
mod forgot_password;
mod kept_form;
mod mailed;
mod password;
mod register;
mod security;
mod session;
mod session_cookies;
mod sign_in;

use std::sync::Arc;

use axum::routing::{any, get, post};
use kit::Pages;

use crate::state::Auth;

/// All pages of the service.
pub(crate) fn pages(auth: &Arc<Auth>) -> Pages {
    Pages::new()
        .route(web::SIGN_IN, get(sign_in::show).post(sign_in::sign_in))
        .route("/kayit", get(register::show).post(register::register))
        .route("/kayit/posta", get(register::show_mailed))
        .route("/parola", get(forgot_password::show).post(forgot_password::forgot_password))
        .route("/parola/posta", get(forgot_password::show_mailed))
        .route(web::RENEW, any(session::renew))
        .route(web::CONTINUE, get(sign_in::show).post(sign_in::keep_form))
        .form("/oturum/kapat", "/guvenlik", post(session::sign_out))
        .route("/guvenlik", get(security::show))
        .route("/guvenlik/olaylar", get(security::show_events))
        .form("/guvenlik/oturum/{id}", "/guvenlik", post(security::end_session))
        .form("/guvenlik/oturumlar", "/guvenlik", post(security::sign_out_everywhere))
        .route("/guvenlik/parola", get(password::show).post(password::change_password))
        .with_state(Arc::clone(auth))
}
