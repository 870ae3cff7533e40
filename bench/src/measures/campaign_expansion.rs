//! How fast a campaign becomes mails where no pace holds it back, measured on the service itself, at a noon of its own because campaigns
//! rest at night.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use bus::{Bus, BusUrl, outbox};
use clock::{Clock, Sources, SystemClock, SystemRandom, Timestamp};
use contracts::{AnnouncedCampaign, CampaignAnnounced, CampaignId, RestaurantId};
use database::{Database, DatabaseUrl, Vault};
use ephemeral::Embedded;
use kit::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::load::Work;
use crate::report::{Row, Target};
use crate::running_bus::RunningBus;
use crate::servers::Servers;
use crate::store::campaign;

const FOLLOWERS: u32 = 40_000;
/// Behind the beginning of a day in UTC: one o'clock in Istanbul.
const NOON: u64 = 10 * 3_600;
const DAY: u64 = 24 * 3_600;
const POLL: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(300);

/// The clock of the system, some hours ahead.
struct AtNoon(Duration);

impl AtNoon {
    fn of_tomorrow() -> Self {
        let into_day = SystemClock.now().timestamp().rem_euclid(DAY.cast_signed()).unsigned_abs();
        Self(Duration::from_secs(DAY - into_day + NOON))
    }
}

#[async_trait]
impl Clock for AtNoon {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }

    async fn sleep_until(&self, instant: Timestamp) {
        SystemClock.sleep_until(instant - self.0).await;
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration).await;
    }
}

/// On SQLite.
pub(crate) async fn embedded() -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let url = DatabaseUrl::Sqlite(folder.path().join("bench.db"));
    Ok(Row::new("mails of a campaign, SQLite", rate(&url).await?, "1/s", Target::None, detail()))
}

/// On Postgres.
pub(crate) async fn on_servers(servers: &Servers) -> Result<Row> {
    servers.make_database("campaign_expansion").await?;
    let rate = rate(&servers.url_to_fill("campaign_expansion")).await?;
    Ok(Row::new("mails of a campaign, Postgres", rate, "1/s", Target::AtLeast(2_000.0), detail()))
}

fn detail() -> String {
    format!("{FOLLOWERS} followers who agreed, from the announcement to the last mail in the outbox")
}

async fn rate(url: &DatabaseUrl) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let sources = Sources::new(AtNoon::of_tomorrow(), SystemRandom);
    let database = Database::connect(url, sources.clone(), Vault::new(&sources.bytes::<32>())).await?;
    let shared = [database::idempotency::MIGRATIONS, database::daily_write::MIGRATIONS, bus::MIGRATIONS];
    for migrations in shared.into_iter().chain([user::MIGRATIONS]) {
        database.migrate(migrations).await?;
    }
    campaign::fill_followers(&database, FOLLOWERS).await?;
    let store = Embedded::open(folder.path(), sources.clone())?;
    let context = Context { database: database.clone(), ephemeral: std::sync::Arc::new(store), sources };
    let service = user::build(context, user::Settings { commercial_mails_per_second: NonZeroU32::MAX }).await?;
    let running = RunningBus::start(Bus::open(&BusUrl::Embedded, database.clone(), service.consumers).await?);
    let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
    for task in service.tasks {
        tasks.spawn((task.run)(stop.clone()));
    }

    let begun = Instant::now();
    let announced = announce(&database).await?;
    while campaign::queued(&database, announced).await? < i64::from(FOLLOWERS) {
        ensure!(begun.elapsed() < LONGEST, "the campaign does not end");
        SystemClock.sleep(POLL).await;
    }
    let work = Work { done: FOLLOWERS.into(), took: begun.elapsed() };

    stop.cancel();
    tasks.join_all().await;
    running.stop().await;
    database.close().await?;
    Ok(work.per_second())
}

async fn announce(database: &Database) -> Result<CampaignId> {
    let tx = database.begin_write().await?;
    let (id, restaurant) = (CampaignId(tx.sources().uuid()), RestaurantId(tx.sources().uuid()));
    let campaign = AnnouncedCampaign {
        campaign_id: id,
        version: 1,
        restaurant_id: restaurant,
        restaurant_name: "Çıpa Kebap".to_owned(),
        cuisines: vec!["Kebap".to_owned()],
        code: Some("YAZ50".to_owned()),
        ends_at: tx.now() + Duration::from_secs(DAY),
        withdrawn: false,
    };
    let (title, description) = ("Yaz indirimi".to_owned(), "Her şey yarı fiyatına".to_owned());
    outbox::record(&tx, &CampaignAnnounced { title, description, campaign: Some(campaign) }).await?;
    tx.commit().await?;
    Ok(id)
}
