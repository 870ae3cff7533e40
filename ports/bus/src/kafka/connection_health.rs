//! Whether Kafka can be reached, and if not, since when and why.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use clock::{Sources, Timestamp};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// How events travel at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// As they should.
    Up,
    /// They travel, but something is not as it was asked for.
    Flawed(String),
    /// They wait in the outbox.
    Away {
        /// Since when.
        since: Timestamp,
        /// Why, for the operator.
        reason: String,
    },
}

/// What is known of the connection to Kafka, shared by all clients of this process.
pub(super) struct ConnectionHealth {
    sources: Sources,
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    away_since: Option<Timestamp>,
    /// What the clients said last, until Kafka answers again.
    trouble: Option<String>,
    /// What is wrong though Kafka answers, by what it is about.
    flaws: BTreeMap<String, String>,
}

impl ConnectionHealth {
    pub(super) fn new(sources: Sources) -> Self {
        Self { sources, health: Mutex::default() }
    }

    pub(super) fn transport(&self) -> Transport {
        let health = self.health();
        match health.away_since {
            Some(since) => Transport::Away { since, reason: health.reason() },
            None if health.flaws.is_empty() => Transport::Up,
            None => Transport::Flawed(health.flaws.values().cloned().collect::<Vec<_>>().join("; ")),
        }
    }

    /// Kafka has answered.
    pub(super) fn is_up(&self) {
        let mut health = self.health();
        health.trouble = None;
        metrics::gauge!("bus_kafka_up").set(1.0);
        if let Some(since) = health.away_since.take() {
            let away = (self.sources.now() - since).to_std().unwrap_or_default();
            tracing::info!(?away, "Kafka is back");
        }
    }

    /// Kafka has not answered, for `error` or for what the clients said.
    pub(super) fn is_away(&self, error: &KafkaError) {
        let mut health = self.health();
        metrics::gauge!("bus_kafka_up").set(0.0);
        if health.trouble.is_none() {
            health.trouble = Some(describe(error, &error.to_string()));
        }
        if health.away_since.is_none() {
            health.away_since = Some(self.sources.now());
            tracing::warn!(reason = health.reason(), "Kafka is away; events wait in the outbox");
        }
    }

    /// A client has met `error`. It goes on trying by itself, so this decides nothing.
    pub(super) fn hear_trouble(&self, error: &KafkaError, reason: &str) {
        // That no broker is left says nothing about why.
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            return;
        }
        let trouble = describe(error, reason);
        let mut health = self.health();
        if health.trouble.as_ref() != Some(&trouble) {
            tracing::debug!(trouble, "a client of Kafka has met an error");
            health.trouble = Some(trouble);
        }
    }

    /// Notes what is wrong about `subject`, or that nothing is any more.
    pub(super) fn note(&self, subject: &str, flaw: Option<String>) {
        let mut health = self.health();
        match flaw {
            None => drop(health.flaws.remove(subject)),
            Some(flaw) if health.flaws.get(subject) == Some(&flaw) => (),
            Some(flaw) => {
                tracing::warn!(flaw, "Kafka is not as it was asked for");
                health.flaws.insert(subject.to_owned(), flaw);
            }
        }
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Health {
    fn reason(&self) -> String {
        self.trouble.clone().unwrap_or_else(|| "no broker answers".to_owned())
    }
}

const TLS_FAILS: &str = "TLS with Kafka fails (KAFKA_SSL_CA_FILE, KAFKA_SECURITY_PROTOCOL)";

/// What went wrong in the operator's words, and then in the library's.
fn describe(error: &KafkaError, text: &str) -> String {
    let cause = match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => {
            "Kafka refuses the sign-in (KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, KAFKA_SASL_MECHANISM)"
        }
        Some(RDKafkaErrorCode::SSL) => TLS_FAILS,
        // The library reports a handshake that has failed as a connection that was lost, now and then.
        _ if text.contains("SSL_HANDSHAKE") => TLS_FAILS,
        Some(RDKafkaErrorCode::Resolve) => "the name of a broker can't be resolved (KAFKA_BROKERS)",
        _ => "no broker answers",
    };
    format!("{cause}: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_that_fails_is_one_of_tls_under_whatever_code() {
        let text = "localhost:9093/bootstrap: certificate verify failed (after 2ms in state SSL_HANDSHAKE)";
        for code in [RDKafkaErrorCode::SSL, RDKafkaErrorCode::BrokerTransportFailure, RDKafkaErrorCode::AllBrokersDown]
        {
            let described = describe(&KafkaError::Global(code), text);
            assert!(described.starts_with(TLS_FAILS), "{described}");
        }
        let lost = describe(&KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure), "connection refused");
        assert!(lost.starts_with("no broker answers"), "{lost}");
    }
}
