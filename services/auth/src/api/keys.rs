//! The public keys, for whoever checks access tokens without being one of our processes.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;

use crate::state::Auth;

/// The keys that access tokens are signed with: the last ones, the present one and the next (RFC 7517). Empty when tokens
/// are signed with a shared secret.
#[utoipa::path(
    get,
    path = "/auth/.well-known/jwks.json",
    tag = "auth",
    responses((status = 200, description = "A JSON Web Key Set", body = serde_json::Value, example = json!({"keys": []})))
)]
pub(super) async fn jwks(State(auth): State<Arc<Auth>>) -> impl IntoResponse {
    // A next key is published long before it signs, and whoever meets an unknown key asks again.
    ([(CACHE_CONTROL, "public, max-age=60")], Answer(auth.signer.public_keys(&auth.settings, auth.context.now())))
}
