//! Members of the first platform, as plain clients of the same Redis, the same Kafka and our routes.

mod kafka;
mod messages;
mod revocations;
mod tokens;

use clock::Sources;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{Platform, in_every_size_on_servers, logs};

/// What the members of the first platform sign access tokens with.
const SECRET: &str = "a secret that is shared with peers";
/// How long their access tokens live, in seconds.
const ACCESS_TTL: i64 = 15 * 60;

/// Walks `journey` through a platform of each size that shares the secret with peers.
async fn beside_peers(journey: impl AsyncFn(Platform)) {
    in_every_size_on_servers(&[("JWT_ACCESS_SECRET_KEY", SECRET)], journey).await;
}

/// An access token of `user`, as auth of the first platform mints it, and its `jti`.
fn minted_by_peer(user: &Value) -> (String, String) {
    let (now, jti) = (Sources::system().now().timestamp(), Sources::system().uuid().to_string());
    let claims = json!({ "role": "user", "iss": "auth", "sub": user, "exp": now + ACCESS_TTL, "iat": now, "jti": jti });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
    logs::remember(&token);
    (token, jti)
}

/// A profile as clients of the first platform send it.
fn profile() -> Value {
    json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" })
}
