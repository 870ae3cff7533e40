//! Every setting there is: its name, what it means, its type and its default.
//!
//! The one list that the file is checked against, that `config` prints and that [`super::Settings`] reads from.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderValue;
use bus::{Compression, OffsetReset, SaslMechanism};
use contracts::Secret;
use database::SslMode;
use ephemeral::RedisServer;
use ipnet::IpNet;
use notification::Tls;

use super::value::address::HostPort;
use super::value::kafka::{SecurityProtocol, TopicName, TopicPrefix};
use super::value::mail::{LinkBase, Mersis, Sender, SenderText};
use super::value::postgres::PostgresUrl;
use super::value::{LogFilter, LogFormat, Minutes, Value};

/// A setting and the type of its values.
pub struct Setting<T> {
    /// What can be said of it without its type.
    pub row: Row,
    /// Reads a value; the reason why it can't never quotes it.
    pub parse: fn(&str) -> Result<T, String>,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// In the environment; the file uses lower case.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The value when nobody gives one. `about` names defaults that depend on other settings.
    pub default: Option<&'static str>,
    /// Whether its value may be shown.
    pub kind: Kind,
    /// Whether a text can be read as its type.
    pub(super) check: fn(&str) -> Result<(), String>,
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As it is.
    Plain,
    /// Never. It can also be given as the file that `NAME_FILE` names.
    Secret,
}

