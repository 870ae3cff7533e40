//! The sink's certificate, and its side of TLS.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How connections to the sink are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Not at all.
    Plain,
    /// Once the client asks by `STARTTLS`; mails are refused before.
    StartTls,
    /// From the first byte.
    Tls,
}

/// A byte stream, protected or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A new certificate for `localhost`, which nobody but its own holder vouches for.
pub(super) struct Identity {
    acceptor: TlsAcceptor,
    pub(super) pem: String,
}

impl Identity {
    pub(super) fn new() -> io::Result<Self> {
        Self::with(IsCa::NoCa)
    }

    pub(super) fn new_authority() -> io::Result<Self> {
        Self::with(IsCa::Ca(BasicConstraints::Unconstrained))
    }

    fn with(is_ca: IsCa) -> io::Result<Self> {
        let mut params = CertificateParams::new(["localhost".to_owned()]).map_err(io::Error::other)?;
        params.is_ca = is_ca;
        let signing_key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.self_signed(&signing_key).map_err(io::Error::other)?;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(io::Error::other)?;
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .map_err(io::Error::other)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), pem: certificate.pem() })
    }

    pub(super) async fn protect(&self, stream: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.acceptor.accept(stream).await?))
    }
}
