//! How events travel.

use std::collections::BTreeMap;

use bus::{BusUrl, Groups, Kafka, Sasl, Security, Topics};
use contracts::{EmailEvent, Event, UserCreated, event_schemas};

use super::given::BadSetting;
use super::http;
use super::table::{
    KAFKA_AUTO_OFFSET_RESET, KAFKA_BOOTSTRAP_SERVERS, KAFKA_BROKERS, KAFKA_COMPRESSION, KAFKA_GROUP_ID,
    KAFKA_GROUP_INSTANCE_ID, KAFKA_PARTITIONS, KAFKA_REPLICATION, KAFKA_SASL_MECHANISM, KAFKA_SASL_PASSWORD,
    KAFKA_SASL_USERNAME, KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_FILE, KAFKA_TOPIC_EMAIL_EVENT, KAFKA_TOPIC_PREFIX,
    KAFKA_TOPIC_USER_CREATED,
};
use super::value::address::HostPort;
use super::value::kafka::{SecurityProtocol, TopicName, TopicPrefix};
use super::values::Values;
use crate::services::{ServiceName, Services};

const GROUP_PREFIX: &str = "lezzetlimani.";

/// As with Redis: a service's own name first, and one process has one bus.
pub(super) fn read(values: &mut Values, services: &Services) -> Result<BusUrl, BadSetting> {
    let common = match services.replaced().and_then(|replaced| replaced.brokers) {
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
    Err(BadSetting::new(reason).beside(&KAFKA_BOOTSTRAP_SERVERS.row))
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

fn topics(values: &mut Values) -> Result<Topics, BadSetting> {
    Ok(Topics {
        names: topic_names(values)?,
        partitions: values.take(&KAFKA_PARTITIONS)?,
        replication: values.take(&KAFKA_REPLICATION)?,
    })
}

/// The topic of each event has its built-in name behind the prefix. Two of them can be named whole, as the first platform's
/// deployments may do; no two events share one, since a consumer takes whatever a topic holds for its event.
fn topic_names(values: &mut Values) -> Result<BTreeMap<&'static str, String>, BadSetting> {
    let TopicPrefix(prefix) = values.take(&KAFKA_TOPIC_PREFIX)?;
    let topics = event_schemas().into_iter().map(|event| event.topic);
    let mut names: BTreeMap<_, _> = topics.map(|topic| (topic, format!("{prefix}{topic}"))).collect();
    let named_whole = [(UserCreated::TOPIC, KAFKA_TOPIC_USER_CREATED), (EmailEvent::TOPIC, KAFKA_TOPIC_EMAIL_EVENT)];
    for (topic, setting) in &named_whole {
        let TopicName(name) = values.take_or(setting, format!("{prefix}{topic}"))?;
        names.insert(topic, name);
    }
    for (topic, setting) in &named_whole {
        let shared = names.iter().find(|(other, name)| *other != topic && **name == names[topic]);
        if let Some((other, _)) = shared {
            return Err(values.fault(setting.row, &format!("the topic of {other} has that name")));
        }
    }
    Ok(names)
}

/// A service alone takes over the group of today's deployments, where theirs stopped. Elsewhere no two consumers may share
/// one, since each hears other topics.
fn groups(values: &mut Values, services: &Services) -> Result<Groups, BadSetting> {
    let TopicPrefix(prefix) = values.take(&KAFKA_TOPIC_PREFIX)?;
    match services.replaced().and_then(|replaced| replaced.group) {
        Some(group) => values.take_or(&KAFKA_GROUP_ID, format!("{prefix}{group}")).map(Groups::One),
        None => Ok(Groups::Each(format!("{prefix}{GROUP_PREFIX}"))),
    }
}

/// What distinguishes the replicas of a fleet, also after a restart; only where the system chooses the port, not beyond one.
fn instance(values: &mut Values, services: &Services) -> Result<String, BadSetting> {
    let host = gethostname::gethostname();
    let place = match http::port(values, services)? {
        0 => format!("process-{}", std::process::id()),
        port => port.to_string(),
    };
    values.take_or(&KAFKA_GROUP_INSTANCE_ID, format!("{}:{place}", host.to_string_lossy()))
}
