//! Which services there are, and which of them a process runs.

mod table;

use std::collections::BTreeSet;

pub use table::{Facts, FirstPlatform, Import, Parts, ServiceName};

/// The first segments of what every process serves, whichever services it runs.
const EVERYWHERE: [&str; 7] = ["admin", "assets", "dil", "docs", "health", "metrics", "openapi.json"];
/// Those of pages that every process serves likewise, and that readers come back to.
const PAGES_EVERYWHERE: [&str; 3] = ["gizlilik", "liman", "yardim"];

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

impl ServedBy {
    /// Who serves `path`; nobody does when no prefix fits.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let path = path.trim_start_matches('/').split('?').next().unwrap_or_default();
        let is_below =
            |prefix: &&str| path.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let serves = |facts: &Facts| facts.prefixes.iter().chain(facts.pages).any(is_below);
        let service = ServiceName::all().iter().find(|service| serves(service.facts()));
        let first = path.split('/').next().unwrap_or_default();
        let is_everywhere = EVERYWHERE.contains(&first) || PAGES_EVERYWHERE.contains(&first);
        service.copied().map(Self::Service).or(is_everywhere.then_some(Self::Everyone))
    }
}

/// The first segments of all pages, whichever process serves them.
#[must_use]
pub fn page_segments() -> Vec<&'static str> {
    let of_services = ServiceName::all().iter().flat_map(|service| service.facts().pages);
    of_services.copied().chain(PAGES_EVERYWHERE).collect()
}

/// The first segments of what every process serves, whichever services it runs.
#[must_use]
pub fn segments_everywhere() -> Vec<&'static str> {
    EVERYWHERE.into_iter().chain(PAGES_EVERYWHERE).collect()
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
    pub(crate) fn defaults(&self) -> Option<&'static Facts> {
        self.alone().map(ServiceName::facts)
    }

    /// What its deployments on the first platform take for granted, for a service alone.
    pub(crate) fn replaced(&self) -> Option<&'static FirstPlatform> {
        self.defaults()?.first_platform.as_ref()
    }

    /// Whether none is missing, so that each event is heard in this process.
    #[must_use]
    pub fn are_all(&self) -> bool {
        *self == Self::all()
    }
}

#[cfg(test)]
mod tests {
    use contracts::Locale;

    use super::*;

    #[test]
    fn no_two_services_share_a_name_a_prefix_a_port_a_database_or_a_group() {
        let facts = || ServiceName::all().iter().map(|service| service.facts());
        let mut shares: Vec<Vec<String>> = vec![
            facts().map(|facts| facts.name.to_owned()).collect(),
            facts().map(|facts| facts.port.to_string()).collect(),
            facts().map(|facts| facts.database.to_owned()).collect(),
            facts().filter_map(|facts| facts.first_platform.as_ref()?.group).map(str::to_owned).collect(),
        ];
        let prefixes = facts().flat_map(|facts| facts.prefixes.iter().chain(facts.pages));
        let prefixes = prefixes.chain(&EVERYWHERE).chain(&PAGES_EVERYWHERE);
        shares.push(prefixes.map(|prefix| (*prefix).to_owned()).collect());

        for mut of_all in shares {
            let count = of_all.len();
            of_all.sort();
            of_all.dedup();
            assert_eq!(of_all.len(), count, "{of_all:?}");
        }
    }

    #[test]
    fn each_service_says_in_both_languages_what_it_is_for() {
        for service in ServiceName::all() {
            for locale in [Locale::Tr, Locale::En] {
                assert_ne!((service.facts().purpose)(locale).trim(), "", "{service:?} in {locale}");
            }
        }
    }

    #[test]
    fn a_path_belongs_to_whom_its_first_segment_says() {
        assert_eq!(ServedBy::of("/auth/login"), Some(ServedBy::Service(ServiceName::Auth)));
        assert_eq!(ServedBy::of("/mailbox?to=a"), Some(ServedBy::Service(ServiceName::Notification)));
        assert_eq!(ServedBy::of("/oturum/yenile?donus=%2F"), Some(ServedBy::Service(ServiceName::Auth)));
        assert_eq!(ServedBy::of("/"), Some(ServedBy::Service(ServiceName::Restaurant)));
        assert_eq!(ServedBy::of("/?q=pide"), Some(ServedBy::Service(ServiceName::Restaurant)));
        assert_eq!(ServedBy::of("/liman"), Some(ServedBy::Everyone));
        assert_eq!(ServedBy::of("/yardim?a=1"), Some(ServedBy::Everyone));
        assert_eq!(ServedBy::of("/health/ready"), Some(ServedBy::Everyone));
        assert_eq!(ServedBy::of("/admin/topics"), Some(ServedBy::Everyone));
        assert_eq!(ServedBy::of("/admin/accounts/1/role"), Some(ServedBy::Service(ServiceName::Auth)));
        assert_eq!(ServedBy::of("/authors"), None);
    }
}
