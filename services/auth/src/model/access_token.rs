//! Access tokens: short-lived, signed, and tied to the session and generation that they were minted for.

use std::time::Duration;

use clock::Timestamp;
use contracts::{Role, Secret, SessionId, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::access::{AUDIENCE, AccessClaims, HEADER_TYPE, ISSUER};
use uuid::Uuid;

use super::refresh_token::Generation;

/// What access tokens are signed with.
#[derive(Clone)]
pub(crate) enum SigningKey {
    /// A key pair of ours.
    Own {
        /// The name under which the public half is published.
        kid: String,
        /// The private half.
        key: EncodingKey,
    },
    /// A secret shared with peers of the first platform.
    Shared(EncodingKey),
}

/// What an access token says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grant {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
    pub(crate) session: SessionId,
    pub(crate) generation: Generation,
}

impl SigningKey {
    /// The access token that states `grant` from `now` for `ttl`.
    pub(crate) fn mint(&self, grant: Grant, now: Timestamp, ttl: Duration) -> anyhow::Result<Secret> {
        let (mut header, key, audience) = match self {
            Self::Own { kid, key } => {
                let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
                (header, key, Some(AUDIENCE.to_owned()))
            }
            Self::Shared(key) => (Header::new(Algorithm::HS256), key, None),
        };
        header.typ = Some(HEADER_TYPE.to_owned());
        let claims = AccessClaims {
            role: grant.role,
            iss: ISSUER.to_owned(),
            sub: grant.user_id,
            exp: (now + ttl).timestamp(),
            iat: now.timestamp(),
            jti: token_id(grant.session, grant.generation).to_string(),
            sid: Some(grant.session),
            aud: audience,
        };
        Ok(Secret::new(jsonwebtoken::encode(&header, &claims, key)?))
    }
}

/// The `jti` of every access token of `generation`: derived, so that a revocation can name it without having seen it.
pub(crate) fn token_id(session: SessionId, generation: Generation) -> Uuid {
    Uuid::new_v5(&session.0, &generation.0.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANT: Grant = Grant {
        user_id: UserId(Uuid::from_u128(1)),
        role: Role::User,
        session: SessionId(Uuid::from_u128(2)),
        generation: Generation(3),
    };

    fn parts(token: &Secret) -> Vec<serde_json::Value> {
        let parts = token.expose().split('.').take(2);
        parts
            .map(|part| {
                let json = data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
                let mut part: serde_json::Value = serde_json::from_slice(&json).unwrap();
                part.sort_all_objects();
                part
            })
            .collect()
    }

    #[test]
    fn a_token_for_peers_has_no_audience_and_is_not_minted_in_the_future() {
        let now = Timestamp::UNIX_EPOCH + Duration::from_millis(1_000_999);

        let token = SigningKey::Shared(EncodingKey::from_secret(&[7; 32])).mint(GRANT, now, Duration::from_secs(900));

        insta::assert_json_snapshot!(parts(&token.unwrap()), @r#"
        [
          {
            "alg": "HS256",
            "typ": "at+jwt"
          },
          {
            "exp": 1900,
            "iat": 1000,
            "iss": "auth",
            "jti": "fd2d5e86-037d-57da-996f-50177c489e3f",
            "role": "user",
            "sid": "00000000-0000-0000-0000-000000000002",
            "sub": "00000000-0000-0000-0000-000000000001"
          }
        ]
        "#);
    }

    #[test]
    fn each_generation_has_a_token_id_of_its_own() {
        let next = GRANT.generation.next();

        assert_eq!(token_id(GRANT.session, GRANT.generation), token_id(GRANT.session, GRANT.generation));
        assert_ne!(token_id(GRANT.session, GRANT.generation), token_id(GRANT.session, next));
    }
}
