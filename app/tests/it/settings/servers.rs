//! The rules of settings that lead to Postgres, Redis and Kafka, and what a part of a fleet needs of them.

use bus::{BusUrl, Groups, Security};
use contracts::{Event, UserCreated};
use database::SslMode;
use ephemeral::redis::{Node, Tls, Topology};
use lezzetlimani::services::{ServiceName, Services};
use lezzetlimani::settings::{DatabaseChoice, EphemeralChoice};

use super::{fault, read, read_alone, read_for};
use crate::support::topic_names;

#[test]
fn a_service_alone_has_its_own_port_database_and_group() {
    let port = |service| read_alone(service, &[]).unwrap().http.address.port();
    let database = |service| match read_alone(service, &[("DB_HOST", "db")]).unwrap().state.database {
        DatabaseChoice::Postgres(postgres) => postgres.name,
        DatabaseChoice::Embedded => panic!("DB_HOST was not seen"),
    };
    let group = |service| match read_alone(service, &[("KAFKA_BROKERS", "kafka")]).unwrap().state.bus {
        BusUrl::Kafka(kafka) => kafka.groups,
        BusUrl::Embedded => panic!("KAFKA_BROKERS was not seen"),
    };

    for &service in ServiceName::all() {
        let facts = service.facts();
        let joined = facts.first_platform.as_ref().and_then(|replaced| replaced.group);
        let joined = joined.map_or(Groups::Each("lezzetlimani.".to_owned()), |group| Groups::One(group.to_owned()));
        let read = (port(service), database(service), group(service));
        assert_eq!(read, (facts.port, facts.database.to_owned(), joined), "{service:?}");
    }
    // What deployments of the first platform take for granted stays as it is.
    for (service, port, database, group) in [
        (ServiceName::Auth, 8080, "auths", None),
        (ServiceName::User, 8081, "users", Some("auth")),
        (ServiceName::Notification, 8082, "notifications", Some("notification_group")),
        (ServiceName::Address, 8083, "addresses", None),
        (ServiceName::Restaurant, 8084, "restaurants", None),
        (ServiceName::Cart, 8086, "carts", None),
    ] {
        let facts = service.facts();
        let replaced = facts.first_platform.as_ref().unwrap();
        assert_eq!((facts.port, facts.database, replaced.group), (port, database, group), "{service:?}");
    }
}

#[test]
fn a_topic_is_named_after_its_event_behind_a_prefix_unless_it_is_named_whole() {
    let names =
        |settings: &[(&str, &str)]| match read(&[settings, &[("KAFKA_BROKERS", "k")]].concat()).unwrap().state.bus {
            BusUrl::Kafka(kafka) => kafka.topics.names.into_values().collect::<Vec<_>>(),
            BusUrl::Embedded => panic!("KAFKA_BROKERS was not seen"),
        };

    let behind: Vec<_> = topic_names().into_iter().map(|topic| format!("test.{topic}")).collect();
    assert_eq!(names(&[]), topic_names());
    assert_eq!(names(&[("KAFKA_TOPIC_PREFIX", "test.")]), behind);
    let groups = |service| {
        let settings = read_alone(service, &[("KAFKA_BROKERS", "k"), ("KAFKA_TOPIC_PREFIX", "test.")]).unwrap();
        let BusUrl::Kafka(kafka) = settings.state.bus else { panic!("KAFKA_BROKERS was not seen") };
        kafka.groups
    };
    assert_eq!(groups(ServiceName::User), Groups::One("test.auth".to_owned()));
    assert_eq!(groups(ServiceName::Auth), Groups::Each("test.lezzetlimani.".to_owned()));
    let whole = names(&[("KAFKA_TOPIC_PREFIX", "test."), ("KAFKA_TOPIC_USER_CREATED", "accounts")]);
    let users = format!("test.{}", UserCreated::TOPIC);
    let renamed = behind.into_iter().map(|topic| if topic == users { "accounts".to_owned() } else { topic });
    assert_eq!(whole, renamed.collect::<Vec<_>>());
    assert!(fault(&[("KAFKA_TOPIC_PREFIX", "ş")]).starts_with("KAFKA_TOPIC_PREFIX=ş"));
}

