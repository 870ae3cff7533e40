//! Who may what: each route for each caller, as one table.

use contracts::AddressId;
use kit::on_every_database;
use kit::testing::{Answer, Client};
use serde_json::{Value, json};

use crate::fixture::{Fixture, home, id_of};

on_every_database! {
    Fixture:
    homes_are_their_owners_alone,
    addresses_of_restaurants_are_everybodys_to_read_and_their_managers_to_write,
    what_is_not_there_is_as_what_is_anothers_to_whoever_may_not_ask,
    a_kind_that_is_named_has_to_be_that_of_the_address,
}

/// Somebody, and what they are answered for reading, changing and deleting.
type Row<'a> = (&'a str, &'a Client, [u16; 3]);

async fn three(client: &Client, id: &str) -> [Answer; 3] {
    let path = format!("/addresses/{id}");
    [client.get(&path).await, client.put(&path, json!({ "title": "Ele geçti" })).await, client.delete(&path).await]
}

async fn check(rows: &[Row<'_>], id: &str) {
    for (who, client, expected) in rows {
        let answers = three(client, id).await;
        assert_eq!(answers.each_ref().map(|answer| answer.status), *expected, "{who}: {answers:?}");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert!(!answer.text.contains("Moda"), "{who}: {}", answer.text);
        }
    }
}

async fn homes_are_their_owners_alone(fixture: Fixture) {
    let owner = fixture.new_user();
    let someone = fixture.client();
    let ayse = someone.user(owner);
    let id = id_of(&ayse.post("/addresses", home()).await.json()).to_string();
    // What the owner has read is cached by now, and owned none the less.
    ayse.get(&format!("/addresses/{id}")).await;
    let [other, meral, admin] = [fixture.new_user(), fixture.new_user(), fixture.new_user()];

    check(
        &[
            ("anyone", &someone, [401; 3]),
            ("forged", &someone.with_token("forged"), [401; 3]),
            ("another", &someone.user(other), [403; 3]),
            ("a manager", &someone.manager(meral), [403; 3]),
            ("an admin", &someone.admin(admin), [403; 3]),
        ],
        &id,
    )
    .await;
    assert_eq!(someone.get("/addresses").await.status, 401);
    assert_eq!(someone.post("/addresses", home()).await.status, 401);
    assert_eq!(ayse.get(&format!("/addresses/{id}")).await.json()["title"], "Ev");
    let refused = someone.user(other).get(&format!("/addresses/{id}")).await.json();
    assert_eq!((&refused["detail"], &refused["code"]), (&json!("Permission denied"), &json!("PERMISSION_DENIED")));
    check(&[("the owner", &ayse, [200; 3])], &id).await;
}

async fn addresses_of_restaurants_are_everybodys_to_read_and_their_managers_to_write(fixture: Fixture) {
    let someone = fixture.client();
    let [meral, kerem, ayse, admin] = [(); 4].map(|()| fixture.new_user());
    let create = async |client: &Client| client.post("/addresses?entity_type=RESTAURANT", home()).await;

    let (status, created) = create(&someone.manager(meral)).await.parts();
    let refused = [create(&someone).await.status, create(&someone.user(ayse)).await.status];
    let by_admin = create(&someone.admin(admin)).await.parts();

    assert_eq!((status, refused, by_admin.0), (201, [401, 403], 201));
    assert_eq!((&created["entity_type"], &created["entity_id"]), (&json!("RESTAURANT"), &json!(meral)));
    let id = id_of(&created).to_string();
    check(
        &[
            ("anyone", &someone, [200, 401, 401]),
            ("forged", &someone.with_token("forged"), [200, 401, 401]),
            ("a user", &someone.user(ayse), [200, 403, 403]),
            ("another manager", &someone.manager(kerem), [200, 403, 403]),
            ("its manager, once no manager any more", &someone.user(meral), [200, 403, 403]),
        ],
        &id,
    )
    .await;
    assert_eq!(someone.get(&format!("/addresses/{id}")).await.json()["title"], "Ev");
    assert_eq!(someone.manager(meral).put(&format!("/addresses/{id}"), json!({ "title": "Çıpa" })).await.status, 200);
    check(&[("an admin", &someone.admin(admin), [200; 3])], &id).await;
    let of_admin = id_of(&by_admin.1).to_string();
    check(&[("a manager", &someone.manager(meral), [200, 403, 403])], &of_admin).await;
    let recorded = fixture.recorded().await;
    let made: Vec<_> = recorded.iter().take(2).map(|event| (event.created_by, event.created_as.as_str())).collect();
    assert_eq!(made, [(meral, "manager"), (admin, "admin")]);
}

async fn what_is_not_there_is_as_what_is_anothers_to_whoever_may_not_ask(fixture: Fixture) {
    let someone = fixture.client();
    let ayse = someone.user(fixture.new_user());
    let unknown = AddressId(fixture.new_user().0).to_string();

    for id in [unknown.as_str(), "17", "not-a-uuid", "%20"] {
        check(&[("anyone", &someone, [401; 3]), ("somebody", &ayse, [404, 403, 403])], id).await;
    }
    let (_, problem) = ayse.get(&format!("/addresses/{unknown}")).await.parts();
    assert_eq!(problem["detail"], "Address not found");
    assert_eq!(someone.get(&format!("/addresses/{unknown}?entity_type=RESTAURANT")).await.status, 404);
}

async fn a_kind_that_is_named_has_to_be_that_of_the_address(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}?entity_type=RESTAURANT");

    let answers = [
        ayse.get(&path).await.status,
        fixture.client().get(&path).await.status,
        ayse.put(&path, json!({})).await.status,
        ayse.delete(&path).await.status,
    ];

    assert_eq!(answers, [404, 404, 403, 403]);
    assert_eq!(ayse.get("/addresses?entity_type=RESTAURANT").await.json(), Value::Array(Vec::new()));
}
