//! Members of the first platform, as plain clients: what they write is heard, and what we write they can read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bus::dead_letters::{self, Filter, Scope, Slice};
use bus::{Bus, BusUrl, Consumer, HearError, Heard, Hears, TraceParent, Transport, outbox};
use clock::Sources;
use contracts::{EmailAddress, EmailEvent, Event, MailMessage, Secret, UserCreated};
use database::WriteTransaction;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::databases::place::Placed;
use crate::support::{DEADLINE, Noted, Process, eventually, fresh_prefix, kafka, plain_client, shared};

/// Keys and the partitions of six that kafka-clients 4.1 puts them into: `toPositive(murmur2(key)) % 6`.
const JAVA: [(&str, i32); 6] = [
    ("21", 0),
    ("foobar", 0),
    ("a-little-bit-long-string", 2),
    ("ayşe@example.com", 4),
    ("0191d2a4-7c11-7a3e-8f7e-1c9c0a6c2b11", 3),
    ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 5),
];
const USER: &str = "0191d2a4-7c11-7a3e-8f7e-1c9c0a6c2b11";

#[tokio::test(flavor = "multi_thread")]
async fn keys_land_where_clients_of_java_put_them() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let process = Process::start(kafka(&brokers, &prefix, 6), Vec::new()).await;

    for (key, _) in JAVA {
        process.note(key, 1).await;
    }
    let written = read(&brokers, &format!("{prefix}{}", Noted::TOPIC), JAVA.len());

    let partition = |message: &OwnedMessage| (text(message.key()), message.partition());
    let expected = JAVA.map(|(key, partition)| (key.to_owned(), partition));
    assert_eq!(written.iter().map(partition).collect::<BTreeMap<_, _>>(), expected.into());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_consumer_reads_what_we_write() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let process = Process::start(kafka(&brokers, &prefix, 1), Vec::new()).await;
    let trace = TraceParent::new([7; 16], [3; 8]);
    let created = UserCreated { user_id: USER.parse().unwrap(), email: None, locale: None, created_at: None };
    let mail = verification("ayse@example.com", "s3cret");

    trace.clone().scope(process.record(&created)).await;
    process.record(&mail).await;
    let users = read(&brokers, &format!("{prefix}user_created"), 1);
    let mails = read(&brokers, &format!("{prefix}email_event"), 1);

    assert_eq!(text(users[0].key()), USER);
    assert_eq!(text(users[0].payload()), format!(r#"{{"id":"{USER}","user_id":"{USER}"}}"#));
    assert_eq!(text(mails[0].key()), "ayse@example.com");
    let legacy = r#"{"type":"verification","to":"ayse@example.com","subject":"Verification Email","template":"verification","variables":{"token":"s3cret"}"#;
    assert!(text(mails[0].payload()).starts_with(legacy), "{}", text(mails[0].payload()));
    let headers = headers(&users[0]);
    let value = |name: &str| headers.get(name).map(String::as_str);
    assert_eq!(value("ce_specversion"), Some("1.0"));
    assert_eq!(value("ce_type"), Some(UserCreated::TYPE));
    assert_eq!(value("ce_source"), Some("/lezzetlimani"));
    assert_eq!(value("content-type"), Some("application/json"));
    assert_eq!(value("traceparent"), Some(trace.as_str()));
    let recorded_at = chrono::DateTime::parse_from_rfc3339(value("ce_time").unwrap()).unwrap();
    assert!(recorded_at.timestamp_millis() <= users[0].timestamp().to_millis().unwrap());
    assert!(value("ce_id").unwrap().parse::<uuid::Uuid>().is_ok());
}

/// Kafka deletes records by their time, and keeps them for a week where nobody says otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_waited_for_years_is_a_young_record() {
    let Some(brokers) = shared() else { return };
    let (prefix, begun) = (fresh_prefix(), Sources::system().now());
    let placed = Placed::<TempDir>::fresh().await;
    let tx = placed.database.begin_write().await.unwrap();
    outbox::record(&tx, &Noted::new("a", 1)).await.unwrap();
    tx.commit().await.unwrap();
    let url = BusUrl::Kafka(Box::new(kafka(&brokers, &prefix, 1)));
    let bus = Bus::open(&url, placed.database.clone(), Vec::new()).await.unwrap();

    let mut run = JoinSet::new();
    run.spawn(async move { bus.run(CancellationToken::new()).await });
    let written = read(&brokers, &format!("{prefix}{}", Noted::TOPIC), 1);

    assert!(written[0].timestamp().to_millis().unwrap() >= begun.timestamp_millis());
    assert!(headers(&written[0])["ce_time"].starts_with("2023-11-14T22:13:20"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_original_producer_writes_is_heard() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let ear = Ear::default();
    let process = Process::start(kafka(&brokers, &prefix, 1), vec![ear.consumer()]).await;
    process.wait_for_transport(|transport| *transport == Transport::Up).await;
    let by_id = format!(r#"{{"id":"{USER}"}}"#);
    let by_user_id = format!(r#"{{"user_id":"{USER}"}}"#);
    let by_token = legacy_mail("token", "s1");
    let by_code = legacy_mail("code", "s2");

    for (topic, key, value) in [
        ("user_created", Some(USER), by_id.as_str()),
        ("user_created", None, by_user_id.as_str()),
        ("email_event", Some("ayse@example.com"), by_token.as_str()),
        ("email_event", Some("ayse@example.com"), by_code.as_str()),
    ] {
        write(&brokers, &format!("{prefix}{topic}"), key, Some(value)).await;
    }
    eventually(async || ear.heard().len() == 4).await;

    let mut heard = ear.heard();
    heard.sort();
    assert_eq!(heard, ["mail s1", "mail s2", &format!("user {USER}"), &format!("user {USER}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_becomes_a_dead_letter_and_shows_no_secret() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let ear = Ear::default();
    let process = Process::start(kafka(&brokers, &prefix, 1), vec![ear.consumer()]).await;
    process.wait_for_transport(|transport| *transport == Transport::Up).await;
    let users = format!("{prefix}user_created");

    write(&brokers, &users, Some(USER), None).await;
    write(&brokers, &users, Some("7"), Some(r#"{"id":"7"}"#)).await;
    write(&brokers, &users, None, Some("no JSON")).await;
    write(&brokers, &format!("{prefix}email_event"), Some("a\0b"), Some(r#"{"token":"s3cret"#)).await;
    write(&brokers, &users, Some(USER), Some(&format!(r#"{{"id":"{USER}"}}"#))).await;
    eventually(async || ear.heard().len() == 1).await;
    let process = process.idle().await;

    let slice = Slice { after: None, limit: 10 };
    let letters = dead_letters::list(&process.database, &Filter::default(), Scope::All, slice).await.unwrap();
    assert_eq!(letters.len(), 4, "{letters:?}");
    assert!(letters.iter().all(|letter| letter.reason.starts_with("not a lezzetlimani.")), "{letters:?}");
    assert!(!format!("{letters:?}").contains("s3cret"), "{letters:?}");
}

/// Hears what the first platform says.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<String>>>);

impl Ear {
    fn consumer(&self) -> Consumer {
        Consumer::named("ear").hears::<UserCreated>(self.clone()).hears::<EmailEvent>(self.clone())
    }

    fn heard(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Hears<UserCreated> for Ear {
    async fn hear(&self, _tx: &WriteTransaction, heard: &Heard<UserCreated>) -> Result<(), HearError> {
        self.0.lock().unwrap().push(format!("user {}", heard.event.user_id));
        Ok(())
    }
}

#[async_trait]
impl Hears<EmailEvent> for Ear {
    async fn hear(&self, _tx: &WriteTransaction, heard: &Heard<EmailEvent>) -> Result<(), HearError> {
        let MailMessage::Verification { token, .. } = &heard.event.message else { panic!("not what was written") };
        self.0.lock().unwrap().push(format!("mail {}", token.expose()));
        Ok(())
    }
}

fn verification(to: &str, token: &str) -> EmailEvent {
    let message = MailMessage::Verification { token: Secret::new(token), asked: contracts::Asked::default() };
    EmailEvent { to: to.parse::<EmailAddress>().unwrap(), locale: contracts::Locale::Tr, message }
}

fn legacy_mail(name: &str, secret: &str) -> String {
    let variables = format!(r#"{{"{name}":"{secret}"}}"#);
    format!(
        r#"{{"type":"verification","to":"ayse@example.com","subject":"Verification Email","template":"verification","variables":{variables}}}"#
    )
}

async fn write(brokers: &str, topic: &str, key: Option<&str>, value: Option<&str>) {
    let producer: FutureProducer = plain_client(brokers).create().unwrap();
    let record = FutureRecord::<str, str> { key, payload: value, ..FutureRecord::to(topic) };
    producer.send(record, DEADLINE).await.unwrap();
}

/// The first `count` messages of `topic`, by a client that knows nothing of ours.
fn read(brokers: &str, topic: &str, count: usize) -> Vec<OwnedMessage> {
    let mut config = plain_client(brokers);
    config.set("group.id", format!("{topic}-peer")).set("auto.offset.reset", "earliest");
    config.set("topic.metadata.refresh.interval.ms", "200");
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let polls = std::iter::repeat_with(|| consumer.poll(DEADLINE / 600)).take(600);
    polls.flatten().filter_map(Result::ok).map(|message| message.detach()).take(count).collect()
}

fn headers(message: &OwnedMessage) -> BTreeMap<String, String> {
    let headers = message.headers().unwrap();
    headers.iter().map(|header| (header.key.to_owned(), text(header.value))).collect()
}

fn text(bytes: Option<&[u8]>) -> String {
    String::from_utf8(bytes.unwrap().to_vec()).unwrap()
}
