//! `deploy/Caddyfile` beside the table of services, as Caddy itself reads it.

use std::path::Path;

use lezzetlimani::services::{Facts, ServedBy, ServiceName, segments_everywhere};
use serde_json::Value;
use testkit::servers::shared;

use super::INSIDE;
use super::caddy::run_caddy;

/// A route of the gateway: the patterns of its paths, and where it leads to; the last one has no patterns and takes the rest.
struct Route {
    patterns: Vec<String>,
    upstream: String,
}

impl Route {
    fn of(route: &Value) -> Self {
        let patterns = route["match"].as_array().into_iter().flatten().flat_map(|matched| {
            let names: Vec<&String> = matched.as_object().unwrap().keys().collect();
            assert_eq!(names, ["path"], "a service is found by the path alone");
            matched["path"].as_array().unwrap().iter().map(|pattern| pattern.as_str().unwrap().to_owned())
        });
        Self { patterns: patterns.collect(), upstream: upstreams(route).join(" ") }
    }

    fn takes(&self, path: &str) -> bool {
        let takes = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == pattern,
        };
        self.patterns.is_empty() || self.patterns.iter().any(takes)
    }
}

/// All addresses in `route` that something is sent to.
fn upstreams(route: &Value) -> Vec<String> {
    match route {
        Value::Object(members) => {
            let here = members.get("dial").and_then(Value::as_str).map(ToOwned::to_owned);
            here.into_iter().chain(members.values().flat_map(upstreams)).collect()
        }
        Value::Array(elements) => elements.iter().flat_map(upstreams).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

async fn routes() -> Vec<Route> {
    let adapted = run_caddy("adapt").await.json();
    adapted["apps"]["http"]["servers"]["srv0"]["routes"].as_array().unwrap().iter().map(Route::of).collect()
}

fn address(service: ServiceName) -> String {
    let Facts { name, port, .. } = service.facts();
    format!("{name}:{port}")
}

/// The patterns of what begins with `segment`, which may be two.
fn patterns(segment: &str) -> Vec<String> {
    match segment {
        "" => vec!["/".to_owned()],
        "openapi.json" => vec!["/openapi.json".to_owned()],
        segment => vec![format!("/{segment}"), format!("/{segment}/*")],
    }
}

#[tokio::test]
async fn caddy_takes_the_file_as_it_is() {
    if !shared::are_wanted() {
        return;
    }

    let validated = run_caddy("validate").await;

    assert_eq!(validated.code, Some(0), "{validated:?}");
}

#[tokio::test]
async fn the_gateway_leads_each_segment_to_its_service_once_and_nothing_else() {
    if !shared::are_wanted() {
        return;
    }
    let mut expected: Vec<(String, String)> = Vec::new();
    for &service in ServiceName::all() {
        let Facts { prefixes, pages, .. } = service.facts();
        // What auth has below what every process serves is led to auth with the rest of that.
        let is_led_along = |segment: &str| {
            let first = segment.split('/').next().unwrap();
            service == ServiceName::Auth && segments_everywhere().contains(&first)
        };
        let segments = prefixes.iter().chain(*pages);
        let segments = segments.filter(|segment| !INSIDE.contains(*segment) && !is_led_along(segment));
        expected.extend(segments.flat_map(|segment| patterns(segment)).map(|pattern| (pattern, address(service))));
    }
    let everywhere = segments_everywhere().into_iter().filter(|segment| !INSIDE.contains(segment));
    expected.extend(everywhere.flat_map(patterns).map(|pattern| (pattern, address(ServiceName::Auth))));

    let routes = routes().await;
    let led = routes.iter().flat_map(|route| route.patterns.iter().map(move |pattern| (pattern, &route.upstream)));
    let mut led: Vec<(String, String)> = led.map(|(pattern, to)| (pattern.clone(), to.clone())).collect();

    led.sort();
    expected.sort();
    assert_eq!(led, expected);
    let (rest, services) = routes.split_last().unwrap();
    assert!(rest.patterns.is_empty() && services.iter().all(|route| !route.patterns.is_empty()));
}

#[tokio::test]
async fn every_described_path_is_led_to_who_answers_it_or_nowhere() {
    if !shared::are_wanted() {
        return;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let described: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let routes = routes().await;
    let (mut led, mut kept) = (0, 0);

    for path in described["paths"].as_object().unwrap().keys() {
        let route = routes.iter().find(|route| route.takes(path)).unwrap();
        if INSIDE.iter().any(|segment| path.trim_start_matches('/').split('/').next() == Some(*segment)) {
            assert!(route.patterns.is_empty(), "{path} is led to {}", route.upstream);
            kept += 1;
            continue;
        }
        let service = match ServedBy::of(path).unwrap() {
            ServedBy::Everyone => ServiceName::Auth,
            ServedBy::Service(service) => service,
        };
        assert_eq!(route.upstream, address(service), "{path}");
        assert!(!route.patterns.is_empty(), "{path}");
        led += 1;
    }

    assert!(led > 50 && kept > 3, "{led} are led somewhere, {kept} are not");
}
