//! The one table of services: each is a variant of [`ServiceName`] and its [`Facts`], and whatever lists services iterates it.

use bus::dead_letters::RunMode;
use clap::ValueEnum;
use contracts::Locale;
use database::{Database, Migrations};
use futures_util::future::BoxFuture;
use kit::access::Guard;
use kit::{Context, Imported, Service};

/// A service, by its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ServiceName {
    /// Accounts, sessions and tokens.
    Auth,
    /// Profiles, favourites and preferences.
    User,
    /// Mails.
    Notification,
    /// Where users live and where restaurants are.
    Address,
    /// Restaurants, their menus, and when they are open.
    Restaurant,
    /// What diners have chosen and not ordered yet.
    Cart,
}

/// What the app knows of one service.
pub struct Facts {
    /// Its name: on the command line, in tables and in logs.
    pub name: &'static str,
    /// What it is for, as the front page says it.
    pub purpose: fn(Locale) -> &'static str,
    /// The first segments of its routes, which no other service has; more than one where every process serves the first.
    pub prefixes: &'static [&'static str],
    /// The first segments of its pages, likewise; that of `/` is empty. With the prefixes of all services they are what a gateway
    /// has to know. The start holds the pages that were built to it.
    pub pages: &'static [&'static str],
    /// Where it listens when it is alone; no other service has it.
    pub port: u16,
    /// Its database when it is alone: for a new service, its name in the plural.
    pub database: &'static str,
    /// Whether it can't be served alone without Redis. So it is where routes ask who is calling: keys and revocations come from
    /// there. Only a service whose work goes on without says no.
    pub needs_redis: bool,
    /// Whether it hears events, so that it has a consumer; the start holds the service that was built to it.
    pub hears: bool,
    /// What deployments of the first platform take for granted; `None` for a service that it does not have.
    pub first_platform: Option<FirstPlatform>,
    /// Its tables.
    pub migrations: Migrations,
    /// Builds it; its tables are up to date.
    pub build: fn(Parts) -> BoxFuture<'static, anyhow::Result<Service>>,
}

/// A service of the first platform, whose place ours can take.
pub struct FirstPlatform {
    /// The consumer group that its deployments read as, which ours goes on with. Without one, and for a service that the first
    /// platform does not have, each consumer is a group of its own, behind the prefix of all of ours.
    pub group: Option<&'static str>,
    /// Where its deployments expect Kafka though no setting says so.
    pub brokers: Option<&'static str>,
    /// Adds what its tables in the same database hold and ours do not; `None` where ours goes on with none of them.
    pub import: Option<Import>,
}

/// An import from tables of the first platform: it answers `None` where there are none.
pub type Import = for<'a> fn(&'a Database, RunMode) -> BoxFuture<'a, database::Result<Option<Vec<Imported>>>>;

/// What services are built of; each takes what it needs.
#[derive(Clone)]
pub struct Parts {
    /// The ports.
    pub context: Context,
    /// Who checks access tokens.
    pub guard: Guard,
    /// How users sign in.
    pub identity: auth::Settings,
    /// How mails leave.
    pub mail: notification::Settings,
    /// How campaigns go on.
    pub user: user::Settings,
    /// What carts and orders do by themselves.
    pub cart: cart::Settings,
}

const AUTH: Facts = Facts {
    name: "auth",
    purpose: |locale| locale.say("Kayıt, giriş, oturumlar", "Registration, sign-in, sessions"),
    prefixes: &["auth", "admin/accounts"],
    pages: &["giris", "guvenlik", "kayit", "oturum", "parola"],
    port: 8080,
    database: "auths",
    needs_redis: true,
    hears: false,
    first_platform: Some(FirstPlatform {
        group: None,
        brokers: None,
        import: Some(|database, run| Box::pin(auth::import_first_platform(database, run))),
    }),
    migrations: auth::MIGRATIONS,
    build: |parts| Box::pin(auth::build(parts.context, parts.guard, parts.identity)),
};

