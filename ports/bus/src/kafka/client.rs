//! What all our clients of Kafka have in common: how they connect, and where they say what goes wrong.

use std::sync::Arc;

use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;

use super::description::{Kafka, Sasl, Security};
use super::link::Link;

/// The settings of every client.
pub(super) fn config(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", kafka.brokers.join(","))
        .set("client.id", "lezzetlimani")
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

/// Hears what a client has to say, and lets the link know of troubles.
#[derive(Clone)]
pub(super) struct Listener(pub(super) Arc<Link>);

impl ClientContext for Listener {
    /// The link tells the operator once; what the library says at each try is for those who look closer.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(?level, facility, message, "librdkafka");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.hear_trouble(&error, reason);
    }
}
