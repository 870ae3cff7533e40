//! A database of the first platform, taken over.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use contracts::{UserCreated, UserId};

use crate::fixture::{Fixture, fresh_first_platform};
use crate::model::Gender;
use crate::{actions, store};

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
    fresh_first_platform(&format!("{TABLES} {}", rows.concat())).await
}

fn id(text: &str) -> UserId {
    text.parse().unwrap()
}

#[tokio::test]
async fn profiles_are_ours_as_they_were_theirs() {
    let rows = [user(AYSE, "Ayşe Yılmaz", "female", "05321234567"), user(ALI, "Ali", "Erkek", "+49 30 1234567")];
    let Some(fixture) = taken_over(&rows).await else { return };

    let ayse = actions::find_profile(&fixture.context, id(AYSE)).await.unwrap();
    let ali = actions::find_profile(&fixture.context, id(ALI)).await.unwrap();

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

    let before = actions::find_profile(&fixture.context, id(AYSE)).await;
    let completed = actions::complete_registration(&fixture.context, id(AYSE), Fixture::details()).await;

    assert!(before.is_err());
    assert!(completed.is_ok());
}

#[tokio::test]
async fn a_copied_user_gets_the_address_that_auth_tells() {
    let Some(fixture) = taken_over(&[user(AYSE, "Ayşe", "female", "05321234567")]).await else { return };
    let email = Some("ayse@example.com".parse().unwrap());

    fixture.deliver(UserCreated { user_id: id(AYSE), email: email.clone(), locale: None, created_at: None }).await;

    let account = store::account::find(&fixture.context.database, id(AYSE)).await.unwrap().unwrap();
    assert_eq!((account.email, account.created_at.to_rfc3339().as_str()), (email, "2025-01-01T12:00:00+00:00"));
}

#[tokio::test]
async fn favourites_are_copied_once_each_and_in_their_order() {
    let favourite = |user: &str, cuisine: &str| {
        format!("INSERT INTO favorite_cuisines (user_id, cuisine) VALUES ('{user}', '{cuisine}');")
    };
    let rows = [
        favourite(AYSE, "pide"),
        favourite(AYSE, "kebap"),
        favourite(AYSE, "pide"),
        favourite(AYSE, " "),
        favourite("nobody", "pide"),
        format!("INSERT INTO favorite_restaurants (user_id, restaurant_id) VALUES ('{AYSE}', '17');"),
    ];
    let Some(fixture) = taken_over(&rows).await else { return };

    let list = actions::list_favorites(&fixture.context, id(AYSE)).await.unwrap();

    let names: Vec<_> = list.iter().map(|favorite| (favorite.kind.as_str(), favorite.name.as_str())).collect();
    assert_eq!(names, [("restaurant", "17"), ("cuisine", "pide"), ("cuisine", "kebap")]);
}

#[tokio::test]
async fn somebody_elses_table_of_users_is_none_of_ours() {
    let Some(fixture) = fresh_first_platform("CREATE TABLE users (id integer, name text)").await else { return };

    assert!(actions::list_favorites(&fixture.context, id(AYSE)).await.unwrap().is_empty());
}
