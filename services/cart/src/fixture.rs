//! What the tests of this service stand on.

use std::sync::Arc;

use bus::{HearError, Hears};
use contracts::{Catalog, CatalogChanged, CatalogMeal, Event, MealId, OptionGroupId, OptionId, RestaurantId};
use kit::testing::{Client, TestPorts, changed};
use serde_json::{Value, json};

use crate::events::Listener;
use crate::state::Carts;
use crate::{MIGRATIONS, api};

/// Ports with the tables of this service.
pub(crate) struct Fixture {
    ports: TestPorts,
    pub(crate) carts: Arc<Carts>,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

/// A restaurant, as its service publishes it. Adana wants one of its sauces, and may have two extras; ayran has no options.
#[derive(Clone)]
pub(crate) struct Kitchen {
    pub(crate) id: RestaurantId,
    pub(crate) version: i64,
    pub(crate) catalog: Catalog,
    pub(crate) adana: MealId,
    pub(crate) ayran: MealId,
    pub(crate) sauces: OptionGroupId,
    pub(crate) hot: OptionId,
    pub(crate) mild: OptionId,
    /// A sauce that is not available.
    pub(crate) secret: OptionId,
    pub(crate) cheese: OptionId,
}

impl Fixture {
    async fn over(ports: TestPorts) -> Self {
        let ports = ports.beside_auth().await;
        Self { carts: Carts::new(ports.context.clone()), ports }
    }

    pub(crate) fn client(&self) -> Client {
        Client::anonymous(api::routes(&self.carts), &self.context)
    }

    /// Somebody with an account.
    pub(crate) fn ayse(&self) -> Client {
        self.client().user(self.new_user())
    }

    /// Another process of the service, on the same state.
    pub(crate) async fn another_process(&self) -> Self {
        Self::over(self.ports.replica().await).await
    }

    pub(crate) async fn hear<E: Event>(&self, event: E) -> Result<(), HearError>
    where
        Listener: Hears<E>,
    {
        self.deliver(&Listener::new(self.carts.clone()), event).await
    }

    /// A restaurant of which the service has heard.
    pub(crate) async fn kitchen(&self, name: &str) -> Kitchen {
        let kitchen = Kitchen::new(self, name);
        self.hear(kitchen.event()).await.unwrap();
        kitchen
    }

    /// What the restaurant is after `change`, as everybody hears.
    pub(crate) async fn change(&self, kitchen: &mut Kitchen, change: impl FnOnce(&mut Catalog)) {
        change(&mut kitchen.catalog);
        kitchen.version += 1;
        self.hear(kitchen.event()).await.unwrap();
    }
}

impl Kitchen {
    pub(crate) fn new(ports: &TestPorts, name: &str) -> Self {
        let id = || ports.context.sources.uuid();
        let (adana, ayran, sauces, extras) = (id(), id(), id(), id());
        let (hot, mild, secret, cheese) = (id(), id(), id(), id());
        let option = |id, name: &str, price: i64, max: u16, is_available: bool| json!({ "id": id, "name": name, "price_kurus": price, "max_quantity": max, "is_available": is_available });
        let meal = |id, name: &str, price: i64, groups: &[uuid::Uuid]| {
            json!({ "id": id, "name": name, "price_kurus": price, "is_available": true, "sold_out_until": null,
                    "mealtime_id": null, "group_ids": groups })
        };
        let catalog = json!({
            "owner_id": id(), "name": name, "cuisines": ["Kebap"], "status": "active", "visible": true,
            "time_zone": "Europe/Istanbul", "opening_hours": { "monday": "11:00-23:00" }, "special_days": [], "closures": [],
            "paused_until": null, "last_order_min": 30, "prep_time": 25, "min_order_kurus": 20_000,
            "delivery_fee_kurus": 990, "place": null, "mealtimes": [],
            "meals": [meal(adana, "Adana Kebap", 24_050, &[sauces, extras]), meal(ayran, "Ayran", 3_550, &[])],
            "groups": [
                { "id": sauces, "name": "Sos", "min": 1, "max": 1, "options": [
                    option(hot, "Acılı", 0, 1, true), option(mild, "Acısız", 0, 1, true), option(secret, "Gizli", 0, 1, false),
                ] },
                { "id": extras, "name": "Ek", "min": 0, "max": 2, "options": [option(cheese, "Peynir", 1_010, 2, true)] },
            ],
        });
        Self {
            id: RestaurantId(id()),
            version: 1,
            catalog: serde_json::from_value(catalog).unwrap(),
            adana: MealId(adana),
            ayran: MealId(ayran),
            sauces: OptionGroupId(sauces),
            hot: OptionId(hot),
            mild: OptionId(mild),
            secret: OptionId(secret),
            cheese: OptionId(cheese),
        }
    }

    /// What it is now.
    pub(crate) fn event(&self) -> CatalogChanged {
        CatalogChanged {
            restaurant_id: self.id,
            version: self.version,
            catalog: Some(Box::new(self.catalog.clone())),
            campaigns: Vec::new(),
            changed_at: "2026-03-02T12:00:00Z".parse().unwrap(),
        }
    }

    /// Its deletion.
    pub(crate) fn deletion(&self) -> CatalogChanged {
        CatalogChanged { version: self.version + 1, catalog: None, ..self.event() }
    }

    /// Two ayran, as the front end of the first platform sends them.
    pub(crate) fn two_ayran(&self, changes: Value) -> Value {
        changed(json!({ "restaurant_id": self.id, "meal_id": self.ayran, "quantity": 2 }), changes)
    }

    /// An adana with these options.
    pub(crate) fn adana_with(&self, options: &Value) -> Value {
        json!({ "restaurant_id": self.id, "meal_id": self.adana, "options": options })
    }
}

/// The meal of that menu.
pub(crate) fn meal(catalog: &mut Catalog, id: MealId) -> &mut CatalogMeal {
    catalog.menu.meals.iter_mut().find(|meal| meal.id == id).unwrap()
}
