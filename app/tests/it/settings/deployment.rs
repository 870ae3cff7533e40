//! The fleet in `deploy/compose.yaml` sets what our programs read: an unknown name in the environment would go unnoticed.

use std::collections::BTreeMap;
use std::path::Path;

use bus::BusUrl;
use lezzetlimani::settings::table::TABLE;
use lezzetlimani::settings::{DatabaseChoice, EphemeralChoice, ServiceName};

use super::read_alone;

/// The environment of `service` in the file, where secrets are files in `secrets`.
fn environment(service: ServiceName, secrets: &Path) -> BTreeMap<String, String> {
    let compose = include_str!("../../../../deploy/compose.yaml");
    let block = |from: &str| compose.split_once(from).unwrap().1.split_once("\n\n").unwrap().0.to_owned();
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
fn each_service_of_the_compose_file_is_told_what_it_reads() {
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
    let (compose, databases) =
        (include_str!("../../../../deploy/compose.yaml"), include_str!("../../../../deploy/databases.sql"));

    for &service in ServiceName::all() {
        let facts = service.facts();
        let block = format!("\n  {}:\n    <<: *service\n    command: [serve, {0}]\n", facts.name);
        let (_, block) = compose.split_once(&block).unwrap_or_else(|| panic!("{service:?} is missing"));
        let block = block.split_once("\n\n").unwrap().0;
        let port = facts.port;
        for line in [
            format!("ports: [\"{port}:{port}\"]"),
            format!("SERVER_PORT: \"{port}\""),
            format!("DB_NAME: {}", facts.database),
        ] {
            assert!(block.contains(&line), "{line} of {service:?} is missing");
        }
        assert!(databases.contains(&format!("CREATE DATABASE {};", facts.database)), "{service:?}");
    }
}
