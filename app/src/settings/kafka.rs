//! How events travel.

use std::collections::BTreeMap;

use bus::{BusUrl, Compression, Groups, Kafka, OffsetReset, Sasl, SaslMechanism, Security, Topics};
use contracts::{EmailEvent, Event, UserCreated};

use super::address::HostPort;
use super::http;
use super::services::{ServiceName, Services};
use super::table::{
    KAFKA_AUTO_OFFSET_RESET, KAFKA_BOOTSTRAP_SERVERS, KAFKA_BROKERS, KAFKA_COMPRESSION, KAFKA_GROUP_ID,
    KAFKA_GROUP_INSTANCE_ID, KAFKA_PARTITIONS, KAFKA_REPLICATION, KAFKA_SASL_MECHANISM, KAFKA_SASL_PASSWORD,
    KAFKA_SASL_USERNAME, KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_FILE, KAFKA_TOPIC_EMAIL_EVENT, KAFKA_TOPIC_USER_CREATED,
};
use super::value::{Value, one_of};
use super::values::{BadSetting, Values};

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

const GROUP_PREFIX: &str = "lezzetlimani.";

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

impl Value for Compression {
    fn parse(text: &str) -> Result<Self, String> {
        let words = [
            ("none", Self::None),
            ("gzip", Self::Gzip),
            ("snappy", Self::Snappy),
            ("lz4", Self::Lz4),
            ("zstd", Self::Zstd),
        ];
        one_of(text, &words)
    }
}

/// As with Redis: a service's own name first, and one process has one bus.
pub(super) fn read(values: &mut Values, services: &Services) -> Result<BusUrl, BadSetting> {
    let common = match services.defaults().and_then(|defaults| defaults.brokers) {
        Some(brokers) => Some(values.take_or(&KAFKA_BROKERS, brokers)?),
        None => values.get(&KAFKA_BROKERS)?,
    };
    let own = if services.contains(ServiceName::User) { values.get(&KAFKA_BOOTSTRAP_SERVERS)? } else { None };
    let brokers = match (own, common) {
        (None, None) => return Ok(BusUrl::Embedded),
        (Some(brokers), None) | (None, Some(brokers)) => brokers,
        (Some(own), Some(_)) if services.alone().is_some() => own,
        (Some(own), Some(common)) => same(own, common)?,
    };
    Ok(BusUrl::Kafka(Box::new(Kafka {
        brokers: brokers.iter().map(ToString::to_string).collect(),
        security: security(values)?,
        groups: groups(values, services)?,
        instance: instance(values, services)?,
        offset_reset: values.take(&KAFKA_AUTO_OFFSET_RESET)?,
        compression: values.take(&KAFKA_COMPRESSION)?,
        topics: topics(values)?,
    })))
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
        names: BTreeMap::from([
            (UserCreated::TOPIC, values.take(&KAFKA_TOPIC_USER_CREATED)?),
            (EmailEvent::TOPIC, values.take(&KAFKA_TOPIC_EMAIL_EVENT)?),
        ]),
        partitions: values.take(&KAFKA_PARTITIONS)?,
        replication: values.take(&KAFKA_REPLICATION)?,
    })
}

/// A service alone takes over the group of today's deployments, where theirs stopped. Elsewhere no two consumers may share
/// one, since each hears other topics.
fn groups(values: &mut Values, services: &Services) -> Result<Groups, BadSetting> {
    match services.defaults().and_then(|defaults| defaults.group) {
        Some(group) => values.take_or(&KAFKA_GROUP_ID, group).map(Groups::One),
        None => Ok(Groups::Each(GROUP_PREFIX.to_owned())),
    }
}

/// What tells the replicas of a fleet apart, also after a restart; only where the system chooses the port, not beyond one.
fn instance(values: &mut Values, services: &Services) -> Result<String, BadSetting> {
    let host = gethostname::gethostname();
    let place = match http::port(values, services)? {
        0 => format!("process-{}", std::process::id()),
        port => port.to_string(),
    };
    values.take_or(&KAFKA_GROUP_INSTANCE_ID, format!("{}:{place}", host.to_string_lossy()))
}
