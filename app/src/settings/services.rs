//! Which services a process runs.

use std::collections::BTreeSet;

use clap::ValueEnum;

/// A service, by its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ServiceName {
    /// Accounts, sessions and tokens.
    Auth,
    /// Profiles, favourites and preferences.
    User,
    /// Mails.
    Notification,
}

/// What the first platform's deployments of a service take for granted, so that ours can take their place.
pub(super) struct Defaults {
    pub(super) port: u16,
    pub(super) database: &'static str,
    /// Whether it knows Redis at all.
    pub(super) has_redis: bool,
    /// The consumer group; none for a service that hears nothing.
    pub(super) group: Option<&'static str>,
    /// Where Kafka is though nobody says so. None of today's services takes that for granted; restaurant, which comes next,
    /// does: `kafka:9092`.
    pub(super) brokers: Option<&'static str>,
}

/// The services of one process, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Services(BTreeSet<ServiceName>);

impl ServiceName {
    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::User => "user",
            Self::Notification => "notification",
        }
    }

    /// What holds for it alone where no setting says otherwise.
    fn defaults(self) -> Defaults {
        match self {
            Self::Auth => Defaults { port: 8080, database: "auths", has_redis: true, group: None, brokers: None },
            Self::User => {
                Defaults { port: 8081, database: "users", has_redis: true, group: Some("auth"), brokers: None }
            }
            Self::Notification => Defaults {
                port: 8082,
                database: "notifications",
                has_redis: false,
                group: Some("notification_group"),
                brokers: None,
            },
        }
    }
}

impl Services {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Self(ServiceName::value_variants().iter().copied().collect())
    }

    /// The chosen ones; all if none was chosen.
    #[must_use]
    pub fn chosen(names: &[ServiceName]) -> Self {
        if names.is_empty() { Self::all() } else { Self(names.iter().copied().collect()) }
    }

    /// Each of them, in the order of their declaration.
    pub fn iter(&self) -> impl Iterator<Item = ServiceName> {
        self.0.iter().copied()
    }

    /// Whether `name` is among them.
    #[must_use]
    pub fn contains(&self, name: ServiceName) -> bool {
        self.0.contains(&name)
    }

    /// The service, if it is the only one.
    #[must_use]
    pub fn alone(&self) -> Option<ServiceName> {
        if self.0.len() == 1 { self.0.first().copied() } else { None }
    }

    /// What holds where no setting says otherwise, for a service alone.
    pub(super) fn defaults(&self) -> Option<Defaults> {
        self.alone().map(ServiceName::defaults)
    }

    /// Whether none is missing, so that each event is heard in this process.
    #[must_use]
    pub fn are_all(&self) -> bool {
        *self == Self::all()
    }
}
