//! Access tokens as auth mints them, and the key that checks them.

use std::time::Duration;

use anyhow::Result;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use clock::Sources;
use contracts::{Role, SessionId, UserId};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::access::{AUDIENCE, AccessClaims, HEADER_TYPE, ISSUER};
use serde_json::{Value, json};

/// How long a token lives.
pub(crate) const ACCESS_TTL: Duration = Duration::from_secs(900);
const KEY_NAME: &str = "bench";

/// A key of the bench's own.
pub(crate) struct Mint {
    key: EncodingKey,
    public_key: String,
}

impl Mint {
    pub(crate) fn new() -> Result<Self> {
        let pair = Ed25519KeyPair::generate()?;
        let key = EncodingKey::from_ed_der(pair.to_pkcs8()?.as_ref());
        Ok(Self { key, public_key: BASE64URL_NOPAD.encode(pair.public_key().as_ref()) })
    }

    /// A new token of `session`, for somebody.
    pub(crate) fn mint(&self, sources: &Sources, session: SessionId) -> Result<String> {
        let now = sources.now();
        let claims = AccessClaims {
            role: Role::User,
            iss: ISSUER.to_owned(),
            sub: UserId(sources.uuid()),
            exp: (now + ACCESS_TTL).timestamp(),
            iat: now.timestamp(),
            jti: sources.uuid().to_string(),
            sid: Some(session),
            aud: Some(AUDIENCE.to_owned()),
        };
        let (typ, kid) = (Some(HEADER_TYPE.to_owned()), Some(KEY_NAME.to_owned()));
        let header = Header { typ, kid, ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }

    /// The keys as auth publishes them.
    pub(crate) fn published(&self) -> Value {
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_NAME, "x": self.public_key });
        json!({ "keys": [key] })
    }
}
