//! An order that is watched: by its diner in each process, until the session ends or the platform stops.

use contracts::Secret;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::carts::restaurant;
use crate::support::{Diner, Tokens, http_client, in_every_size, in_time};

/// A stream, as it is read.
struct Stream {
    answer: Response,
    unread: String,
}

impl Stream {
    async fn open(url: &str, tokens: &Tokens) -> Self {
        let answer = http_client().get(url).bearer_auth(&tokens.access).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{url}");
        Self { answer, unread: String::new() }
    }

    /// The data of the next event of that name, whatever comes before it.
    async fn next(&mut self, name: &str) -> Value {
        let found = in_time(name, async {
            loop {
                while let Some((event, rest)) = self.unread.split_once("\n\n") {
                    let (event, rest) = (event.to_owned(), rest.to_owned());
                    self.unread = rest;
                    if event.starts_with(&format!("event: {name}\n")) {
                        return event;
                    }
                }
                let bytes = self.answer.chunk().await.unwrap().unwrap_or_else(|| panic!("it ended before {name}"));
                self.unread.push_str(std::str::from_utf8(&bytes).unwrap());
            }
        });
        let event = found.await;
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str(data).unwrap()
    }

    /// Returns when it has ended in order.
    async fn end(mut self) {
        in_time("the stream ends", async { while self.answer.chunk().await.unwrap().is_some() {} }).await;
    }
}

#[tokio::test]
async fn an_order_is_watched_in_each_process_until_the_session_ends_or_the_platform_stops() {
    in_every_size(async |platform| {
        let meral = Diner::new(&platform, "meral@example.com");
        let password = Secret::new(meral.password.clone());
        auth::admin::create(platform.database(), meral.email.parse().unwrap(), password).await.unwrap();
        let owner = meral.login().await.tokens();
        let (restaurant, ayran) = restaurant(&platform, &meral, &owner, "Çıpa Kebap").await;
        let (ayse, key) = Diner::signed_up(&platform, "ayse@example.com").await;
        platform.idle().await;
        let order = json!({ "payment_method": "cash", "items": [{ "meal_id": ayran, "quantity": 3 }] });
        let placed = ayse.post_as(&key, "/carts/checkout", order).await.json();
        let path = format!("/carts/orders/{}", placed["public_id"].as_str().unwrap());
        let mut streams = Vec::new();
        for url in platform.urls("/carts/orders/live") {
            let mut stream = Stream::open(&url, &key).await;
            assert_eq!(stream.next("snapshot").await["orders"][0]["status"], "placed");
            streams.push(stream);
        }
        let board = platform.url(&format!("/carts/restaurants/{}/live", restaurant.as_str().unwrap()));
        let mut board = Stream::open(&board, &owner).await;
        assert_eq!(board.next("snapshot").await["orders"][0]["code"], placed["code"]);

        for (step, status) in [("accept", "accepted"), ("deliver", "delivered")] {
            meral.post_as(&owner, &format!("{path}/{step}"), json!({})).await;
            for stream in &mut streams {
                assert_eq!(stream.next("order").await["status"], status);
            }
            assert_eq!(board.next("order").await["status"], status);
        }
        ayse.post_as(&key, "/auth/logout", json!({})).await;
        for mut stream in streams {
            stream.next("expired").await;
            stream.end().await;
        }

        let ((), ()) = tokio::join!(platform.stop(), board.end());
    })
    .await;
}