#[test]
fn a_topic_has_a_name_that_kafka_takes_and_no_other_event_has() {
    let long = "t".repeat(250);

    for name in ["user created", "kullanıcı", "a/b", "a,b", ".", "..", &long] {
        let line = fault(&[("KAFKA_TOPIC_USER_CREATED", name)]);
        assert!(line.starts_with(&format!("KAFKA_TOPIC_USER_CREATED={name} (environment")), "{line}");
    }
    let shared = [
        &[("KAFKA_TOPIC_USER_CREATED", "events"), ("KAFKA_TOPIC_EMAIL_EVENT", "events")][..],
        &[("KAFKA_TOPIC_EMAIL_EVENT", "user_created")],
        &[("KAFKA_TOPIC_USER_CREATED", "email_event")],
        &[("KAFKA_TOPIC_PREFIX", "test."), ("KAFKA_TOPIC_EMAIL_EVENT", "test.user_created")],
    ];
    for names in shared {
        let line = fault(&[names, &[("KAFKA_BROKERS", "k")]].concat());
        assert!(line.starts_with("KAFKA_TOPIC_") && line.contains("the topic of "), "{line}");
    }
    let swapped = [("KAFKA_TOPIC_USER_CREATED", "email_event"), ("KAFKA_TOPIC_EMAIL_EVENT", "user_created")];
    assert!(read(&[&swapped[..], &[("KAFKA_BROKERS", "k")]].concat()).is_ok());
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
        assert_eq!((tls(plain), tls(&encrypted)), (None, Some(Tls::default())), "{plain}");
        let EphemeralChoice::Redis(server) = vouched_for(&encrypted).unwrap() else { panic!("no Redis") };
        assert_eq!(server.tls, Some(Tls { ca_file: Some("/ca.pem".into()) }));
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
fn notification_and_restaurant_alone_have_no_store_until_one_is_named() {
    for &service in ServiceName::all() {
        let store = |names: &[(&str, &str)]| read_alone(service, names).unwrap().state.ephemeral;
        let goes_without = [ServiceName::Notification, ServiceName::Restaurant].contains(&service);

        let unnamed = if goes_without { EphemeralChoice::Absent } else { EphemeralChoice::Embedded };
        assert_eq!(store(&[]), unnamed, "{service:?}");
        assert_eq!(store(&[("JWT_ACCESS_SECRET_KEY", "32 bytes are as much as it takes")]), unnamed, "{service:?}");
        assert!(matches!(store(&[("REDIS_URL", "redis://h")]), EphemeralChoice::Redis(_)), "{service:?}");
    }
}

#[test]
fn restaurant_alone_expects_kafka_where_the_first_platform_has_it_and_no_other_does() {
    let brokers = |services, names: &[(&str, &str)]| match read_for(services, names).unwrap().state.bus {
        BusUrl::Kafka(kafka) => Some(kafka.brokers),
        BusUrl::Embedded => None,
    };
    let alone = |service| Services::chosen(&[service]);

    for &service in ServiceName::all() {
        let expected = (service == ServiceName::Restaurant).then(|| vec!["kafka:9092".to_owned()]);
        assert_eq!(brokers(alone(service), &[]), expected, "{service:?}");
    }
    let named = [("KAFKA_BROKERS", "a,b:1")];
    assert_eq!(brokers(alone(ServiceName::Restaurant), &named), Some(vec!["a:9092".to_owned(), "b:1".to_owned()]));
    assert_eq!(brokers(Services::chosen(&[ServiceName::Restaurant, ServiceName::Address]), &[]), None);
    assert_eq!(brokers(Services::all(), &[]), None);
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

    let BusUrl::Kafka(kafka) = read(&scram).unwrap().state.bus else { panic!("no Kafka") };
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
    assert!(missing(ServiceName::Notification, &complete[..3]).contains("PUBLIC_URL or EMAIL_VERIFY missing"));
    assert!(read_alone(ServiceName::Notification, &complete).unwrap().check_serving().is_ok());
    let behind_a_gateway = [&complete[..3], &[("PUBLIC_URL", "https://example.com")]].concat();
    assert!(read_alone(ServiceName::Notification, &behind_a_gateway).unwrap().check_serving().is_ok());
    assert!(
        missing(ServiceName::Restaurant, &[])
            .contains("need state that others can reach: DATABASE_URL or DB_HOST missing")
    );
    assert!(read_alone(ServiceName::Restaurant, &complete[..1]).unwrap().check_serving().is_ok());
    assert!(read(&[]).unwrap().check_serving().is_ok());
}
