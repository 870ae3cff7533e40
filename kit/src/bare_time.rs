//! Times as the services of the first platform that were written in Python answer them.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

/// A time in UTC to the microsecond, written without saying that it is UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BareTime(pub DateTime<Utc>);

impl Serialize for BareTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%S%.6f"))
    }
}
