//! Whether members stand in a consumer group that are not ours.
//!
//! A group shares events out among its members, so each of two programs in one hears a part; and some clients never come to
//! terms with each other, so that one of them stands idle.

use std::collections::BTreeSet;

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaResult;
use rdkafka::groups::GroupInfo;

use super::client::CLIENT_ID;
use super::cluster::{ANSWER_TIMEOUT, Cluster};

impl Cluster {
    /// Notes which other clients stand in the group of `consumer`, or that none does any more.
    ///
    /// # Errors
    /// A broker does not answer, or refuses.
    pub(super) async fn check_group(&self, consumer: &str) -> KafkaResult<()> {
        let strangers = self.strangers(consumer).await?;
        let group = self.kafka.groups.of(consumer);
        let flaw = strangers.map(|names| {
            format!(
                "other programs stand in the consumer group {group} ({names}), so that consumers in it hear only a part; stop \
                 them, or set KAFKA_GROUP_ID"
            )
        });
        self.link.note(&format!("group {group}"), flaw);
        Ok(())
    }

    /// Which other clients stand in the group of `consumer`, and where they are; none if there are none.
    pub(super) async fn strangers(&self, consumer: &str) -> KafkaResult<Option<String>> {
        let group = self.kafka.groups.of(consumer);
        let found: BTreeSet<String> = self
            .ask(move |scout| {
                let list = scout.fetch_group_list(Some(&group), ANSWER_TIMEOUT)?;
                let groups = list.groups().iter().filter(|group| group.protocol_type() == "consumer");
                let members = groups.flat_map(GroupInfo::members);
                let strangers = members.filter(|member| member.client_id() != CLIENT_ID);
                Ok(strangers.map(|member| format!("{} at {}", member.client_id(), member.client_host())).collect())
            })
            .await?;
        let names = found.into_iter().collect::<Vec<_>>().join(", ");
        Ok((!names.is_empty()).then_some(names))
    }
}