const USER: Facts = Facts {
    name: "user",
    purpose: |locale| locale.say("Profil, favoriler, tercihler", "Profile, favourites, preferences"),
    prefixes: &["users", "favorites", "admin/campaigns"],
    pages: &["favoriler", "profil", "tercihler"],
    port: 8081,
    database: "users",
    needs_redis: true,
    hears: true,
    first_platform: Some(FirstPlatform {
        group: Some("auth"),
        brokers: None,
        import: Some(|database, run| Box::pin(user::import_first_platform(database, run))),
    }),
    migrations: user::MIGRATIONS,
    build: |parts| Box::pin(user::build(parts.context, parts.user)),
};

const NOTIFICATION: Facts = Facts {
    name: "notification",
    purpose: |locale| locale.say("E-postalar", "E-mails"),
    prefixes: &["notification", "mailbox"],
    pages: &[],
    port: 8082,
    database: "notifications",
    needs_redis: false,
    hears: true,
    first_platform: Some(FirstPlatform { group: Some("notification_group"), brokers: None, import: None }),
    migrations: notification::MIGRATIONS,
    build: |parts| Box::pin(notification::build(parts.context, parts.mail)),
};

const ADDRESS: Facts = Facts {
    name: "address",
    purpose: |locale| locale.say("Adresler", "Addresses"),
    prefixes: &["addresses"],
    pages: &["adresler"],
    port: 8083,
    database: "addresses",
    needs_redis: true,
    hears: false,
    first_platform: Some(FirstPlatform {
        group: None,
        brokers: None,
        import: Some(|database, run| Box::pin(address::import_first_platform(database, run))),
    }),
    migrations: address::MIGRATIONS,
    build: |parts| Box::pin(address::build(parts.context)),
};

const RESTAURANT: Facts = Facts {
    name: "restaurant",
    purpose: |locale| {
        locale
            .say("Restoranlar, menüler, çalışma saatleri, kampanyalar", "Restaurants, menus, opening hours, campaigns")
    },
    prefixes: &["restaurants", "meals", "campaigns", "media"],
    pages: &["", "isletme", "kampanyalar", "restoran"],
    port: 8084,
    database: "restaurants",
    // What everybody may see needs no caller.
    needs_redis: false,
    hears: true,
    first_platform: Some(FirstPlatform {
        group: None,
        brokers: Some("kafka:9092"),
        import: Some(|database, run| Box::pin(restaurant::import_first_platform(database, run))),
    }),
    migrations: restaurant::MIGRATIONS,
    build: |parts| Box::pin(restaurant::build(parts.context)),
};

const CART: Facts = Facts {
    name: "cart",
    purpose: |locale| locale.say("Sepetler", "Carts"),
    prefixes: &["carts"],
    pages: &["mutfak", "odeme", "sepet", "siparis", "siparisler"],
    port: 8086,
    database: "carts",
    needs_redis: true,
    hears: true,
    first_platform: Some(FirstPlatform {
        group: None,
        brokers: None,
        import: Some(|database, run| Box::pin(cart::import_first_platform(database, run))),
    }),
    migrations: cart::MIGRATIONS,
    build: |parts| Box::pin(cart::build(parts.context, parts.cart)),
};

impl ServiceName {
    /// All of them, in the order of their declaration.
    #[must_use]
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// What holds for it alone where no setting says otherwise.
    #[must_use]
    pub const fn facts(self) -> &'static Facts {
        match self {
            Self::Auth => &AUTH,
            Self::User => &USER,
            Self::Notification => &NOTIFICATION,
            Self::Address => &ADDRESS,
            Self::Restaurant => &RESTAURANT,
            Self::Cart => &CART,
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.facts().name
    }

    /// How it imports from the first platform, where it does.
    #[must_use]
    pub fn import(self) -> Option<Import> {
        self.facts().first_platform.as_ref()?.import
    }
}
