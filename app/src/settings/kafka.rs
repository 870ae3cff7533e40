//! How events travel.

use std::num::NonZeroU32;
use std::path::PathBuf;

use contracts::Secret;

use super::address::HostPort;
use super::services::{ServiceName, Services};
use super::table::{
    KAFKA_AUTO_OFFSET_RESET, KAFKA_BOOTSTRAP_SERVERS, KAFKA_BROKERS, KAFKA_GROUP_ID, KAFKA_GROUP_INSTANCE_ID,
    KAFKA_PARTITIONS, KAFKA_REPLICATION, KAFKA_SASL_MECHANISM, KAFKA_SASL_PASSWORD, KAFKA_SASL_USERNAME,
    KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_FILE, KAFKA_TOPIC_EMAIL_EVENT, KAFKA_TOPIC_USER_CREATED,
};
use super::value::{Value, one_of};
use super::values::{BadSetting, Values};

/// The log behind the bus port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusChoice {
    /// The outbox itself, read in this process.
    Embedded,
    /// Kafka.
    Kafka(Box<Kafka>),
}

/// How Kafka is reached and used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kafka {
    /// Some of its brokers.
    pub brokers: Vec<HostPort>,
    /// How connections are protected.
    pub security: Security,
    /// The consumer group of a service alone; in one process each consumer has its own.
    pub group: Option<String>,
    /// The name of this process within its groups; host and port when absent.
    pub group_instance: Option<String>,
    /// Where a new group starts.
    pub offset_reset: OffsetReset,
    /// Topics that we make.
    pub topics: Topics,
}

/// How topics are named and made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// The name of `user_created`.
    pub user_created: String,
    /// The name of `email_event`.
    pub email_event: String,
    /// Partitions of a new one.
    pub partitions: NonZeroU32,
    /// Replicas of a new one.
    pub replication: NonZeroU32,
}

/// How connections to Kafka are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    Plaintext,
    /// TLS, trusting also this authority.
    Ssl(Option<PathBuf>),
    /// A sign-in over a connection in plain.
    SaslPlaintext(Sasl),
    /// A sign-in over TLS, trusting also this authority.
    SaslSsl(Sasl, Option<PathBuf>),
}

/// A sign-in at Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sasl {
    /// How.
    pub mechanism: SaslMechanism,
    /// Who.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// What `KAFKA_SECURITY_PROTOCOL` can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// `PLAINTEXT`
    Plaintext,
    /// `SSL`
    Ssl,
    /// `SASL_PLAINTEXT`
    SaslPlaintext,
    /// `SASL_SSL`
    SaslSsl,
}

/// What `KAFKA_SASL_MECHANISM` can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslMechanism {
    /// `PLAIN`
    Plain,
    /// `SCRAM-SHA-256`
    ScramSha256,
    /// `SCRAM-SHA-512`
    ScramSha512,
}

/// Where a group starts that has read nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetReset {
    /// At what the topic still holds.
    Earliest,
    /// At what comes next.
    Latest,
}

impl Value for SecurityProtocol {
    fn parse(text: &str) -> Result<Self, String> {
        let words = [
            ("PLAINTEXT", Self::Plaintext),
            ("SSL", Self::Ssl),
            ("SASL_PLAINTEXT", Self::SaslPlaintext),
            ("SASL_SSL", Self::SaslSsl),
        ];
        one_of(text, &words)
    }
}

impl Value for SaslMechanism {
    fn parse(text: &str) -> Result<Self, String> {
        one_of(
            text,
            &[("PLAIN", Self::Plain), ("SCRAM-SHA-256", Self::ScramSha256), ("SCRAM-SHA-512", Self::ScramSha512)],
        )
    }
}

impl Value for OffsetReset {
    fn parse(text: &str) -> Result<Self, String> {
        one_of(text, &[("earliest", Self::Earliest), ("latest", Self::Latest)])
    }
}

impl BusChoice {
    /// As with Redis: a service's own name first, and one process has one bus.
    pub(super) fn read(values: &mut Values, services: &Services) -> Result<Self, BadSetting> {
        let common = values.get(&KAFKA_BROKERS)?;
        let own = if services.contains(ServiceName::User) { values.get(&KAFKA_BOOTSTRAP_SERVERS)? } else { None };
        let brokers = match (own, common) {
            (None, None) => None,
            (Some(brokers), None) | (None, Some(brokers)) => Some(brokers),
            (Some(own), Some(_)) if services.alone().is_some() => Some(own),
            (Some(own), Some(common)) => Some(same(own, common)?),
        };
        let Some(brokers) = brokers else { return Ok(Self::Embedded) };
        Ok(Self::Kafka(Box::new(Kafka {
            brokers,
            security: security(values)?,
            group: group(values, services)?,
            group_instance: values.get(&KAFKA_GROUP_INSTANCE_ID)?,
            offset_reset: values.take(&KAFKA_AUTO_OFFSET_RESET)?,
            topics: topics(values)?,
        })))
    }
}

fn same(mut own: Vec<HostPort>, mut common: Vec<HostPort>) -> Result<Vec<HostPort>, BadSetting> {
    own.sort();
    common.sort();
    if own == common {
        return Ok(common);
    }
    let reason =
        "KAFKA_BOOTSTRAP_SERVERS means other brokers than KAFKA_BROKERS; in one process all services share one Kafka";
    Err(BadSetting(reason.to_owned()))
}

fn security(values: &Values) -> Result<Security, BadSetting> {
    let ca_file = values.get(&KAFKA_SSL_CA_FILE)?;
    Ok(match values.take(&KAFKA_SECURITY_PROTOCOL)? {
        SecurityProtocol::Plaintext => Security::Plaintext,
        SecurityProtocol::Ssl => Security::Ssl(ca_file),
        SecurityProtocol::SaslPlaintext => Security::SaslPlaintext(sasl(values)?),
        SecurityProtocol::SaslSsl => Security::SaslSsl(sasl(values)?, ca_file),
    })
}

fn sasl(values: &Values) -> Result<Sasl, BadSetting> {
    let missing = |name: &str| values.fault(KAFKA_SECURITY_PROTOCOL.row, &format!("it needs {name}"));
    Ok(Sasl {
        mechanism: values.take(&KAFKA_SASL_MECHANISM)?,
        username: values.get(&KAFKA_SASL_USERNAME)?.ok_or_else(|| missing("KAFKA_SASL_USERNAME"))?,
        password: values.get(&KAFKA_SASL_PASSWORD)?.ok_or_else(|| missing("KAFKA_SASL_PASSWORD"))?,
    })
}

fn topics(values: &Values) -> Result<Topics, BadSetting> {
    Ok(Topics {
        user_created: values.take(&KAFKA_TOPIC_USER_CREATED)?,
        email_event: values.take(&KAFKA_TOPIC_EMAIL_EVENT)?,
        partitions: values.take(&KAFKA_PARTITIONS)?,
        replication: values.take(&KAFKA_REPLICATION)?,
    })
}

/// The groups of today's deployments, so that a replica of ours takes over where theirs stopped.
fn group(values: &mut Values, services: &Services) -> Result<Option<String>, BadSetting> {
    match services.alone() {
        Some(ServiceName::User) => values.take_or(&KAFKA_GROUP_ID, "auth").map(Some),
        Some(ServiceName::Notification) => values.take_or(&KAFKA_GROUP_ID, "notification_group").map(Some),
        Some(ServiceName::Auth) | None => Ok(None),
    }
}
