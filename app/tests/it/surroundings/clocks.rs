//! Clocks that are wrong, and clocks that are set while everything runs.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::fleet::Fleet;
use super::process::Process;
use crate::support::{Answer, Tokens, at_last, http_client, read, run_program, token_in};

/// How far the one is ahead, which is as much as auth reckons with.
const AHEAD: u32 = 60;
/// Five processes start on one Kafka while everything else is tested on the same two cores.
const TIMEOUT: Duration = Duration::from_secs(60);
const PASSWORD: &str = "gizli deniz feneri 42";

/// Two replicas of auth and two of user: the first of each knows the time, the second is ahead of it.
struct Town {
    auth: [Process; 2],
    user: [Process; 2],
    _notification: Process,
    fleet: Fleet,
}

/// Two replicas by their numbers: one where something begins, and one where it goes on.
#[derive(Clone, Copy)]
struct Way {
    from: usize,
    to: usize,
}

#[tokio::test]
async fn a_clock_that_is_ahead_by_a_minute_costs_nobody_a_link_a_token_or_a_session() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let town = Town::start(fleet).await;

    for (email, way) in [("ayse@example.com", Way { from: 0, to: 1 }), ("mehmet@example.com", Way { from: 1, to: 0 })] {
        let first = town.sign_up(email, way).await;
        town.takes(&first).await;
        let second = town.refresh(way.from, &first, "attempt-1").await;
        let repeated = town.refresh(way.to, &first, "attempt-1").await;
        let third = town.refresh(way.to, &second, "attempt-2").await;
        town.takes(&third).await;
        town.choose_new_password(email, way).await;
        town.shuts_out(&third).await;

        assert_eq!(second.refresh, repeated.refresh, "a retry at the other replica gets the same");
        let apart = (minted_at(&first) - minted_at(&second)).abs();
        let ahead = i64::from(AHEAD);
        assert!((ahead / 2..ahead * 2).contains(&apart), "the clocks are {apart} s apart");
    }
}

/// An hour is what a laptop finds after a night with another system, and a machine that was restored.
const HOUR: i64 = 3_600;

#[tokio::test]
async fn a_clock_that_is_set_back_stops_nothing_that_is_done_again_and_again() {
    if !testkit::servers::shared::are_wanted() {
        return;
    }
    let mut process = Process::new(&[]).with_a_clock_of_its_own();
    process.server.set_clock(HOUR).unwrap();
    process.server.start().await.unwrap();
    let ayse = sign_up_embedded(&process, "ayse@example.com").await;

    process.server.set_clock(0).unwrap();
    let locked = run_program(&process.folder.path().join("data"), &["admin", "lock", "ayse@example.com"], "").await;

    assert_eq!(locked.code, Some(0), "{locked:?}");
    let shut_out = async || {
        let me = send(&process, Method::GET, "/auth/me", Some(&ayse), None).await;
        (me.code() == "TOKEN_REVOKED").then_some(())
    };
    at_last("the sweep publishes what the command ended", shut_out).await;
    // Events are heard, and mails leave.
    sign_up_embedded(&process, "mehmet@example.com").await;
    process.is_ready().await;
}

/// Registers, opens the link out of the built-in mailbox and completes the profile.
async fn sign_up_embedded(process: &Process, email: &str) -> Tokens {
    assert_eq!(process.register(email).await, StatusCode::CREATED);
    let token = at_last("the mail is in the mailbox", async || {
        let mails = send(process, Method::GET, &format!("/mailbox/messages?to={email}"), None, None).await;
        let (_, link) = mails.text.split_once("token=")?;
        Some(link.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect::<String>())
    });
    let tokens = post(process, "/auth/verify-email", json!({ "token": token.await })).await.tokens();
    let profile =
        json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    let completed = send(process, Method::POST, "/users/register/complete", Some(&tokens), Some(profile)).await;
    assert_eq!(completed.status, StatusCode::CREATED, "{}", completed.text);
    tokens
}

impl Town {
    async fn start(fleet: Fleet) -> Self {
        let pair = |service| [fleet.process(service), fleet.process(service).ahead_by(AHEAD)];
        let ([mut a, mut b], [mut c, mut d], mut e) = (pair("auth"), pair("user"), fleet.process("notification"));
        let started = [&mut a, &mut b, &mut c, &mut d, &mut e].map(|process| process.server.start());
        for started in futures_util::future::join_all(started).await {
            started.unwrap();
        }
        Self { auth: [a, b], user: [c, d], _notification: e, fleet }
    }

