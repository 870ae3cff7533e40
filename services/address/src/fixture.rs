//! What the tests of this service stand on.

mod home;

use std::sync::Arc;

use contracts::{AddressChanged, AddressId};
use kit::testing::{Client, Recorded, TestPorts};

use crate::state::Addresses;
use crate::{MIGRATIONS, api};

pub(crate) use home::{home, home_with, id_of};

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
}

fn client(addresses: &Arc<Addresses>) -> Client {
    Client::anonymous(api::routes(addresses), &addresses.context)
}
