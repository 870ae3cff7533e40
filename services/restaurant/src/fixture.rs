//! What the tests of this service stand on.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, BusUrl, HearError};
use contracts::{
    AddressChanged, AddressDetails, AddressId, CatalogChanged, EntityId, EntityType, MealId, Price, RestaurantId, Role,
    UserId,
};
use kit::testing::{Client, Recorded, TestPorts, changed, hear_all};
use serde_json::{Value, json};

use crate::events::{self, Listener};
use crate::state::Restaurants;
use crate::store::meal::Meal;
use crate::store::restaurant::Restaurant;
use crate::{MIGRATIONS, api, store};

/// Ports with the tables of this service, and what it records.
pub(crate) struct Fixture {
    ports: TestPorts,
    pub(crate) restaurants: Arc<Restaurants>,
    changes: Recorded<CatalogChanged>,
    bus: Bus,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

/// Somebody with a restaurant.
pub(crate) struct Manager {
    pub(crate) id: UserId,
    pub(crate) client: Client,
    pub(crate) address_id: AddressId,
}

impl Fixture {
    async fn over(ports: TestPorts) -> Self {
        let ports = ports.beside_auth().await;
        let changes = Recorded::of(&ports.context).await;
        let consumers = vec![events::consumer()];
        let bus = Bus::open(&BusUrl::Embedded, ports.context.database.clone(), consumers).await.unwrap();
        Self { restaurants: Restaurants::new(ports.context.clone()), ports, changes, bus }
    }

    pub(crate) fn client(&self) -> Client {
        Client::anonymous(api::routes(&self.restaurants), &self.context)
    }

    /// What the routes say of themselves.
    pub(crate) fn description(&self) -> impl serde::Serialize {
        api::routes(&self.restaurants).split_for_parts().1
    }

    /// Lets the index of this process see what has changed.
    pub(crate) async fn follow(&self) {
        self.restaurants.index.follow().await.unwrap();
    }

    /// What everybody sees in the list, once the index has seen what has changed.
    pub(crate) async fn list(&self, parameters: &str) -> Value {
        self.follow().await;
        let (status, list) = self.client().get(&format!("/restaurants{parameters}")).await.parts();
        assert_eq!(status, 200, "{list}");
        list
    }

    /// What a search of everybody finds, once the index has seen what has changed.
    pub(crate) async fn search(&self, parameters: &str) -> Value {
        self.follow().await;
        let (status, found) = self.client().get(&format!("/restaurants/search?{parameters}")).await.parts();
        assert_eq!(status, 200, "{found}");
        found
    }

    /// Another process of the service, on the same state.
    pub(crate) async fn another_process(&self) -> Self {
        Self::over(self.ports.replica().await).await
    }

    /// Another one whose clock is ahead.
    pub(crate) async fn process_ahead(&self, by: Duration) -> Self {
        Self::over(self.ports.replica_ahead(by).await).await
    }

    /// Another one whose clock is behind.
    pub(crate) async fn process_behind(&self, by: Duration) -> Self {
        let process = self.process_ahead(Duration::ZERO).await;
        process.clock.set_back(by);
        process
    }

