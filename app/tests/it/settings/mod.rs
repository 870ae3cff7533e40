//! The rules of settings, without a process: layers go in, types or one clear line come out.

mod deployment;
mod servers;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use kit::access::TokenKeys;
use lezzetlimani::services::{ServiceName, Services};
use lezzetlimani::settings::table::TABLE;
use lezzetlimani::settings::{File, Flag, Layers, Settings, Source, Values};
use notification::{Tls, Transport};
use web::CookieScheme;

const FILE: &str = "/etc/lezzetlimani.toml";

fn layers(environment: &[(&str, &str)]) -> Layers {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
    Layers { environment: environment.collect::<HashMap<_, _>>(), ..Layers::default() }
}

fn read_for(services: Services, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let mut values = Values::collect(&layers(environment));
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
            layers.file = Some(File::parse(Path::new(FILE), "server_port = 3"));
        }
        let mut values = Values::collect(&layers);
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
    let file = File::parse(Path::new(FILE), &format!("jwt_access_secret_key_file = '{path}'"));
    let mut values = Values::collect(&Layers { file: Some(file), ..Layers::default() });
    let from_file = Settings::read(&mut values, Services::all()).unwrap();

    for settings in [from_environment, from_file] {
        let TokenKeys::Shared { secret, .. } = settings.identity.token_keys else { panic!("no secret was read") };
        assert_eq!(secret.expose(), "a secret of more than 32 characters");
    }
    let missing = fault(&[("SECRET_KEY_FILE", "/nowhere/key")]);
    assert!(
        missing.starts_with("SECRET_KEY_FILE=/nowhere/key (environment SECRET_KEY_FILE): it can't be read"),
        "{missing}"
    );
    let endless = fault(&[("SECRET_KEY_FILE", "/dev/zero")]);
    assert!(endless.starts_with("SECRET_KEY_FILE=/dev/zero") && endless.contains("it holds more than"), "{endless}");
    assert_eq!(
        fault(&[("SECRET_KEY", "x"), ("SECRET_KEY_FILE", path)]),
        "SECRET_KEY and SECRET_KEY_FILE are both given"
    );
}

