//! The route by which a service says whether it can do its work, `/…/health`: its database takes writes, and what else it
//! needs answers. Readiness, which is about the process, is the app's.

use axum::Json as Answer;
use axum::routing::get;
use serde::Serialize;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Paths};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::{Context, LocalRequest, Problem, Status};

/// The route and how it is described.
pub struct HealthRoute {
    /// Where it is.
    pub path: &'static str,
    /// The service, as the description groups its routes.
    pub tag: &'static str,
    /// Its name for programs, which no other route has.
    pub operation_id: String,
    /// The name of what it answers, in the description.
    pub schema: String,
    /// What it is for.
    pub summary: &'static str,
    /// What 200 means.
    pub up: &'static str,
    /// What 503 means.
    pub down: &'static str,
}

/// How a service is whose database answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Whether a part of its work waits.
    pub is_degraded: bool,
    /// Why, or what else is worth knowing. It may name hosts, so only a request from this machine is shown it.
    pub reason: Option<String>,
}

/// The service answers.
#[derive(Serialize, ToSchema)]
struct HealthBody {
    /// `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

impl HealthRoute {
    /// The route of `service` at `path`.
    #[must_use]
    pub fn new(service: &'static str, path: &'static str) -> Self {
        Self {
            path,
            tag: service,
            operation_id: format!("{service}_health"),
            schema: format!("{}Health", capitalized(service)),
            summary: "Whether the service can answer.",
            up: "It can",
            down: "Its database is away",
        }
    }

    /// For a service that needs nothing but its database; it answers `{"status": "ok"}`.
    pub fn of_database<S: Clone + Send + Sync + 'static>(self, context: &Context) -> UtoipaMethodRouter<S> {
        self.of::<HealthBody, _, _>(context, async || Ok(Status::Up))
    }

    /// For a service that also needs what `check` finds; it answers a `B`.
    pub fn of<B, S, F>(
        self,
        context: &Context,
        check: impl Fn() -> F + Clone + Send + Sync + 'static,
    ) -> UtoipaMethodRouter<S>
    where
        B: From<Health> + Serialize + PartialSchema + 'static,
        S: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Status, Problem>> + Send + 'static,
    {
        let database = context.database.clone();
        let answer = move |local_request: Option<LocalRequest>| async move {
            database.probe().await?;
            let health = Health::of(check().await?);
            let reason = health.reason.filter(|_| local_request.is_some());
            Ok::<_, Problem>(Answer(B::from(Health { reason, ..health })))
        };
        let (path, schema, operation) = (self.path, self.schema.clone(), self.operation());
        let mut paths = Paths::new();
        paths.add_path_operation(path, vec![HttpMethod::Get], operation.build());
        (vec![(schema, B::schema())], paths, get(answer))
    }

    fn operation(self) -> OperationBuilder {
        let body = Content::new(Some(RefOr::Ref(Ref::from_schema_name(self.schema))));
        let up = ResponseBuilder::new().description(self.up).content("application/json", body);
        OperationBuilder::new()
            .tag(self.tag)
            .operation_id(Some(self.operation_id))
            .summary(Some(self.summary))
            .response("200", up)
            .response("503", Response::new(self.down))
    }
}

impl Health {
    fn of(status: Status) -> Self {
        match status {
            Status::Up => Self { is_degraded: false, reason: None },
            Status::Noted(reason) => Self { is_degraded: false, reason: Some(reason) },
            Status::Degraded(reason) | Status::Down(reason) => Self { is_degraded: true, reason: Some(reason) },
        }
    }
}

impl From<Health> for HealthBody {
    fn from(_: Health) -> Self {
        Self { status: "ok" }
    }
}

fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_uppercase() + rest
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use utoipa_axum::router::OpenApiRouter;

    use super::*;
    use crate::testing::{Client, Engine, TestPorts};

    #[derive(Serialize, ToSchema)]
    #[schema(as = PantryHealth)]
    struct Body {
        is_degraded: bool,
        reason: Option<String>,
    }

    impl From<Health> for Body {
        fn from(Health { is_degraded, reason }: Health) -> Self {
            Self { is_degraded, reason }
        }
    }

    fn client(route: UtoipaMethodRouter, context: &Context) -> Client {
        Client::anonymous(OpenApiRouter::new().routes(route), context).with_header("host", "localhost")
    }

    #[tokio::test]
    async fn a_service_that_needs_its_database_alone_is_away_with_it() {
        let ports = TestPorts::fresh(Engine::Sqlite, &[]).await.unwrap();
        let client = client(HealthRoute::new("pantry", "/pantry/health").of_database(&ports.context), &ports.context);

        let up = client.get("/pantry/health").await.parts();
        ports.context.database.close().await.unwrap();
        ports.clock.advance(Duration::from_secs(1));
        let down = client.get("/pantry/health").await;

        assert_eq!(up, (200, json!({ "status": "ok" })));
        assert_eq!((down.status, down.code().as_str()), (503, "UNAVAILABLE"));
    }

    #[tokio::test]
    async fn why_a_service_is_degraded_is_shown_to_this_machine_alone() {
        let ports = TestPorts::fresh(Engine::Sqlite, &[]).await.unwrap();
        let check = async || Ok(Status::Degraded("the oven is cold".to_owned()));
        let route = HealthRoute::new("pantry", "/pantry/health").of::<Body, _, _>(&ports.context, check);
        let client = client(route, &ports.context);

        let here = client.get("/pantry/health").await.parts();
        let elsewhere = client.at("198.51.100.1").get("/pantry/health").await.parts();

        assert_eq!(here, (200, json!({ "is_degraded": true, "reason": "the oven is cold" })));
        assert_eq!(elsewhere, (200, json!({ "is_degraded": true, "reason": null })));
    }

    #[tokio::test]
    async fn what_a_check_refuses_is_the_answer() {
        let ports = TestPorts::fresh(Engine::Sqlite, &[]).await.unwrap();
        let route = HealthRoute::new("pantry", "/pantry/health");
        let route = route.of::<Body, _, _>(&ports.context, async || Err(Problem::unavailable()));

        let answer = client(route, &ports.context).get("/pantry/health").await;

        assert_eq!(answer.status, 503);
    }
}