    /// Puts meals on the menu of a restaurant, each with its price in kuruş.
    pub(crate) async fn serve(&self, path: &str, meals: &[(&str, i64)]) {
        let id: RestaurantId = path.rsplit('/').next().unwrap().parse().unwrap();
        let tx = self.context.database.begin_write().await.unwrap();
        let before = store::restaurant::begin_version(&tx, id, None).await.unwrap().unwrap();
        store::restaurant::update(&tx, &before.found_anew(tx.now())).await.unwrap();
        for ((name, kurus), position) in meals.iter().zip(0..) {
            let meal = Meal {
                id: MealId(tx.sources().uuid()),
                restaurant_id: id,
                category_id: None,
                mealtime_id: None,
                name: name.parse().unwrap(),
                description: None,
                cuisine: None,
                price_kurus: Price::from_kurus(*kurus).unwrap(),
                image_url: None,
                is_available: true,
                sold_out_until: None,
                allergens: None,
                contains_alcohol: false,
                contains_pork: false,
                position,
                created_at: tx.now(),
                updated_at: tx.now(),
                deleted_at: None,
                search_name: Some(search::normalize(name)),
            };
            store::meal::insert(&tx, &meal).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Somebody before another process of the service, on the same state.
    pub(crate) async fn client_of_replica(&self) -> (TestPorts, Client) {
        let replica = self.ports.replica().await;
        let client = Client::anonymous(api::routes(&Restaurants::new(replica.context.clone())), &replica.context);
        (replica, client)
    }

    /// A manager who has written down an address, of which nothing is known here yet.
    pub(crate) fn manager(&self) -> Manager {
        let id = self.new_user();
        Manager { id, client: self.client().manager(id), address_id: AddressId(self.context.sources.uuid()) }
    }

    /// A manager with a restaurant that everybody sees, and its path.
    pub(crate) async fn open_restaurant(&self, changes: Value) -> (Manager, String) {
        let meral = self.manager();
        self.deliver(meral.address(1)).await.unwrap();
        let path = meral.create(changes).await;
        (meral, path)
    }

    /// The events that were recorded since the last call.
    pub(crate) async fn recorded(&self) -> Vec<CatalogChanged> {
        self.changes.take().await
    }

    /// The row of the restaurant at `path`.
    pub(crate) async fn restaurant(&self, path: &str) -> Restaurant {
        let id = path.trim_start_matches("/restaurants/").parse().unwrap();
        store::restaurant::find(&self.context.database, id).await.unwrap().unwrap()
    }

    /// Puts so many more of the meal at `path` beside it, of which nobody hears.
    pub(crate) async fn copy_meal(&self, path: &str, count: usize) {
        let id = path.trim_start_matches("/meals/").parse().unwrap();
        let meal = store::meal::find(&self.context.database, id).await.unwrap().unwrap();
        let tx = self.context.database.begin_write().await.unwrap();
        for _ in 0..count {
            let id = MealId(tx.sources().uuid());
            store::meal::insert(&tx, &Meal { id, ..meal.clone() }).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Delivers `event`, and lets the restaurants there follow it.
    pub(crate) async fn deliver(&self, event: AddressChanged) -> Result<(), HearError> {
        self.hear(event).await?;
        self.come_to_rest().await;
        Ok(())
    }

    /// Delivers `event` alone.
    pub(crate) async fn hear(&self, event: AddressChanged) -> Result<(), HearError> {
        self.ports.deliver(&Listener, event).await
    }

    /// Lets the service do what its consumers have left to do.
    pub(crate) async fn come_to_rest(&self) {
        hear_all(&self.bus).await;
    }
}

impl Manager {
    /// What the manager's address is by its `version`.
    pub(crate) fn address(&self, version: i64) -> AddressChanged {
        AddressChanged {
            id: self.address_id,
            entity_type: EntityType::Restaurant,
            entity_id: EntityId(self.id.0),
            created_by: self.id,
            created_as: Role::Manager,
            version,
            address: Some(AddressDetails {
                title: "Çıpa Kebap".to_owned(),
                address: format!("Sahil Yolu {version}"),
                city: "İstanbul".to_owned(),
                district: "Kadıköy".to_owned(),
                full_address: format!("Sahil Yolu {version}, Kadıköy"),
                zip_code: "34710".to_owned(),
                apartment: None,
                floor: None,
                door_number: Some("7".to_owned()),
                latitude: Some(40.9819),
                longitude: Some(29.0256),
                is_default: false,
            }),
            changed_at: "2026-03-02T12:00:00Z".parse().unwrap(),
        }
    }

    /// The event of its deletion.
    pub(crate) fn deletion(&self, version: i64) -> AddressChanged {
        AddressChanged { address: None, ..self.address(version) }
    }

    /// A restaurant at that address, as a client of the first platform sends it.
    pub(crate) fn restaurant(&self, changes: Value) -> Value {
        let body = json!({
            "name": "Çıpa Kebap",
            "description": "Adana kebap, lahmacun",
            "logo": "https://example.com/cipa.png",
            "phone_number": "0216 123 45 67",
            "email": "cipa@example.com",
            "status": "approved",
            "opening_hours": { "monday": "11:00-23:00", "tuesday": "11:00-23:00" },
            "prep_time_min": 25,
            "delivery_fee": 9.9,
            "min_order": 75,
            "address_id": self.address_id,
        });
        changed(body, changes)
    }

    /// Writes one down, and answers its path.
    pub(crate) async fn create(&self, changes: Value) -> String {
        let (status, created) = self.client.post("/restaurants", self.restaurant(changes)).await.parts();
        assert_eq!(status, 201, "{created}");
        format!("/restaurants/{}", created["id"].as_str().unwrap())
    }

    /// A meal on the menu of the restaurant at `path`.
    pub(crate) fn meal(path: &str, changes: Value) -> Value {
        let body = json!({
            "restaurant_id": path.trim_start_matches("/restaurants/"),
            "name": "Adana Kebap",
            "description": "Acılı, közde",
            "price": 240.5,
            "image_url": "/media/adana.png",
            "cuisine": "Kebap",
        });
        changed(body, changes)
    }

    /// Writes one down, and answers its path.
    pub(crate) async fn create_meal(&self, path: &str, changes: Value) -> String {
        let (status, created) = self.client.post("/meals", Self::meal(path, changes)).await.parts();
        assert_eq!(status, 201, "{created}");
        format!("/meals/{}", created["id"].as_str().unwrap())
    }
}
