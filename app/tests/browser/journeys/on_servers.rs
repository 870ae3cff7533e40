//! The same on servers, in one process and in a fleet behind its gateway: with script and without.

use super::shared_jar::FrontEnd;
use super::{baskets, campaigns, order_and_see_the_answer, reordering, sessions, shared_jar};
use crate::support::{Division, Script, Town, turn};

async fn walk(division: Division) {
    let _turn = turn().await;
    let front_end = FrontEnd::open().await;
    let Some(town) = Town::found(division, &[("CORS_ORIGINS", &front_end.origin)]).await else { return };

    for (script, email) in [(Script::Off, "ayse@example.com"), (Script::On, "zeynep@example.com")] {
        order_and_see_the_answer(&town, script, email).await;
        baskets::choose(&town, script).await;
    }
    shared_jar::share_jar(&town, &front_end).await;
    campaigns::hear_of_a_campaign(&town, Script::Off).await;
    sessions::end_all(&town, Script::On).await;
    reordering::reorder(&town, Script::Off).await;
}

#[tokio::test]
async fn one_process_on_servers_is_walked_through_like_a_demo() {
    walk(Division::OneProcess).await;
}

#[tokio::test]
async fn a_fleet_behind_its_gateway_is_walked_through_like_a_demo() {
    walk(Division::Fleet).await;
}
