//! The three sizes of the platform, and what each stands on.

use std::sync::atomic::{AtomicU32, Ordering};

use clock::Sources;
use database::{Database, DatabaseUrl, Postgres, Vault};
use futures_util::future::join_all;
use lezzetlimani::platform;
use lezzetlimani::services::{ServiceName, Services};
use lezzetlimani::settings::{Layers, Settings, Values};
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::servers::redis::{RedisDoor, RedisServer};
use testkit::servers::shared;
use tokio::sync::{Mutex, MutexGuard};

/// What a platform under test stands on; it goes with it.
pub(crate) enum Size {
    /// One process and one folder.
    Embedded,
    /// One process on servers.
    OneProcess(Box<Servers>, Box<TestDatabase>),
    /// Each service alone, twice, in a database of its own.
    Fleet(Box<Servers>, Vec<TestDatabase>),
}

/// The servers of one platform.
pub(crate) struct Servers {
    redis: Mutex<RedisServer>,
    redis_url: String,
    kafka: String,
    /// Tells its topics and groups from those of other tests on the same Kafka.
    name: String,
}

/// How one process of a platform is set.
pub(crate) struct Process {
    pub(crate) services: Services,
    environment: Vec<(&'static str, String)>,
}

/// How many processes each service of a fleet has.
const REPLICAS: usize = 2;
/// Where the links of a fleet's mails lead.
const FRONT_END: &str = "https://liman.example.com";

static PLATFORMS: AtomicU32 = AtomicU32::new(0);

impl Size {
    /// All of them; in a run without servers only the first.
    pub(crate) async fn all() -> Vec<Self> {
        let mut sizes = vec![Self::Embedded];
        sizes.extend(Self::on_servers().await);
        sizes
    }

    /// Those that stand on servers; none in a run without.
    pub(crate) async fn on_servers() -> Vec<Self> {
        let Some(kafka) = shared::kafka() else { return Vec::new() };
        vec![
            Self::OneProcess(Box::new(Servers::start(&kafka).await), Box::new(database().await)),
            Self::fleet(&kafka).await,
        ]
    }

    async fn fleet(kafka: &str) -> Self {
        let databases = join_all(ServiceName::all().iter().map(|service| database_of(*service)));
        let (servers, databases) = tokio::join!(Servers::start(kafka), databases);
        Self::Fleet(Box::new(servers), databases)
    }

    /// One process on servers, with this database.
    pub(crate) async fn one_process(database: TestDatabase) -> Self {
        let kafka = shared::kafka().expect("there are servers");
        Self::OneProcess(Box::new(Servers::start(&kafka).await), Box::new(database))
    }

    /// The database of one process on servers.
    pub(crate) fn database(&self) -> &TestDatabase {
        match self {
            Self::OneProcess(_, database) => database,
            Self::Embedded | Self::Fleet(..) => panic!("this platform has no one database on a server"),
        }
    }

    pub(crate) fn processes(&self) -> Vec<Process> {
        match self {
            Self::Embedded => vec![Process { services: Services::all(), environment: Vec::new() }],
            Self::OneProcess(servers, database) => vec![servers.process(Services::all(), database, 0)],
            Self::Fleet(servers, databases) => {
                let alone = ServiceName::all().iter().zip(databases).flat_map(|(service, database)| {
                    let services = Services::chosen(&[*service]);
                    (0..REPLICAS).map(move |replica| servers.process(services.clone(), database, replica))
                });
                alone.collect()
            }
        }
    }

    /// Whether other programs with clocks of their own belong to it.
    pub(crate) fn has_servers(&self) -> bool {
        !matches!(self, Self::Embedded)
    }

    /// What it stands on, where that is servers.
    pub(crate) fn servers(&self) -> &Servers {
        match self {
            Self::Embedded => panic!("this platform stands on no servers"),
            Self::OneProcess(servers, _) | Self::Fleet(servers, _) => servers,
        }
    }
}

impl Servers {
    async fn start(kafka: &str) -> Self {
        let number = PLATFORMS.fetch_add(1, Ordering::Relaxed);
        let name = format!("it-{}-{number}", std::process::id());
        // Nothing here loses power, and a disk that is busy with other tests must not make Redis look away.
        let redis = RedisServer::start_with(RedisDoor::Open, "appendfsync no").await.unwrap();
        Self { redis_url: redis.url(), redis: Mutex::new(redis), kafka: kafka.to_owned(), name }
    }

    /// Redis, with all power over it.
    pub(crate) async fn redis(&self) -> MutexGuard<'_, RedisServer> {
        self.redis.lock().await
    }

    /// `host:port` of Kafka, which other platforms use too.
    pub(crate) fn brokers(&self) -> &str {
        &self.kafka
    }

    /// What `topic` is called there.
    pub(crate) fn topic(&self, topic: &str) -> String {
        format!("{}-{topic}", self.name)
    }

    fn process(&self, services: Services, database: &TestDatabase, replica: usize) -> Process {
        let mut environment = vec![
            ("DATABASE_URL", database.url()),
            ("REDIS_URL", self.redis_url.clone()),
            // Redis hangs only where a test says so; else it is the machine that is busy with other tests.
            ("REDIS_TIMEOUT", "10s".to_owned()),
            ("KAFKA_BROKERS", self.kafka.clone()),
            ("KAFKA_TOPIC_PREFIX", self.topic("")),
            ("KAFKA_GROUP_INSTANCE_ID", format!("{}-{replica}", self.name)),
            ("SECRET_KEY", "a root key that all replicas share".to_owned()),
            ("SERVER_HOST", "127.0.0.1".to_owned()),
        ];
        if services.alone().is_some() {
            environment.push(("EMAIL_VERIFY", FRONT_END.to_owned()));
        }
        Process { services, environment }
    }
}

impl Process {
    /// The settings of the process; what the test says in `common` comes first.
    pub(crate) fn settings(&self, common: &[(&'static str, String)]) -> Settings {
        let environment = self.environment.iter().chain(common);
        let environment = environment.map(|(name, value)| ((*name).to_owned(), value.into())).collect();
        let mut values = Values::collect(&Layers { environment, ..Layers::default() });
        let settings = Settings::read(&mut values, self.services.clone()).unwrap();
        settings.check_serving().unwrap();
        settings
    }
}

/// A database with the tables of `service`, which each process of it would make for itself, had no other begun to.
async fn database_of(service: ServiceName) -> TestDatabase {
    let database = fresh_database(service.as_str(), async |template| {
        let url = DatabaseUrl::Postgres(Postgres::local(template.port(), "postgres", template.name()));
        let database = Database::connect(&url, Sources::system(), Vault::new(&[7; 32])).await.unwrap();
        platform::migrate(&database, &Services::chosen(&[service])).await.unwrap();
        database.close().await.unwrap();
    });
    database.await.expect("there are servers")
}

/// An empty database.
async fn database() -> TestDatabase {
    fresh_database("empty", async |_| {}).await.expect("there are servers")
}