#[test]
fn the_file_knows_every_setting_in_lower_case_and_nothing_else() {
    let parse =
        |text: &str| File::parse(Path::new(FILE), text).faults().first().map_or(Ok(()), |bad| Err(bad.to_string()));

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
        ("JWT_REFRESH_EXPIRE", "-1"),
        ("JWT_ACCESS_EXPIRE", "99999999999999"),
        ("JWT_ACCESS_EXPIRE", "99999999999999999999999"),
        ("LOGIN_ATTEMPTS", "0"),
        ("LOGIN_WINDOW", "15"),
        ("LOGIN_WINDOW", "3651days"),
        ("DB_STATEMENT_TIMEOUT", "1us"),
        ("HTTP_CONNECTIONS", "0"),
        ("EMAIL_TLS", "ssl"),
        ("EMAIL_VERIFY", "javascript:alert(1)"),
        ("EMAIL_FROM", "Lezzetlimanı"),
        ("PUBLIC_URL", "example.com"),
        ("KAFKA_BROKERS", "kafka:port"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS"),
        ("KAFKA_SASL_MECHANISM", "GSSAPI"),
        ("KAFKA_COMPRESSION", "brotli"),
        ("KAFKA_PARTITIONS", "0"),
        ("DB_PORT", "x"),
        ("DB_SSLMODE", "allow"),
        ("DB_STATEMENT_TIMEOUT", "0s"),
        ("REDIS_TIMEOUT", "at once"),
    ];

    for (name, value) in cases {
        let line = fault(&[(name, value)]);
        assert!(line.starts_with(&format!("{name}={value} (environment {name}): ")), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn whatever_a_setting_holds_it_is_taken_or_refused_in_one_line() {
    let odd = [
        "0",
        "-1",
        "1",
        "99999999999999",
        "4294967295",
        "18446744073709551616",
        "3650days",
        "1ns",
        "1e9",
        "\u{0}",
        "ş",
        ",",
    ];
    for row in TABLE {
        for text in odd {
            if let Err(line) = read(&[(row.name, text)]) {
                assert!(!line.is_empty() && !line.contains('\n'), "{}={text:?}: {line:?}", row.name);
            }
        }
    }
}

#[test]
fn cookies_are_secure_where_browsers_come_by_tls() {
    let is_secure = |settings: &[(&str, &str)]| read(settings).unwrap().identity.cookies == CookieScheme::Https;

    assert!(is_secure(&[("PUBLIC_URL", "https://example.com")]));
    assert!(!is_secure(&[("PUBLIC_URL", "http://example.com"), ("TRUSTED_PROXIES", "10.0.0.0/8")]));
    assert!(!is_secure(&[]));
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
    let values = Values::collect(&layers(&[("EMAIL_PASSWORD", secret), ("REDIS_URL", "redis://:hunter2@redis")]));

    for line in lines {
        assert!(line.contains("(environment ") && !line.contains(secret), "{line}");
    }
    for name in ["PUBLIC_URL", "EMAIL_VERIFY", "OTEL_EXPORTER_OTLP_ENDPOINT"] {
        let line = fault(&[(name, "https://ayse:hunter2@example.com")]);
        assert!(line.starts_with(name) && line.contains("a user or a password") && !line.contains(secret), "{line}");
    }
    let shown: Vec<String> = TABLE.iter().filter_map(|row| values.show(row)).map(|(text, _)| text).collect();
    assert!(shown.iter().all(|text| !text.contains(secret)), "{shown:?}");
    assert_eq!(shown.iter().filter(|text| *text == "********").count(), 2);
}

#[test]
fn ttls_are_minutes_or_durations() {
    let ttl = |text: &str| read(&[("JWT_ACCESS_EXPIRE", text)]).unwrap().identity.access_ttl;

    assert_eq!(ttl("15"), Duration::from_secs(900));
    assert_eq!(ttl("90s"), Duration::from_secs(90));
    assert_eq!(read(&[]).unwrap().identity.refresh_ttl, Duration::from_secs(43_200 * 60));
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

/// An Ed25519 key that nobody uses.
const DKIM_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

#[test]
fn a_key_that_signs_is_read_at_the_start_and_never_repeated() {
    let signing = |key| [("EMAIL_HOST", "mail"), ("EMAIL_FROM", "Liman <a@example.com>"), ("DKIM_KEY", key)];

    let dkim = read(&signing(DKIM_KEY)).unwrap().mail.dkim.unwrap();

    assert_eq!(format!("{dkim:?}"), "DkimKey { domain: \"example.com\", selector: \"lezzetlimani\", .. }");
    let wrong = fault(&signing("hunter2"));
    assert!(wrong.starts_with("DKIM_KEY") && !wrong.contains("hunter2"), "{wrong}");
    let selector = [&signing(DKIM_KEY)[..], &[("DKIM_SELECTOR", "a b")]].concat();
    assert!(fault(&selector).starts_with("DKIM_KEY"));
}

#[test]
fn who_sends_commercial_mail_is_named_whole_or_not_at_all_and_invented_in_a_demo() {
    let whole =
        [("SENDER_TITLE", "Liman A.Ş."), ("SENDER_MERSIS", "0123456789012345"), ("SENDER_CONTACT", "a@b.example")];

    assert_eq!(read(&[]).unwrap().mail.identity, None);
    assert_eq!(read(&whole).unwrap().mail.identity.unwrap().title, "Liman A.Ş.");
    assert!(fault(&whole[..2]).starts_with("SENDER_CONTACT"));
    assert!(fault(&whole[1..]).starts_with("SENDER_TITLE"));
    assert!(fault(&[("SENDER_MERSIS", "12")]).contains("16 digits"));
    assert!(fault(&[("SENDER_TITLE", "a\r\nBcc: b@c.example")]).contains("not one line"));
    let demo = read(&[]).unwrap().demonstrating().unwrap();
    assert!(demo.mail.identity.unwrap().title.contains("invented"));
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
fn a_demonstration_is_embedded_and_for_this_machine_alone() {
    let check = |names: &[(&str, &str)]| read(names).unwrap().demonstrating().map(drop).map_err(|bad| bad.to_string());

    assert_eq!(check(&[]), Ok(()));
    assert!(check(&[("SERVER_HOST", "0.0.0.0")]).unwrap_err().contains("SERVER_HOST=0.0.0.0"));
    assert!(check(&[("DATABASE_URL", "postgres://db/name")]).unwrap_err().contains("embedded"));
}

#[test]
fn kitchens_cook_by_themselves_in_a_demonstration_alone() {
    let said = |text: &'static str| read(&[("DEMO_KITCHENS", text)]);
    let cooking = |settings: Settings| settings.cart().demo_kitchens.len();
    let demo = |settings: Settings| cooking(settings.demonstrating().unwrap());

    assert_eq!((cooking(read(&[]).unwrap()), demo(read(&[]).unwrap())), (0, 24));
    assert_eq!((demo(said("true").unwrap()), demo(said("false").unwrap())), (24, 0));
    assert_eq!((cooking(said("true").unwrap()), cooking(said("false").unwrap())), (0, 0));
    assert_eq!(said("false").unwrap().check_serving(), Ok(()));
    assert_eq!(said("true").unwrap().demonstrating().unwrap().check_serving(), Ok(()));
    let refused = said("true").unwrap().check_serving().unwrap_err().to_string();
    assert!(refused.starts_with("DEMO_KITCHENS=true needs --demo"), "{refused}");
    assert!(said("sometimes").err().unwrap().starts_with("DEMO_KITCHENS=sometimes"));
}
