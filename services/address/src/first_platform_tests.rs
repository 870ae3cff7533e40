//! A database of the first platform, taken over.

use bus::dead_letters::RunMode;
use contracts::{EntityType, Role, UserId};
use database::Connection;
use kit::{Imported, on_every_database};

use crate::actions;
use crate::fixture::Fixture;
use crate::store::address::Address;

on_every_database! {
    Fixture: there_is_nothing_to_import_where_the_first_platform_never_was
}

/// As its models make it.
const TABLE: &str = "CREATE TYPE entitytype AS ENUM ('USER', 'RESTAURANT');
CREATE TABLE addresses (
    id varchar PRIMARY KEY, entity_id varchar NOT NULL, entity_type entitytype NOT NULL, title varchar NOT NULL,
    address varchar NOT NULL, city varchar NOT NULL, district varchar NOT NULL, full_address varchar NOT NULL,
    zip_code varchar NOT NULL, apartment varchar, floor varchar, door_number varchar, latitude double precision,
    longitude double precision, is_default boolean NOT NULL, created_at timestamp NOT NULL, updated_at timestamp NOT NULL
);
CREATE UNIQUE INDEX ux_addr_default_user ON addresses (entity_id) WHERE entity_type = 'USER' AND is_default;";

const AYSE: &str = "018f5a3e-0000-4000-8000-000000000001";
const SHOP: &str = "018f5a3e-0000-4000-8000-000000000002";

fn row(number: u32, entity: (&str, &str), title: &str, is_default: bool) -> String {
    let (entity_type, entity_id) = entity;
    format!(
        "INSERT INTO addresses VALUES ('018f5a3e-1111-4000-8000-{number:012}', '{entity_id}', '{entity_type}', '{title}', \
         'Moda Caddesi 12', 'İstanbul', 'Kadıköy', 'Moda Caddesi 12, Kadıköy', '34710', 'Deniz', '', NULL, 40.98, 29.02, \
         {is_default}, '2025-01-01T12:00:00', '2025-01-02T12:00:00.5');"
    )
}

async fn taken_over(rows: &[String]) -> Option<Fixture> {
    Fixture::with_first_platform(&format!("{TABLE} {}", rows.concat())).await
}

async fn list(fixture: &Fixture, user: &str) -> Vec<Address> {
    let user_id: UserId = user.parse().unwrap();
    actions::list_addresses(&fixture.addresses, user_id, EntityType::User).await.unwrap()
}

async fn import(fixture: &Fixture, run: RunMode) -> Imported {
    actions::import_first_platform(&fixture.context.database, run).await.unwrap().unwrap().remove(0)
}

#[tokio::test]
async fn addresses_are_ours_as_they_were_theirs_and_other_services_hear_of_them_once() {
    let rows = [row(1, ("USER", AYSE), "Ev", true), row(2, ("RESTAURANT", SHOP), "Çıpa", true)];
    let Some(fixture) = taken_over(&rows).await else { return };

    for _ in 0..2 {
        actions::record_imported(&fixture.context.database).await.unwrap();
    }

    let ayse = list(&fixture, AYSE).await.remove(0);
    assert_eq!((ayse.title.as_str(), ayse.is_default, ayse.version), ("Ev", true, 1));
    assert_eq!((ayse.latitude, ayse.apartment.unwrap().as_str(), ayse.floor), (Some(40.98), "Deniz", None));
    assert_eq!(ayse.updated_at.to_rfc3339(), "2025-01-02T12:00:00.500+00:00");
    let mut recorded = fixture.recorded().await;
    recorded.sort_by_key(|event| event.id);
    let made: Vec<_> = recorded.iter().map(|event| (event.version, event.entity_type, event.created_as)).collect();
    assert_eq!(made, [(1, EntityType::User, Role::User), (1, EntityType::Restaurant, Role::Admin)]);
    let path = format!("/addresses/{}", recorded[1].id);
    assert_eq!(fixture.client().get(&path).await.json()["title"], "Çıpa");
}

