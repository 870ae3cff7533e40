//! Times as the services of the first platform that were written in Python answer them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// A time in UTC to the microsecond, written without saying that it is UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BareTime(pub DateTime<Utc>);

impl Serialize for BareTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A pattern would be read anew for each time, of which an answer has many.
        let with_zone = self.0.to_rfc3339_opts(SecondsFormat::Micros, true);
        serializer.serialize_str(with_zone.trim_end_matches('Z'))
    }
}
