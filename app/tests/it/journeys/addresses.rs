//! A manager is made, says where a restaurant is, and everybody may read it; homes are their owners' alone.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Counts, Diner, Platform, Tokens, http_client, in_every_size, read};

use super::redis_away::sign_in_an_admin;

fn address(title: &str) -> Value {
    json!({
        "title": title, "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Caferağa Mah. Moda Caddesi 12, Kadıköy", "zip_code": "34710", "is_default": true,
    })
}

/// Makes a manager of whose tokens these are, which the session learns at its next refresh.
pub(super) async fn grant(platform: &Platform, tokens: &Tokens) {
    let (admin, admins) = sign_in_an_admin(platform).await;
    let path = format!("/admin/accounts/{}/role", platform.claims(&tokens.access)["sub"].as_str().unwrap());
    let granted = admin.send(Method::PUT, &path, Some(&admins.access), Some(json!({ "role": "manager" }))).await;
    assert_eq!((granted.status, &granted.json()["role"]), (StatusCode::OK, &json!("manager")), "{}", granted.text);
}

#[tokio::test]
async fn a_manager_is_made_and_says_where_the_restaurant_is() {
    in_every_size(async |platform| {
        let (meral, tokens) = Diner::signed_up(&platform, "meral@example.com").await;
        let of_restaurant = "/addresses?entity_type=RESTAURANT";

        let refused = meral.post_as(&tokens, of_restaurant, address("Çıpa Kebap")).await;
        grant(&platform, &tokens).await;
        let tokens = meral.refresh(&tokens).await.tokens();
        let created = meral.post_as(&tokens, of_restaurant, address("Çıpa Kebap")).await;

        assert_eq!((refused.status, created.status), (StatusCode::FORBIDDEN, StatusCode::CREATED), "{}", created.text);
        let path = format!("/addresses/{}", created.json()["id"].as_str().unwrap());
        for url in platform.urls(&path) {
            let read = meral.send_to(&url, Method::GET, None, None).await;
            assert_eq!((read.status, read.json()), (StatusCode::OK, created.json()));
        }
    })
    .await;
}

/// So many diners read one address at once, each on a connection of their own.
const READERS: usize = 1_000;

#[tokio::test]
async fn a_thousand_reads_at_once_of_what_nobody_has_read_load_it_once() {
    let counts = Counts::start();
    let connections = (READERS + 100).to_string();
    let limits = [("HTTP_CONNECTIONS", connections.as_str()), ("HTTP_CONNECTIONS_PER_CLIENT", connections.as_str())];
    let platform = Platform::start_set(&limits, counts.handle.clone()).await;
    let (ayse, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
    let created = ayse.post_as(&tokens, "/addresses", address("Ev")).await.json();
    platform.idle().await;
    let path = format!("/addresses/{}", created["id"].as_str().unwrap());
    let loads = || {
        let rendered = counts.handle.render();
        let of_cache = rendered.lines().filter(|line| line.starts_with("cache_loads_total{"));
        of_cache.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum::<u64>()
    };
    let before = loads();

    let (url, client) = (platform.url(&path), http_client());
    let answers = join_all((0..READERS).map(|_| read(client.get(&url).bearer_auth(&tokens.access)))).await;

    for answer in answers {
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, created.clone()));
    }
    assert_eq!(loads() - before, 1);
}

#[tokio::test]
async fn what_one_replica_changes_the_next_read_of_another_sees() {
    in_every_size(async |platform| {
        let (ayse, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
        let created = ayse.post_as(&tokens, "/addresses", address("Ev")).await.json();
        let path = format!("/addresses/{}", created["id"].as_str().unwrap());
        let access = Some(tokens.access.as_str());
        let (one, list) = (platform.urls(&path), platform.urls("/addresses"));
        let everywhere = async || {
            let mut seen = Vec::new();
            for (one, list) in one.iter().zip(&list) {
                let shown = ayse.send_to(one, Method::GET, access, None).await.json();
                assert_eq!(ayse.send_to(list, Method::GET, access, None).await.json(), json!([shown]));
                seen.push(shown["title"].as_str().unwrap().to_owned());
            }
            seen
        };

        for (turn, url) in one.iter().enumerate() {
            let title = format!("Ev {turn}");
            let changed = ayse.send_to(url, Method::PUT, access, Some(json!({ "title": title }))).await;

            assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
            assert_eq!(everywhere().await, vec![title; one.len()]);
        }
        let (_, stranger) = Diner::signed_up(&platform, "mehmet@example.com").await;
        assert_eq!(ayse.get_as(&stranger, &path).await.status, StatusCode::FORBIDDEN);
    })
    .await;
}
