//! Six processes behind one gateway: each answers for its own paths, and one that is away takes no others along.

use std::collections::BTreeMap;

use lezzetlimani::services::ServiceName;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;
use testkit::Gateway;

use super::super::fleet::Fleet;
use super::super::process::Process;
use super::caddy::open_gateway;
use crate::support::{TIMEOUT, Tokens, at_last, http_client, read, token_in};

/// Something of each service that a diner may ask for: by the API, and as a page.
const ASKED: [(ServiceName, &str); 11] = [
    (ServiceName::Auth, "/auth/me"),
    (ServiceName::Auth, "/guvenlik"),
    (ServiceName::User, "/favorites"),
    (ServiceName::User, "/favoriler"),
    (ServiceName::Notification, "/notification/types"),
    (ServiceName::Address, "/addresses"),
    (ServiceName::Address, "/adresler"),
    (ServiceName::Restaurant, "/restaurants"),
    (ServiceName::Restaurant, "/"),
    (ServiceName::Cart, "/carts/current"),
    (ServiceName::Cart, "/sepet"),
];

/// The processes of a fleet by what they serve, behind a gateway.
struct Served {
    fleet: Fleet,
    processes: BTreeMap<ServiceName, Process>,
    gateway: Gateway,
}

impl Served {
    /// None in a run without servers.
    async fn start() -> Option<Self> {
        let fleet = Fleet::prepare().await?;
        let trusted = [("TRUSTED_PROXIES", "127.0.0.1/32")];
        let processes = ServiceName::all().iter().map(|&name| (name, fleet.process_with(name.as_str(), &trusted)));
        let mut processes: BTreeMap<ServiceName, Process> = processes.collect();
        for process in processes.values_mut() {
            process.server.start().await.unwrap();
        }
        let gateway = open_gateway(|service| &processes[&service].server).await;
        Some(Self { fleet, processes, gateway })
    }

    fn get(&self, path: &str) -> RequestBuilder {
        http_client().get(self.gateway.url(path))
    }

    async fn sign_up(&self, email: &str) -> Tokens {
        let body = json!({ "email": email, "password": "gizli deniz feneri 42" });
        let registered = read(http_client().post(self.gateway.url("/auth/register")).json(&body)).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.text);
        let mail = self.fleet.mails.find(TIMEOUT, |mails| mails.first().cloned()).await.expect("a mail comes");
        let token = json!({ "token": token_in(&mail) });
        read(http_client().post(self.gateway.url("/auth/verify-email")).json(&token)).await.tokens()
    }

    /// What a diner with these tokens is answered at `path`: programs and pages ask for one of them each.
    async fn status(&self, tokens: &Tokens, path: &str) -> StatusCode {
        let request = self.get(path).header("cookie", format!("access={}", tokens.access));
        read(request.bearer_auth(&tokens.access)).await.status
    }

    /// Returns when all services answer. Profiles and restaurants come by themselves.
    async fn answers(&self, tokens: &Tokens) {
        for (_, path) in ASKED {
            let answered = async || (self.status(tokens, path).await == StatusCode::OK).then_some(());
            at_last(&format!("{path} is answered"), answered).await;
        }
    }
}

#[tokio::test]
async fn each_service_answers_behind_one_address_and_one_that_is_away_takes_no_other_along() {
    let Some(mut served) = Served::start().await else { return };
    let tokens = served.sign_up("ayse@example.com").await;
    served.answers(&tokens).await;

    for away in [ServiceName::Cart, ServiceName::Restaurant] {
        served.processes.get_mut(&away).unwrap().server.stop().await.unwrap();
        for (service, path) in ASKED {
            let expected = if service == away { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
            assert_eq!(served.status(&tokens, path).await, expected, "{path} while {away:?} is away");
        }
        served.processes.get_mut(&away).unwrap().server.start().await.unwrap();
        served.answers(&tokens).await;
    }
}
