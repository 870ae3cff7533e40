//! Access tokens of both sides, each read by the other.

use clock::Sources;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::servers::redis::RedisServer;

use super::{ACCESS_TTL, SECRET, beside_peers, minted_by_peer};
use crate::support::{Answer, Diner};

/// One route of each service, and what a peer's user is answered there.
const ROUTES: [(Method, &str, StatusCode); 3] = [
    (Method::GET, "/auth/me", StatusCode::OK),
    (Method::GET, "/users/preferences", StatusCode::OK),
    (Method::POST, "/notification/send", StatusCode::FORBIDDEN),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_peer_opens_every_process_until_the_peer_revokes_it() {
    beside_peers(async |platform| {
        let (ayse, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
        let user = platform.claims(&tokens.access)["sub"].clone();
        let [(token, jti), (other, _)] = [minted_by_peer(&user), minted_by_peer(&user)];

        for (method, path, status) in ROUTES {
            for answer in ayse.ask_each(&token, (method, path)).await {
                assert_eq!(answer.status, status, "{path}: {}", answer.text);
            }
        }
        revoke_as_peer(&*platform.servers().redis().await, &jti);
        for (method, path, status) in ROUTES {
            ayse.ask_each(&token, (method.clone(), path)).await.iter().for_each(expect_revoked);
            for answer in ayse.ask_each(&other, (method, path)).await {
                assert_eq!(answer.status, status, "{path}: {}", answer.text);
            }
        }
    })
    .await;
}

fn revoke_as_peer(redis: &RedisServer, jti: &str) {
    redis.cli(&["SET", &format!("blacklist:{jti}"), "1", "EX", "900"]).unwrap();
}

fn expect_revoked(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "TOKEN_REVOKED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_tokens_are_what_a_peer_expects() {
    beside_peers(async |platform| {
        let (ayse, verified) = Diner::signed_up(&platform, "ayse@example.com").await;
        let signed_in = ayse.login().await.tokens();
        let refreshed = ayse.refresh(&signed_in).await.tokens();
        let id = ayse.get_as(&verified, "/auth/me").await.json()["id"].clone();

        for tokens in [verified, signed_in, refreshed] {
            let claims = read_as_peer(&tokens.access);
            assert_eq!((&claims["sub"], &claims["iss"], &claims["role"]), (&id, &json!("auth"), &json!("user")));
            assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), ACCESS_TTL);
            assert!(claims["jti"].as_str().unwrap().parse::<uuid::Uuid>().is_ok(), "{claims}");
        }
    })
    .await;
}

/// What user and address of the first platform make of a token: HS256 alone, no audience, not from the future.
fn read_as_peer(token: &str) -> Value {
    let validation = Validation::new(Algorithm::HS256);
    let claims = jsonwebtoken::decode::<Value>(token, &DecodingKey::from_secret(SECRET.as_bytes()), &validation);
    let claims = claims.unwrap().claims;
    assert_eq!(claims.get("aud"), None);
    assert!(claims["iat"].as_i64().unwrap() <= Sources::system().now().timestamp(), "{claims}");
    claims
}
