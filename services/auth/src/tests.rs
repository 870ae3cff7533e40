//! The service as the app gets it.
use std::time::Duration;

use contracts::{Role, Secret};
use kit::access::Guard;
use kit::on_every_database;
use kit::{Service, Status};
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, PASSWORD, settings};
use crate::{admin, build, seed, store};

on_every_database! {
    Fixture:
    what_was_committed_and_not_published_is_published_before_the_service_is_handed_over,
    without_the_ephemeral_store_the_service_starts_and_says_that_it_is_not_ready,
    a_command_beside_the_running_platform_has_its_effect_within_a_second,
    a_start_without_a_demo_closes_what_a_demo_opened,
}

async fn built(fixture: &Fixture) -> Service {
    let context = fixture.auth.context.clone();
    let guard = Guard::new(context.ephemeral.clone(), context.sources.clone(), &settings().token_keys);
    build(context, guard, settings()).await.unwrap()
}

async fn unpublished(fixture: &Fixture) -> usize {
    store::session::unpublished(&fixture.auth.context.database, 10).await.unwrap().len()
}

async fn what_was_committed_and_not_published_is_published_before_the_service_is_handed_over(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    admin::sign_out(&fixture.auth.context.database, &"ayse@example.com".parse().unwrap()).await.unwrap();
    let before = unpublished(&fixture).await;

    built(&fixture).await;

    assert_eq!((before, unpublished(&fixture).await), (1, 0));
    assert_eq!(fixture.refresh(&held.refresh).await.status, 401);
}

async fn without_the_ephemeral_store_the_service_starts_and_says_that_it_is_not_ready(fixture: Fixture) {
    fixture.ephemeral.begin();
    let service = built(&fixture).await;
    let status = service.checks[0].status().await;
    fixture.ephemeral.end();

    assert!(matches!(status, Status::Down(_)));
    assert_eq!(built(&fixture).await.checks[0].status().await, Status::Up);
}

async fn a_command_beside_the_running_platform_has_its_effect_within_a_second(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let service = built(&fixture).await;
    let stop = CancellationToken::new();
    let runs = service.tasks.into_iter().map(|task| (task.run)(stop.clone()));

    let operator = async {
        admin::sign_out(&fixture.auth.context.database, &"ayse@example.com".parse().unwrap()).await.unwrap();
        fixture.clock.advance(Duration::from_secs(1));
        while unpublished(&fixture).await > 0 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let done = futures_util::future::join(futures_util::future::join_all(runs), operator);

    assert!(tokio::time::timeout(Duration::from_secs(20), done).await.is_ok());
}

async fn a_start_without_a_demo_closes_what_a_demo_opened(fixture: Fixture) {
    let email = || "demo@example.com".parse().unwrap();
    let database = &fixture.auth.context.database;
    seed(database, email(), Secret::new(PASSWORD), Role::User).await.unwrap();
    let with_demo = fixture.login("demo@example.com", PASSWORD).await.status;

    built(&fixture).await;

    assert_eq!((with_demo, fixture.login("demo@example.com", PASSWORD).await.status), (200, 400));
}
