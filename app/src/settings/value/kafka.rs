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

/// The whole name of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicName(pub String);

/// What Kafka takes.
const LONGEST_NAME: usize = 249;
/// Leaves room for the names of ours.
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
        named(text, LONGEST_PREFIX).map(Self)
    }
}

impl Value for TopicName {
    fn parse(text: &str) -> Result<Self, String> {
        if matches!(text, "." | "..") {
            return Err("Kafka has no topic of that name".to_owned());
        }
        named(text, LONGEST_NAME).map(Self)
    }
}

/// Reads what the name of a topic may be made of.
fn named(text: &str, longest: usize) -> Result<String, String> {
    if text.len() > longest {
        return Err(format!("more than {longest} characters"));
    }
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        Ok(text.to_owned())
    } else {
        Err("not the letters a to z, digits, '.', '_' and '-' alone".to_owned())
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
