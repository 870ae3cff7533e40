//! A campaign of a restaurant has begun, has changed since, or was taken back.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CampaignId, Event, RestaurantId};

/// What those who follow a restaurant, or what it cooks, may be written of. It is said once when the campaign begins, and again
/// by a larger version when it changes or is taken back while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct CampaignAnnounced {
    /// What it is called.
    pub title: String,
    /// What it promises.
    pub description: String,
    /// Whose it is; `None` from a peer of the first platform, which does not say: it goes to nobody.
    pub campaign: Option<AnnouncedCampaign>,
}

/// A campaign, as far as a mail says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnnouncedCampaign {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Larger than before.
    pub version: i64,
    /// Whose it is.
    pub restaurant_id: RestaurantId,
    /// What that is called.
    pub restaurant_name: String,
    /// What that cooks, by the names that it gives itself.
    pub cuisines: Vec<String>,
    /// What a diner types for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Whether it was taken back, so that nobody else is to hear of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Event for CampaignAnnounced {
    const TOPIC: &'static str = "notification";
    const TYPE: &'static str = "lezzetlimani.campaign.announced.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"type":"discount","to":"all","subject":"Yeni İndirim!","template":"discount","variables":{"title":"Yaz indirimi","description":"Her şey yarı fiyatına"}}"#,
        r#"{"type":"discount","to":"all","subject":"Yeni İndirim!","template":"discount","variables":{"title":"Yaz indirimi","description":"Her şey yarı fiyatına","campaign_id":"018f0000-0000-7000-8000-000000000001","version":1,"restaurant_id":"018f0000-0000-7000-8000-000000000002","restaurant_name":"Çıpa Kebap","cuisines":["Kebap"],"code":"YAZ50","ends_at":"2026-09-01T00:00:00Z"}}"#,
        r#"{"type":"discount","to":"all","subject":"Yeni İndirim!","template":"discount","variables":{"title":"Yaz indirimi","description":"Her şey yarı fiyatına","campaign_id":"018f0000-0000-7000-8000-000000000001","version":3,"restaurant_id":"018f0000-0000-7000-8000-000000000002","restaurant_name":"Çıpa Kebap","cuisines":[],"ends_at":"2026-09-01T00:00:00Z","withdrawn":true}}"#,
    ];

    /// Nothing where it goes to nobody, as on the first platform.
    fn key(&self) -> String {
        self.campaign.as_ref().map(|campaign| campaign.restaurant_id.to_string()).unwrap_or_default()
    }
}

/// The value on the wire, with the first platform's fields first.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CampaignAnnounced")]
struct Wire {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    to: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    template: String,
    variables: Variables,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Discount,
}

/// What the first platform writes has no campaign; half of one is none, and an error.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Variables {
    Ours {
        title: String,
        description: String,
        #[serde(flatten)]
        campaign: AnnouncedCampaign,
    },
    FirstPlatforms(Plain),
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Plain {
    title: String,
    description: String,
    #[serde(default, skip_serializing)]
    campaign_id: Option<serde_json::Value>,
}

/// It names a campaign, but not all that belongs to one.
#[derive(Debug, thiserror::Error)]
#[error("campaign_id is given, but what belongs to a campaign is missing or wrong")]
struct HalfACampaign;

impl TryFrom<Wire> for CampaignAnnounced {
    type Error = HalfACampaign;

    fn try_from(wire: Wire) -> Result<Self, HalfACampaign> {
        match wire.variables {
            Variables::Ours { title, description, campaign } => {
                Ok(Self { title, description, campaign: Some(campaign) })
            }
            Variables::FirstPlatforms(Plain { campaign_id: Some(_), .. }) => Err(HalfACampaign),
            Variables::FirstPlatforms(Plain { title, description, campaign_id: None }) => {
                Ok(Self { title, description, campaign: None })
            }
        }
    }
}

impl From<CampaignAnnounced> for Wire {
    fn from(CampaignAnnounced { title, description, campaign }: CampaignAnnounced) -> Self {
        let variables = match campaign {
            Some(campaign) => Variables::Ours { title, description, campaign },
            None => Variables::FirstPlatforms(Plain { title, description, campaign_id: None }),
        };
        Self {
            kind: Kind::Discount,
            to: "all".to_owned(),
            subject: "Yeni İndirim!".to_owned(),
            template: "discount".to_owned(),
            variables,
        }
    }
}

impl JsonSchema for CampaignAnnounced {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Wire::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Wire::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read_with_the_first_platforms_fields_first() {
        for example in CampaignAnnounced::EXAMPLES {
            let event: CampaignAnnounced = serde_json::from_str(example).unwrap();

            assert_eq!(&serde_json::to_string(&event).unwrap(), example);
        }
    }

    #[test]
    fn a_message_of_the_first_platform_names_no_campaign() {
        let event: CampaignAnnounced = serde_json::from_str(CampaignAnnounced::EXAMPLES[0]).unwrap();

        assert_eq!((event.campaign.as_ref(), event.key()), (None, String::new()));
    }

    #[test]
    fn half_a_campaign_is_refused() {
        let half = r#"{"type":"discount","to":"all","variables":{"title":"t","description":"d","campaign_id":"018f0000-0000-7000-8000-000000000001"}}"#;

        assert!(serde_json::from_str::<CampaignAnnounced>(half).is_err());
    }
}
