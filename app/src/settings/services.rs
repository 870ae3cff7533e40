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

/// What holds for one service: where its routes are, and what the first platform's deployments of it take for granted, so
/// that ours can take their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Its name on the command line.
    pub name: &'static str,
    /// The first segments of its routes, which no other service has.
    pub prefixes: &'static [&'static str],
    /// Where it listens when it is alone.
    pub port: u16,
    /// Its database when it is alone.
    pub database: &'static str,
    /// Whether it knows Redis at all.
    pub has_redis: bool,
    /// Whether it takes rows over from tables of the first platform.
    pub takes_over: bool,
    /// The consumer group; none for a service that hears nothing.
    pub group: Option<&'static str>,
    /// Where Kafka is though nobody says so. None of today's services takes that for granted; restaurant, which comes next,
    /// does: `kafka:9092`.
    pub brokers: Option<&'static str>,
}

const AUTH: Facts = Facts {
    name: "auth",
    prefixes: &["auth"],
    port: 8080,
    database: "auths",
    has_redis: true,
    takes_over: true,
    group: None,
    brokers: None,
};

const USER: Facts = Facts {
    name: "user",
    prefixes: &["users", "favorites"],
    port: 8081,
    database: "users",
    has_redis: true,
    takes_over: true,
    group: Some("auth"),
    brokers: None,
};

const NOTIFICATION: Facts = Facts {
    name: "notification",
    prefixes: &["notification", "mailbox"],
    port: 8082,
    database: "notifications",
    has_redis: false,
    takes_over: false,
    group: Some("notification_group"),
    brokers: None,
};

/// The first segments of what every process serves, whichever services it runs.
const EVERYWHERE: [&str; 7] = ["", "admin", "assets", "docs", "health", "metrics", "openapi.json"];

/// Who serves a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServedBy {
    /// Every process.
    Everyone,
    /// The processes that run this service.
    Service(ServiceName),
}

/// The services of one process, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Services(BTreeSet<ServiceName>);

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
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.facts().name
    }
}

impl ServedBy {
    /// Who serves `path`; nobody does when no prefix fits.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let first = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        if EVERYWHERE.contains(&first) {
            return Some(Self::Everyone);
        }
        ServiceName::all().iter().find(|service| service.facts().prefixes.contains(&first)).copied().map(Self::Service)
    }
}

impl Services {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Self(ServiceName::all().iter().copied().collect())
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
    pub(super) fn defaults(&self) -> Option<&'static Facts> {
        self.alone().map(ServiceName::facts)
    }

    /// Whether none is missing, so that each event is heard in this process.
    #[must_use]
    pub fn are_all(&self) -> bool {
        *self == Self::all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_services_share_a_name_a_prefix_a_port_a_database_or_a_group() {
        let facts = || ServiceName::all().iter().map(|service| service.facts());
        let mut shares: Vec<Vec<String>> = vec![
            facts().map(|facts| facts.name.to_owned()).collect(),
            facts().map(|facts| facts.port.to_string()).collect(),
            facts().map(|facts| facts.database.to_owned()).collect(),
            facts().filter_map(|facts| facts.group).map(str::to_owned).collect(),
        ];
        let prefixes = facts().flat_map(|facts| facts.prefixes).chain(&EVERYWHERE);
        shares.push(prefixes.map(|prefix| (*prefix).to_owned()).collect());

        for mut of_all in shares {
            let count = of_all.len();
            of_all.sort();
            of_all.dedup();
            assert_eq!(of_all.len(), count, "{of_all:?}");
        }
    }

    #[test]
    fn a_path_belongs_to_whom_its_first_segment_says() {
        assert_eq!(ServedBy::of("/auth/login"), Some(ServedBy::Service(ServiceName::Auth)));
        assert_eq!(ServedBy::of("/mailbox?to=a"), Some(ServedBy::Service(ServiceName::Notification)));
        assert_eq!(ServedBy::of("/"), Some(ServedBy::Everyone));
        assert_eq!(ServedBy::of("/health/ready"), Some(ServedBy::Everyone));
        assert_eq!(ServedBy::of("/authors"), None);
    }
}
