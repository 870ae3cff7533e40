//! One file for each promise about speed.

pub(crate) mod addresses;
pub(crate) mod campaign_expansion;
pub(crate) mod carts;
pub(crate) mod dead_letter_replay;
pub(crate) mod delivery;
pub(crate) mod equal_time;
pub(crate) mod idle;
pub(crate) mod kafka_delivery;
pub(crate) mod live;
pub(crate) mod mail;
pub(crate) mod mail_beside_campaign;
pub(crate) mod mail_queue;
pub(crate) mod mail_sending;
pub(crate) mod menu;
pub(crate) mod orders;
pub(crate) mod outbox_cost;
pub(crate) mod pages;
pub(crate) mod passwords;
pub(crate) mod redis_refresh;
pub(crate) mod refresh;
pub(crate) mod relay_drain;
pub(crate) mod revocation;
pub(crate) mod revocations;
pub(crate) mod search;
pub(crate) mod search_index;
pub(crate) mod start;
pub(crate) mod storm;
pub(crate) mod token_check;

use anyhow::Result;
use clap::ValueEnum;

use crate::platform::Platform;
use crate::report::Row;
use crate::stage::Stage;
use search::Extent;

/// What can be measured, in the order in which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Measure {
    Idle,
    Passwords,
    Refresh,
    TokenCheck,
    Mail,
    MailQueue,
    MailBesideCampaign,
    Revocation,
    Delivery,
    Storm,
    IdleAfterLoad,
    Start,
    IdleDemo,
    SearchIndex,
    Menu,
    Carts,
    Checkout,
    Orders,
    Live,
    CampaignExpansion,
    Pages,
    EqualTime,
    Revocations,
    Search,
    RelayDrain,
    KafkaDelivery,
    OutboxCost,
    RedisRefresh,
    DeadLetterReplay,
    MailQueueOnServers,
    MailBesideCampaignOnServers,
    MailSendingOnServers,
    MenuOnServers,
    AddressesOnServers,
    CartsOnServers,
    CheckoutOnServers,
    OrdersOnServers,
    CampaignExpansionOnServers,
    EqualTimeOnServers,
    RevocationsOnServers,
    SearchOnServers,
}

impl Measure {
    /// Whether it needs Kafka, Postgres or Redis.
    pub(crate) fn needs_servers(self) -> bool {
        self >= Self::RelayDrain
    }

    /// Whether it is left out unless it is named: it takes long, or needs what not every machine has.
    pub(crate) fn has_to_be_named(self) -> bool {
        let is_long =
            matches!(self, Self::Revocations | Self::RevocationsOnServers | Self::Search | Self::SearchOnServers);
        let needs_a_browser = self == Self::Pages;
        is_long || needs_a_browser
    }

