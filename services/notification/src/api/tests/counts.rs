//! How many mails there are.

use kit::on_every_database;
use serde_json::json;

use super::client;
use crate::fixture::{Fixture, discount, verification};
use crate::model::domains::Slowness;
use crate::store;

on_every_database! {
    Fixture:
    an_admin_sees_what_waits_and_which_domains_ask_for_fewer,
    an_admin_sees_what_has_ended_lately,
}

async fn an_admin_sees_what_waits_and_which_domains_ask_for_fewer(fixture: Fixture) {
    let notification = fixture.with_server(1);
    let asked_at = fixture.context.now();
    fixture.ask_for(&notification, verification()).await;
    for _ in 0..2 {
        fixture.ask_for(&notification, discount()).await;
    }
    let slowed_at = fixture.context.now();
    let tx = fixture.context.database.begin_read_committed().await.unwrap();
    store::slow_domain::put(&tx, "example.com", Slowness { share: 0.5, slowed_at }).await.unwrap();
    tx.commit().await.unwrap();
    crate::actions::follow_slow_domains(&notification).await.unwrap();
    let [user, admin] =
        [client(&notification).user(fixture.new_user()), client(&notification).admin(fixture.new_user())];

    let refused = user.get("/notification/mails/counts").await;
    let counts = admin.get("/notification/mails/counts").await;

    assert_eq!((refused.status, counts.status), (403, 200));
    assert_eq!(counts.header("cache-control"), "no-store");
    let counts = counts.json();
    for (number, (class, waiting)) in [("transactional", 1), ("commercial", 2)].into_iter().enumerate() {
        let lane = &counts["lanes"][number];
        assert_eq!((&lane["class"], &lane["under_way"]), (&class.into(), &0.into()), "{counts}");
        assert_eq!((&lane["due"], &lane["waiting"]), (&waiting.into(), &waiting.into()), "{counts}");
        assert!(lane["next_at"].as_str().unwrap().parse::<clock::Timestamp>().unwrap() > asked_at);
    }
    let domain = &counts["slow_domains"][0];
    assert_eq!(domain["domain"], "example.com", "{counts}");
    assert!((domain["mails_per_second"].as_f64().unwrap() - 5.0).abs() < 0.01, "{counts}");
    assert_eq!((&counts["ended"], &counts["unknown"]), (&json!([]), &0.into()));
}

async fn an_admin_sees_what_has_ended_lately(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    fixture.ask_for(&notification, verification()).await;
    let admin = client(&notification).admin(fixture.new_user());

    let counts = admin.get("/notification/mails/counts").await.json();
    fixture.clock.advance(std::time::Duration::from_secs(61));
    let admin = client(&notification).admin(fixture.new_user());
    let later = admin.get("/notification/mails/counts").await.json();

    assert_eq!(counts["ended"], json!([{ "class": "transactional", "state": "sent", "mails": 1 }]));
    assert_eq!(later["ended"], json!([]));
}
