//! A thousand adds from many clients, in one process and in three, and beside a first-platform cart service.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::*;
use crate::model::anonymous::tests::peer;

const CLIENTS: u32 = 32;
const ADDS: u32 = 1_000;
const MEALS: u32 = 25;

/// All adds of 25 meals, by clients that are spread over `replicas`; gives back how many were refused.
async fn crowd(replicas: &[Arc<AnonymousCarts>]) -> u32 {
    let (next, refused) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let carts = Arc::clone(&replicas[client as usize % replicas.len()]);
        let (next, refused) = (Arc::clone(&next), Arc::clone(&refused));
        clients.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= ADDS {
                    break;
                }
                if let Err(error) = carts.change(id(), add(some(number % MEALS, 1))).await {
                    assert_eq!(error, AnonymousError::Unavailable);
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    refused.load(Ordering::Relaxed)
}

async fn assert_exact(replicas: &[Arc<AnonymousCarts>]) {
    let refused = crowd(replicas).await;

    let cart = replicas[0].find(id()).await.unwrap().cart;
    let lines: Vec<u32> = cart.lines.iter().map(|line| line.quantity).collect();
    assert_eq!((refused, cart.item_count(), lines), (0, 1_000, vec![40; 25]));
    assert!(replicas.iter().all(|carts| carts.lanes.are_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_adds_at_once_are_a_thousand_embedded() {
    let (store, _folder) = embedded();
    let store: Arc<dyn EphemeralStore> = Arc::new(store);

    assert_exact(&[carts_over(&store)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_adds_at_once_are_a_thousand_on_redis() {
    let Some(server) = redis().await else { return };

    assert_exact(&[carts_over(&connected(&server).await)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_adds_at_once_are_a_thousand_over_three_replicas() {
    let Some(server) = redis().await else { return };
    let replicas =
        [connected(&server).await, connected(&server).await, connected(&server).await].map(|store| carts_over(&store));

    assert_exact(&replicas).await;
}

/// A cart service of the first platform: it reads the cart, changes its own line and writes the whole, whatever stands there
/// by then. What it has written stands there the next time, or somebody has overwritten it.
async fn peer_beside(store: Arc<dyn EphemeralStore>, stop: Arc<AtomicBool>) -> u64 {
    let key = id().key();
    let own = meal(999);
    let mut written = 0;
    loop {
        let seen = store.get(&key).await.unwrap().map(|bytes| peer::read(&bytes).expect("a peer can read it"));
        let mut cart = seen.unwrap_or_else(|| json!({ "cart_id": id().text(), "items": [], "restaurant_id": null }));
        let items = cart["items"].as_array_mut().unwrap();
        let line = items.iter().position(|item| item["meal_id"] == *own);
        let stands = line.map_or(0, |line| items[line]["quantity"].as_u64().unwrap());
        assert_eq!(stands, written, "a write of the peer was overwritten");
        if stop.load(Ordering::Relaxed) {
            return written;
        }
        written += 1;
        match line {
            Some(line) => items[line]["quantity"] = json!(written),
            None => items.push(item(&own, written)),
        }
        for field in ["created_at", "updated_at"] {
            cart[field] = json!("2026-11-22T13:34:32.794373");
        }
        cart["restaurant_id"] = json!(some(1, 1).restaurant_id);
        store.put(&key, &peer::write(&cart), 30 * DAY).await.unwrap();
        tokio::task::yield_now().await;
    }
}

fn item(meal_id: &str, quantity: u64) -> Value {
    json!({
        "cart_id": id().text(), "restaurant_id": some(1, 1).restaurant_id, "meal_id": meal_id, "quantity": quantity,
        "note": null, "schedule_date": null, "created_at": "2026-11-22T13:34:32.794373",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_write_of_a_peer_is_overwritten() {
    let Some(server) = redis().await else { return };
    let stop = Arc::new(AtomicBool::new(false));
    let peer = tokio::task::JoinSet::from_iter([peer_beside(connected(&server).await, Arc::clone(&stop))]);
    let replicas = [connected(&server).await, connected(&server).await].map(|store| carts_over(&store));

    let refused = crowd(&replicas).await;
    stop.store(true, Ordering::Relaxed);

    let written = peer.join_all().await[0];
    assert!(written > 50 && refused < ADDS, "the peer wrote {written} times, and {refused} adds were refused");
}
