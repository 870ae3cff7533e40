//! A database of the first platform, taken over.

use bus::dead_letters::RunMode;
use contracts::{UserCreated, UserId};
use database::Connection;
use kit::Imported;
use kit::on_every_database;

use crate::fixture::Fixture;
use crate::model::Gender;
use crate::{actions, store};

on_every_database! {
    Fixture: there_is_nothing_to_import_where_the_first_platform_never_was
}

/// As its models make them.
const TABLES: &str = "CREATE TABLE users (
    id varchar PRIMARY KEY, full_name varchar NOT NULL, born_date date NOT NULL, gender varchar NOT NULL,
    phone varchar NOT NULL, created_at timestamp NOT NULL, updated_at timestamp NOT NULL, deleted_at timestamp
);
CREATE TABLE favorite_restaurants (id serial PRIMARY KEY, user_id varchar NOT NULL, restaurant_id varchar NOT NULL);
CREATE TABLE favorite_cuisines (id serial PRIMARY KEY, user_id varchar NOT NULL, cuisine varchar NOT NULL);";

const AYSE: &str = "018f5a3e-0000-4000-8000-000000000001";
const ALI: &str = "018f5a3e-0000-4000-8000-000000000002";

fn user(id: &str, full_name: &str, gender: &str, phone: &str) -> String {
    format!(
        "INSERT INTO users VALUES ('{id}', '{full_name}', '1990-05-17', '{gender}', '{phone}', \
         '2025-01-01T12:00:00', '2025-01-02T12:00:00');"
    )
}

async fn taken_over(rows: &[String]) -> Option<Fixture> {
    Fixture::with_first_platform(&format!("{TABLES} {}", rows.concat())).await
}

fn id(text: &str) -> UserId {
    text.parse().unwrap()
}

#[tokio::test]
async fn profiles_are_ours_as_they_were_theirs() {
    let rows = [user(AYSE, "Ayşe Yılmaz", "female", "05321234567"), user(ALI, "Ali", "Erkek", "+49 30 1234567")];
    let Some(fixture) = taken_over(&rows).await else { return };

    let ayse = actions::find_profile(&fixture.user, id(AYSE)).await.unwrap();
    let ali = actions::find_profile(&fixture.user, id(ALI)).await.unwrap();

    assert_eq!((ayse.full_name.as_str(), ayse.phone.as_str()), ("Ayşe Yılmaz", "+905321234567"));
    assert_eq!((ayse.gender, ali.gender), (Gender::Female, Gender::Other));
    assert_eq!(ayse.born_date.to_string(), "1990-05-17");
    assert_eq!(ayse.created_at.to_rfc3339(), "2025-01-01T12:00:00+00:00");
    assert_eq!(ayse.updated_at.to_rfc3339(), "2025-01-02T12:00:00+00:00");
}

#[tokio::test]
async fn a_profile_that_cannot_be_ours_is_completed_anew() {
    let rows = [user(AYSE, "", "", ""), user("user-2", "Ali", "male", "05321234567")];
    let Some(fixture) = taken_over(&rows).await else { return };

    let before = actions::find_profile(&fixture.user, id(AYSE)).await;
    let completed = actions::complete_registration(&fixture.user, id(AYSE), Fixture::details()).await;

    assert!(before.is_err());
    assert!(completed.is_ok());
}

#[tokio::test]
async fn a_copied_user_gets_the_address_that_auth_publishes() {
    let Some(fixture) = taken_over(&[user(AYSE, "Ayşe", "female", "05321234567")]).await else { return };
    let email = Some("ayse@example.com".parse().unwrap());

    fixture.deliver(UserCreated { user_id: id(AYSE), email: email.clone(), locale: None, created_at: None }).await;

    let account = store::account::find(&fixture.context.database, id(AYSE)).await.unwrap().unwrap();
    assert_eq!((account.email, account.created_at.to_rfc3339().as_str()), (email, "2025-01-01T12:00:00+00:00"));
}

#[tokio::test]
async fn favourites_are_copied_once_each_and_in_their_order() {
    let rows = [
        favourite(AYSE, "pide"),
        favourite(AYSE, "kebap"),
        favourite(AYSE, "pide"),
        favourite(AYSE, " "),
        favourite("nobody", "pide"),
        format!("INSERT INTO favorite_restaurants (user_id, restaurant_id) VALUES ('{AYSE}', '17');"),
    ];
    let Some(fixture) = taken_over(&rows).await else { return };

    let list = actions::list_favorites(&fixture.user, id(AYSE)).await.unwrap();

    let names: Vec<_> = list.iter().map(|favorite| (favorite.kind.as_str(), favorite.name.as_str())).collect();
    assert_eq!(names, [("restaurant", "17"), ("cuisine", "pide"), ("cuisine", "kebap")]);
}

#[tokio::test]
async fn somebody_elses_table_of_users_is_none_of_ours() {
    let Some(fixture) = Fixture::with_first_platform("CREATE TABLE users (id integer, name text)").await else {
        return;
    };

    assert!(actions::list_favorites(&fixture.user, id(AYSE)).await.unwrap().is_empty());
}

