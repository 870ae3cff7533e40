//! What somebody does in front of a server that is a process of its own, and alone.

use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::Server;

use super::{at_last, http_client};

/// Registers, opens the mail, verifies and completes the profile; answers the access token.
pub(crate) async fn sign_up(server: &Server, email: &str) -> String {
    let client = http_client();
    assert_eq!(register(server, email).await, StatusCode::CREATED);
    let token = at_last("the mail is in the mailbox", async || {
        let url = server.url(&format!("/mailbox/messages?to={email}"));
        let mails = http_client().get(url).send().await.unwrap().text().await.unwrap();
        let (_, link) = mails.split_once("token=")?;
        Some(link.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect::<String>())
    });
    let verification = json!({ "token": token.await });
    let verified = client.post(server.url("/auth/verify-email")).json(&verification).send().await.unwrap();
    let session: Value = verified.json().await.unwrap();
    let access = session["access_token"].as_str().unwrap().to_owned();
    let profile =
        json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    let completed = client.post(server.url("/users/register/complete")).bearer_auth(&access).json(&profile);
    assert_eq!(completed.send().await.unwrap().status(), StatusCode::CREATED);
    access
}

/// The name in the profile, as a connection reads it that did not write it.
pub(crate) async fn name_of(server: &Server, access: &str) -> String {
    let profile = http_client().get(server.url("/users/me")).bearer_auth(access).send().await.unwrap();
    profile.json::<Value>().await.unwrap()["full_name"].as_str().unwrap().to_owned()
}

pub(crate) async fn register(server: &Server, email: &str) -> StatusCode {
    let body = json!({ "email": email, "password": "gizli deniz feneri 42" });
    http_client().post(server.url("/auth/register")).json(&body).send().await.unwrap().status()
}

/// How many passwords the server has hashed or compared.
pub(crate) async fn hashes(server: &Server) -> u64 {
    let counts = http_client().get(server.url("/metrics")).send().await.unwrap().text().await.unwrap();
    let count = counts.lines().find_map(|line| line.strip_prefix("auth_password_hashes_total "));
    count.unwrap_or_else(|| panic!("no count in {counts}")).parse().unwrap()
}
