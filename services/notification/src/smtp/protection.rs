//! TLS to the mail server, and which servers are believed to be who they say they are.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::dialogue::Stream;
use crate::settings::{InvalidSettings, Smtp};

/// How connections to one server are protected.
pub(super) struct Protection {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Protection {
    /// Trusts the certificates of the file if there is one, else the authorities of the system.
    pub(super) fn new(smtp: &Smtp) -> Result<Self, InvalidSettings> {
        let no_check = |reason: String| InvalidSettings::Host { host: smtp.host.clone(), reason };
        let name = ServerName::try_from(smtp.host.clone()).map_err(|error| no_check(error.to_string()))?;
        let listed = match &smtp.ca_file {
            Some(file) => Some(read(file).map_err(|reason| InvalidSettings::CaFile { file: file.clone(), reason })?),
            None => None,
        };
        let verifier = Verifier::new(listed).map_err(no_check)?;
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| no_check(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    pub(super) async fn protect(&self, stream: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.connector.connect(self.name.clone(), stream).await?))
    }
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = std::fs::read(file).map_err(|error| error.to_string())?;
    let listed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match listed {
        Ok(listed) if listed.is_empty() => Err("it holds no certificate in PEM".to_owned()),
        Ok(listed) => Ok(listed),
        Err(error) => Err(error.to_string()),
    }
}

/// Believes whom the authorities vouch for, and a certificate that is listed itself.
///
/// Many tools make a self-signed certificate that also calls itself an authority. As a server's certificate the usual rules
/// refuse it, though nobody needs to vouch for what the operator has listed.
#[derive(Debug)]
struct Verifier {
    usual: Arc<WebPkiServerVerifier>,
    listed: Vec<CertificateDer<'static>>,
}

impl Verifier {
    fn new(listed: Option<Vec<CertificateDer<'static>>>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        match &listed {
            Some(listed) => {
                for certificate in listed {
                    roots.add(certificate.clone()).map_err(|error| error.to_string())?;
                }
            }
            // What the system holds and rustls can't read is of no use to anybody.
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Ok(Self { usual: usual.map_err(|error| error.to_string())?, listed: listed.unwrap_or_default() })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // It has not expired; that would be another error. Its name is checked here.
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if self.listed.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
