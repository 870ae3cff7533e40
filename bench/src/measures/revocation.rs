//! How long after a log-out was answered three services still take its access token.

use std::time::Instant;

use anyhow::{Result, ensure};
use reqwest::StatusCode;
use serde_json::json;

use crate::client::Client;
use crate::diner::Diner;
use crate::load::Samples;
use crate::platform::Platform;
use crate::report::Row;

const LOGOUTS: usize = 80;

/// A route of each service that needs a token. The one of notification is for admins: 403 with a good token of a diner.
#[derive(Debug, Clone, Copy)]
enum Route {
    Auth,
    User,
    Notification,
}

/// Signs in and out, and asks all three from the moment of the answer until each refuses.
pub(crate) async fn after_logout(platform: &Platform, diners: &mut Vec<Diner>) -> Result<Row> {
    let client = &platform.client;
    let mut seen = Samples::default();
    for turn in 0..LOGOUTS {
        let diner = diners.swap_remove(turn % diners.len()).login().await?;
        let bearer = diner.bearer();
        for route in [Route::Auth, Route::User, Route::Notification] {
            ensure!(!refuses(client, route, &bearer).await?, "{route:?} refuses a good token");
        }
        diner.logout().await?;
        let ended = Instant::now();
        let (auth, user, notification) = tokio::try_join!(
            until_refused(client, Route::Auth, &bearer, ended),
            until_refused(client, Route::User, &bearer, ended),
            until_refused(client, Route::Notification, &bearer, ended),
        )?;
        seen.extend([auth, user, notification]);
        diners.push(diner.login().await?);
    }
    let detail = format!("{} looks with the request's own time, median {:.1?}", seen.len(), seen.median()?);
    Ok(Row::milliseconds("revocation seen, p99", seen.percentile(99)?, 50.0, detail))
}

async fn until_refused(client: &Client, route: Route, bearer: &str, ended: Instant) -> Result<std::time::Duration> {
    while !refuses(client, route, bearer).await? {
        ensure!(ended.elapsed().as_secs() < 10, "{route:?} still takes a revoked token");
    }
    Ok(ended.elapsed())
}

async fn refuses(client: &Client, route: Route, bearer: &str) -> Result<bool> {
    let headers = [("authorization", bearer)];
    let answer = match route {
        Route::Auth => client.get("/auth/me", &headers).await?,
        Route::User => client.get("/users/preferences", &headers).await?,
        Route::Notification => client.post("/notification/send", &json!({}), &headers).await?,
    };
    Ok(answer.status() == StatusCode::UNAUTHORIZED)
}