    /// Registers, opens the link and completes the profile.
    async fn sign_up(&self, email: &str, Way { from, to }: Way) -> Tokens {
        let registration = json!({ "email": email, "password": PASSWORD });
        let registered = post(&self.auth[from], "/auth/register", registration).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.text);
        let token = self.token_from_mail(email, "verify-email").await;
        let tokens = post(&self.auth[to], "/auth/verify-email", json!({ "token": token })).await.tokens();
        let profile = json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
        let completed =
            send(&self.user[from], Method::POST, "/users/register/complete", Some(&tokens), Some(profile)).await;
        assert_eq!(completed.status, StatusCode::CREATED, "{}", completed.text);
        tokens
    }

    async fn refresh(&self, replica: usize, tokens: &Tokens, attempt: &str) -> Tokens {
        let request = http_client().post(self.auth[replica].server.url("/auth/refresh"));
        read(request.header("idempotency-key", attempt).json(&json!({ "refresh_token": tokens.refresh })))
            .await
            .tokens()
    }

    /// Asks for a link, uses it, and signs in with the new password.
    async fn choose_new_password(&self, email: &str, Way { from, to }: Way) {
        let password = "başka bir deniz feneri 43";
        assert_eq!(
            post(&self.auth[from], "/auth/forgot-password", json!({ "email": email })).await.status,
            StatusCode::OK
        );
        let token = self.token_from_mail(email, "reset-password").await;
        let reset = post(&self.auth[to], "/auth/reset-password", json!({ "token": token, "password": password })).await;
        assert_eq!(reset.status, StatusCode::OK, "{}", reset.text);
        let signed_in = post(&self.auth[from], "/auth/login", json!({ "email": email, "password": password })).await;
        self.takes(&signed_in.tokens()).await;
    }

    /// Every replica takes the access token.
    async fn takes(&self, tokens: &Tokens) {
        for (process, path) in self.doors() {
            let answer = send(process, Method::GET, path, Some(tokens), None).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
    }

    /// Every replica refuses the access token because its session was ended.
    async fn shuts_out(&self, tokens: &Tokens) {
        for (process, path) in self.doors() {
            let refused = async || {
                let answer = send(process, Method::GET, path, Some(tokens), None).await;
                (answer.code() == "TOKEN_REVOKED").then_some(())
            };
            at_last("every replica refuses the token of a session that was ended", refused).await;
        }
    }

    fn doors(&self) -> [(&Process, &'static str); 4] {
        let ([a, b], [c, d]) = (&self.auth, &self.user);
        [(a, "/auth/me"), (b, "/auth/me"), (c, "/users/me"), (d, "/users/me")]
    }

    async fn token_from_mail(&self, email: &str, page: &str) -> String {
        let link = format!("/{page}?token=");
        let mail = self.fleet.mails.find(TIMEOUT, |mails| {
            let found = mails.iter().find(|mail| mail.to.iter().any(|to| to == email) && mail.text().contains(&link));
            found.cloned()
        });
        token_in(&mail.await.unwrap_or_else(|| panic!("no mail for {page} came for {email}")))
    }
}

/// Comes again where a replica says that it can't answer at the moment: five processes and their servers share two cores.
async fn post(process: &Process, path: &str, body: Value) -> Answer {
    let answered = async || {
        let answer = send(process, Method::POST, path, None, Some(body.clone())).await;
        (answer.status != StatusCode::SERVICE_UNAVAILABLE).then_some(answer)
    };
    at_last("a replica answers", answered).await
}

async fn send(process: &Process, method: Method, path: &str, tokens: Option<&Tokens>, body: Option<Value>) -> Answer {
    let mut request = http_client().request(method, process.server.url(path));
    if let Some(tokens) = tokens {
        request = request.bearer_auth(&tokens.access);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    read(request).await
}

/// `iat` of an access token: the time of the replica that minted it.
fn minted_at(tokens: &Tokens) -> i64 {
    let claims = tokens.access.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap();
    claims["iat"].as_i64().unwrap()
}
