//! What settings of Kafka can be.

use bus::{Compression, OffsetReset, SaslMechanism};

use super::{Value, one_of};

/// What `KAFKA_SECURITY_PROTOCOL` can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// `PLAINTEXT`
    Plaintext,
    /// `SSL`
    Ssl,
    /// `SASL_PLAINTEXT`
    SaslPlaintext,
    /// `SASL_SSL`
    SaslSsl,
}

/// What stands before the name of each topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPrefix(pub String);

/// Kafka takes names of 249 characters; this leaves room for those of ours.
const LONGEST_PREFIX: usize = 128;

impl Value for SecurityProtocol {
    fn parse(text: &str) -> Result<Self, String> {
        let words = [
            ("PLAINTEXT", Self::Plaintext),
            ("SSL", Self::Ssl),
            ("SASL_PLAINTEXT", Self::SaslPlaintext),
            ("SASL_SSL", Self::SaslSsl),
        ];
        one_of(text, &words)
    }
}

impl Value for TopicPrefix {
    fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_PREFIX {
            return Err(format!("more than {LONGEST_PREFIX} characters"));
        }
        if text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
            Ok(Self(text.to_owned()))
        } else {
            Err("not the letters a to z, digits, '.', '_' and '-' alone".to_owned())
        }
    }
}

impl Value for SaslMechanism {
    fn parse(text: &str) -> Result<Self, String> {
        one_of(
            text,
            &[("PLAIN", Self::Plain), ("SCRAM-SHA-256", Self::ScramSha256), ("SCRAM-SHA-512", Self::ScramSha512)],
        )
    }
}

impl Value for OffsetReset {
    fn parse(text: &str) -> Result<Self, String> {
        one_of(text, &[("earliest", Self::Earliest), ("latest", Self::Latest)])
    }
}

impl Value for Compression {
    fn parse(text: &str) -> Result<Self, String> {
        let words = [
            ("none", Self::None),
            ("gzip", Self::Gzip),
            ("snappy", Self::Snappy),
            ("lz4", Self::Lz4),
            ("zstd", Self::Zstd),
        ];
        one_of(text, &words)
    }
}