#[tokio::test]
async fn what_we_would_not_take_is_made_to_fit() {
    let long = "ş".repeat(300);
    let rows = [
        row(1, ("USER", AYSE), "", false),
        row(2, ("USER", AYSE), &long, false),
        row(3, ("USER", AYSE), "iki\nsatır", false),
        row(4, ("USER", "nobody"), "Ev", false),
        "UPDATE addresses SET latitude = 0, longitude = 0 WHERE title = ''; \
         UPDATE addresses SET longitude = NULL WHERE title LIKE 'ş%';"
            .to_owned(),
    ];
    let Some(fixture) = taken_over(&rows).await else { return };

    let list = list(&fixture, AYSE).await;

    let shown: Vec<_> = list.iter().map(|address| (address.title.as_str(), address.latitude)).collect();
    let cut = "ş".repeat(100);
    assert_eq!(shown, [("-", None), (cut.as_str(), None), ("iki satır", Some(40.98))]);
    let again = import(&fixture, RunMode::Real).await;
    assert_eq!(again.skipped.into_iter().collect::<Vec<_>>(), [("no ids that we can use", 1)]);
}

#[tokio::test]
async fn what_was_written_there_meanwhile_is_imported_once_and_what_was_deleted_here_stays_away() {
    let Some(fixture) = taken_over(&[row(1, ("USER", AYSE), "Ev", true)]).await else { return };
    let database = &fixture.context.database;
    database.execute_unprepared("DELETE FROM address_address").await.unwrap();
    database.execute_unprepared(&row(2, ("USER", AYSE), "İş", false)).await.unwrap();

    let dry = import(&fixture, RunMode::Dry).await;
    let before = list(&fixture, AYSE).await.len();
    let first = import(&fixture, RunMode::Real).await;
    let second = import(&fixture, RunMode::Real).await;

    assert_eq!((&dry, before), (&first, 0));
    assert_eq!((first.new, first.known, second.new, second.known), (1, 1, 0, 2));
    let titles: Vec<_> = list(&fixture, AYSE).await.into_iter().map(|address| String::from(address.title)).collect();
    assert_eq!(titles, ["İş"]);
}

#[tokio::test]
async fn a_default_that_was_chosen_here_stays() {
    let Some(fixture) = taken_over(&[]).await else { return };
    let ayse = fixture.client().user(AYSE.parse().unwrap());
    ayse.post("/addresses", crate::fixture::home_with(serde_json::json!({ "is_default": true }))).await;
    fixture.context.database.execute_unprepared(&row(1, ("USER", AYSE), "Eski", true)).await.unwrap();

    let imported = import(&fixture, RunMode::Real).await;

    actions::record_imported(&fixture.context.database).await.unwrap();
    let defaults: Vec<_> = list(&fixture, AYSE)
        .await
        .into_iter()
        .map(|address| (String::from(address.title), address.is_default))
        .collect();
    assert_eq!(imported.new, 1);
    assert_eq!(defaults.iter().filter(|(_, is_default)| *is_default).collect::<Vec<_>>(), [&("Ev".to_owned(), true)]);
    assert_eq!(defaults.len(), 2);
}

#[tokio::test]
async fn somebody_elses_table_of_addresses_is_none_of_ours() {
    let sql = "CREATE TABLE addresses (id integer, street text)";
    let Some(fixture) = Fixture::with_first_platform(sql).await else { return };

    let imported = actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap();

    assert_eq!(imported, None);
}

#[tokio::test]
async fn more_rows_than_one_page_are_all_imported_and_recorded() {
    let Some(fixture) = taken_over(&[]).await else { return };
    let many = "INSERT INTO addresses SELECT gen_random_uuid(), gen_random_uuid(), 'USER', 'Ev', 'a', 'b', 'c', 'd', 'e', \
                NULL, NULL, NULL, NULL, NULL, true, now(), now() FROM generate_series(1, 1500);";
    fixture.context.database.execute_unprepared(many).await.unwrap();

    let imported = import(&fixture, RunMode::Real).await;
    actions::record_imported(&fixture.context.database).await.unwrap();

    assert_eq!((imported.new, import(&fixture, RunMode::Real).await.known), (1_500, 1_500));
    assert_eq!(fixture.recorded().await.len(), 1_500);
}

async fn there_is_nothing_to_import_where_the_first_platform_never_was(fixture: Fixture) {
    let imported = actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap();

    assert_eq!(imported, None);
}
