//! People who register, verify, refresh and sign in, one after the other, for as long as anybody answers them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use clock::Sources;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Server, SmtpSink};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::{at_last, http_client, token_in};

/// How many there are.
const PEOPLE: u64 = 8;
/// How long one waits for a mail, and after a door that was closed.
const MAIL: Duration = Duration::from_secs(20);
const REST: Duration = Duration::from_millis(20);
const PASSWORD: &str = "gizli deniz feneri 42";

/// All of them.
pub(super) struct Crowd {
    people: JoinSet<()>,
    done: Arc<Mutex<Done>>,
    stop: CancellationToken,
}

/// What became of their requests.
#[derive(Debug, Default, Clone)]
pub(super) struct Done {
    /// Whose registration was acknowledged.
    pub(super) registered: Vec<String>,
    /// Requests that were sent and got no whole answer.
    pub(super) cut_off: Vec<String>,
    answered: u64,
}

#[derive(Clone)]
struct Person {
    number: u64,
    base: String,
    http: Client,
    mails: Arc<SmtpSink>,
    done: Arc<Mutex<Done>>,
    stop: CancellationToken,
}

impl Crowd {
    pub(super) fn gather(server: &Server, mails: &Arc<SmtpSink>) -> Self {
        let (mut people, done, stop) = (JoinSet::new(), Arc::default(), CancellationToken::new());
        for number in 0..PEOPLE {
            let (mails, done, stop) = (Arc::clone(mails), Arc::clone(&done), stop.clone());
            let person = Person { number, base: server.url(""), http: http_client(), mails, done, stop };
            people.spawn(person.live());
        }
        Self { people, done, stop }
    }

    /// Returns when some dozen more requests were answered.
    pub(super) async fn is_at_work(&self) {
        let enough = self.done.lock().unwrap().answered + 3 * PEOPLE;
        at_last("the crowd is answered", async || (self.done.lock().unwrap().answered >= enough).then_some(())).await;
    }

    /// Lets everybody finish what is at hand.
    pub(super) async fn go_home(self) -> Done {
        self.stop.cancel();
        self.people.join_all().await;
        self.done.lock().unwrap().clone()
    }
}

impl Person {
    async fn live(self) {
        let mut day = 0;
        while !self.stop.is_cancelled() {
            day += 1;
            // Given up where a link or an answer came too late; the next day begins anew.
            let _ended_early = self.walk(&format!("p{}d{day}@example.com", self.number), day).await;
        }
    }

    async fn walk(&self, email: &str, day: u64) -> Option<()> {
        let network = format!("10.{}.{}.7", self.number, day % 250);
        let credentials = json!({ "email": email, "password": PASSWORD });
        self.ask("/auth/register", &credentials, &network).await?;
        self.done.lock().unwrap().registered.push(email.to_owned());
        let of_this =
            |mails: &[testkit::ReceivedMail]| mails.iter().find(|mail| mail.to.iter().any(|to| to == email)).cloned();
        let mail = self.mails.find(MAIL, of_this).await?;
        let mut session = self.ask("/auth/verify-email", &json!({ "token": token_in(&mail) }), &network).await?;
        for _ in 0..4 {
            session =
                self.ask("/auth/refresh", &json!({ "refresh_token": session["refresh_token"] }), &network).await?;
        }
        self.ask("/auth/login", &credentials, &network).await.map(drop)
    }

    /// What is answered, if that is a success; repeated while no door is open.
    async fn ask(&self, path: &str, body: &Value, network: &str) -> Option<Value> {
        loop {
            let request = self.http.post(format!("{}{path}", self.base)).header("x-forwarded-for", network).json(body);
            match whole_answer(request).await {
                Ok(answer) => {
                    self.done.lock().unwrap().answered += 1;
                    return answer;
                }
                Err(error) if error.is_connect() => Sources::system().sleep(REST).await,
                Err(error) => {
                    self.done.lock().unwrap().cut_off.push(format!("{path}: {error:?}"));
                    return None;
                }
            }
        }
    }
}

/// The body of a success, and nothing of anything else.
async fn whole_answer(request: RequestBuilder) -> reqwest::Result<Option<Value>> {
    let answer = request.send().await?;
    let is_success = answer.status().is_success();
    let body = answer.bytes().await?;
    Ok(is_success.then(|| serde_json::from_slice(&body).unwrap_or(Value::Null)))
}
