//! A Kafka that bars the way, comes late, or has other topics than were asked for. Events wait meanwhile.

use std::path::Path;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use reqwest::StatusCode;
use testkit::servers::kafka::KafkaServer;
use testkit::servers::shared;

use super::fleet::Fleet;
use super::process::{Process, Readiness};
use crate::support::{at_last, http_client};

const TIMEOUT: Duration = Duration::from_secs(20);

/// One broker of its own is made for all three, because that takes seconds.
#[tokio::test]
async fn a_kafka_that_bars_the_way_or_is_away_is_reported_until_it_lets_events_through() {
    if !shared::are_wanted() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut kafka = KafkaServer::start(folder.path()).await.unwrap();
    let next_authority = kafka.prepare_certificate().unwrap();

    let unknown = by_the_secured_door(&kafka, "newcomer", &kafka.authority());
    let distrustful = by_the_secured_door(&kafka, KafkaServer::USER, &next_authority);
    is_reported(&unknown, "Kafka refuses the sign-in (KAFKA_SASL_USERNAME, ").await;
    is_reported(&distrustful, "TLS with Kafka fails (KAFKA_SSL_CA_FILE, ").await;
    kafka.add_user("newcomer").unwrap();
    unknown.is_ready().await;
    drop(unknown);

    kafka.kill().unwrap();
    let early = Process::launch(&[("KAFKA_BROKERS", &kafka.brokers()), ("KAFKA_TOPIC_EMAIL_EVENT", "early")]);
    let away = is_reported(&early, "no broker answers: ").await;
    let registered = early.register("ayse@example.com").await;
    kafka.renew_certificate().unwrap();
    kafka.restart().await.unwrap();
    distrustful.is_ready().await;
    early.is_ready().await;

    assert!(away.reason.contains(&kafka.brokers()), "{away:?}");
    assert_eq!(registered, StatusCode::CREATED);
    let mailbox = early.server.url("/mailbox/messages?to=ayse@example.com");
    let mailed = async || (http_client().get(&mailbox).send().await.ok()?.text().await.ok()? != "[]").then_some(());
    at_last("the mail comes that was asked for while Kafka was away", mailed).await;
}

#[tokio::test]
async fn a_topic_with_fewer_partitions_than_asked_for_is_reported_used_and_left_as_it_is() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let topic = fleet.topic("email_event");
    make_topic(&fleet.kafka, &topic).await;
    let [mut auth, mut notification] = ["auth", "notification"].map(|service| fleet.process(service));

    auth.server.start().await.unwrap();
    notification.server.start().await.unwrap();
    let flaw = format!("the topic {topic} has 1 partitions where 6 were asked for");
    let seen = [is_reported(&auth, &flaw).await, is_reported(&notification, &flaw).await];
    assert_eq!(auth.register("ayse@example.com").await, StatusCode::CREATED);
    fleet.mails.wait_for(1, TIMEOUT).await.unwrap();

    assert_eq!(seen.map(|seen| seen.reason), [flaw.clone(), flaw.clone()]);
    auth.server.stop().await.unwrap();
    auth.server.start().await.unwrap();
    assert_eq!(auth.sees("bus", "degraded", &topic).await.reason, flaw);
}

/// That events wait, and why, stands in readiness, where it is no reason to send requests elsewhere, and in the log.
async fn is_reported(process: &Process, reason: &str) -> Readiness {
    let seen = process.sees("bus", "degraded", reason).await;
    let line = process.warns_of(reason).await;
    assert_eq!((seen.answer, seen.status.as_str()), (StatusCode::OK, "degraded"));
    assert!(!format!("{seen:?}{line}").contains(KafkaServer::PASSWORD), "{seen:?} {line}");
    seen
}

/// A process that signs in as `user`, and believes whom `authority` vouches for.
fn by_the_secured_door(kafka: &KafkaServer, user: &str, authority: &Path) -> Process {
    Process::launch(&[
        ("KAFKA_BROKERS", &kafka.secured_brokers()),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
        ("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
        ("KAFKA_SASL_USERNAME", user),
        ("KAFKA_SASL_PASSWORD", KafkaServer::PASSWORD),
        ("KAFKA_SSL_CA_FILE", authority.to_str().unwrap()),
    ])
}

/// Makes `topic` with a single partition, as somebody may have done before us.
async fn make_topic(brokers: &str, topic: &str) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
    let single = NewTopic::new(topic, 1, TopicReplication::Fixed(1));
    let made = admin.create_topics([&single], &AdminOptions::new().operation_timeout(Some(TIMEOUT))).await.unwrap();
    assert_eq!(made, [Ok(topic.to_owned())]);
}
