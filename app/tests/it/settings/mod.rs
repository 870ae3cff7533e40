//! The rules of settings, without a process: layers go in, types or one clear line come out.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use bus::{Groups, Security};
use database::SslMode;
use ephemeral::redis::{Node, Topology};
use kit::access::TokenKeys;
use lezzetlimani::settings::table::TABLE;
use lezzetlimani::settings::{
    BusChoice, DatabaseChoice, EphemeralChoice, File, Flag, Layers, ServiceName, Services, Settings, Source, Values,
};
use notification::{Tls, Transport};

const FILE: &str = "/etc/lezzetlimani.toml";

fn layers(environment: &[(&str, &str)]) -> Layers {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
    Layers { environment: environment.collect::<HashMap<_, _>>(), ..Layers::default() }
}

fn read_for(services: Services, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let mut values = Values::collect(&layers(environment)).map_err(|bad| bad.to_string())?;
    Settings::read(&mut values, services).map_err(|bad| bad.to_string())
}

fn read(environment: &[(&str, &str)]) -> Result<Settings, String> {
    read_for(Services::all(), environment)
}

fn read_alone(service: ServiceName, environment: &[(&str, &str)]) -> Result<Settings, String> {
    read_for(Services::chosen(&[service]), environment)
}

fn fault(environment: &[(&str, &str)]) -> String {
    read(environment).err().unwrap_or_else(|| panic!("{environment:?} was accepted"))
}

#[test]
fn flags_beat_the_environment_which_beats_the_file_which_beats_the_default() {
    let port = |flagged: bool, in_environment: bool, in_file: bool| {
        let mut layers = layers(if in_environment { &[("SERVER_PORT", "2")] } else { &[] });
        if flagged {
            layers.flags.push(Flag { name: "SERVER_PORT", flag: "--port", text: "1".to_owned() });
        }
        if in_file {
            layers.file = Some(File::parse(Path::new(FILE), "server_port = 3").unwrap());
        }
        let mut values = Values::collect(&layers).unwrap();
        let port = Settings::read(&mut values, Services::all()).unwrap().http.address.port();
        let row = TABLE.iter().find(|row| row.name == "SERVER_PORT").unwrap();
        (port, values.show(row).unwrap().1.clone())
    };

    assert_eq!(port(true, true, true), (1, Source::Flag("--port")));
    assert_eq!(port(false, true, true), (2, Source::Environment("SERVER_PORT".to_owned())));
    assert_eq!(port(false, false, true), (3, Source::File(FILE.into())));
    assert_eq!(port(false, false, false), (8080, Source::Default));
}

#[test]
fn an_empty_value_counts_as_none() {
    let settings = read(&[("REDIS_URL", ""), ("SERVER_PORT", "  ")]).unwrap();

    assert_eq!(settings.http.address.port(), 8080);
    assert!(settings.state.is_embedded());
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwt");
    std::fs::write(&path, "a secret of more than 32 characters\n").unwrap();
    let path = path.to_str().unwrap();

    let from_environment = read(&[("JWT_ACCESS_SECRET_KEY_FILE", path)]).unwrap();
    let file = File::parse(Path::new(FILE), &format!("jwt_access_secret_key_file = '{path}'")).unwrap();
    let mut values = Values::collect(&Layers { file: Some(file), ..Layers::default() }).unwrap();
    let from_file = Settings::read(&mut values, Services::all()).unwrap();

    for settings in [from_environment, from_file] {
        let TokenKeys::Shared(secret) = settings.identity.token_keys else { panic!("no secret was read") };
        assert_eq!(secret.expose(), "a secret of more than 32 characters");
    }
    let missing = fault(&[("SECRET_KEY_FILE", "/nowhere/key")]);
    assert!(
        missing.starts_with("SECRET_KEY_FILE=/nowhere/key (environment SECRET_KEY_FILE): it can't be read"),
        "{missing}"
    );
    assert_eq!(
        fault(&[("SECRET_KEY", "x"), ("SECRET_KEY_FILE", path)]),
        "SECRET_KEY and SECRET_KEY_FILE are both given"
    );
}

