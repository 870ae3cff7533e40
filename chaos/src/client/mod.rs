//! A client that lives through faults: it repeats what was cut off and writes down what was acknowledged.

mod diner;

use std::sync::Arc;

use clock::Sources;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::SmtpSink;
use tokio_util::sync::CancellationToken;

use crate::http_client::{Answer, Doors, HttpClient, Step, Wish};
use crate::kitchen::Menu;
use crate::ledger::{Ledger, LostByWipe, Tokens};

/// How many journeys go by way of the restaurant: as many as two cores carry beside the rest.
const HUNGRY: f64 = 0.4;

/// One client, with new addresses for each journey.
pub(crate) struct Client {
    number: u64,
    journeys: u64,
    random: StdRng,
    http: HttpClient,
    mails: Arc<SmtpSink>,
    ledger: Ledger,
    sources: Sources,
    /// From where it orders; a client without comes only to see whether all works.
    menu: Option<Arc<Menu>>,
}

impl Client {
    pub(crate) fn new(number: u64, seed: u64, doors: Doors, mails: Arc<SmtpSink>, ledger: Ledger) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        Self {
            number,
            journeys: 0,
            http: HttpClient::new(random.random(), doors, ledger.clone()),
            random,
            mails,
            ledger,
            sources: Sources::system(),
            menu: None,
        }
    }

    /// The same, which orders from `menu` on some of its journeys.
    pub(crate) fn ordering_from(self, menu: Arc<Menu>) -> Self {
        Self { menu: Some(menu), ..self }
    }

    /// Makes journeys until `stop`, and finishes the one under way.
    pub(crate) async fn work(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let email = self.next_address();
            self.journey(&email).await;
            let rest = self.http.doors().rest.mul_f64(self.random.random());
            stop.run_until_cancelled(self.sources.sleep(rest)).await;
        }
    }

    /// Registers a fresh address and proves its mailbox; answers the address.
    pub(crate) async fn prove_mailbox(&mut self) -> Option<String> {
        let email = self.next_address();
        let password = self.password("ilk");
        self.register_and_verify(&email, &password).await?;
        Some(email)
    }

    /// The address of the next journey.
    pub(crate) fn coming_address(&self) -> String {
        format!("c{}j{}@example.com", self.number, self.journeys + 1)
    }

    /// A network of its own for each journey, so that no limit per network slows the run.
    fn next_address(&mut self) -> String {
        let address = self.coming_address();
        self.journeys += 1;
        self.http.begin_journey(format!("10.{}.{}.7", self.number, self.journeys % 250));
        address
    }

    fn password(&mut self, word: &str) -> String {
        format!("{word} parola {}", self.random.random::<u32>())
    }

    async fn journey(&mut self, email: &str) -> Step<()> {
        let first = self.password("ilk");
        let tokens = self.register_and_verify(email, &first).await?;
        self.read_accounts(&tokens).await?;
        let tokens = self.refresh(tokens).await?;
        self.read_accounts(&tokens).await?;
        if let Some(menu) = self.menu.clone().filter(|_| self.random.random_bool(HUNGRY)) {
            self.dine(&tokens, &menu).await?;
        }
        if self.random.random_bool(0.5) {
            self.log_out(&tokens).await?;
        } else {
            let second = self.password("yeni");
            self.reset(email, &second, tokens).await?;
        }
        Some(())
    }

    async fn register_and_verify(&mut self, email: &str, password: &str) -> Step<Tokens> {
        let wipes = self.ledger.promises().wipes;
        let (status, _) = self.post("/auth/register", &json!({ "email": email, "password": password }), None).await?;
        self.expect(status == StatusCode::CREATED, || format!("register answered {status}"))?;
        self.ledger.promises().mails.push((email.to_owned(), "verify-email"));
        let token = self.token_from_mail(email, "verify-email", &[]).await?;
        let (status, body) = self.post("/auth/verify-email", &json!({ "token": token }), None).await?;
        if body["code"] == "INVALID_TOKEN" && !self.opens(email, password).await? {
            let was_wiped = self.note_wipe(wipes, |lost| &mut lost.registrations);
            self.expect(was_wiped, || format!("verify-email answered {status} to {email}: {body}"))?;
            return None;
        }
        self.ledger.promises().verified.push(email.to_owned());
        // The answer to a verification was cut off, and its repeat came too late to get the same session.
        if body["code"] == "INVALID_TOKEN" {
            return None;
        }
        self.expect(status == StatusCode::OK, || format!("verify-email answered {status}: {body}"))?;
        self.tokens(&body)
    }

    /// Nobody is logged out by an outage.
    async fn read_accounts(&mut self, tokens: &Tokens) -> Step<()> {
        let (status, body) = self.http.request(Wish::get("/auth/me").by(&tokens.access)).await?;
        self.expect(status == StatusCode::OK, || format!("/auth/me answered {status} to an open session: {body}"))?;
        let (status, body) = self.http.request(Wish::get("/users/me").by(&tokens.access)).await?;
        let is_known = status == StatusCode::OK || status == StatusCode::NOT_FOUND;
        self.expect(is_known, || format!("/users/me answered {status} to an open session: {body}"))
    }

    /// Repeats with the same key until it is answered, as a careful client does.
    async fn refresh(&mut self, tokens: Tokens) -> Step<Tokens> {
        let key = self.http.new_key();
        let body = json!({ "refresh_token": tokens.refresh });
        let (status, body) = self.post("/auth/refresh", &body, Some(&key)).await?;
        self.expect(status == StatusCode::OK, || format!("refresh answered {status}: {body}"))?;
        self.tokens(&body)
    }

    async fn log_out(&mut self, tokens: &Tokens) -> Step<()> {
        let nothing = json!({});
        let (status, body) = self.http.request(Wish::post("/auth/logout", &nothing).by(&tokens.access)).await?;
        // A repeat of a log-out that was done before its answer was cut off finds the session ended.
        let done = status == StatusCode::OK || (status == StatusCode::UNAUTHORIZED && body["code"] == "TOKEN_REVOKED");
        self.expect(done, || format!("logout answered {status}: {body}"))?;
        self.ledger.promises().ended.push(tokens.clone());
        Some(())
    }

    async fn reset(&mut self, email: &str, password: &str, ended: Tokens) -> Step<()> {
        let wipes = self.ledger.promises().wipes;
        let (status, body) = self.post("/auth/forgot-password", &json!({ "email": email }), None).await?;
        self.expect(status == StatusCode::OK, || format!("forgot-password answered {status}: {body}"))?;
        self.ledger.promises().mails.push((email.to_owned(), "reset-password"));
        let mut tried = Vec::new();
        loop {
            let token = self.token_from_mail(email, "reset-password", &tried).await?;
            let (status, body) =
                self.post("/auth/reset-password", &json!({ "token": token, "password": password }), None).await?;
            if status == StatusCode::OK || self.opens(email, password).await? {
                break;
            }
            self.expect(body["code"] == "INVALID_TOKEN", || format!("reset-password answered {status}: {body}"))?;
            if self.note_wipe(wipes, |lost| &mut lost.links) {
                return None;
            }
            // A request that was cut off may have sent a newer link, which cancels this one.
            tried.push(token);
        }
        self.ledger.promises().ended.push(ended);
        self.ledger.promises().reset.push(email.to_owned());
        let opens = self.opens(email, password).await?;
        self.expect(opens, || format!("the new password of {email} opens nothing"))
    }

    /// Whether the password opens the account. The answer to a reset may have been cut off after it was done.
    async fn opens(&mut self, email: &str, password: &str) -> Step<bool> {
        let (status, _) = self.post("/auth/login", &json!({ "email": email, "password": password }), None).await?;
        Some(status == StatusCode::OK)
    }

    /// Counts what is missing as lost if the ephemeral store was wiped since there had been `wipes`.
    fn note_wipe(&self, wipes: u32, lost: impl FnOnce(&mut LostByWipe) -> &mut u64) -> bool {
        let mut promises = self.ledger.promises();
        let was_wiped = promises.wipes > wipes;
        if was_wiped {
            *lost(&mut promises.lost_by_wipe) += 1;
        }
        was_wiped
    }

    /// The token of the newest link for `purpose` in the mails to `email` that was not `tried` yet.
    async fn token_from_mail(&self, email: &str, purpose: &'static str, tried: &[String]) -> Step<String> {
        let link = format!("/{purpose}?token=");
        let token = self
            .mails
            .find(self.http.doors().mail, |mails| {
                let own = mails.iter().rev().filter(|mail| mail.to.iter().any(|to| to == email));
                own.filter_map(|mail| token_behind(&mail.text(), &link)).find(|token| !tried.contains(token))
            })
            .await;
        if token.is_none() {
            self.ledger.promises().missed_mails.push((email.to_owned(), purpose));
        }
        token
    }

    fn tokens(&self, body: &Value) -> Step<Tokens> {
        let text = |name: &str| body[name].as_str().map(ToOwned::to_owned);
        let tokens = text("access_token").zip(text("refresh_token"));
        self.expect(tokens.is_some(), || format!("an answer lacks its tokens: {body}"))?;
        tokens.map(|(access, refresh)| Tokens { access, refresh })
    }

    async fn post(&mut self, path: &str, body: &Value, key: Option<&str>) -> Step<Answer> {
        let wish = Wish::post(path, body);
        self.http.request(key.map_or(wish, |key| wish.under(key))).await
    }

    /// Writes down an answer that no promise allows, and ends the journey.
    fn expect(&self, holds: bool, complaint: impl FnOnce() -> String) -> Step<()> {
        self.ledger.expect(holds, complaint)
    }
}

fn token_behind(text: &str, link: &str) -> Option<String> {
    let (_, rest) = text.split_once(link)?;
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
}
