//! Where the truth stands.

use database::{Postgres, SslMode};

use super::given::BadSetting;
use super::table::{
    DATABASE_URL, DB_CA_FILE, DB_HOST, DB_NAME, DB_PASSWORD, DB_POOL_SIZE, DB_PORT, DB_SSLMODE, DB_STATEMENT_TIMEOUT,
    DB_USER,
};
use super::value::address::{Credentials, HostPort};
use super::value::postgres::PostgresUrl;
use super::values::Values;
use crate::services::Services;

/// The database behind the database port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseChoice {
    /// A file in the data folder.
    Embedded,
    /// Postgres.
    Postgres(Postgres),
}

impl DatabaseChoice {
    pub(super) fn read(values: &mut Values, services: &Services) -> Result<Self, BadSetting> {
        let common = values.get(&DATABASE_URL)?;
        let parts = from_parts(values, services)?;
        let Some(PostgresUrl { host, credentials, name, ssl }) = common.or(parts) else { return Ok(Self::Embedded) };
        let ssl = ssl.map_or_else(|| values.take(&DB_SSLMODE), Ok)?;
        let ca_file = values.get(&DB_CA_FILE)?;
        if ca_file.is_some() && !matches!(ssl, SslMode::VerifyCa | SslMode::VerifyFull) {
            let reason = "nothing is checked against it unless sslmode is verify-ca or verify-full";
            return Err(values.fault(DB_CA_FILE.row, reason));
        }
        Ok(Self::Postgres(Postgres {
            host: host.host,
            port: host.port,
            user: credentials.user.map_or_else(|| values.take(&DB_USER), Ok)?,
            password: credentials.password.map_or_else(|| values.get(&DB_PASSWORD), |password| Ok(Some(password)))?,
            name,
            ssl,
            ca_file,
            pool_size: values.take(&DB_POOL_SIZE)?,
            statement_timeout: values.take(&DB_STATEMENT_TIMEOUT)?,
        }))
    }
}

fn from_parts(values: &mut Values, services: &Services) -> Result<Option<PostgresUrl>, BadSetting> {
    let port = values.take(&DB_PORT)?;
    let Some(host) = values.get(&DB_HOST)? else { return Ok(None) };
    let host = HostPort::parse(&host, port).map_err(|reason| values.fault(DB_HOST.row, &reason))?;
    let name = values.take_or(&DB_NAME, services.defaults().map_or("lezzetlimani", |defaults| defaults.database))?;
    Ok(Some(PostgresUrl { host, credentials: Credentials::default(), name, ssl: None }))
}