async fn import(fixture: &Fixture, run: RunMode) -> Vec<Imported> {
    actions::import_first_platform(&fixture.context.database, run).await.unwrap().unwrap()
}

/// What was new of users, profiles, restaurants and cuisines.
fn new(imported: &[Imported]) -> Vec<u64> {
    imported.iter().map(|table| table.new).collect()
}

async fn execute(fixture: &Fixture, sql: &str) {
    fixture.context.database.execute_unprepared(sql).await.unwrap();
}

async fn favorites(fixture: &Fixture, user: &str) -> Vec<String> {
    let list = actions::list_favorites(&fixture.user, id(user)).await.unwrap();
    list.into_iter().map(|favorite| favorite.name.as_str().to_owned()).collect()
}

fn favourite(user: &str, cuisine: &str) -> String {
    format!("INSERT INTO favorite_cuisines (user_id, cuisine) VALUES ('{user}', '{cuisine}');")
}

#[tokio::test]
async fn what_was_written_there_after_the_take_over_is_imported_once() {
    let rows = [user(AYSE, "Ayşe", "female", "05321234567"), favourite(AYSE, "pide")];
    let Some(fixture) = taken_over(&rows).await else { return };
    execute(&fixture, &user(ALI, "Ali", "male", "05321234568")).await;
    execute(&fixture, &favourite(ALI, "kebap")).await;
    execute(&fixture, &favourite(AYSE, "mantı")).await;

    let dry = import(&fixture, RunMode::Dry).await;
    let unchanged = (actions::find_profile(&fixture.user, id(ALI)).await.is_err(), favorites(&fixture, ALI).await);
    let first = import(&fixture, RunMode::Real).await;
    let second = import(&fixture, RunMode::Real).await;

    assert_eq!(unchanged, (true, Vec::new()));
    assert_eq!(dry, first);
    assert_eq!((new(&first), new(&second)), (vec![1, 1, 0, 2], vec![0, 0, 0, 0]));
    assert_eq!((first[1].known, second[1].known), (1, 2));
    assert_eq!(actions::find_profile(&fixture.user, id(ALI)).await.unwrap().full_name.as_str(), "Ali");
    assert_eq!(favorites(&fixture, AYSE).await, ["pide", "mantı"]);
    assert_eq!(favorites(&fixture, ALI).await, ["kebap"]);
}

#[tokio::test]
async fn an_import_leaves_what_changed_here_and_brings_no_favourite_back_that_was_taken_back_here() {
    let rows = [user(AYSE, "Ayşe", "female", "05321234567"), favourite(AYSE, "pide"), favourite(AYSE, "kebap")];
    let Some(fixture) = taken_over(&rows).await else { return };
    execute(&fixture, "UPDATE user_profile SET full_name = 'Ayşe Demir'").await;
    execute(&fixture, "DELETE FROM user_favorite").await;
    execute(&fixture, "UPDATE users SET full_name = 'Ayşe There'").await;
    execute(&fixture, &favourite(AYSE, " ")).await;

    let imported = import(&fixture, RunMode::Real).await;

    assert_eq!(new(&imported), [0, 0, 0, 0]);
    assert_eq!(imported[3].skipped.clone().into_iter().collect::<Vec<_>>(), [("no user or name that we can use", 1)]);
    assert_eq!(favorites(&fixture, AYSE).await, Vec::<String>::new());
    assert_eq!(actions::find_profile(&fixture.user, id(AYSE)).await.unwrap().full_name.as_str(), "Ayşe Demir");
}

#[tokio::test]
async fn a_user_whom_auth_has_published_already_gets_the_profile_that_came_later() {
    let Some(fixture) = taken_over(&[]).await else { return };
    let published = UserCreated { user_id: id(ALI), email: None, locale: None, created_at: None };
    fixture.deliver(published).await;
    execute(&fixture, &user(ALI, "Ali", "male", "05321234568")).await;

    let imported = import(&fixture, RunMode::Real).await;

    assert_eq!(new(&imported), [0, 1, 0, 0]);
    assert_eq!(actions::find_profile(&fixture.user, id(ALI)).await.unwrap().full_name.as_str(), "Ali");
}

#[tokio::test]
async fn more_rows_than_one_page_are_all_imported() {
    let Some(fixture) = taken_over(&[]).await else { return };
    let many = "INSERT INTO users SELECT gen_random_uuid(), 'Ali', '1990-05-17', 'male', '05321234567', now(), now() \
                FROM generate_series(1, 2500); \
                INSERT INTO favorite_cuisines (user_id, cuisine) SELECT id, 'pide' FROM users;";
    execute(&fixture, many).await;

    assert_eq!(new(&import(&fixture, RunMode::Real).await), [2_500, 2_500, 0, 2_500]);
    assert_eq!(new(&import(&fixture, RunMode::Real).await), [0, 0, 0, 0]);
}

async fn there_is_nothing_to_import_where_the_first_platform_never_was(fixture: Fixture) {
    let imported = actions::import_first_platform(&fixture.context.database, RunMode::Real).await.unwrap();

    assert_eq!(imported, None);
}