    /// Measures it.
    pub(crate) async fn take(self, stage: &mut Stage) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Idle => vec![idle::of_a_fresh_start(stage.platform().await?).await?],
            Self::Passwords => {
                let (platform, diners) = stage.platform_with_diners().await?;
                passwords::against_bare_argon2(platform, diners).await?.into()
            }
            Self::Refresh => {
                let (platform, diners) = stage.platform_with_diners().await?;
                vec![refresh::per_cpu_second(platform, diners).await?]
            }
            Self::TokenCheck => token_check::warm_and_cold().await?.into(),
            Self::Mail => vec![mail::after_register(stage.platform().await?).await?],
            Self::MailQueue => mail_queue::embedded(stage.fresh_platform().await?).await?,
            Self::MailQueueOnServers => {
                let binary = stage.binary.clone();
                mail_queue::on_servers(&binary, stage.servers().await?).await?
            }
            Self::MailBesideCampaign => vec![mail_beside_campaign::embedded(&stage.end_platform()).await?],
            Self::MailBesideCampaignOnServers => {
                let binary = stage.binary.clone();
                vec![mail_beside_campaign::on_servers(&binary, stage.servers().await?).await?]
            }
            Self::MailSendingOnServers => {
                let binary = stage.binary.clone();
                vec![mail_sending::on_servers(&binary, stage.servers().await?).await?]
            }
            Self::Revocation => {
                let (platform, diners) = stage.platform_with_diners().await?;
                vec![revocation::after_logout(platform, diners).await?]
            }
            Self::Delivery => vec![delivery::after_commit().await?],
            Self::Storm => vec![storm::liveness_under_logins(stage.platform().await?).await?],
            Self::IdleAfterLoad => vec![idle::after_all_that(stage.platform().await?).await?],
            Self::Start => vec![start::until_ready(stage.platform().await?).await?],
            Self::IdleDemo => vec![idle::of_the_demo(&stage.binary).await?],
            Self::Menu => menu::embedded(stage.fresh_platform().await?).await?,
            Self::Carts => carts::embedded(stage.fresh_platform().await?).await?,
            Self::Checkout => orders::embedded(stage.fresh_platform().await?).await?,
            Self::Orders => {
                let most = stage.orders;
                orders::grow_embedded(stage.fresh_platform().await?, most).await?
            }
            Self::Live => live::embedded(&stage.end_platform(), stage.streams).await?,
            Self::CampaignExpansion => {
                stage.end_platform();
                vec![campaign_expansion::embedded().await?]
            }
            Self::Pages => pages::embedded(stage.fresh_platform().await?).await?,
            Self::CampaignExpansionOnServers => vec![campaign_expansion::on_servers(stage.servers().await?).await?],
            Self::MenuOnServers => {
                let binary = stage.binary.clone();
                menu::on_servers(&binary, stage.servers().await?).await?
            }
            Self::AddressesOnServers => {
                let binary = stage.binary.clone();
                addresses::on_servers(&binary, stage.servers().await?).await?
            }
            Self::CartsOnServers => {
                let binary = stage.binary.clone();
                carts::on_servers(&binary, stage.servers().await?).await?
            }
            Self::CheckoutOnServers => {
                let binary = stage.binary.clone();
                orders::on_servers(&binary, stage.servers().await?).await?
            }
            Self::OrdersOnServers => {
                let (binary, most) = (stage.binary.clone(), stage.orders);
                orders::grow_on_servers(&binary, stage.fresh_servers().await?, most).await?
            }
            Self::SearchIndex => search_index::as_the_town_grows().await?,
            Self::EqualTime => {
                let samples = stage.samples;
                equal_time::embedded(stage.fresh_platform().await?, samples).await?
            }
            Self::Revocations => {
                let sessions = stage.sessions;
                revocations::embedded(stage.fresh_platform().await?, sessions).await?
            }
            Self::Search => {
                let (restaurants, pictures) = (stage.restaurants, stage.pictures.clone());
                let extent = Extent { restaurants, pictures: pictures.as_deref() };
                search::embedded(stage.fresh_platform().await?, extent).await?
            }
            Self::SearchOnServers => {
                let (binary, restaurants, pictures) = (stage.binary.clone(), stage.restaurants, stage.pictures.clone());
                let extent = Extent { restaurants, pictures: pictures.as_deref() };
                search::on_servers(&binary, stage.servers().await?, extent).await?
            }
            Self::RelayDrain => vec![relay_drain::against_kafkas_own_producer(stage.servers().await?).await?],
            Self::KafkaDelivery => kafka_delivery::after_commit(stage.servers().await?).await?.into(),
            Self::OutboxCost => vec![outbox_cost::against_a_plain_insert(stage.servers().await?).await?],
            Self::RedisRefresh => {
                let binary = stage.binary.clone();
                redis_refresh::against_a_bare_route(&binary, stage.servers().await?).await?.into()
            }
            Self::DeadLetterReplay => vec![dead_letter_replay::of_all(stage.servers().await?).await?],
            Self::EqualTimeOnServers => {
                let (binary, samples) = (stage.binary.clone(), stage.samples);
                let servers = stage.servers().await?;
                equal_time::on_servers(&Platform::auth_alone(&binary, servers).await?, servers, samples).await?
            }
            Self::RevocationsOnServers => {
                let (binary, sessions) = (stage.binary.clone(), stage.sessions);
                let servers = stage.servers().await?;
                revocations::on_servers(&mut Platform::auth_alone(&binary, servers).await?, servers, sessions).await?
            }
        })
    }
}
