//! How Kafka is reached and used, as the operator decides.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use contracts::Secret;

/// Kafka as the log that events travel on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kafka {
    /// Some of its brokers, each as `host:port`.
    pub brokers: Vec<String>,
    /// How connections are protected.
    pub security: Security,
    /// How consumer groups are called.
    pub groups: Groups,
    /// The name of this process within its groups, the same after a restart.
    pub instance: String,
    /// Where a group starts that has read nothing yet.
    pub offset_reset: OffsetReset,
    /// How records are compressed on their way and in their topics.
    pub compression: Compression,
    /// How topics are named and made.
    pub topics: Topics,
}

/// How connections to Kafka are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    Plaintext,
    /// TLS, trusting this authority, or those of the system.
    Ssl(Option<PathBuf>),
    /// A sign-in over a connection in plain.
    SaslPlaintext(Sasl),
    /// A sign-in over TLS, trusting this authority, or those of the system.
    SaslSsl(Sasl, Option<PathBuf>),
}

/// A sign-in at Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sasl {
    /// How.
    pub mechanism: SaslMechanism,
    /// Who.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// How a password is proven to Kafka.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslMechanism {
    /// By showing it.
    Plain,
    /// Without showing it, with SHA-256 (RFC 7677).
    ScramSha256,
    /// Without showing it, with SHA-512.
    ScramSha512,
}

/// How consumer groups are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// All consumers of the process belong to this one: a service alone, which has one consumer for each topic.
    One(String),
    /// Each consumer has its own, called by this prefix and its own name.
    Each(String),
}

/// Where a group starts that has read nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetReset {
    /// At what the topic still holds.
    Earliest,
    /// At what comes next.
    Latest,
}

/// How records are compressed. A consumer needs the same codec: `gzip` is built into nearly all clients, the others are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all, which every client reads.
    None,
    /// As RFC 1952 says.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4 in frames.
    Lz4,
    /// Zstandard, RFC 8878.
    Zstd,
}

/// How topics are named and made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// Names by built-in name; these topics are made at start. Others keep their name and are made when they are needed.
    pub names: BTreeMap<&'static str, String>,
    /// Partitions of a new one.
    pub partitions: NonZeroU32,
    /// Replicas of a new one.
    pub replication: NonZeroU32,
}

impl SaslMechanism {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl OffsetReset {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Earliest => "earliest",
            Self::Latest => "latest",
        }
    }
}

impl Compression {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl Groups {
    pub(super) fn of(&self, consumer: &str) -> String {
        match self {
            Self::One(group) => group.clone(),
            Self::Each(prefix) => format!("{prefix}{consumer}"),
        }
    }
}

impl Topics {
    /// What Kafka calls the topic with the built-in name `topic`.
    pub(crate) fn name_of<'a>(&'a self, topic: &'a str) -> &'a str {
        self.names.get(topic).map_or(topic, String::as_str)
    }
}
