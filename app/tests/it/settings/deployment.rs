//! The fleet in `deploy/compose.yaml` sets what our programs read: an unknown name in the environment would go unnoticed.

use std::collections::BTreeMap;
use std::path::Path;

use bus::BusUrl;
use lezzetlimani::services::{Facts, ServiceName};
use lezzetlimani::settings::table::TABLE;
use lezzetlimani::settings::{DatabaseChoice, EphemeralChoice};
use testkit::servers::postgres::fresh_database;
use tokio::process::Command;

use super::read_alone;

const COMPOSE: &str = include_str!("../../../../deploy/compose.yaml");

/// The environment of `service` in the file, where secrets are files in `secrets`.
fn environment(service: ServiceName, secrets: &Path) -> BTreeMap<String, String> {
    let block = |from: &str| COMPOSE.split_once(from).unwrap().1.split_once("\n\n").unwrap().0.to_owned();
    let blocks = block("\nx-environment: &environment\n") + "\n" + &block(&format!("\n  {}:\n", service.as_str()));
    let pairs = blocks.lines().filter_map(|line| line.trim().split_once(": "));
    let settings = pairs.filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    let value = |text: &str| text.trim_matches('"').replace("/run/secrets", secrets.to_str().unwrap());
    settings.map(|(name, text)| (name.to_owned(), value(text))).collect()
}

fn is_known(name: &str) -> bool {
    TABLE.iter().any(|row| row.name == name || name.strip_suffix("_FILE") == Some(row.name))
}

#[test]
fn each_service_of_the_compose_file_is_given_what_it_reads() {
    let secrets = tempfile::tempdir().unwrap();
    for (name, secret) in [
        ("postgres_password", "postgres password"),
        ("redis_password", "redis password"),
        ("redis_url", "redis://:password@redis:6379/0"),
        ("secret_key", "a key of more than thirty-two characters"),
    ] {
        std::fs::write(secrets.path().join(name), secret).unwrap();
    }

    for &service in ServiceName::all() {
        let environment = environment(service, secrets.path());
        let given: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let settings = read_alone(service, &given).unwrap();

        for name in environment.keys() {
            assert!(is_known(name), "{name} of {service:?} is no setting");
        }
        settings.check_serving().unwrap();
        assert!(settings.state.secret_key.is_some());
        assert!(matches!(settings.state.database, DatabaseChoice::Postgres(_)), "{service:?}");
        assert!(matches!(settings.state.ephemeral, EphemeralChoice::Redis(_)), "{service:?}");
        assert!(matches!(settings.state.bus, BusUrl::Kafka(_)), "{service:?}");
    }
}

#[test]
fn the_compose_file_has_each_service_at_its_port_with_its_database() {
    for &service in ServiceName::all() {
        let Facts { name, port, database, .. } = service.facts();
        let block = format!("\n  {name}:\n    <<: *service\n    command: [serve, {name}]\n");
        let (_, block) = COMPOSE.split_once(&block).unwrap_or_else(|| panic!("deploy/compose.yaml lacks{block}"));
        let block = block.split_once("\n\n").unwrap().0;
        for line in [format!("SERVER_PORT: \"{port}\""), format!("DB_NAME: {database}")] {
            assert!(block.contains(&line), "the block of {name} in deploy/compose.yaml lacks {line}");
        }
        assert!(!block.contains("ports:"), "{name} is reached past the gateway");
    }
    let databases: Vec<&str> = ServiceName::all().iter().map(|service| service.facts().database).collect();
    let line = format!("DATABASES: {}\n", databases.join(" "));
    assert!(COMPOSE.contains(&line), "postgres in deploy/compose.yaml lacks {line}");
}

#[test]
fn the_gateway_is_where_browsers_come_and_the_one_proxy_that_is_believed() {
    let (_, gateway) = COMPOSE.split_once("\n  gateway:\n").unwrap();
    let gateway = gateway.split_once("\n\n").unwrap().0;
    let address = gateway.split_once("ipv4_address: ").unwrap().1.lines().next().unwrap();
    let names = ServiceName::all().iter().map(|service| service.as_str()).collect::<Vec<_>>().join(", ");

    assert!(gateway.contains("ports: [\"8080:8080\"]") && COMPOSE.contains("  PUBLIC_URL: http://localhost:8080\n"));
    assert!(COMPOSE.contains(&format!("  TRUSTED_PROXIES: {address}\n")), "{address}");
    assert!(gateway.contains(&format!("depends_on: [{names}]")), "{names}");
    assert!(gateway.contains("./Caddyfile:/etc/caddy/Caddyfile:ro"));
}

#[tokio::test]
async fn the_server_of_the_fleet_makes_each_database_that_is_named() {
    let Some(database) = fresh_database("empty", async |_| {}).await else { return };
    let names = [format!("{}_auths", database.name()), format!("{}_users", database.name())];

    // As the image of the server does with what stands in its folder of scripts.
    let made = Command::new("psql")
        .args(["--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file", "deploy/databases.sql", &database.url()])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env("DATABASES", names.join(" "))
        .status();

    assert!(made.await.unwrap().success());
    for name in &names {
        let is_there = format!("SELECT datname::text FROM pg_database WHERE datname = '{name}'");
        assert_eq!(database.texts(&is_there).await, [name.as_str()]);
        database.execute(&format!("DROP DATABASE {name}")).await;
    }
}
