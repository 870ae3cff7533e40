//! What all our clients of Kafka have in common: how they connect, and where they say what goes wrong.

use std::ops::Deref;
use std::sync::Arc;

use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;

use super::connection_health::ConnectionHealth;
use super::description::{Kafka, Sasl, Security};

/// What all clients of ours call themselves.
pub(super) const CLIENT_ID: &str = "lezzetlimani";

/// The settings of every client.
pub(super) fn config(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", kafka.brokers.join(","))
        .set("client.id", CLIENT_ID)
        // A lone event must not wait for more.
        .set("socket.nagle.disable", "true")
        .set("socket.keepalive.enable", "true")
        .set("socket.timeout.ms", "10000")
        // A broker that was killed is back in seconds; with the defaults we would notice after most of a minute.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        // Partitions that are added and topics that are made are seen this soon.
        .set("topic.metadata.refresh.interval.ms", "30000")
        .set("allow.auto.create.topics", "false")
        .set_log_level(RDKafkaLogLevel::Warning);
    protect(&mut config, &kafka.security);
    config
}

fn protect(config: &mut ClientConfig, security: &Security) {
    let (protocol, sasl, authority) = match security {
        Security::Plaintext => ("plaintext", None, None),
        Security::Ssl(authority) => ("ssl", None, authority.as_ref()),
        Security::SaslPlaintext(sasl) => ("sasl_plaintext", Some(sasl), None),
        Security::SaslSsl(sasl, authority) => ("sasl_ssl", Some(sasl), authority.as_ref()),
    };
    config.set("security.protocol", protocol);
    if let Some(Sasl { mechanism, username, password }) = sasl {
        config
            .set("sasl.mechanism", mechanism.as_str())
            .set("sasl.username", username)
            .set("sasl.password", password.expose());
    }
    if let Some(authority) = authority {
        config.set("ssl.ca.location", authority.display().to_string());
    }
}

/// A client that is closed on a thread of its own: closing waits for brokers and for the library's threads, which may take
/// long, above all after a clock was set back, and which no task and no end of the process may wait for.
pub(super) struct Closing<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Closing<T> {
    pub(super) fn new(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> Deref for Closing<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until this is dropped")
    }
}

impl<T: Send + 'static> Drop for Closing<T> {
    fn drop(&mut self) {
        let client = self.0.take();
        std::thread::spawn(move || drop(client));
    }
}

/// Hears what a client has to say, and lets the link know of troubles.
#[derive(Clone)]
pub(super) struct Listener(pub(super) Arc<ConnectionHealth>);

impl ClientContext for Listener {
    /// The link logs once; what the library says at each try is for those who debug.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(?level, facility, message, "librdkafka");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.hear_trouble(&error, reason);
    }
}
