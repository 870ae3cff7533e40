//! Whether this process can do its work, and if not, why.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bus::{Bus, Transport};
use clock::{Recent, Sources};
use contracts::Secret;
use database::{Database, Migrations};
use futures_util::future::join_all;
use kit::access::{Guard, Knowledge};
use kit::{Check, Context, LocalRequest, Status};
use serde::Serialize;
use utoipa::ToSchema;

use super::metrics::has_token;
use super::ports::{Ephemeral, Ports};

/// How long one check may take; no request waits longer for what it depends on.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Everything that readiness depends on, and what opens the reasons to other machines.
#[derive(Clone)]
pub(super) struct Readiness {
    checks: Arc<[Box<dyn Check>]>,
    token: Option<Arc<Secret>>,
}

impl Readiness {
    /// The ports' checks, the database's by the `schemas` that this program knows, and then those of the services.
    pub(super) fn new(
        (ports, bus): (&Ports, &Bus),
        schemas: Vec<Migrations>,
        guard: &Guard,
        services: Vec<Box<dyn Check>>,
        token: Option<Arc<Secret>>,
    ) -> Self {
        let Context { database, sources, .. } = ports.context.clone();
        let database = DatabaseCheck { database, schemas, compared: Recent::default() };
        let mut checks: Vec<Box<dyn Check>> = vec![Box::new(Logged::new(database)), Box::new(BusCheck(bus.clone()))];
        if !ports.ephemeral.is_absent() {
            let store = EphemeralCheck { store: ports.ephemeral.clone(), sources, asked: Recent::default() };
            checks.push(Box::new(Logged::new(store)));
        }
        checks.push(Box::new(RevocationCheck(guard.clone())));
        checks.extend(services);
        Self { checks: checks.into(), token }
    }

    async fn report(&self) -> Report {
        let checks = join_all(self.checks.iter().map(|check| CheckReport::of(check.as_ref()))).await;
        let status = checks.iter().map(|check| check.status).max().unwrap_or(Health::Ready);
        Report { status, checks }
    }
}

/// How ready the process is.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(super) struct Report {
    /// The worst of all checks.
    status: Health,
    /// Each thing that it depends on.
    checks: Vec<CheckReport>,
}

/// One thing that readiness depends on.
#[derive(Serialize, ToSchema)]
#[schema(as = ReadinessCheck)]
struct CheckReport {
    name: &'static str,
    status: Health,
    /// What is wrong, or worth knowing, if anything is. It may name hosts, so only this machine and whoever has the token
    /// of the metrics see it.
    reason: Option<String>,
}

/// How something is, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReadinessStatus)]
enum Health {
    /// All is well.
    Ready,
    /// Something is away, but what needs it waits and nothing is lost.
    Degraded,
    /// Requests fail.
    NotReady,
}

impl CheckReport {
    async fn of(check: &dyn Check) -> Self {
        let status = tokio::time::timeout(CHECK_TIMEOUT, check.status()).await;
        let (status, reason) = match status.unwrap_or_else(|_| Status::Down("it does not answer".to_owned())) {
            Status::Up => (Health::Ready, None),
            Status::Noted(reason) => (Health::Ready, Some(reason)),
            Status::Degraded(reason) => (Health::Degraded, Some(reason)),
            Status::Down(reason) => (Health::NotReady, Some(reason)),
        };
        Self { name: check.name(), status, reason }
    }
}

/// Says that the process runs, whatever else is wrong.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, description = "The process runs")))]
pub(super) async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "alive" }))
}

/// Says whether requests can be answered now.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "health",
    responses(
        (status = 200, description = "Ready, or degraded: what needs the missing part waits", body = Report),
        (status = 503, description = "Not ready", body = Report),
    )
)]
pub(super) async fn ready(
    State(readiness): State<Readiness>,
    local_request: Option<LocalRequest>,
    headers: HeaderMap,
) -> Response {
    let mut report = readiness.report().await;
    if local_request.is_none() && !has_token(&headers, readiness.token.as_deref()) {
        report.checks.iter_mut().for_each(|check| check.reason = None);
    }
    match report.status {
        Health::Ready | Health::Degraded => Json(report).into_response(),
        Health::NotReady => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], Json(report)).into_response(),
    }
}

/// A check that nothing else logs.
struct Logged<C> {
    check: C,
    last: Mutex<Option<Status>>,
}

impl<C> Logged<C> {
    fn new(check: C) -> Self {
        Self { check, last: Mutex::new(None) }
    }
}

