//! What settings of Postgres can be.

use database::SslMode;

use super::address::{Credentials, HostPort, Url};
use super::{Value, one_of};

/// What `DATABASE_URL` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    pub(in crate::settings) host: HostPort,
    /// `DB_USER` and `DB_PASSWORD` where absent.
    pub(in crate::settings) credentials: Credentials,
    pub(in crate::settings) name: String,
    /// `DB_SSLMODE` when absent.
    pub(in crate::settings) ssl: Option<SslMode>,
}

const POSTGRES_PORT_NUMBER: u16 = 5432;

impl Value for SslMode {
    fn parse(text: &str) -> Result<Self, String> {
        let words = [
            ("disable", Self::Disable),
            ("prefer", Self::Prefer),
            ("require", Self::Require),
            ("verify-ca", Self::VerifyCa),
            ("verify-full", Self::VerifyFull),
        ];
        one_of(text, &words)
    }
}

impl Value for PostgresUrl {
    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)?;
        if !matches!(url.scheme, "postgres" | "postgresql") {
            return Err("its scheme is not postgres".to_owned());
        }
        if url.path.is_empty() {
            return Err("it names no database".to_owned());
        }
        let ssl = match url.query.split_once('=') {
            None if url.query.is_empty() => None,
            Some(("sslmode", mode)) => Some(SslMode::parse(mode).map_err(|reason| format!("sslmode is {reason}"))?),
            _ => return Err("it has parameters other than sslmode, which are settings of their own here".to_owned()),
        };
        let host = HostPort::parse(url.hosts, POSTGRES_PORT_NUMBER)?;
        Ok(Self { host, credentials: url.credentials, name: url.path.to_owned(), ssl })
    }
}
