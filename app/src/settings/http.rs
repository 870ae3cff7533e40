//! How the platform is reached.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::HeaderValue;
use contracts::Secret;
use kit::TrustedProxies;
use kit::http::ConnectionLimits;

use super::State;
use super::given::BadSetting;
use super::table::{
    CORS_ORIGINS, HTTP_CONNECTIONS, HTTP_CONNECTIONS_PER_CLIENT, HTTP_WRITE_TIMEOUT, METRICS_TOKEN, PUBLIC_URL,
    SERVER_HOST, SERVER_PORT, TRUSTED_PROXIES,
};
use super::value::mail::LinkBase;
use super::values::Values;
use crate::file_handles;
use crate::services::Services;

/// How HTTP is served.
#[derive(Clone)]
pub struct Http {
    /// Where it listens.
    pub address: SocketAddr,
    /// How browsers reach it, if not by localhost and the port.
    pub public_url: Option<LinkBase>,
    /// Whose forwarding headers are believed.
    pub proxies: TrustedProxies,
    /// What connections may take.
    pub limits: ConnectionLimits,
    /// Whose pages may call with credentials.
    pub origins: Vec<HeaderValue>,
    /// Opens the metrics to other machines.
    pub metrics_token: Option<Secret>,
}

/// Where front ends are developed: the first platform's, and Vite's two.
const DEVELOPMENT_ORIGINS: &str = "http://localhost:3000,http://localhost:4173,http://localhost:5173,\
     http://127.0.0.1:3000,http://127.0.0.1:4173,http://127.0.0.1:5173";

impl Http {
    /// How browsers reach a platform that listens on `port`.
    #[must_use]
    pub fn public_url(&self, port: u16) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://localhost:{port}"), |base| base.0.clone())
    }

    pub(super) fn read(values: &mut Values, services: &Services, state: &State) -> Result<Self, BadSetting> {
        let host = values.take_or(&SERVER_HOST, default_host(state))?;
        let port = port(values, services)?;
        let origins = if state.is_embedded() {
            values.take_or(&CORS_ORIGINS, DEVELOPMENT_ORIGINS)?
        } else {
            values.get(&CORS_ORIGINS)?.unwrap_or_default()
        };
        let proxies = TrustedProxies(values.take(&TRUSTED_PROXIES)?.into());
        let limits = ConnectionLimits {
            total: values.take_or(&HTTP_CONNECTIONS, default_connections())?,
            per_client: values.take(&HTTP_CONNECTIONS_PER_CLIENT)?,
            write_timeout: values.take(&HTTP_WRITE_TIMEOUT)?,
            proxies: proxies.clone(),
        };
        Ok(Self {
            address: SocketAddr::new(host, port),
            public_url: values.get(&PUBLIC_URL)?,
            proxies,
            limits,
            origins,
            metrics_token: values.get(&METRICS_TOKEN)?,
        })
    }
}

/// Handles that the stores and the log need.
const OTHER_HANDLES: u64 = 256;
/// A connection with a stream takes some 16 KB.
const MOST_CONNECTIONS: u64 = 12_000;
const FEWEST_CONNECTIONS: u64 = 64;

fn default_connections() -> u64 {
    let handles = file_handles::limit().unwrap_or(u64::MAX).saturating_sub(OTHER_HANDLES);
    handles.clamp(FEWEST_CONNECTIONS, MOST_CONNECTIONS)
}

/// A laptop's platform is nobody else's business.
fn default_host(state: &State) -> IpAddr {
    IpAddr::V4(if state.embeds_any() { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED })
}

/// Where it listens; in one process, where auth does.
pub(super) fn port(values: &mut Values, services: &Services) -> Result<u16, BadSetting> {
    values.take_or(&SERVER_PORT, services.defaults().map_or(8080, |defaults| defaults.port))
}
