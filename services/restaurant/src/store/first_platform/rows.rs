//! What is filled in our tables, and texts of theirs as they fit there.

use std::str::FromStr;

use contracts::ShortText;
use database::import::Shape;
use kit::{Imported, breaks_or_reorders};
use sea_orm_migration::sea_orm::Value;

use crate::model::Description;

/// Characters of a description.
const LONGEST: usize = 2000;

/// What is filled in our tables.
pub(super) const SHAPES: Shapes = Shapes {
    restaurant: Shape {
        table: "restaurant_restaurant",
        columns: &[
            "id",
            "owner_id",
            "name",
            "description",
            "logo",
            "phone_number",
            "email",
            "status",
            "address_id",
            "draft_reason",
            "time_zone",
            "opening_hours",
            "special_days",
            "closures",
            "last_order_min",
            "prep_time",
            "rating_avg",
            "rating_count",
            "delivery_fee_kurus",
            "min_order_kurus",
            "version",
            "search_version",
            "touched_at",
            "created_at",
            "updated_at",
        ],
    },
    meal: Shape {
        table: "restaurant_meal",
        columns: &[
            "id",
            "restaurant_id",
            "name",
            "description",
            "cuisine",
            "price_kurus",
            "image_url",
            "is_available",
            "contains_alcohol",
            "contains_pork",
            "position",
            "created_at",
            "updated_at",
        ],
    },
    complement: Shape {
        table: "restaurant_meal_complement",
        columns: &["meal_id", "other_id", "restaurant_id", "position"],
    },
};

/// What is filled in our tables at one time.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    pub(crate) restaurant: Shape,
    pub(crate) meal: Shape,
    pub(crate) complement: Shape,
}

/// A row of theirs that can be ours.
pub(super) type Columns = Vec<(&'static str, Value)>;

pub(super) fn required<const MAX: usize>(said: &str) -> Value {
    fitting::<MAX>(said).unwrap_or_else(|| "-".to_owned()).into()
}

/// As much of it as we take; nothing where that says nothing.
pub(super) fn fitting<const MAX: usize>(said: &str) -> Option<String> {
    let line: String = said.chars().map(|c| if breaks_or_reorders(c) { ' ' } else { c }).collect();
    let cut: String = line.trim().chars().take(MAX).collect();
    ShortText::<MAX>::from_str(&cut).ok().map(Into::into)
}

/// The same of a text with several lines.
pub(super) fn paragraphs(said: Option<String>) -> Value {
    let tidy = |c: char| if c != '\n' && breaks_or_reorders(c) { ' ' } else { c };
    let fitting = said.map(|said| said.replace("\r\n", "\n").chars().map(tidy).take(LONGEST).collect::<String>());
    let said = fitting.filter(|said| !kit::is_blank(said));
    said.and_then(|said| said.parse::<Description>().ok()).into()
}

pub(super) fn log(Imported { from, to, new, known, skipped }: &Imported) {
    tracing::info!(from, to, new, known, ?skipped, "copied a table of the first platform, which stays as it is");
}