#[test]
fn the_file_knows_every_setting_in_lower_case_and_nothing_else() {
    let parse = |text: &str| File::parse(Path::new(FILE), text).map(drop).map_err(|bad| bad.to_string());

    for row in TABLE {
        assert_eq!(parse(&format!("{} = 'x'", row.name.to_lowercase())), Ok(()), "{}", row.name);
    }
    assert_eq!(parse("kafka_brokers = ['a:1', 'b:2']\nlogin_attempts = 3\njwt_allow_weak_secret = true"), Ok(()));
    assert_eq!(parse("server_prot = 1"), Err(format!("{FILE}: unknown setting server_prot")));
    assert_eq!(parse("SERVER_PORT = 1"), Err(format!("{FILE}: unknown setting SERVER_PORT")));
    assert_eq!(parse("server_port_file = 'x'"), Err(format!("{FILE}: unknown setting server_port_file")));
    assert!(parse("server_port = 1.5").unwrap_err().contains("server_port is no text"));
    let broken = parse("server_port = 1\nsecret_key = 'never show this").unwrap_err();
    assert!(broken.starts_with(&format!("{FILE}: line 2 can't be read")) && !broken.contains("never"), "{broken}");
}

#[test]
fn each_value_that_cannot_be_read_is_named_with_its_source() {
    let cases = [
        ("SERVER_PORT", "99999"),
        ("SERVER_HOST", "localhost"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("CORS_ORIGINS", "https://example.com/path"),
        ("CORS_ORIGINS", "*"),
        ("LOG_FORMAT", "yaml"),
        ("RUST_LOG", "info,=,"),
        ("JWT_ALLOW_WEAK_SECRET", "maybe"),
        ("JWT_ACCESS_EXPIRE", "soon"),
        ("JWT_REFRESH_EXPIRE", "0"),
        ("LOGIN_ATTEMPTS", "0"),
        ("LOGIN_WINDOW", "15"),
        ("EMAIL_TLS", "ssl"),
        ("EMAIL_VERIFY", "javascript:alert(1)"),
        ("EMAIL_FROM", "Lezzetlimanı"),
        ("PUBLIC_URL", "example.com"),
        ("KAFKA_BROKERS", "kafka:port"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS"),
        ("KAFKA_SASL_MECHANISM", "GSSAPI"),
        ("KAFKA_PARTITIONS", "0"),
        ("DB_PORT", "x"),
        ("DB_SSLMODE", "allow"),
        ("DB_STATEMENT_TIMEOUT", "0s"),
    ];

    for (name, value) in cases {
        let line = fault(&[(name, value)]);
        assert!(line.starts_with(&format!("{name}={value} (environment {name}): ")), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn a_secret_is_neither_shown_nor_quoted() {
    let secret = "hunter2";
    let lines = [
        fault(&[("SECRET_KEY", secret)]),
        fault(&[("JWT_ACCESS_SECRET_KEY", secret)]),
        fault(&[("REDIS_URL", "redis://:hunter2@redis/x")]),
        fault(&[("DATABASE_URL", "mysql://root:hunter2@db/name")]),
    ];
    let values =
        Values::collect(&layers(&[("EMAIL_PASSWORD", secret), ("REDIS_URL", "redis://:hunter2@redis")])).unwrap();

    for line in lines {
        assert!(line.contains("(environment ") && !line.contains(secret), "{line}");
    }
    let shown: Vec<String> = TABLE.iter().filter_map(|row| values.show(row)).map(|(text, _)| text).collect();
    assert!(shown.iter().all(|text| !text.contains(secret)), "{shown:?}");
    assert_eq!(shown.iter().filter(|text| *text == "********").count(), 2);
}

#[test]
fn lifetimes_are_minutes_or_durations() {
    let lifetime = |text: &str| read(&[("JWT_ACCESS_EXPIRE", text)]).unwrap().identity.access_lifetime;

    assert_eq!(lifetime("15"), Duration::from_secs(900));
    assert_eq!(lifetime("90s"), Duration::from_secs(90));
    assert_eq!(read(&[]).unwrap().identity.refresh_lifetime, Duration::from_secs(43_200 * 60));
}

#[test]
fn a_short_shared_secret_must_be_wanted() {
    assert!(fault(&[("JWT_ACCESS_SECRET_KEY", "jwt")]).contains("fewer than 32 bytes"));
    assert!(read(&[("JWT_ACCESS_SECRET_KEY", "jwt"), ("JWT_ALLOW_WEAK_SECRET", "true")]).is_ok());
    assert!(read(&[("JWT_ACCESS_SECRET_KEY", "32 bytes are as much as it takes")]).is_ok());
}

#[test]
fn mails_go_to_the_mailbox_until_a_server_is_named() {
    let mailbox = read(&[]).unwrap().mail;
    let server =
        read(&[("EMAIL_HOST", "mail"), ("EMAIL_USERNAME", "a@example.com"), ("EMAIL_PASSWORD", "x")]).unwrap().mail;
    let tls =
        read(&[("EMAIL_HOST", "mail"), ("EMAIL_FROM", "Liman <a@example.com>"), ("EMAIL_TLS", "tls")]).unwrap().mail;

    assert!(matches!(mailbox.transport, Transport::Mailbox));
    let Transport::Smtp(smtp) = server.transport else { panic!("no server") };
    assert_eq!((smtp.port, smtp.tls, server.from.0.as_str()), (587, Tls::StartTls, "a@example.com"));
    let Transport::Smtp(smtp) = tls.transport else { panic!("no server") };
    assert_eq!((smtp.port, smtp.credentials.is_none()), (465, true));
    assert!(fault(&[("EMAIL_HOST", "mail")]).starts_with("EMAIL_FROM"));
    assert!(fault(&[("EMAIL_HOST", "mail"), ("EMAIL_USERNAME", "a@example.com")]).contains("needs EMAIL_PASSWORD"));
}

#[test]
fn a_mail_password_travels_in_plain_only_within_this_machine() {
    let signing_in = |host| {
        let names =
            [("EMAIL_HOST", host), ("EMAIL_TLS", "none"), ("EMAIL_USERNAME", "a@example.com"), ("EMAIL_PASSWORD", "x")];
        read(&names).map(drop)
    };

    assert!(signing_in("mail.example.com").unwrap_err().starts_with("EMAIL_TLS=none"));
    assert_eq!(signing_in("127.0.0.1"), Ok(()));
    assert_eq!(signing_in("localhost"), Ok(()));
}

#[test]
fn a_laptop_is_reached_by_itself_alone_and_by_the_front_ends_developed_on_it() {
    let laptop = read(&[]).unwrap();
    let machine =
        read(&[("DATABASE_URL", "postgres://db/name"), ("REDIS_URL", "redis://r"), ("KAFKA_BROKERS", "k")]).unwrap();

    assert_eq!(laptop.http.address.to_string(), "127.0.0.1:8080");
    assert!(laptop.http.origins.iter().any(|origin| origin == "http://localhost:5173"));
    assert_eq!(machine.http.address.to_string(), "0.0.0.0:8080");
    assert!(machine.http.origins.is_empty());
}

#[test]
fn a_service_alone_has_its_own_port_database_and_group() {
    let port = |service| read_alone(service, &[]).unwrap().http.address.port();
    let database = |service| match read_alone(service, &[("DB_HOST", "db")]).unwrap().state.database {
        DatabaseChoice::Postgres(postgres) => postgres.name,
        DatabaseChoice::Embedded => panic!("DB_HOST was not seen"),
    };
    let group = |service| match read_alone(service, &[("KAFKA_BROKERS", "kafka")]).unwrap().state.bus {
        BusChoice::Kafka(kafka) => kafka.groups,
        BusChoice::Embedded => panic!("KAFKA_BROKERS was not seen"),
    };

    assert_eq!([ServiceName::Auth, ServiceName::User, ServiceName::Notification].map(port), [8080, 8081, 8082]);
    assert_eq!(database(ServiceName::Auth), "auths");
    assert_eq!(database(ServiceName::User), "users");
    assert_eq!(database(ServiceName::Notification), "notifications");
    assert_eq!(group(ServiceName::Auth), Groups::Each("lezzetlimani.".to_owned()));
    assert_eq!(group(ServiceName::User), Groups::One("auth".to_owned()));
    assert_eq!(group(ServiceName::Notification), Groups::One("notification_group".to_owned()));
}

fn redis(environment: &[(&str, &str)]) -> ephemeral::RedisServer {
    match read(environment).unwrap().state.ephemeral {
        EphemeralChoice::Redis(redis) => redis,
        EphemeralChoice::Embedded | EphemeralChoice::Absent => panic!("{environment:?} was not seen"),
    }
}

fn node(host: &str, port: u16) -> Node {
    Node { host: host.to_owned(), port }
}

#[test]
fn redis_is_read_in_all_its_forms() {
    let redis = |url| redis(&[("REDIS_URL", url)]);

    let single = redis("rediss://me:p%40ss@redis:7000/3");
    assert_eq!((single.topology, single.database), (Topology::Single(node("redis", 7000)), 3));
    let credentials = single.credentials.unwrap();
    assert_eq!((credentials.user.as_deref(), credentials.password.expose()), (Some("me"), "p@ss"));
    let sentinel = redis("redis-sentinel://a,b:1/mymaster/2");
    let sentinels = vec![node("a", 26379), node("b", 1)];
    assert_eq!(sentinel.topology, Topology::Sentinel { sentinels, master: "mymaster".to_owned() });
    assert_eq!(sentinel.database, 2);
    assert_eq!(redis("redis-cluster://a,[::1]:2").topology, Topology::Cluster(vec![node("a", 6379), node("::1", 2)]));
    for broken in [
        "redis",
        "http://redis",
        "redis://",
        "redis://h/x",
        "redis://me@h",
        "redis-sentinel://h",
        "redis-cluster://h/1",
        "rediss-cluster://h/1",
    ] {
        assert!(fault(&[("REDIS_URL", broken)]).starts_with("REDIS_URL (environment REDIS_URL): "), "{broken}");
    }
}

#[test]
fn redis_is_encrypted_when_its_scheme_says_so() {
    let tls = |url: &str| redis(&[("REDIS_URL", url)]).tls;
    let vouched_for =
        |url: &str| read(&[("REDIS_URL", url), ("REDIS_CA_FILE", "/ca.pem")]).map(|read| read.state.ephemeral);

    for plain in ["redis://h", "redis-sentinel://h/m", "redis-cluster://h"] {
        let encrypted = plain.replacen("redis", "rediss", 1);
        assert_eq!((tls(plain), tls(&encrypted)), (None, Some(ephemeral::redis::Tls::default())), "{plain}");
        let EphemeralChoice::Redis(server) = vouched_for(&encrypted).unwrap() else { panic!("no Redis") };
        assert_eq!(server.tls, Some(ephemeral::redis::Tls { ca_file: Some("/ca.pem".into()) }));
        let refused = vouched_for(plain).unwrap_err();
        assert!(refused.starts_with("REDIS_CA_FILE=/ca.pem (environment REDIS_CA_FILE): "), "{refused}");
    }
}

#[test]
fn auth_alone_reads_its_own_names_of_redis_first() {
    let names = [("REDIS_HOST", "own"), ("REDIS_PASSWORD", "p"), ("REDIS_DB", "4"), ("REDIS_URL", "redis://common")];
    let seen = |service| match read_alone(service, &names).unwrap().state.ephemeral {
        EphemeralChoice::Redis(redis) => (redis.topology, redis.database, redis.credentials.is_some()),
        EphemeralChoice::Embedded | EphemeralChoice::Absent => panic!("no name was seen"),
    };

    assert_eq!(seen(ServiceName::Auth), (Topology::Single(node("own", 6379)), 4, true));
    assert_eq!(seen(ServiceName::User), (Topology::Single(node("common", 6379)), 0, false));
}

#[test]
fn notification_alone_has_no_store_until_one_is_named() {
    let store = |names: &[(&str, &str)]| read_alone(ServiceName::Notification, names).unwrap().state.ephemeral;

    assert_eq!(store(&[]), EphemeralChoice::Absent);
    assert!(matches!(store(&[("REDIS_URL", "redis://h")]), EphemeralChoice::Redis(_)));
}

#[test]
fn in_one_process_two_names_must_mean_the_same() {
    let credentials = [("REDIS_HOST", "redis"), ("REDIS_PASSWORD", "p"), ("REDIS_URL", "redis://redis:6379/0")];
    let brokers = [("KAFKA_BROKERS", "a,b:9092"), ("KAFKA_BOOTSTRAP_SERVERS", "b,a:9092")];

    assert!(fault(&[("REDIS_HOST", "a"), ("REDIS_URL", "redis://b")]).contains("REDIS_HOST"));
    assert!(fault(&[("REDIS_HOST", "a"), ("REDIS_DB", "1"), ("REDIS_URL", "redis://a")]).contains("REDIS_HOST"));
    assert!(fault(&[("KAFKA_BROKERS", "a"), ("KAFKA_BOOTSTRAP_SERVERS", "b")]).contains("KAFKA_BOOTSTRAP_SERVERS"));
    assert_eq!(redis(&credentials).credentials.unwrap().password.expose(), "p");
    assert!(read(&brokers).is_ok());
}

#[test]
fn kafka_signs_in_only_with_all_that_it_needs() {
    let scram = [
        ("KAFKA_BROKERS", "kafka"),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
        ("KAFKA_SASL_MECHANISM", "scram-sha-512"),
        ("KAFKA_SASL_USERNAME", "me"),
        ("KAFKA_SASL_PASSWORD", "p"),
        ("KAFKA_SSL_CA_FILE", "/ca.pem"),
    ];

    let BusChoice::Kafka(kafka) = read(&scram).unwrap().state.bus else { panic!("no Kafka") };
    assert!(matches!(kafka.security, Security::SaslSsl(sasl, Some(_)) if sasl.username == "me"));
    assert!(fault(&scram[..4]).contains("it needs KAFKA_SASL_PASSWORD"));
}

#[test]
fn a_database_url_beats_its_parts() {
    let names = [
        ("DATABASE_URL", "postgresql://me:p@db:1/name?sslmode=require"),
        ("DB_HOST", "other"),
        ("DB_SSLMODE", "disable"),
    ];

    let DatabaseChoice::Postgres(postgres) = read(&names).unwrap().state.database else { panic!("no Postgres") };

    assert_eq!((postgres.host.as_str(), postgres.port, postgres.name.as_str()), ("db", 1, "name"));
    assert_eq!((postgres.user.as_str(), postgres.ssl), ("me", SslMode::Require));
    for broken in ["db", "postgres://db", "postgres://db/name?x=y", "postgres://db/name?sslmode=x"] {
        assert!(
            fault(&[("DATABASE_URL", broken)]).starts_with("DATABASE_URL (environment DATABASE_URL): "),
            "{broken}"
        );
    }
}

#[test]
fn a_database_url_without_credentials_takes_those_that_stand_alone() {
    let names = [("DATABASE_URL", "postgres://db/name"), ("DB_USER", "me"), ("DB_PASSWORD", "p")];

    let DatabaseChoice::Postgres(postgres) = read(&names).unwrap().state.database else { panic!("no Postgres") };

    assert_eq!((postgres.user.as_str(), postgres.password.unwrap().expose()), ("me", "p"));
}

#[test]
fn an_authority_that_nobody_would_ask_is_refused() {
    let with = |mode| read(&[("DB_HOST", "db"), ("DB_CA_FILE", "/ca.pem"), ("DB_SSLMODE", mode)]).map(drop);

    assert!(with("prefer").unwrap_err().starts_with("DB_CA_FILE=/ca.pem (environment DB_CA_FILE): nothing is checked"));
    assert!(with("require").is_err());
    assert_eq!(with("verify-full"), Ok(()));
}

#[test]
fn fewer_than_all_services_need_state_that_others_reach() {
    let missing =
        |service, names: &[(&str, &str)]| read_alone(service, names).unwrap().check_serving().unwrap_err().to_string();
    let complete = [
        ("DB_HOST", "db"),
        ("REDIS_URL", "redis://r"),
        ("KAFKA_BROKERS", "k"),
        ("EMAIL_VERIFY", "https://example.com"),
    ];

    assert!(
        missing(ServiceName::Auth, &[])
            .contains("DATABASE_URL or DB_HOST, REDIS_HOST or REDIS_URL, KAFKA_BROKERS missing")
    );
    assert!(missing(ServiceName::User, &[("DB_HOST", "db")]).contains("REDIS_URL, KAFKA_BOOTSTRAP_SERVERS missing"));
    assert!(missing(ServiceName::Notification, &complete[..3]).contains("EMAIL_VERIFY missing"));
    assert!(read_alone(ServiceName::Notification, &complete).unwrap().check_serving().is_ok());
    assert!(read(&[]).unwrap().check_serving().is_ok());
}

#[test]
fn a_demonstration_is_embedded_and_for_this_machine_alone() {
    let check = |names: &[(&str, &str)]| read(names).unwrap().check_demo().map_err(|bad| bad.to_string());

    assert_eq!(check(&[]), Ok(()));
    assert!(check(&[("SERVER_HOST", "0.0.0.0")]).unwrap_err().contains("SERVER_HOST=0.0.0.0"));
    assert!(check(&[("DATABASE_URL", "postgres://db/name")]).unwrap_err().contains("embedded"));
}
