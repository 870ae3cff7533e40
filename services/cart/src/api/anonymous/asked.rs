//! What requests name: a cart, a line of it, and the state of it that a client has seen.

use std::collections::HashMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use kit::{Fault, FieldValue, Problem, QueryParameters, Text};

use crate::model::anonymous::{CartId, IfMatch, LineName};

const DAYS: std::ops::RangeInclusive<u16> = 1..=365;
/// How long a cart is kept if its client does not say.
const DEFAULT_DAYS: u16 = 30;

const ID_INVALID: Text = Text::new("Bu bir sepet kimliği (UUID) değil.", "This is not the id of a cart (a UUID).");
const DAYS_INVALID: Text =
    Text::new("Gün sayısı 1 ile 365 arasında olmalıdır.", "The number of days must be from 1 to 365.");

/// The cart in the path.
pub(in crate::api) struct AskedCart(pub(super) CartId);

/// The cart in the path, and what the path calls its line.
pub(in crate::api) struct AskedLine(pub(super) CartId, pub(super) LineName);

/// What the change depends on.
pub(in crate::api) struct Condition(pub(in crate::api) Option<IfMatch>);

/// How many days a cart is to be kept after each write.
pub(in crate::api) struct AskedDays(pub(super) u16);

impl FieldValue for CartId {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Self::parse(&raw).ok_or(("ID_INVALID", ID_INVALID))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AskedCart {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        cart_id(&segments(parts, state).await).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AskedLine {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let segments = segments(parts, state).await;
        let name = LineName(segments.get("meal_id").cloned().unwrap_or_default());
        Ok(Self(cart_id(&segments)?, name))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Condition {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let lines: Vec<&str> =
            parts.headers.get_all(IF_MATCH).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        Ok(Self((!lines.is_empty()).then(|| IfMatch::parse(&lines.join(",")))))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AskedDays {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let parameters = QueryParameters::of(&parts.uri);
        let days = parameters.one("days").map_err(|fault| Problem::invalid(vec![fault]))?;
        let days = days.map_or(Some(DEFAULT_DAYS), |days| days.parse().ok()).filter(|days| DAYS.contains(days));
        days.map(Self).ok_or_else(|| Problem::invalid(vec![Fault::new("days", "DAYS_INVALID", DAYS_INVALID)]))
    }
}

async fn segments<S: Send + Sync>(parts: &mut Parts, state: &S) -> HashMap<String, String> {
    let segments: Result<Path<HashMap<String, String>>, _> = Path::from_request_parts(parts, state).await;
    segments.map(|Path(segments)| segments).unwrap_or_default()
}

fn cart_id(segments: &HashMap<String, String>) -> Result<CartId, Problem> {
    let id = segments.get("cart_id").and_then(|text| CartId::parse(text));
    id.ok_or_else(|| Problem::invalid(vec![Fault::new("cart_id", "ID_INVALID", ID_INVALID)]))
}
