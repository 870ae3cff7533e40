//! The hours of one day, as text and as minutes.

use std::fmt;
use std::str::FromStr;

/// The minutes of a day without a change of its clocks.
pub(super) const DAY: u16 = 24 * 60;

/// Who has more has mistyped.
const MOST_INTERVALS: usize = 6;

/// How much of a text that is refused its fault repeats, in characters.
const MOST_REPEATED: usize = 40;

/// From an opening to its close, in minutes from midnight of the day of the *opening*: a night runs to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    opens: u16,
    closes: u16,
}

impl Interval {
    /// The minute of the opening, below 1440.
    #[must_use]
    pub fn opens(self) -> u16 {
        self.opens
    }

    /// The first minute that is closed again: after the opening, by 24 hours at most.
    #[must_use]
    pub fn closes(self) -> u16 {
        self.closes
    }
}

/// The intervals that open on one day: none, or up to six in order, none of which overlaps another.
///
/// As text `11:00-14:00, 18:00-02:00`: an end that is not after its start is on the next day. `00:00-24:00`, and an end that
/// equals its start, are 24 hours. An empty text, `closed` and `kapalı` are a closed day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct DayHours(Vec<Interval>);

/// Why a text is no hours of a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDayHours {
    /// Not of the form `11:00-14:00`.
    #[error("{0:?} is not an interval like 11:00-14:00")]
    NoInterval(String),
    /// An opening at 24:00, which is 00:00 of the next day.
    #[error("{0:?} opens at 24:00, which is 00:00 of the next day")]
    OpensAfterTheDay(String),
    /// Two intervals share minutes.
    #[error("two intervals overlap")]
    Overlap,
    /// More than six intervals.
    #[error("a day has at most {max} intervals", max = MOST_INTERVALS)]
    TooMany,
}

impl DayHours {
    /// The intervals, in order.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.0
    }

    /// Whether nothing opens.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the texts of one day together, each with any number of intervals.
    ///
    /// # Errors
    /// The first fault that is found.
    pub fn parse_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidDayHours> {
        let mut intervals = Vec::new();
        for part in texts.into_iter().flat_map(|text| text.split(',')).map(str::trim) {
            if part.is_empty() || matches!(crate::fold(part).as_str(), "closed" | "kapali") {
                continue;
            }
            if intervals.len() == MOST_INTERVALS {
                return Err(InvalidDayHours::TooMany);
            }
            intervals.push(interval(part)?);
        }
        intervals.sort_unstable();
        if intervals.windows(2).any(|pair| pair[1].opens < pair[0].closes) {
            return Err(InvalidDayHours::Overlap);
        }
        Ok(Self(intervals))
    }
}

impl FromStr for DayHours {
    type Err = InvalidDayHours;

    fn from_str(text: &str) -> Result<Self, InvalidDayHours> {
        Self::parse_all([text])
    }
}

/// The text that it is parsed from; `closed` when nothing opens.
impl fmt::Display for DayHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_closed() {
            return f.write_str("closed");
        }
        for (position, Interval { opens, closes }) in self.0.iter().enumerate() {
            let closes = if *opens == 0 && *closes == DAY { DAY } else { closes % DAY };
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)?;
        }
        Ok(())
    }
}

/// As much of a text as its writer needs to find it; a fault must not grow with what is sent.
pub(super) fn beginning(text: &str) -> String {
    text.chars().take(MOST_REPEATED).collect()
}

fn interval(text: &str) -> Result<Interval, InvalidDayHours> {
    let no_interval = || InvalidDayHours::NoInterval(beginning(text));
    let (from, until) = text.split_once(['-', '–']).ok_or_else(no_interval)?;
    let opens = minute(from.trim()).ok_or_else(no_interval)?;
    let until = minute(until.trim()).ok_or_else(no_interval)?;
    if opens == DAY {
        return Err(InvalidDayHours::OpensAfterTheDay(beginning(text)));
    }
    let closes = if until > opens { until } else { until + DAY };
    Ok(Interval { opens, closes })
}

/// `9:00` to `24:00`, the hour with one digit or two.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}
