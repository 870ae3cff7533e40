//! Whoever knows the id of a cart may change it, so it is nowhere but in the store and with its client.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::dispatcher::{Dispatch, set_default};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;

on_every_database! {
    Fixture:
    the_id_of_a_cart_is_in_no_span_and_no_line_of_the_log,
}

/// All that is logged, on every level, with the fields of all spans.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

async fn everything_that_can_be_asked(client: &Client) {
    let line = path(&format!("/items/{MEAL}"));
    client.post("/carts/anonymous/add", item(1)).await;
    client.post("/carts/anonymous/add", item(99)).await;
    client.get(&path("")).await;
    client.get(&path("/validate")).await;
    client.patch(&line, json!({ "quantity": 1 })).await;
    client.delete(&line).await;
    client.delete(&path("/clear")).await;
    client.post(&path("/extend"), json!({})).await;
}

async fn the_id_of_a_cart_is_in_no_span_and_no_line_of_the_log(fixture: Fixture) {
    let (client, key) = (fixture.client(), format!("cart:anon:{CART}"));
    let log = Everything::default();
    // Beside a single subscriber, what logs for the first time on a thread of another test is switched off for all.
    let _second = Dispatch::new(Everything::default());
    let listening = set_default(&Dispatch::new(log.clone()));

    everything_that_can_be_asked(&client).await;
    fixture.ephemeral.begin();
    everything_that_can_be_asked(&client).await;
    fixture.ephemeral.end();
    fixture.context.ephemeral.put(&key, b"{", std::time::Duration::from_secs(60)).await.unwrap();
    everything_that_can_be_asked(&client).await;

    drop(listening);
    let logged = log.0.lock().unwrap().clone();
    assert!(logged.contains("an anonymous cart can't be reached"), "{logged}");
    let cart_id = CART.replace('-', "");
    assert!(!logged.to_lowercase().replace('-', "").contains(&cart_id), "{logged}");
}
