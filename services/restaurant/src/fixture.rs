//! What the tests of this service stand on.

mod events;
mod index;
mod manager;
mod menu;
mod pages;
mod replica;

use std::sync::Arc;

use bus::{Bus, BusUrl};
use contracts::{CampaignAnnounced, CatalogChanged};
use kit::testing::{Client, Recorded, TestPorts};

use crate::state::Restaurants;
use crate::{MIGRATIONS, api};

pub(crate) use manager::Manager;

/// Ports with the tables of this service, and what it records.
pub(crate) struct Fixture {
    ports: TestPorts,
    pub(crate) restaurants: Arc<Restaurants>,
    changes: Recorded<CatalogChanged>,
    announcements: Recorded<CampaignAnnounced>,
    bus: Bus,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

impl Fixture {
    async fn over(ports: TestPorts) -> Self {
        let ports = ports.beside_auth().await;
        let changes = Recorded::of(&ports.context).await;
        let announcements = Recorded::of(&ports.context).await;
        let consumers = vec![crate::events::consumer()];
        let bus = Bus::open(&BusUrl::Embedded, ports.context.database.clone(), consumers).await.unwrap();
        Self { restaurants: Restaurants::new(ports.context.clone()), ports, changes, announcements, bus }
    }

    pub(crate) fn client(&self) -> Client {
        Client::anonymous(api::routes(&self.restaurants), &self.context)
    }

    /// What the routes say of themselves.
    pub(crate) fn description(&self) -> impl serde::Serialize {
        api::routes(&self.restaurants).split_for_parts().1
    }
}
