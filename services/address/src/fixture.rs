//! What the tests of this service stand on.

use std::sync::Arc;

use bus::HearError;
use contracts::{AddressChanged, AddressId};
use kit::testing::{Client, Recorded, TestPorts, changed};
use serde_json::{Value, json};

use crate::events::Listener;
use crate::state::Addresses;
use crate::{MIGRATIONS, api};

/// Ports with the tables of this service, and what it records.
pub(crate) struct Fixture {
    ports: TestPorts,
    pub(crate) addresses: Arc<Addresses>,
    changes: Recorded<AddressChanged>,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

impl Fixture {
    async fn over(ports: TestPorts) -> Self {
        let ports = ports.beside_auth().await;
        let changes = Recorded::of(&ports.context).await;
        Self { addresses: Addresses::new(ports.context.clone()), ports, changes }
    }

    pub(crate) fn client(&self) -> Client {
        client(&self.addresses)
    }

    /// Somebody before another process of the service, on the same state.
    pub(crate) async fn client_of_replica(&self) -> (TestPorts, Client) {
        let replica = self.ports.replica().await;
        let client = client(&Addresses::new(replica.context.clone()));
        (replica, client)
    }

    /// Somebody who has written down where home is.
    pub(crate) async fn with_a_home(&self) -> (Client, AddressId) {
        let ayse = self.client().user(self.new_user());
        let (status, created) = ayse.post("/addresses", home()).await.parts();
        assert_eq!(status, 201, "{created}");
        (ayse, id_of(&created))
    }

    /// The events that were recorded since the last call.
    pub(crate) async fn recorded(&self) -> Vec<AddressChanged> {
        self.changes.take().await
    }

    pub(crate) async fn deliver(&self, event: AddressChanged) -> Result<(), HearError> {
        self.ports.deliver(&Listener::new(self.addresses.clone()), event).await
    }
}

fn client(addresses: &Arc<Addresses>) -> Client {
    Client::anonymous(api::routes(addresses), &addresses.context)
}

/// Where Ayşe lives, as the front end of the first platform sends it.
pub(crate) fn home() -> Value {
    json!({
        "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Caferağa Mah. Moda Caddesi 12, Kadıköy", "zip_code": "34710", "is_default": false,
    })
}

/// The same with other fields.
pub(crate) fn home_with(changes: Value) -> Value {
    changed(home(), changes)
}

pub(crate) fn id_of(address: &Value) -> AddressId {
    address["id"].as_str().unwrap().parse().unwrap()
}