macro_rules! settings {
    ($($(#[doc = $about:literal])+ $kind:ident $name:ident: $type:ty $(= $default:literal)?;)+) => {
        $(
            $(#[doc = $about])+
            pub const $name: Setting<$type> = Setting {
                row: Row {
                    name: stringify!($name),
                    about: concat!($($about),+).trim_ascii_start(),
                    default: settings!(@default $($default)?),
                    kind: Kind::$kind,
                    check: |text| <$type as Value>::parse(text).map(drop),
                },
                parse: <$type as Value>::parse,
            };
        )+

        /// All settings, in the order of their documentation.
        pub const TABLE: &[Row] = &[$($name.row),+];
    };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}

settings! {
    /// Where HTTP listens. Default: 127.0.0.1 while the state is embedded, else 0.0.0.0.
    Plain SERVER_HOST: IpAddr;
    /// The port of HTTP. Default: 8080; for a service alone its own (user 8081, notification 8082, address 8083, restaurant 8084,
    /// cart 8086).
    Plain SERVER_PORT: u16;
    /// How browsers reach the platform, for links that lead back to it. Cookies travel over TLS alone where it is https.
    /// Default: http://localhost and the port.
    Plain PUBLIC_URL: LinkBase;
    /// The folder of everything that is embedded.
    Plain DATA_DIR: PathBuf = "lezzetlimani-data";
    /// Encrypts what must not stand in a database in plain; 32 characters or more. Default: made once and kept, in the data
    /// folder, or on Postgres in the database, where a dump shows it.
    Secret SECRET_KEY: Secret;
    /// Whether the kitchens of a demo answer orders and bring them by themselves. Default: true with --demo; without it there
    /// are none.
    Plain DEMO_KITCHENS: bool;
    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses and networks, by commas.
    Plain TRUSTED_PROXIES: Vec<IpNet> = "";
    /// Connections of HTTP at a time. When all are taken, the one that is idle longest gives way. Four of five may be streams of
    /// events. Default: what the system lets the process open less 256 for the stores, 12000 at most.
    Plain HTTP_CONNECTIONS: NonZeroU32;
    /// Connections of one client at a time, unless it is a trusted proxy. Beside them it may have three quarters as many streams of
    /// events.
    Plain HTTP_CONNECTIONS_PER_CLIENT: NonZeroU32 = "64";
    /// How long a client may take to read 16 KiB of an answer.
    Plain HTTP_WRITE_TIMEOUT: Duration = "10s";
    /// Origins whose pages may call with credentials, by commas. Default while embedded: localhost on 3000, 4173 and 5173.
    Plain CORS_ORIGINS: Vec<HeaderValue>;
    /// Opens /metrics, and the reasons in /health/ready, to whoever sends it as bearer token; else only this machine may read them.
    Secret METRICS_TOKEN: Secret;
    /// How log lines look: text or json.
    Plain LOG_FORMAT: LogFormat = "text";
    /// A collector that spans are sent to by OTLP over HTTP, such as http://localhost:4318. Default: none.
    Plain OTEL_EXPORTER_OTLP_ENDPOINT: LinkBase;
    /// What is logged, as in `info,bus=debug`.
    Plain RUST_LOG: LogFilter = "info,fjall=warn,lsm_tree=warn,sea_orm_migration=warn";

    /// Signs access tokens with HS256 under a secret shared with peers; 32 characters or more. Default: own Ed25519 keys. For
    /// restaurant alone it is enough without REDIS_URL, but tokens are good there until they expire.
    Secret JWT_ACCESS_SECRET_KEY: Secret;
    /// Lets JWT_ACCESS_SECRET_KEY be shorter, for peers that can't be changed.
    Plain JWT_ALLOW_WEAK_SECRET: bool = "false";
    /// Life of an access token, in minutes or as `15m`.
    Plain JWT_ACCESS_EXPIRE: Minutes = "15";
    /// Life of a session that is not used, in minutes or as `30days`.
    Plain JWT_REFRESH_EXPIRE: Minutes = "43200";
    /// Wrong passwords for one account from one network before it has to wait.
    Plain LOGIN_ATTEMPTS: NonZeroU32 = "5";
    /// How long a wrong password counts.
    Plain LOGIN_WINDOW: Duration = "15m";

    /// The SMTP server. Without one, mails go to the built-in mailbox.
    Plain EMAIL_HOST: String;
    /// Its port. Default: 587; 465 with EMAIL_TLS=tls.
    Plain EMAIL_PORT: u16;
    /// How the connection is protected: starttls, tls or none.
    Plain EMAIL_TLS: Tls = "starttls";
    /// A PEM file with the authorities that may have signed its certificate. Default: those of the system.
    Plain EMAIL_CA_FILE: PathBuf;
    /// Signs in at the SMTP server; without it nothing is tried.
    Plain EMAIL_USERNAME: String;
    /// The password that goes with it.
    Secret EMAIL_PASSWORD: Secret;
    /// The sender of all mails. Default: EMAIL_USERNAME where that is an address.
    Plain EMAIL_FROM: Sender;
    /// The front end that links in mails lead to. Default: our own pages.
    Plain EMAIL_VERIFY: LinkBase;
    /// SMTP connections kept open at a time.
    Plain EMAIL_CONNECTIONS: NonZeroU32 = "4";
    /// Mails that leave in a second, of each process.
    Plain MAILS_PER_SECOND: NonZeroU32 = "100";
    /// Commercial mails that leave in a second, from all processes that share a database. Campaigns go on as fast as that.
    Plain COMMERCIAL_MAILS_PER_SECOND: NonZeroU32 = "50";
    /// Commercial mails that leave for one domain of readers in a second, from all of them.
    Plain MAILS_PER_DOMAIN_PER_SECOND: NonZeroU32 = "10";
    /// A private key in PEM, RSA or Ed25519, that signs every mail (DKIM). Default: none is signed.
    Secret DKIM_KEY: Secret;
    /// Under which name its public half stands in the DNS; `mail doctor` shows what has to stand there.
    Plain DKIM_SELECTOR: String = "lezzetlimani";
    /// The domain that signs. Default: that of EMAIL_FROM.
    Plain DKIM_DOMAIN: String;
    /// The trade name of who sends commercial mail. Without it, SENDER_MERSIS and SENDER_CONTACT such mail waits; a demo has
    /// invented ones.
    Plain SENDER_TITLE: SenderText;
    /// Their number in the register MERSİS: 16 digits.
    Plain SENDER_MERSIS: Mersis;
    /// How they are reached: an address, a telephone number or a page.
    Plain SENDER_CONTACT: SenderText;

    /// redis://, redis-sentinel://host,host/master/db or redis-cluster://host,host instead of the embedded store; rediss for TLS.
    /// Notification and restaurant alone go without, where nobody has to be signed in.
    Secret REDIS_URL: RedisServer;
    /// auth's name for the host of Redis.
    Plain REDIS_HOST: String;
    /// auth's name for its port. Default: 6379.
    Plain REDIS_PORT: u16;
    /// auth's name for its password.
    Secret REDIS_PASSWORD: Secret;
    /// auth's name for its database. Default: 0.
    Plain REDIS_DB: u32;
    /// A PEM file with the authority that signed Redis' certificate, besides those of the system.
    Plain REDIS_CA_FILE: PathBuf;
    /// How long Redis may take for one command; a new connection may take twice as long.
    Plain REDIS_TIMEOUT: Duration = "500ms";

    /// Kafka instead of the embedded log: host:port, by commas. Default for restaurant alone: kafka:9092.
    Plain KAFKA_BROKERS: Vec<HostPort>;
    /// user's name for the same.
    Plain KAFKA_BOOTSTRAP_SERVERS: Vec<HostPort>;
    /// The consumer group of a service alone. Default: `auth` for user, `notification_group` for notification.
    Plain KAFKA_GROUP_ID: String;
    /// The name of this process within its group. Default: host and port.
    Plain KAFKA_GROUP_INSTANCE_ID: String;
    /// Where a new group starts: earliest or latest.
    Plain KAFKA_AUTO_OFFSET_RESET: OffsetReset = "earliest";
    /// How records are compressed: none, gzip, snappy, lz4 or zstd. Whoever reads the topics needs the same codec.
    Plain KAFKA_COMPRESSION: Compression = "none";
    /// Stands before the name of each topic, and of each consumer group that has no other, so that several platforms can share
    /// one Kafka. Default: nothing.
    Plain KAFKA_TOPIC_PREFIX: TopicPrefix = "";
    /// The whole name of the topic `user_created`. Default: KAFKA_TOPIC_PREFIX and that.
    Plain KAFKA_TOPIC_USER_CREATED: TopicName;
    /// The whole name of the topic `email_event`. Default: KAFKA_TOPIC_PREFIX and that.
    Plain KAFKA_TOPIC_EMAIL_EVENT: TopicName;
    /// Partitions of topics that we make.
    Plain KAFKA_PARTITIONS: NonZeroU32 = "6";
    /// Replicas of topics that we make.
    Plain KAFKA_REPLICATION: NonZeroU32 = "1";
    /// PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
    Plain KAFKA_SECURITY_PROTOCOL: SecurityProtocol = "PLAINTEXT";
    /// PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.
    Plain KAFKA_SASL_MECHANISM: SaslMechanism = "PLAIN";
    /// Signs in at Kafka.
    Plain KAFKA_SASL_USERNAME: String;
    /// The password that goes with it.
    Secret KAFKA_SASL_PASSWORD: Secret;
    /// A PEM file with the authority that signed the brokers' certificates, besides those of the system.
    Plain KAFKA_SSL_CA_FILE: PathBuf;

    /// postgres://user:password@host:port/name instead of the embedded database; beats DB_HOST and its like.
    Secret DATABASE_URL: PostgresUrl;
    /// The host of Postgres.
    Plain DB_HOST: String;
    /// Its port.
    Plain DB_PORT: u16 = "5432";
    /// The user there.
    Plain DB_USER: String = "postgres";
    /// The password that goes with it.
    Secret DB_PASSWORD: Secret;
    /// The database there. Default: lezzetlimani; for a service alone its own (auths, users, notifications,
    /// addresses, restaurants, carts). The commands admin, campaigns, keys and restaurants find
    /// either.
    Plain DB_NAME: String;
    /// disable, prefer, require, verify-ca or verify-full.
    Plain DB_SSLMODE: SslMode = "prefer";
    /// A PEM file with the authority that signed Postgres' certificate, besides the public ones.
    Plain DB_CA_FILE: PathBuf;
    /// Connections to Postgres.
    Plain DB_POOL_SIZE: NonZeroU32 = "10";
    /// How long Postgres may work on one statement.
    Plain DB_STATEMENT_TIMEOUT: Duration = "2s";
}
