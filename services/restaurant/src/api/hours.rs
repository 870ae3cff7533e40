//! When a restaurant is open.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use chrono::{DateTime, Utc};
use clock::Timestamp;
use contracts::OpeningHours;
use kit::{Faults, Field, Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::model::{HoursChange, LastOrder, SentClosures, SentDays, SpecialDay, TimeZone, WeekInput, WrittenClosure};
use crate::state::Restaurants;
use crate::store::restaurant::Restaurant;

use super::asked::{AskedId, Reader, SignedIn};
use super::body::OpenNow;

/// When a restaurant is open, and what follows from that now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestaurantHours {
    /// The IANA name.
    #[schema(example = "Europe/Istanbul")]
    time_zone: &'static str,
    opening_hours: OpeningHours,
    /// In the order of their dates.
    special_days: Vec<SpecialDay>,
    /// In the order of their beginnings.
    closures: Vec<WrittenClosure>,
    /// Until when it takes a break.
    paused_until: Option<DateTime<Utc>>,
    /// How many minutes before it closes it stops to take orders.
    last_order_min: i16,
    #[serde(flatten)]
    now: OpenNow,
}

/// What changes in the hours; what is left out stays, and so does what is sent as `null`. A list takes the place of the one before.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateHours {
    /// The hours of each day; a day that is left out is closed.
    #[serde(default)]
    #[schema(value_type = Option<OpeningHours>)]
    opening_hours: Field<WeekInput>,
    /// What opens on these days instead; up to 100, each once.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SpecialDay>>, max_items = 100)]
    special_days: Field<SentDays>,
    /// When it is closed, whatever else is said; up to 100.
    #[serde(default)]
    #[schema(value_type = Option<Vec<WrittenClosure>>, max_items = 100)]
    closures: Field<SentClosures>,
    /// How many minutes before it closes it stops to take orders.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 240, example = 30)]
    last_order_min: Field<LastOrder>,
    /// The IANA name of where its clocks hang.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Istanbul")]
    time_zone: Field<TimeZone>,
}

/// A break.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdatePause {
    /// When it ends, within 24 hours; `null` ends it now.
    #[serde(default)]
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    until: Field<Timestamp>,
}

/// When a restaurant is open.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/hours",
    tag = "restaurant",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    responses(
        (status = 200, description = "Its hours", body = RestaurantHours),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn find_hours(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
) -> Result<Answered<RestaurantHours>, Problem> {
    let found = reader.found(actions::find_restaurant(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(RestaurantHours::at(restaurants.context.now(), found.restaurant)))
}

/// Changes the hours that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/hours",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    request_body = UpdateHours,
    responses(
        (status = 200, description = "The hours as they are now", body = RestaurantHours),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_hours(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedId(id): AskedId,
    Json(body): Json<UpdateHours>,
) -> Result<Answered<RestaurantHours>, Problem> {
    let changed = actions::update_hours(&restaurants, writer, id, body.change()?).await?;
    Ok(Answered(RestaurantHours::at(restaurants.context.now(), changed.restaurant)))
}

/// Begins a break, or ends it.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/pause",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    request_body = UpdatePause,
    responses(
        (status = 200, description = "The hours as they are now", body = RestaurantHours),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_pause(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedId(id): AskedId,
    Json(body): Json<UpdatePause>,
) -> Result<Answered<RestaurantHours>, Problem> {
    let mut faults = Faults::default();
    let until = if matches!(body.until, Field::Null) { None } else { faults.required("until", body.until) };
    faults.check()?;
    let changed = actions::update_pause(&restaurants, writer, id, until).await?;
    Ok(Answered(RestaurantHours::at(restaurants.context.now(), changed.restaurant)))
}

impl RestaurantHours {
    fn at(now: DateTime<Utc>, restaurant: Restaurant) -> Self {
        Self {
            now: OpenNow::of(&restaurant, now),
            time_zone: restaurant.time_zone.as_str(),
            opening_hours: restaurant.opening_hours,
            special_days: restaurant.special_days.0,
            closures: restaurant.closures.0,
            paused_until: restaurant.paused_until,
            last_order_min: restaurant.last_order_min,
        }
    }
}

impl UpdateHours {
    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<HoursChange, Problem> {
        let mut faults = Faults::default();
        let change = HoursChange {
            week: faults.unless_null("opening_hours", self.opening_hours).map(|WeekInput(hours)| hours),
            special_days: faults.unless_null("special_days", self.special_days),
            closures: faults.unless_null("closures", self.closures),
            last_order: faults.unless_null("last_order_min", self.last_order_min),
            time_zone: faults.unless_null("time_zone", self.time_zone),
        };
        faults.check()?;
        Ok(change)
    }
}
