//! How the text of a setting becomes a value, or why it can't.

pub mod address;
pub mod kafka;
pub mod mail;
pub mod postgres;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::HeaderValue;
use contracts::Secret;
use ipnet::IpNet;
use tracing_subscriber::EnvFilter;

/// A type that a setting can have.
pub trait Value: Sized {
    /// Reads `text`, which is trimmed and not empty unless the default is.
    ///
    /// # Errors
    /// What was expected instead. It never quotes `text`, which may be a secret.
    fn parse(text: &str) -> Result<Self, String>;
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, in the language of `tracing-subscriber`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

/// A duration that the first platform gave as a number of minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minutes(pub Duration);

/// Servers count in milliseconds, and take none as no limit at all.
const SHORTEST: Duration = Duration::from_millis(1);
/// So that the calendar has room for it before and after any instant.
const LONGEST: Duration = Duration::from_hours(10 * 365 * 24);

/// Reads what the standard library can read.
pub(in crate::settings) fn from_str<T: FromStr>(text: &str, expected: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("not {expected}"))
}

/// Reads one of some words, in any case.
pub(in crate::settings) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("not one of {}", words.join(", "))
    })
}

/// Reads what stands between commas.
pub(in crate::settings) fn list<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(parse).collect()
}

impl Value for String {
    fn parse(text: &str) -> Result<Self, String> {
        if text.chars().any(char::is_control) {
            Err("it holds control characters".to_owned())
        } else {
            Ok(text.to_owned())
        }
    }
}

impl Value for Secret {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::new(text))
    }
}

impl Value for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }
}

impl Value for bool {
    fn parse(text: &str) -> Result<Self, String> {
        one_of(text, &[("true", true), ("false", false), ("1", true), ("0", false)])
    }
}

impl Value for u16 {
    fn parse(text: &str) -> Result<Self, String> {
        from_str(text, "a whole number from 0 to 65535")
    }
}

impl Value for u32 {
    fn parse(text: &str) -> Result<Self, String> {
        from_str(text, "a whole number from 0")
    }
}

impl Value for NonZeroU32 {
    fn parse(text: &str) -> Result<Self, String> {
        from_str(text, "a whole number from 1")
    }
}

impl Value for IpAddr {
    fn parse(text: &str) -> Result<Self, String> {
        from_str(text, "an IP address")
    }
}

impl Value for Duration {
    fn parse(text: &str) -> Result<Self, String> {
        let duration = humantime::parse_duration(text).map_err(|_| "not a duration such as 15m or 2s".to_owned())?;
        match duration {
            Duration::ZERO => Err("no time at all".to_owned()),
            shorter if shorter < SHORTEST => Err("less than a millisecond".to_owned()),
            longer if longer > LONGEST => Err("more than ten years".to_owned()),
            duration => Ok(duration),
        }
    }
}

impl Value for Minutes {
    fn parse(text: &str) -> Result<Self, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            Duration::parse(&format!("{text}m"))
        } else {
            Duration::parse(text)
        }
        .map(Self)
        .map_err(|reason| format!("{reason}; expected a number of minutes or a duration such as 15m"))
    }
}

impl Value for Vec<IpNet> {
    fn parse(text: &str) -> Result<Self, String> {
        list(text, |part| {
            let address = || part.parse::<IpAddr>().map(IpNet::from);
            part.parse().or_else(|_| address()).map_err(|_| "not addresses or networks such as 10.0.0.0/8".to_owned())
        })
    }
}

impl Value for Vec<HeaderValue> {
    fn parse(text: &str) -> Result<Self, String> {
        list(text, |origin| {
            let expected = || "not origins such as https://example.com, without a path".to_owned();
            let host =
                origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).ok_or_else(expected)?;
            let is_bare = !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']);
            if is_bare { HeaderValue::from_str(origin).map_err(|_| expected()) } else { Err(expected()) }
        })
    }
}

impl Value for LogFormat {
    fn parse(text: &str) -> Result<Self, String> {
        one_of(text, &[("text", Self::Text), ("json", Self::Json)])
    }
}

impl Value for LogFilter {
    fn parse(text: &str) -> Result<Self, String> {
        EnvFilter::try_new(text).map(|_| Self(text.to_owned())).map_err(|error| format!("not a log filter: {error}"))
    }
}

impl LogFilter {
    /// Warnings and errors, for commands whose answer is what counts.
    #[must_use]
    pub fn warnings() -> Self {
        Self("warn".to_owned())
    }

    /// The filter itself.
    #[must_use]
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}
