//! All routes in one router, with their description, in the stack that surrounds every request.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use axum::Router;
use bus::Bus;
use kit::access::Guard;
use kit::http::Stack;
use kit::{EventStreams, Service};
use metrics_exporter_prometheus::PrometheusHandle;
use notification::Transport;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{CookieScheme, FrontPage, Operator, PageSettings, RunningService};

use crate::services::{Facts, ServedBy, ServiceName, page_segments};
use crate::settings::Settings;

use super::health::Readiness;
use super::metrics::Metrics;
use super::ports::Ports;
use super::{explorer, health, metrics, services};

/// How long a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What the platform answers.
pub(super) struct Routes {
    pub(super) router: Router,
    /// What it answers to programs.
    pub(super) description: OpenApi,
    /// Where it answers to readers: the paths of all pages, as they were routed.
    pub(super) pages: Vec<&'static str>,
}

pub(super) fn build(
    settings: &Settings,
    (ports, bus): (&Ports, &Bus),
    (guard, streams): (Guard, EventStreams),
    counts: PrometheusHandle,
    services: Vec<Service>,
) -> anyhow::Result<Routes> {
    let mut checks = Vec::new();
    let mut pages = web::pages(front_page(settings), operator(settings));
    let mut described = OpenApiRouter::with_openapi(explorer::head());
    for service in services {
        let owner = settings.services.iter().find(|name| name.as_str() == service.name);
        let owner = owner.map_or(ServedBy::Everyone, ServedBy::Service);
        for path in service.routes.get_openapi().paths.paths.keys() {
            ensure!(ServedBy::of(path) == Some(owner), "{path} has no prefix of {}", service.name);
        }
        described = described.merge(service.routes);
        pages = pages.merge(service.pages);
        checks.extend(service.checks);
    }
    if !pages.paths().contains(&"/") {
        pages = pages.merge(web::home_without_restaurants());
    }
    let token = settings.http.metrics_token.clone().map(Arc::new);
    let schemas = services::schemas(&settings.services);
    let readiness = Readiness::new((ports, bus), schemas, &guard, checks, token.clone());
    let counts = Metrics { handle: counts, token };
    let (router, mut description) = described
        .merge(OpenApiRouter::new().routes(routes!(health::live)))
        .merge(OpenApiRouter::new().routes(routes!(health::ready)).with_state(readiness))
        .merge(OpenApiRouter::new().routes(routes!(metrics::metrics)).with_state(counts))
        .split_for_parts();
    kit::http::describe(&mut description);
    let page_settings = page_settings(settings);
    let router = web::with_unknown_paths(router.merge(explorer::routes(&description)?), page_settings.clone());
    let stack = Stack {
        sources: ports.context.sources.clone(),
        guard,
        streams,
        proxies: settings.http.proxies.clone(),
        origins: settings.http.origins.clone(),
        request_timeout: REQUEST_TIMEOUT,
    };
    let dress = |pages| web::dress(pages, page_settings);
    let paths = pages.paths().to_vec();
    let router = kit::http::wrap(router, pages.into_router(), dress, stack);
    Ok(Routes { router, description, pages: paths })
}

fn page_settings(settings: &Settings) -> PageSettings {
    let public_url = settings.http.public_url.as_ref().map(|base| base.0.as_str());
    PageSettings { cookies: CookieScheme::of(public_url), segments: page_segments() }
}

fn front_page(settings: &Settings) -> FrontPage {
    FrontPage {
        services: settings.services.iter().map(|service| running(service.facts())).collect(),
        has_mailbox: settings.services.contains(ServiceName::Notification)
            && matches!(settings.mail.transport, Transport::Mailbox),
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// Whoever sends commercial mail says there who they are.
fn operator(settings: &Settings) -> Option<Operator> {
    let identity = settings.mail.identity.as_ref()?;
    Some(Operator { title: identity.title.clone(), contact: identity.contact.clone() })
}

fn running(facts: &Facts) -> RunningService {
    RunningService { name: facts.name, purpose: facts.purpose }
}
