//! A service of ours among those of the first platform.

use clock::Sources;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::StatusCode;
use serde_json::json;

use super::fleet::Fleet;
use super::process::Process;
use crate::support::{http_client, read};

/// What theirs and ours sign access tokens with.
const SECRET: &str = "a secret that is shared with peers";
const SHARED: &[(&str, &str)] = &[("JWT_ACCESS_SECRET_KEY", SECRET)];

/// A token that is good for some minutes; of ours where it names a session.
fn minted(session: Option<uuid::Uuid>) -> String {
    let sources = Sources::system();
    let (now, user, jti) = (sources.now().timestamp(), sources.uuid(), sources.uuid());
    let mut claims = json!({ "role": "user", "iss": "auth", "sub": user, "exp": now + 600, "iat": now, "jti": jti });
    let mut header = Header::new(Algorithm::HS256);
    if let Some(session) = session {
        claims["sid"] = json!(session);
        header.typ = Some("at+jwt".to_owned());
    }
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

async fn preferences(process: &Process, token: &str) -> StatusCode {
    read(http_client().get(process.server.url("/users/preferences")).bearer_auth(token)).await.status
}

#[tokio::test]
async fn user_beside_an_auth_of_the_first_platform_is_ready_and_beside_one_of_ours_waits_for_its_feed() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let (mut user, mut auth) = (fleet.process_with("user", SHARED), fleet.process_with("auth", SHARED));
    user.server.launch().unwrap();

    user.is_ready().await;
    user.sees("revocations", "ready", "no auth of ours has published revocations").await;
    assert_eq!(preferences(&user, &minted(None)).await, StatusCode::OK);
    assert_eq!(preferences(&user, &minted(Some(Sources::system().uuid()))).await, StatusCode::SERVICE_UNAVAILABLE);
    user.sees("revocations", "degraded", "auth has not published its keys and revocations").await;
    auth.server.launch().unwrap();
    user.is_ready().await;

    user.sees("revocations", "ready", "").await;
    assert_eq!(preferences(&user, &minted(Some(Sources::system().uuid()))).await, StatusCode::OK);
}
