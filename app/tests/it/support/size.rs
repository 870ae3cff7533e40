//! The three sizes of the platform, and what each stands on.

use std::sync::atomic::{AtomicU32, Ordering};

use bus::Groups;
use lezzetlimani::settings::{BusChoice, Layers, ServiceName, Services, Settings, Values};
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;

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
    redis: RedisServer,
    kafka: String,
    /// Tells its topics and groups from those of other tests on the same Kafka.
    name: String,
}

/// How one process of a platform is set.
pub(crate) struct Process {
    pub(crate) services: Services,
    environment: Vec<(&'static str, String)>,
    groups: Option<Groups>,
}

/// How many processes each service of a fleet has.
pub(super) const REPLICAS: usize = 2;
/// Where the links of a fleet's mails lead.
const FRONT_END: &str = "https://liman.example.com";

static PLATFORMS: AtomicU32 = AtomicU32::new(0);

impl Size {
    /// All of them; in a run without servers only the first.
    pub(crate) async fn all() -> Vec<Self> {
        let mut sizes = vec![Self::Embedded];
        if let Some(kafka) = shared::kafka() {
            sizes.push(Self::OneProcess(Box::new(Servers::start(&kafka).await), Box::new(database().await)));
            sizes.push(Self::Fleet(
                Box::new(Servers::start(&kafka).await),
                vec![database().await, database().await, database().await],
            ));
        }
        sizes
    }

    pub(crate) fn processes(&self) -> Vec<Process> {
        match self {
            Self::Embedded => vec![Process { services: Services::all(), environment: Vec::new(), groups: None }],
            Self::OneProcess(servers, database) => vec![servers.process(Services::all(), database, 0)],
            Self::Fleet(servers, databases) => {
                let services = [ServiceName::Auth, ServiceName::User, ServiceName::Notification];
                let alone = services.into_iter().zip(databases).flat_map(|(service, database)| {
                    let services = Services::chosen(&[service]);
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
}

impl Servers {
    async fn start(kafka: &str) -> Self {
        let number = PLATFORMS.fetch_add(1, Ordering::Relaxed);
        let name = format!("it-{}-{number}", std::process::id());
        Self { redis: RedisServer::start().await.unwrap(), kafka: kafka.to_owned(), name }
    }

    fn process(&self, services: Services, database: &TestDatabase, replica: usize) -> Process {
        let mut environment = vec![
            ("DATABASE_URL", database.url()),
            ("REDIS_URL", self.redis.url()),
            ("KAFKA_BROKERS", self.kafka.clone()),
            ("KAFKA_TOPIC_USER_CREATED", format!("{}-user_created", self.name)),
            ("KAFKA_TOPIC_EMAIL_EVENT", format!("{}-email_event", self.name)),
            ("KAFKA_GROUP_INSTANCE_ID", format!("{}-{replica}", self.name)),
            ("SECRET_KEY", "a root key that all replicas share".to_owned()),
            ("SERVER_HOST", "127.0.0.1".to_owned()),
        ];
        if services.alone().is_some() {
            environment.push(("EMAIL_VERIFY", FRONT_END.to_owned()));
        }
        let groups = match services.alone() {
            Some(service) => Groups::One(format!("{}-{}", self.name, service.as_str())),
            None => Groups::Each(format!("{}-", self.name)),
        };
        Process { services, environment, groups: Some(groups) }
    }
}

impl Process {
    /// The settings of the process, with `common` ones.
    pub(crate) fn settings(&self, common: &[(&'static str, String)]) -> Settings {
        let environment = common.iter().chain(&self.environment);
        let environment = environment.map(|(name, value)| ((*name).to_owned(), value.into())).collect();
        let mut values = Values::collect(&Layers { environment, ..Layers::default() }).unwrap();
        let mut settings = Settings::read(&mut values, self.services.clone()).unwrap();
        if let (BusChoice::Kafka(kafka), Some(groups)) = (&mut settings.state.bus, &self.groups) {
            kafka.groups = groups.clone();
        }
        settings.check_serving().unwrap();
        settings
    }
}

/// An empty database.
async fn database() -> TestDatabase {
    fresh_database("empty", async |_| {}).await.expect("there are servers")
}
