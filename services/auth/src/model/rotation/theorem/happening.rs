//! What can happen in the life of a session.

use chrono::TimeDelta;

/// How long nothing happens; around every limit that there is.
const WAITS: [TimeDelta; 10] = [
    TimeDelta::seconds(1),
    TimeDelta::seconds(9),
    TimeDelta::seconds(10),
    TimeDelta::milliseconds(10_001),
    TimeDelta::minutes(15),
    TimeDelta::hours(20),
    TimeDelta::hours(25),
    TimeDelta::days(10),
    TimeDelta::hours(29 * 24 + 23),
    TimeDelta::hours(30 * 24 + 12),
];

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Happening {
    OwnerRefreshes(Sending, Fate),
    OwnerRefreshesOften(u16),
    TimePasses(TimeDelta),
    OwnerSignsOut,
    ThiefCopies,
    ThiefRefreshes { copy: usize, sending: Sending },
    ServerRestarts,
    StoreLosesWrites(u16),
    StoreIsWiped,
}

/// With which key an attempt is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sending {
    /// With a new one.
    Keyed,
    Unkeyed,
    /// With the owner's key, which the thief copied too.
    Copied,
}

/// What becomes of a request of the owner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fate {
    Answered,
    AnswerLost,
    RequestLost,
    /// The server dies between writing the ledger and writing the store.
    ServerDies,
}

impl Happening {
    /// Small codes mean simple things, so that a failing life shrinks to a simple one.
    pub(super) fn of(code: u16) -> Self {
        let (kind, detail) = (code % 64, code / 64);
        let fates = [Fate::Answered, Fate::AnswerLost, Fate::RequestLost, Fate::AnswerLost, Fate::ServerDies];
        let sendings = [Sending::Keyed, Sending::Unkeyed, Sending::Copied];
        let detail_of = |length: usize| usize::from(detail) % length;
        match kind {
            0..24 => Self::OwnerRefreshes(sendings[detail_of(2)], fates[usize::from(detail / 2) % fates.len()]),
            24..31 => Self::OwnerRefreshesOften(2 + detail % 8),
            31..45 => Self::TimePasses(WAITS[detail_of(WAITS.len())]),
            45..50 => Self::ThiefCopies,
            50..56 => Self::ThiefRefreshes { copy: usize::from(detail / 3), sending: sendings[detail_of(3)] },
            56..60 => Self::StoreLosesWrites(1 + detail % 4),
            60..62 => Self::StoreIsWiped,
            62 => Self::ServerRestarts,
            _ => Self::OwnerSignsOut,
        }
    }
}
