//! What this service hears, and which action each event calls.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Consumer, HearError, Heard, Hears};
use contracts::{AddressChanged, CatalogChanged, UserCreated};
use database::WriteTransaction;

use crate::actions::{address, catalog, contact};
use crate::state::Carts;

/// The service as a reader of topics.
pub(crate) fn consumer(carts: &Arc<Carts>) -> Consumer {
    let listener = || Listener::new(carts.clone());
    Consumer::named("cart")
        .hears::<CatalogChanged>(listener())
        .dates::<CatalogChanged>(carts.catalogs_heard_until.clone())
        .hears::<AddressChanged>(listener())
        .hears::<UserCreated>(listener())
}

/// The ears of the service.
pub(crate) struct Listener {
    carts: Arc<Carts>,
}

impl Listener {
    pub(crate) fn new(carts: Arc<Carts>) -> Self {
        Self { carts }
    }
}

#[async_trait]
impl Hears<CatalogChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<CatalogChanged>) -> Result<(), HearError> {
        catalog::keep_catalog(tx, &heard.event).await
    }

    async fn after_commit(&self, heard: &Heard<CatalogChanged>) -> Result<(), HearError> {
        catalog::forget(&self.carts, &heard.event);
        Ok(())
    }
}

#[async_trait]
impl Hears<AddressChanged> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<AddressChanged>) -> Result<(), HearError> {
        address::keep_address(tx, &heard.event).await
    }
}

#[async_trait]
impl Hears<UserCreated> for Listener {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<UserCreated>) -> Result<(), HearError> {
        contact::keep_contact(tx, &heard.event).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clock::{Random, SeededRandom};
    use contracts::{Locale, Money, RestaurantId};
    use kit::on_every_database;
    use serde_json::json;

    use super::*;
    use crate::fixture::{Fixture, Kitchen, meal};
    use crate::store;
    use crate::store::restaurant::Restaurant;

    on_every_database! {
        Fixture:
        hearing_of_a_user_twice_equals_hearing_once,
        whoever_has_no_address_yet_is_given_the_one_that_comes_later,
        hearing_of_a_catalog_twice_equals_hearing_once,
        a_late_event_changes_nothing_and_brings_nothing_back,
        late_doubled_and_reordered_catalogs_end_in_the_same_state,
        a_meal_that_left_a_menu_is_known_by_its_last_name_for_a_year,
        a_meal_that_another_restaurant_names_is_no_less_the_first_ones,
        the_platform_has_campaigns_and_no_meals,
    }

    async fn hearing_of_a_user_twice_equals_hearing_once(fixture: Fixture) {
        let user_id = fixture.new_user();
        let event = |locale| UserCreated {
            user_id,
            email: Some("ayse@example.com".parse().unwrap()),
            locale: Some(locale),
            created_at: None,
        };

        fixture.hear(event(Locale::En)).await.unwrap();
        fixture.hear(event(Locale::Tr)).await.unwrap();

        let contact = store::contact::find(&fixture.context.database, user_id).await.unwrap().unwrap();
        assert_eq!((contact.email.unwrap().as_str(), contact.locale), ("ayse@example.com", Locale::En));
    }

    async fn whoever_has_no_address_yet_is_given_the_one_that_comes_later(fixture: Fixture) {
        let user_id = fixture.new_user();
        let of_peer: UserCreated = serde_json::from_value(json!({ "user_id": user_id })).unwrap();

        fixture.hear(of_peer.clone()).await.unwrap();
        let before = store::contact::find(&fixture.context.database, user_id).await.unwrap().unwrap();
        let email = Some("ayse@example.com".parse().unwrap());
        fixture.hear(UserCreated { email, ..of_peer }).await.unwrap();

        let after = store::contact::find(&fixture.context.database, user_id).await.unwrap().unwrap();
        assert_eq!((before.email, before.locale), (None, Locale::Tr));
        assert_eq!(after.email.unwrap().as_str(), "ayse@example.com");
    }

    async fn known(fixture: &Fixture, id: RestaurantId) -> Option<Restaurant> {
        store::restaurant::find(&fixture.context.database, id).await.unwrap()
    }

    async fn hearing_of_a_catalog_twice_equals_hearing_once(fixture: Fixture) {
        let kitchen = fixture.kitchen("Çıpa").await;
        let once = known(&fixture, kitchen.id).await.unwrap();

        fixture.hear(kitchen.event()).await.unwrap();

        assert_eq!((once.version, once.name.as_str()), (1, "Çıpa"));
        assert_eq!(once.catalog.as_ref(), Some(&kitchen.catalog));
        assert_eq!(known(&fixture, kitchen.id).await, Some(once));
    }

