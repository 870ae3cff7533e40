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
        .form("/favoriler/restoranlar/{id}", "/restoran/{id}", post(favorites::add_restaurant))
        .form("/favoriler/restoranlar/{id}/cikar", "/favoriler", post(favorites::remove_restaurant))
        .form("/favoriler/mutfaklar", "/favoriler", post(favorites::add_cuisine))
        .form("/favoriler/mutfaklar/cikar", "/favoriler", post(favorites::remove_cuisine))
        .route("/tercihler", get(preferences::show))
        .form("/tercihler/dil", "/tercihler", post(preferences::choose_language))
        .form("/tercihler/kampanya-postasi", "/tercihler", post(preferences::answer_commercial_mail))
        .with_state(Arc::clone(user))
}
