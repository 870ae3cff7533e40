//! Signatures by which whoever gets a mail knows that it came from our domain (DKIM: RFC 6376, and RFC 8463 for Ed25519).
//!
//! The same message gets the same signature at each try.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use contracts::Secret;
use data_encoding::BASE64;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// The key of a domain, and under which name its public half stands in the DNS.
#[derive(Clone)]
pub struct DkimKey {
    domain: String,
    selector: String,
    signer: Arc<Signer>,
}

enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// Why a text is no key to sign with. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDkimKey {
    /// Not PEM, or of another kind.
    #[error("it is no private key in PEM: BEGIN PRIVATE KEY, or BEGIN RSA PRIVATE KEY")]
    NoPem,
    /// Of an algorithm, or a size, that nobody should sign with.
    #[error("it is neither an RSA key of 2048 bits or more nor an Ed25519 key")]
    Unfit,
    /// It can't stand in a signature or in the DNS.
    #[error("domain and selector are letters, digits, hyphens and dots")]
    Name,
}

/// What is signed, where a message has it. `From` stands twice: nobody can add another one.
const SIGNED_HEADERS: [&str; 13] = [
    "From",
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "References",
    "Reply-To",
];
/// How much of a signature stands in one line.
const WIDTH: usize = 72;

impl DkimKey {
    /// Reads the key `pem` for mails of `domain`, whose public half stands at `selector`.
    ///
    /// # Errors
    /// It can't be signed with.
    pub fn parse(pem: &Secret, domain: &str, selector: &str) -> Result<Self, InvalidDkimKey> {
        if ![domain, selector].into_iter().all(is_name) {
            return Err(InvalidDkimKey::Name);
        }
        let key = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| InvalidDkimKey::NoPem)?;
        let signer = Signer::read(&key).ok_or(InvalidDkimKey::Unfit)?;
        Ok(Self { domain: domain.to_owned(), selector: selector.to_owned(), signer: Arc::new(signer) })
    }

    /// `message`, with the header that signs it before all others.
    pub(crate) fn sign(&self, message: &str) -> anyhow::Result<String> {
        let (head, body) = message.split_once("\r\n\r\n").unwrap_or((message, ""));
        let headers = fields(head);
        let has = |name: &&str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let names: Vec<&str> = SIGNED_HEADERS.into_iter().filter(has).collect();

        let Self { domain, selector, .. } = self;
        let algorithm = self.signer.algorithm();
        let hash = BASE64.encode(digest(&SHA256, relaxed_body(body).as_bytes()).as_ref());
        let unsigned = format!(
            " v=1; a={algorithm}-sha256; c=relaxed/relaxed;\r\n d={domain}; s={selector};\r\n h={};\r\n bh={hash};\r\n b=",
            names.join(":\r\n  "),
        );
        let mut signed = String::new();
        for (number, name) in names.iter().enumerate() {
            // The last of a name is signed first; of one that is named more often than it stands there, nothing.
            let before = names[..number].iter().filter(|earlier| *earlier == name).count();
            let mut alike = headers.iter().rev().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            if let Some((name, value)) = alike.nth(before) {
                signed.push_str(&relaxed_header(name, value));
                signed.push_str("\r\n");
            }
        }
        signed.push_str(&relaxed_header("DKIM-Signature", &unsigned));
        let signature = BASE64.encode(&self.signer.sign(signed.as_bytes())?);
        let lines: Vec<&str> = (0..signature.len())
            .step_by(WIDTH)
            .map(|start| &signature[start..signature.len().min(start + WIDTH)])
            .collect();
        Ok(format!("DKIM-Signature:{unsigned}{}\r\n{message}", lines.join("\r\n  ")))
    }

    /// The name in the DNS at which others find the public half, and the text that has to stand there.
    pub(crate) fn record(&self) -> (String, String) {
        let Self { domain, selector, signer } = self;
        let text = format!("v=DKIM1; k={}; p={}", signer.algorithm(), BASE64.encode(&signer.public_key()));
        (format!("{selector}._domainkey.{domain}"), text)
    }

    /// `rsa` or `ed25519`.
    pub(crate) fn algorithm(&self) -> &'static str {
        self.signer.algorithm()
    }

    /// The domain that signs.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }
}

impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { domain, selector, .. } = self;
        f.debug_struct("DkimKey").field("domain", domain).field("selector", selector).finish_non_exhaustive()
    }
}

impl Signer {
    fn read(key: &PrivateKeyDer<'_>) -> Option<Self> {
        match key {
            PrivateKeyDer::Pkcs1(der) => {
                RsaKeyPair::from_der(der.secret_pkcs1_der()).ok().map(|key| Self::Rsa(Box::new(key)))
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let rsa = RsaKeyPair::from_pkcs8(der).ok().map(|key| Self::Rsa(Box::new(key)));
                rsa.or_else(|| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Self::Ed25519))
            }
            PrivateKeyDer::Sec1(_) | _ => None,
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa",
            Self::Ed25519(_) => "ed25519",
        }
    }

    fn sign(&self, signed: &[u8]) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature)
                    .map_err(|_| anyhow::anyhow!("the DKIM key does not sign"))?;
                Ok(signature)
            }
            // RFC 8463, section 3: what is signed is the hash.
            Self::Ed25519(key) => Ok(key.sign(digest(&SHA256, signed).as_ref()).as_ref().to_vec()),
        }
    }

    /// As it stands in the DNS: of RSA the whole key with its kind, as everybody writes it, of Ed25519 its 32 bytes.
    fn public_key(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                let der: Result<aws_lc_rs::encoding::PublicKeyX509Der<'_>, _> = key.public_key().as_der();
                der.map(|der| der.as_ref().to_vec()).unwrap_or_default()
            }
            Self::Ed25519(key) => key.public_key().as_ref().to_vec(),
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Names and values of the fields of a header, as they stand there; a line that begins with white space goes on with the one before.
fn fields(head: &str) -> Vec<(&str, &str)> {
    let mut fields = Vec::new();
    let mut rest = head;
    while !rest.is_empty() {
        let end = rest.match_indices("\r\n").map(|(at, _)| at).find(|at| !rest[at + 2..].starts_with([' ', '\t']));
        let (field, after) = end.map_or((rest, ""), |at| (&rest[..at], &rest[at + 2..]));
        fields.extend(field.split_once(':'));
        rest = after;
    }
    fields
}

/// RFC 6376, section 3.4.2, without the end of the line.
fn relaxed_header(name: &str, value: &str) -> String {
    let words: Vec<&str> = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    format!("{}:{}", name.trim_end_matches([' ', '\t']).to_ascii_lowercase(), words.join(" "))
}

/// RFC 6376, section 3.4.4.
fn relaxed_body(body: &str) -> String {
    let mut relaxed = String::with_capacity(body.len());
    for line in body.split("\r\n") {
        let mut is_in_space = false;
        for c in line.trim_end_matches([' ', '\t']).chars() {
            let is_space = matches!(c, ' ' | '\t');
            if !is_space {
                relaxed.push(c);
            } else if !is_in_space {
                relaxed.push(' ');
            }
            is_in_space = is_space;
        }
        relaxed.push_str("\r\n");
    }
    let end = relaxed.trim_end_matches("\r\n").len();
    relaxed.truncate(end);
    if !relaxed.is_empty() {
        relaxed.push_str("\r\n");
    }
    relaxed
}