    async fn a_late_event_changes_nothing_and_brings_nothing_back(fixture: Fixture) {
        let mut kitchen = fixture.kitchen("Çıpa").await;
        let first = kitchen.event();
        let ayran = kitchen.ayran;
        fixture.change(&mut kitchen, |catalog| catalog.menu.meals.retain(|meal| meal.id != ayran)).await;
        let second = known(&fixture, kitchen.id).await;

        fixture.hear(first.clone()).await.unwrap();
        assert_eq!(known(&fixture, kitchen.id).await, second);
        fixture.hear(kitchen.deletion()).await.unwrap();
        fixture.hear(first).await.unwrap();
        fixture.hear(kitchen.event()).await.unwrap();

        let last = known(&fixture, kitchen.id).await.unwrap();
        assert_eq!((last.version, last.name.as_str(), last.catalog), (3, "Çıpa", None));
    }

    async fn late_doubled_and_reordered_catalogs_end_in_the_same_state(fixture: Fixture) {
        // Postgres takes five times as long for one.
        let orders = if fixture.is_on_postgres() { 200 } else { 1_000 };
        let random = SeededRandom::new(14);
        for order in 0..orders {
            let kitchen = Kitchen::new(&fixture, "Çıpa");
            let is_deleted_last = below(&random, 2) == 0;
            let event = |version| match version {
                4 if is_deleted_last => Kitchen { version: 3, ..kitchen.clone() }.deletion(),
                version => state_of(&kitchen, version).event(),
            };
            let mut versions: Vec<i64> = (1..=4).flat_map(|version| vec![version; 1 + below(&random, 2)]).collect();
            for last in (1..versions.len()).rev() {
                versions.swap(last, below(&random, last + 1));
            }

            for version in &versions {
                fixture.hear(event(*version)).await.unwrap();
            }

            let last = known(&fixture, kitchen.id).await.unwrap();
            let expected = (!is_deleted_last).then(|| state_of(&kitchen, 4).catalog);
            assert_eq!((last.version, last.catalog), (4, expected), "order {order}: {versions:?}");
        }
    }

    /// The kitchen in each version: it renames its ayran, takes it off the menu, and serves it again for more.
    fn state_of(kitchen: &Kitchen, version: i64) -> Kitchen {
        let mut state = Kitchen { version, ..kitchen.clone() };
        let ayran = state.ayran;
        match version {
            1 => {}
            2 => meal(&mut state.catalog, ayran).name = "Köpüklü ayran".to_owned(),
            3 => state.catalog.menu.meals.retain(|meal| meal.id != ayran),
            _ => meal(&mut state.catalog, ayran).price_kurus = Money::from_kurus(4_000).unwrap(),
        }
        state
    }

    /// A number below `end`, which is small.
    fn below(random: &SeededRandom, end: usize) -> usize {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(end).unwrap()).unwrap()
    }

    async fn a_meal_that_left_a_menu_is_known_by_its_last_name_for_a_year(fixture: Fixture) {
        let mut kitchen = fixture.kitchen("Çıpa").await;
        let (ayran, adana) = (kitchen.ayran, kitchen.adana);
        let names = async |id| {
            let database = &fixture.context.database;
            store::removed_meal::names(database, id, vec![ayran, adana]).await.unwrap()
        };

        fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).name = "Köpüklü ayran".to_owned()).await;
        let menu = kitchen.catalog.menu.meals.clone();
        fixture.change(&mut kitchen, |catalog| catalog.menu.meals.retain(|meal| meal.id != ayran)).await;
        let removed = names(kitchen.id).await;
        fixture.change(&mut kitchen, |catalog| catalog.menu.meals = menu).await;
        let back = names(kitchen.id).await;
        fixture.change(&mut kitchen, |catalog| catalog.menu.meals.retain(|meal| meal.id != ayran)).await;
        fixture.clock.advance(Duration::from_secs(366 * 24 * 60 * 60));
        fixture.change(&mut kitchen, |catalog| catalog.menu.meals.clear()).await;
        let after_a_year = names(kitchen.id).await;

        assert_eq!(removed.into_iter().collect::<Vec<_>>(), [(ayran, "Köpüklü ayran".to_owned())]);
        assert!(back.is_empty(), "{back:?}");
        assert_eq!(after_a_year.into_iter().collect::<Vec<_>>(), [(adana, "Adana Kebap".to_owned())]);
    }

    async fn a_meal_that_another_restaurant_names_is_no_less_the_first_ones(fixture: Fixture) {
        let (cipa, mut liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
        let (ayse, taken) = (fixture.ayse(), cipa.catalog.menu.meals.clone());
        ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;

        fixture.change(&mut liman, |catalog| catalog.menu.meals = taken).await;
        fixture.change(&mut liman, |catalog| catalog.menu.meals.clear()).await;

        assert_eq!(ayse.get("/carts/current").await.json()["items"][0]["available"], true);
    }

    async fn the_platform_has_campaigns_and_no_meals(fixture: Fixture) {
        let platform =
            CatalogChanged { restaurant_id: RestaurantId::PLATFORM, ..fixture.kitchen("Çıpa").await.deletion() };

        fixture.hear(platform).await.unwrap();

        assert_eq!(known(&fixture, RestaurantId::PLATFORM).await.unwrap().catalog, None);
    }
}
