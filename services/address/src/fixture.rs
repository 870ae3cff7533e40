//! What the tests of this service stand on.

mod home;

use std::sync::Arc;

use contracts::{AddressChanged, AddressId, UserId};
use kit::testing::{Client, Recorded, TestPorts};
use web::{CookieScheme, PageSettings};

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

    /// Somebody before the pages of the service of whom nothing is known.
    pub(crate) fn stranger(&self) -> Client {
        let settings = PageSettings { cookies: CookieScheme::Http, segments: vec!["adresler", "isletme", "odeme"] };
        Client::anonymous(web::dress(api::pages::pages(&self.addresses).into_router(), settings), &self.ports.context)
    }

    /// The user as a reader of pages, in a browser with these cookies besides.
    pub(crate) fn reader(&self, user_id: UserId, cookies: &str) -> Client {
        self.stranger().user(user_id).in_browser(cookies)
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