#[async_trait]
impl<C: Check> Check for Logged<C> {
    fn name(&self) -> &'static str {
        self.check.name()
    }

    async fn status(&self) -> Status {
        let status = self.check.status().await;
        let before = self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(status.clone());
        log_news(self.check.name(), before.as_ref(), &status);
        status
    }
}

/// Logs that `check` went from good to bad or back; that it still is as it was, readiness says to whoever asks.
fn log_news(check: &'static str, before: Option<&Status>, status: &Status) {
    match (before, status) {
        (Some(Status::Degraded(_)), Status::Degraded(_)) | (Some(Status::Down(_)), Status::Down(_)) => {}
        (_, Status::Degraded(reason) | Status::Down(reason)) => tracing::warn!(check, reason, "a check fails"),
        (Some(Status::Degraded(_) | Status::Down(_)), Status::Up | Status::Noted(_)) => {
            tracing::info!(check, "a check succeeds again");
        }
        (None | Some(Status::Up | Status::Noted(_)), Status::Up | Status::Noted(_)) => {}
    }
}

struct DatabaseCheck {
    database: Database,
    schemas: Vec<Migrations>,
    compared: Recent<database::Result<()>>,
}

#[async_trait]
impl Check for DatabaseCheck {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn status(&self) -> Status {
        match self.ask().await {
            Ok(()) => Status::Up,
            Err(error) => Status::Down(error.to_string()),
        }
    }
}

impl DatabaseCheck {
    async fn ask(&self) -> database::Result<()> {
        self.database.probe().await?;
        self.compared.get(self.database.sources(), self.compare_schemas()).await
    }

    /// A newer release may bring the schema up to date beneath this one, which does not know then what it would write.
    async fn compare_schemas(&self) -> database::Result<()> {
        for schema in &self.schemas {
            self.database.check_not_newer(*schema).await?;
        }
        Ok(())
    }
}

struct EphemeralCheck {
    store: Ephemeral,
    sources: Sources,
    /// Asking costs a write.
    asked: Recent<Status>,
}

#[async_trait]
impl Check for EphemeralCheck {
    fn name(&self) -> &'static str {
        "ephemeral"
    }

    async fn status(&self) -> Status {
        self.asked.get(&self.sources, self.store.status()).await
    }
}

struct BusCheck(Bus);

#[async_trait]
impl Check for BusCheck {
    fn name(&self) -> &'static str {
        "bus"
    }

    /// Events that can't travel wait in the outbox, so requests are answered as before.
    async fn status(&self) -> Status {
        match self.0.transport() {
            Transport::Up => Status::Up,
            Transport::Flawed(reason) => Status::Degraded(reason),
            Transport::Away { since, reason } => {
                Status::Degraded(format!("Kafka is away since {}: {reason}", since.to_rfc3339()))
            }
        }
    }
}

struct RevocationCheck(Guard);

#[async_trait]
impl Check for RevocationCheck {
    fn name(&self) -> &'static str {
        "revocations"
    }

    /// The last known set stays in force, so most requests are answered as before; but there has to be one where an auth of
    /// ours mints tokens. Where peers alone do, each of their tokens is asked about in the store.
    async fn status(&self) -> Status {
        if let Some(consequence) = consequence(self.0.knowledge()) {
            return Status::Noted(consequence.to_owned());
        }
        if self.0.is_prepared() && self.0.is_current() {
            return Status::Up;
        }
        if self.0.is_prepared() || (self.0.accepts_peers() && !self.0.is_current()) {
            return Status::Degraded("the feed of revocations has been silent for three seconds".to_owned());
        }
        let reason = "auth has not published its keys and revocations since the store was empty".to_owned();
        match (self.0.accepts_peers(), self.0.expects_feed()) {
            (false, _) => Status::Down(reason),
            (true, true) => Status::Degraded(reason),
            (true, false) => Status::Noted(
                "no auth of ours has published revocations; those of the first platform are asked for by token"
                    .to_owned(),
            ),
        }
    }
}

/// What follows from how little a process is set up to know of tokens, where it is so: its operator's decision, and no fault.
pub(super) fn consequence(knowledge: Knowledge) -> Option<&'static str> {
    match knowledge {
        Knowledge::Revocations => None,
        Knowledge::SignatureAlone => Some(
            "access tokens are good until they expire, also where their sessions were ended: REDIS_URL is not set, by which \
             revocations arrive",
        ),
        Knowledge::Nothing => Some(
            "nobody can be signed in here: neither REDIS_URL nor JWT_ACCESS_SECRET_KEY is set, so only what everybody may \
             see is answered",
        ),
    }
}
