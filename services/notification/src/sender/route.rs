//! The way to the mail server: where it is, how it is protected, and how we sign in.

use std::fmt;
use std::fs;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use crate::settings::{InvalidSettings, Smtp, Tls};

/// A way that was checked before anything started.
pub(crate) struct Route {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<Credentials>,
    hello: ClientId,
}

enum Protection {
    StartTls(TlsParameters),
    Tls(TlsParameters),
    None,
}

impl Route {
    /// Reads the certificates to trust. `domain` is what we call ourselves.
    pub(crate) fn new(smtp: &Smtp, domain: &str) -> Result<Self, InvalidSettings> {
        let protection = match smtp.tls {
            Tls::StartTls => Protection::StartTls(parameters(smtp)?),
            Tls::Tls => Protection::Tls(parameters(smtp)?),
            Tls::None => Protection::None,
        };
        let credentials = smtp.credentials.as_ref();
        Ok(Self {
            host: smtp.host.clone(),
            port: smtp.port,
            protection,
            credentials: credentials
                .map(|(user, password)| Credentials::new(user.clone(), password.expose().to_owned())),
            hello: ClientId::Domain(domain.to_owned()),
        })
    }

    /// Connects, protects the connection and signs in.
    ///
    /// # Errors
    /// Which of the three failed, and why.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let tls = match &self.protection {
            Protection::Tls(parameters) => Some(parameters.clone()),
            Protection::StartTls(_) | Protection::None => None,
        };
        let address = (self.host.as_str(), self.port);
        // Without a time limit of its own: the caller's counts for all three together.
        let mut connection = AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, tls, None)
            .await
            .map_err(|error| format!("connecting to {self} failed: {error}"))?;
        if let Protection::StartTls(parameters) = &self.protection {
            let protected = connection.starttls(parameters.clone(), &self.hello).await;
            protected.map_err(|error| format!("STARTTLS with {self} failed: {error}"))?;
        }
        if let Some(credentials) = &self.credentials {
            let signed_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
            signed_in.map_err(|error| format!("signing in to {self} failed: {error}"))?;
        }
        Ok(connection)
    }

    /// How the connection is protected and whether we sign in, for people.
    pub(crate) fn describe(&self) -> String {
        let protection = match self.protection {
            Protection::StartTls(_) => "STARTTLS",
            Protection::Tls(_) => "TLS",
            Protection::None => "no TLS",
        };
        let sign_in = if self.credentials.is_some() { "signed in" } else { "no sign-in" };
        format!("{self}, {protection}, {sign_in}")
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, InvalidSettings> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(file) = &smtp.ca_file {
        let unreadable = |reason: String| InvalidSettings::CaFile { file: file.clone(), reason };
        let pem = fs::read(file).map_err(|error| unreadable(error.to_string()))?;
        if !pem.windows(11).any(|bytes| bytes == b"-----BEGIN ") {
            return Err(unreadable("it holds no certificate in PEM".to_owned()));
        }
        let certificate = Certificate::from_pem(&pem).map_err(|error| unreadable(error.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    builder.build().map_err(|error| InvalidSettings::Host { host: smtp.host.clone(), reason: error.to_string() })
}
