//! Profiles, as a client sees them.

use std::time::Duration;

use contracts::UserCreated;
use kit::on_every_database;
use kit::testing::{Client, faults};
use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::store;

on_every_database! {
    Fixture:
    a_profile_is_completed_once,
    the_key_alone_vouches_for_a_user_whose_event_is_still_under_way,
    completing_a_profile_never_expires,
    a_user_without_a_profile_is_not_found,
    only_what_is_sent_changes,
    every_wrong_field_is_named_and_nothing_is_stored,
    a_change_can_neither_empty_a_field_nor_make_it_wrong,
}

fn details() -> Value {
    json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "0532 123 45 67" })
}

impl Fixture {
    /// A client whose mailbox is proven.
    async fn newcomer(&self) -> Client {
        let user_id = self.new_user();
        self.deliver(UserCreated { user_id, email: None, locale: None, created_at: None }).await;
        self.client().user(user_id)
    }
}

async fn a_profile_is_completed_once(fixture: Fixture) {
    let user_id = fixture.new_user();
    fixture.deliver(UserCreated { user_id, email: None, locale: None, created_at: None }).await;
    let ayse = fixture.client().user(user_id);

    let completed = ayse.post("/users/register/complete", details()).await.parts();
    let me = ayse.get("/users/me").await.parts();
    let (again, refusal) = ayse.post("/users/register/complete", details()).await.parts();

    let phone = "+905321234567";
    let user = json!({
        "id": user_id, "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": phone,
        "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z", "deleted_at": null,
    });
    assert_eq!(completed, (201, json!({ "message": "User registration completed", "user": user })));
    let shown = json!({
        "id": user_id, "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": phone,
    });
    assert_eq!(me, (200, shown));
    assert_eq!((again, &refusal["detail"]), (400, &"User already exists".into()));
    assert_eq!(fixture.pending_key(user_id).await, None);
}

async fn the_key_alone_vouches_for_a_user_whose_event_is_still_under_way(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.client().user(user_id);

    let (early, refusal) = ayse.post("/users/register/complete", details()).await.parts();
    store::pending_user::put(&fixture.context, user_id).await.unwrap();
    let (vouched, _) = ayse.post("/users/register/complete", details()).await.parts();
    let (again, _) = ayse.post("/users/register/complete", details()).await.parts();

    assert_eq!((early, &refusal["detail"]), (403, &"Registration expired or invalid".into()));
    assert_eq!((vouched, again), (201, 400));
}

async fn completing_a_profile_never_expires(fixture: Fixture) {
    let ayse = fixture.newcomer().await;
    fixture.clock.advance(Duration::from_secs(20 * 24 * 60 * 60));

    let (status, _) = ayse.post("/users/register/complete", details()).await.parts();

    assert_eq!(status, 201);
}

async fn a_user_without_a_profile_is_not_found(fixture: Fixture) {
    let ayse = fixture.newcomer().await;

    let (status, answer) = ayse.get("/users/me").await.parts();
    let (change, _) = ayse.put("/users/me", json!({ "gender": "other" })).await.parts();

    assert_eq!((status, &answer["detail"]), (404, &"User not found".into()));
    assert_eq!(change, 404);
}

async fn only_what_is_sent_changes(fixture: Fixture) {
    let user_id = fixture.new_user();
    store::pending_user::put(&fixture.context, user_id).await.unwrap();
    let ayse = fixture.client().user(user_id);
    ayse.post("/users/register/complete", details()).await;
    fixture.clock.advance(Duration::from_secs(60));

    let nothing = ayse.put("/users/me", json!({})).await.parts();
    let unchanged = store::profile::find(&fixture.context.database, user_id).await.unwrap().unwrap();
    let changed = ayse.put("/users/me", json!({ "full_name": "Ayşe Kaya", "phone": "+905321234567" })).await.parts();
    let profile = store::profile::find(&fixture.context.database, user_id).await.unwrap().unwrap();

    assert_eq!((nothing.0, unchanged.updated_at), (200, unchanged.created_at));
    let shown = json!({
        "id": user_id, "full_name": "Ayşe Kaya", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567",
    });
    assert_eq!(changed, (200, shown));
    assert_eq!(profile.updated_at, profile.created_at + Duration::from_secs(60));
}

async fn every_wrong_field_is_named_and_nothing_is_stored(fixture: Fixture) {
    let ayse = fixture.newcomer().await;
    let long = "a".repeat(101);
    let wrong = json!({ "full_name": long, "born_date": "1899-12-31", "gender": "kadın", "phone": 5321234567_i64 });

    let (none, missing) = ayse.post("/users/register/complete", json!({})).await.parts();
    let (all, answer) = ayse.post("/users/register/complete", wrong).await.parts();
    let (me, _) = ayse.get("/users/me").await.parts();

    let required = ["full_name", "born_date", "gender", "phone"].map(|field| (field, "REQUIRED"));
    assert_eq!((none, faults(&missing)), (422, required.to_vec()));
    let named = vec![
        ("full_name", "TOO_LONG"),
        ("born_date", "DATE_TOO_EARLY"),
        ("gender", "GENDER_UNKNOWN"),
        ("phone", "WRONG_TYPE"),
    ];
    assert_eq!((all, faults(&answer)), (422, named));
    assert_eq!(me, 404);
}

async fn a_change_can_neither_empty_a_field_nor_make_it_wrong(fixture: Fixture) {
    let ayse = fixture.newcomer().await;
    ayse.post("/users/register/complete", details()).await;
    let before = ayse.get("/users/me").await.parts();

    let change = json!({ "full_name": null, "born_date": "2026-03-02", "phone": "1\u{0}2" });
    let (null, emptied) = ayse.put("/users/me", change).await.parts();
    let (future, unborn) = ayse.put("/users/me", json!({ "born_date": "2026-03-02" })).await.parts();
    let (text, malformed) = ayse.put("/users/me", json!("Ayşe")).await.parts();

    assert_eq!((null, faults(&emptied)), (422, vec![("full_name", "NULL"), ("phone", "PHONE_INVALID")]));
    assert_eq!((future, faults(&unborn)), (422, vec![("born_date", "DATE_NOT_PAST")]));
    assert_eq!((text, &malformed["code"]), (400, &"INVALID_PAYLOAD".into()));
    assert_eq!(ayse.get("/users/me").await.parts(), before);
}
