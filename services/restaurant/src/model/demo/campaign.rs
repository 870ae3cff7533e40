//! What the platform of the demo promises.

use chrono::{Days, NaiveTime};
use clock::Timestamp;
use contracts::{CampaignId, Price};

use crate::model::{CampaignParts, DiscountKind, TimeZone, UserLimit};

/// What a diner types for it.
const CODE: &str = "LEZZET10";

/// The only campaign of the platform: from the morning of the day of `now` on, for a year.
pub(crate) fn campaign(now: Timestamp) -> (CampaignId, CampaignParts) {
    let today = now.with_timezone(&TimeZone::ISTANBUL.0).date_naive();
    let midnight = today.and_time(NaiveTime::MIN).and_local_timezone(TimeZone::ISTANBUL.0);
    let start_date = midnight.earliest().expect("Istanbul's days have begun at midnight since 2016").to_utc();
    let parts = CampaignParts {
        title: "Hoş geldin indirimi".parse().expect("it is a short text"),
        description: format!("{CODE} koduyla her restoranda ilk siparişte yüzde on indirim, en çok 100 TL.")
            .parse()
            .expect("it is a short text"),
        start_date,
        end_date: start_date + Days::new(365),
        code: Some(CODE.parse().expect("it is a code")),
        kind: Some(DiscountKind::Percent),
        value: Some(super::lira(10)),
        max_discount: Some(Price::try_from(super::lira(100)).expect("it is a price")),
        min_basket: Some(super::lira(150)),
        total_limit: None,
        per_user_limit: Some(UserLimit(1)),
    };
    (CampaignId(super::id("campaign", CODE)), parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_holds_on_the_day_on_which_it_is_written_down() {
        for now in ["2026-03-02T12:00:00Z", "2026-12-31T20:59:59Z", "2026-12-31T21:00:00Z"] {
            let now: Timestamp = now.parse().unwrap();
            let (id, parts) = campaign(now);

            assert_eq!(id.0.to_string(), "a2a701f6-7e3a-52c3-a729-91f7e6258367");
            assert_eq!(parts.check(now), Ok(()));
            assert!(parts.start_date <= now, "{}", parts.start_date);
        }
    }
}
