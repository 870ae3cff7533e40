//! Pages: what diners say of themselves, what they like, and what they want to hear of.

mod consent_text;
mod favorites;
mod preferences;
mod profile;

use std::sync::Arc;

use axum::routing::{get, post};
use kit::Pages;

use crate::state::User;

/// All pages of the service.
pub(crate) fn pages(user: &Arc<User>) -> Pages {
    Pages::new()
        .route("/profil", get(profile::show).post(profile::update_profile))
        .route("/profil/tamamla", get(profile::show_completion).post(profile::complete_registration))
        .route("/favoriler", get(favorites::show))
        .route("/favoriler/durum", get(favorites::show_state))
        .route("/favoriler/restoranlar/{id}", post(favorites::add_restaurant))
        .route("/favoriler/restoranlar/{id}/cikar", post(favorites::remove_restaurant))
        .route("/favoriler/mutfaklar", post(favorites::add_cuisine))
        .route("/favoriler/mutfaklar/cikar", post(favorites::remove_cuisine))
        .route("/tercihler", get(preferences::show))
        .route("/tercihler/dil", post(preferences::choose_language))
        .route("/tercihler/kampanya-postasi", post(preferences::answer_commercial_mail))
        .with_state(Arc::clone(user))
}
