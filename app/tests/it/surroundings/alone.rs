//! Restaurant alone, as deployments of the first platform run it: on a database and Kafka, with or without Redis.

use clock::Sources;
use contracts::{CatalogChanged, Event};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::RDKafkaErrorCode;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::fleet::Fleet;
use super::process::Process;
use crate::support::{Answer, http_client, in_time, read};

const SECRET: &str = "a secret that is shared with peers";
const SHARED: (&str, &str) = ("JWT_ACCESS_SECRET_KEY", SECRET);
const WITHOUT_REDIS: (&str, &str) = ("REDIS_URL", "");

/// A manager, by the claims of the access token.
struct Manager(Value);

impl Manager {
    /// With a token of ours, which names a session.
    fn of_ours() -> Self {
        let Self(mut claims) = Self::of_a_peer();
        claims["sid"] = json!(Sources::system().uuid());
        Self(claims)
    }

    fn of_a_peer() -> Self {
        let sources = Sources::system();
        let (now, user, jti) = (sources.now().timestamp(), sources.uuid(), sources.uuid());
        Self(json!({ "role": "manager", "iss": "auth", "sub": user, "exp": now + 600, "iat": now, "jti": jti }))
    }

    fn expired(Self(mut claims): Self) -> Self {
        claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 1);
        Self(claims)
    }

    fn token(&self, secret: &str) -> String {
        let is_ours = self.0["sid"].is_string();
        let header = Header { typ: is_ours.then(|| "at+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &self.0, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }
}

async fn get(process: &Process, path: &str, token: Option<&str>) -> Answer {
    let mut request = http_client().get(process.server.url(path)).header("accept-language", "en");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    read(request).await
}

async fn create(process: &Process, token: Option<&str>) -> Answer {
    let body = json!({ "name": "Çıpa Kebap", "address_id": Sources::system().uuid() });
    let mut request = http_client().post(process.server.url("/restaurants")).header("accept-language", "en");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    read(request.json(&body)).await
}

fn refused(answer: &Answer) -> (StatusCode, String) {
    (answer.status, answer.json()["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn without_redis_and_a_secret_restaurant_shows_what_everybody_sees_and_says_what_opens_the_rest() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let mut restaurant = fleet.process_with("restaurant", &[WITHOUT_REDIS]);
    restaurant.server.start().await.unwrap();
    let token = Manager::of_ours().token(SECRET);

    for token in [None, Some(token.as_str())] {
        let list = get(&restaurant, "/restaurants", token).await;
        let unknown = get(&restaurant, &format!("/restaurants/{}", Sources::system().uuid()), token).await;
        let written = create(&restaurant, token).await;
        let of_operators = get(&restaurant, "/admin/topics", token).await;

        assert_eq!((list.status, list.text.as_str(), unknown.status), (StatusCode::OK, "[]", StatusCode::NOT_FOUND));
        let reason = "This service can't check sessions until REDIS_URL or JWT_ACCESS_SECRET_KEY is set.";
        assert_eq!(refused(&written), (StatusCode::SERVICE_UNAVAILABLE, reason.to_owned()));
        let reason = "This service can't check sessions until REDIS_URL is set.";
        assert_eq!(refused(&of_operators), (StatusCode::SERVICE_UNAVAILABLE, reason.to_owned()));
    }
    restaurant.is_ready().await;
    restaurant.sees("revocations", "ready", "neither REDIS_URL nor JWT_ACCESS_SECRET_KEY is set").await;
    restaurant.warns_of("nobody can be signed in here").await;
    assert!(restaurant.server.stop().await.unwrap().success());
}

#[tokio::test]
async fn under_a_shared_secret_restaurant_knows_of_revocations_by_redis_alone() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let mut without = fleet.process_with("restaurant", &[SHARED, WITHOUT_REDIS]);
    let mut with = fleet.process_with("restaurant", &[SHARED, ("KAFKA_GROUP_INSTANCE_ID", "with Redis")]);
    without.server.start().await.unwrap();
    with.server.start().await.unwrap();
    let (ours, peers) = (Manager::of_ours(), Manager::of_a_peer());
    let revoked = format!("blacklist:{}", peers.0["jti"].as_str().unwrap());
    fleet.redis.cli(&["SET", &revoked, "1", "EX", "600"]).unwrap();
    let asked = async |process, manager: &Manager| create(process, Some(&manager.token(SECRET))).await.status;

    let created = create(&without, Some(&ours.token(SECRET))).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    assert_eq!(asked(&without, &peers).await, StatusCode::CREATED, "a revocation that nobody tells it");
    let own = get(&without, "/restaurants/mine", Some(&ours.token(SECRET))).await;
    assert_eq!(own.json()["items"][0]["id"], created.json()["id"]);
    assert_eq!(asked(&with, &peers).await, StatusCode::UNAUTHORIZED);
    assert_eq!(asked(&with, &ours).await, StatusCode::SERVICE_UNAVAILABLE, "no auth has published its revocations");
    for process in [&without, &with] {
        let expired = Manager::expired(Manager::of_ours()).token(SECRET);
        for token in [Some(expired.as_str()), Some(&ours.token("a secret of somebody else")), Some("?"), None] {
            assert_eq!(create(process, token).await.status, StatusCode::UNAUTHORIZED, "{token:?}");
        }
    }
    let of_operators = get(&without, "/admin/topics", Some(&ours.token(SECRET))).await;
    let reason = "This service can't check sessions until REDIS_URL is set.";
    assert_eq!(refused(&of_operators), (StatusCode::SERVICE_UNAVAILABLE, reason.to_owned()));
    without.is_ready().await;
    without.sees("revocations", "ready", "access tokens are good until they expire").await;
    without.warns_of("access tokens are good until they expire").await;
    is_published(&fleet, &created.json()["id"]).await;
}

#[tokio::test]
async fn without_brokers_restaurant_alone_expects_kafka_where_the_first_platform_has_it() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let mut restaurant = fleet.process_with("restaurant", &[("KAFKA_BROKERS", ""), SHARED, WITHOUT_REDIS]);
    restaurant.server.start().await.unwrap();

    let away = restaurant.sees("bus", "degraded", "kafka:9092").await;
    let created = create(&restaurant, Some(&Manager::of_ours().token(SECRET))).await;

    assert_eq!(away.answer, StatusCode::OK);
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
}

/// Returns when a catalog of `restaurant` stands in Kafka.
async fn is_published(fleet: &Fleet, restaurant: &Value) {
    let topic = fleet.topic(CatalogChanged::TOPIC);
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &fleet.kafka).set("group.id", format!("{topic}-reader"));
    let consumer: StreamConsumer = config.set("auto.offset.reset", "earliest").create().unwrap();
    consumer.subscribe(&[&topic]).unwrap();
    let found = async {
        loop {
            match consumer.recv().await {
                // The topic is being made.
                Err(error) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::UnknownTopicOrPartition) => {}
                received => {
                    let record: Value = serde_json::from_slice(received.unwrap().payload().unwrap()).unwrap();
                    // Others may come before it, from other partitions.
                    if record["restaurant_id"] == *restaurant {
                        return;
                    }
                }
            }
        }
    };
    in_time("a catalog is published", found).await;
}
