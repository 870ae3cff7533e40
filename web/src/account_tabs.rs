//! The ways between the pages of somebody's account, whichever services they stand in.

use askama::Template;
use contracts::{Locale, Role};

/// A page of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(strum::EnumIter))]
pub enum AccountTab {
    /// Who they are.
    Profile,
    /// Where they live.
    Addresses,
    /// What they like.
    Favorites,
    /// What they want to hear of.
    Preferences,
    /// Where they are signed in.
    Security,
    /// What they have ordered.
    Orders,
    /// The restaurants that they own.
    Business,
}

/// Links to all of them, of which one is current. Written into a template with `|safe`, for it is HTML already.
#[derive(Debug, Clone, Template)]
#[template(path = "account_tabs.html")]
pub struct AccountTabs {
    locale: Locale,
    current: AccountTab,
    role: Role,
}

const OF_EVERYBODY: &[AccountTab] = &[
    AccountTab::Profile,
    AccountTab::Addresses,
    AccountTab::Favorites,
    AccountTab::Preferences,
    AccountTab::Security,
    AccountTab::Orders,
];

impl AccountTabs {
    /// Those of a reader of this `role`, who is on the page of `current`.
    #[must_use]
    pub fn new(locale: Locale, current: AccountTab, role: Role) -> Self {
        Self { locale, current, role }
    }

    /// Path and text of each, and whether it is the current one.
    fn tabs(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let of_owners: &[AccountTab] = match self.role {
            Role::User => &[],
            Role::Manager | Role::Admin => &[AccountTab::Business],
        };
        let tabs = OF_EVERYBODY.iter().chain(of_owners);
        tabs.map(|tab| (tab.path(), tab.text(self.locale), *tab == self.current))
    }
}

impl AccountTab {
    fn path(self) -> &'static str {
        match self {
            Self::Profile => "/profil",
            Self::Addresses => "/adresler",
            Self::Favorites => "/favoriler",
            Self::Preferences => "/tercihler",
            Self::Security => "/guvenlik",
            Self::Orders => "/siparisler",
            Self::Business => "/isletme",
        }
    }

    fn text(self, locale: Locale) -> &'static str {
        match self {
            Self::Profile => locale.say("Profil", "Profile"),
            Self::Addresses => locale.say("Adresler", "Addresses"),
            Self::Favorites => locale.say("Favoriler", "Favourites"),
            Self::Preferences => locale.say("Tercihler", "Preferences"),
            Self::Security => locale.say("Güvenlik", "Security"),
            Self::Orders => locale.say("Siparişler", "Orders"),
            Self::Business => locale.say("İşletmem", "My business"),
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn each_page_is_linked_once_and_the_current_one_says_so() {
        for current in AccountTab::iter() {
            let html = AccountTabs::new(Locale::En, current, Role::Manager).to_string();

            for tab in AccountTab::iter() {
                assert_eq!(html.matches(&format!("href=\"{}\"", tab.path())).count(), 1, "{html}");
                assert_ne!(tab.text(Locale::Tr), tab.text(Locale::En));
            }
            let shown = format!("href=\"{}\" aria-current=\"page\"", current.path());
            assert!(html.contains(&shown) && html.matches("aria-current").count() == 1, "{html}");
        }
    }

    #[test]
    fn a_business_is_for_those_who_may_have_one() {
        let has_business =
            |role| AccountTabs::new(Locale::Tr, AccountTab::Profile, role).to_string().contains("/isletme");

        assert_eq!([Role::User, Role::Manager, Role::Admin].map(has_business), [false, true, true]);
    }
}
