//! Somebody with an account and a device, as far as the bench needs them.

use anyhow::{Context, Result, ensure};
use contracts::UserId;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::client::Client;

/// A signed-in diner.
pub(crate) struct Diner {
    client: Client,
    email: String,
    device: String,
    tokens: Tokens,
}

struct Tokens {
    access: String,
    refresh: String,
}

impl Diner {
    /// Nobody's first choice, and no part of any address here.
    pub(crate) const PASSWORD: &'static str = "mercimek köftesi ve ayran";

    /// Proves a mailbox, which signs in.
    pub(crate) async fn verify(client: Client, email: String, token: &str) -> Result<Self> {
        let answer = client.post("/auth/verify-email", &json!({ "token": token }), &[]).await?;
        let device = device_cookie(&answer).context("verification gave no device cookie")?;
        let tokens = Tokens::of(answer).await?;
        Ok(Self { client, email, device, tokens })
    }

    /// Signs in again on the same device.
    pub(crate) async fn login(mut self) -> Result<Self> {
        let body = json!({ "email": self.email, "password": Self::PASSWORD });
        let answer = self.client.post("/auth/login", &body, &[("cookie", &self.device)]).await?;
        self.tokens = Tokens::of(answer).await?;
        Ok(self)
    }

    pub(crate) async fn refresh(mut self) -> Result<Self> {
        let body = json!({ "refresh_token": self.tokens.refresh });
        let answer = self.client.post("/auth/refresh", &body, &[]).await?;
        self.tokens = Tokens::of(answer).await?;
        Ok(self)
    }

    pub(crate) async fn logout(&self) -> Result<()> {
        let answer = self.client.post("/auth/logout", &json!({}), &[("authorization", &self.bearer())]).await?;
        ensure!(answer.status() == StatusCode::OK, "logout answered {}", answer.status());
        Ok(())
    }

    /// Ends all sessions.
    pub(crate) async fn logout_all(self) -> Result<Self> {
        let answer = self.client.post("/auth/logout-all", &json!({}), &[("authorization", &self.bearer())]).await?;
        ensure!(answer.status() == StatusCode::OK, "logout-all answered {}", answer.status());
        Ok(self)
    }

    /// Who it is in every service.
    pub(crate) async fn user_id(&self) -> Result<UserId> {
        let answer = self.client.get("/auth/me", &[("authorization", &self.bearer())]).await?;
        ensure!(answer.status() == StatusCode::OK, "/auth/me answered {}", answer.status());
        let account: Value = answer.json().await?;
        Ok(account["id"].as_str().context("an account without an id")?.parse()?)
    }

    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    /// The value of the header that proves who asks.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.tokens.access)
    }

    /// What proves it in a cookie.
    pub(crate) fn access_token(&self) -> &str {
        &self.tokens.access
    }
}

impl Tokens {
    async fn of(answer: Response) -> Result<Self> {
        let (status, url) = (answer.status(), answer.url().clone());
        ensure!(status == StatusCode::OK, "{} answered {status}", url.path());
        let body: Value = answer.json().await?;
        let token =
            |name: &str| body[name].as_str().map(ToOwned::to_owned).with_context(|| format!("{name} is missing"));
        Ok(Self { access: token("access_token")?, refresh: token("refresh_token")? })
    }
}

/// The cookie as it is sent back: `device=…`.
fn device_cookie(answer: &Response) -> Option<String> {
    let cookies = answer.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let mut pairs = cookies.filter_map(|cookie| cookie.split(';').next());
    pairs.find(|pair| pair.starts_with("device=")).map(ToOwned::to_owned)
}
