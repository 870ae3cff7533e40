//! The service as the app gets it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use contracts::{Role, Secret};
use kit::access::Guard;
use kit::{Service, Status};
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, PASSWORD, on_every_database, settings};
use crate::{admin, build, seed, store};

async fn built(fixture: &Fixture) -> Service {
    let context = fixture.auth.context.clone();
    let guard = Guard::new(context.ephemeral.clone(), context.sources.clone(), &settings().token_keys);
    build(context, guard, settings()).await.unwrap()
}

async fn unpublished(fixture: &Fixture) -> usize {
    store::session::unpublished(&fixture.auth.context.database, 10).await.unwrap().len()
}

#[tokio::test]
async fn what_was_committed_and_not_told_is_told_before_the_service_is_handed_over() {
    on_every_database(async |fixture| {
        let held = fixture.sign_up("ayse@example.com").await;
        admin::sign_out(&fixture.auth.context.database, &"ayse@example.com".parse().unwrap()).await.unwrap();
        let before = unpublished(&fixture).await;

        built(&fixture).await;

        assert_eq!((before, unpublished(&fixture).await), (1, 0));
        assert_eq!(fixture.refresh(&held.refresh).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn without_the_ephemeral_store_the_service_starts_and_says_that_it_is_not_ready() {
    on_every_database(async |fixture| {
        fixture.ephemeral.begin();
        let service = built(&fixture).await;
        let status = service.checks[0].status().await;
        fixture.ephemeral.end();

        assert!(matches!(status, Status::Down(_)));
        assert_eq!(built(&fixture).await.checks[0].status().await, Status::Up);
    })
    .await;
}

#[tokio::test]
async fn a_command_beside_the_running_platform_has_its_effect_within_a_second() {
    on_every_database(async |fixture| {
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
    })
    .await;
}

#[tokio::test]
async fn a_start_without_a_demo_closes_what_a_demo_opened() {
    on_every_database(async |fixture| {
        let email = || "demo@example.com".parse().unwrap();
        let database = &fixture.auth.context.database;
        seed(database, email(), Secret::new(PASSWORD), Role::User).await.unwrap();
        let with_demo = fixture.login("demo@example.com", PASSWORD).await.status;

        built(&fixture).await;

        assert_eq!((with_demo, fixture.login("demo@example.com", PASSWORD).await.status), (200, 400));
    })
    .await;
}
