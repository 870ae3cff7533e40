//! What the query of a list asks for: which restaurants, in which order.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use contracts::geography::{Coordinates, InvalidCoordinates, place_key};
use kit::{Fault, Problem, QueryParameters, Text};
use search::{Query, QueryFault};
use utoipa::IntoParams;

use crate::actions::RestaurantSearch;
use crate::model::{Direction, Filters, ListPage, Order, OwnerFilter, SortColumn, WordSet};

/// Which restaurants, in which order, as clients of the first platform ask for them. What the first platform knew is ignored where it
/// can't be read; what it did not know is refused.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what AskedListing reads")]
pub(super) struct ListingParameters {
    /// Up to 200 characters and 12 words: of names, cuisines, meals, descriptions and places, as diners type them.
    #[param(required = false, example = "çiğ köfte")]
    query: String,
    /// The word that its owner or the operator gave it.
    #[param(required = false, example = "active")]
    status: String,
    /// Whose they are. What is no id is nobody's.
    #[param(required = false)]
    owner_id: String,
    /// The il, however it is written.
    #[param(required = false, example = "istanbul")]
    city: String,
    /// The ilçe, however it is written.
    #[param(required = false, example = "kadikoy")]
    district: String,
    /// The least rating.
    #[param(required = false)]
    min_rating: String,
    /// The most that the way costs.
    #[param(required = false)]
    max_delivery: String,
    /// Those whose least order is so much at least.
    #[param(required = false)]
    min_order: String,
    /// Those whose least order is so much at most.
    #[param(required = false)]
    max_min_order: String,
    /// The most minutes that it cooks, up to 255.
    #[param(required = false)]
    max_prep_time: String,
    /// Up to 20 with commas between them, of which one is enough: words of its cuisines and of its description.
    #[param(required = false, example = "kebap,pide")]
    cuisines: String,
    /// `true`: those that are open now.
    #[param(required = false)]
    open_now: String,
    /// Where whoever asks is, in degrees north; sent with `lon`.
    #[param(required = false)]
    lat: String,
    /// In degrees east.
    #[param(required = false)]
    lon: String,
    /// How many metres away they are at most; needs `lat` and `lon`.
    #[param(required = false)]
    radius_m: String,
    /// `true`: those that deliver to `lat` and `lon`. Where no area is set that is decided by the il: `city`, or else that of the
    /// nearest restaurant.
    #[param(required = false)]
    delivers: String,
    /// `rating`, `delivery_fee`, `prep_time`, `min_order`, `name`, `created_at`, `distance` (needs `lat` and `lon`) or
    /// `relevance`. What is not known comes last.
    #[param(required = false)]
    sort_by: String,
    /// `desc`; anything else is ascending.
    #[param(required = false)]
    sort_order: String,
    /// In place of both: `rating_avg`, `delivery_fee`, `prep_time`, `min_order_price`, `name` or `created_at`, and then `asc` or
    /// `desc`.
    #[param(required = false, example = "rating_avg desc")]
    sort: String,
}

/// Cuisines that are asked for at once.
const MOST_CUISINES: usize = 20;

/// Which restaurants are wanted, in which order; of which page, [`super::asked::AskedPage`] says.
#[derive(Debug, Clone)]
pub(super) struct AskedListing(RestaurantSearch);

impl<S: Send + Sync> FromRequestParts<S> for AskedListing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&QueryParameters::of(&parts.uri)).map(Self).map_err(|fault| Problem::invalid(vec![fault]))
    }
}

impl AskedListing {
    /// One page of it.
    pub(super) fn search(self, page: ListPage) -> RestaurantSearch {
        RestaurantSearch { page, ..self.0 }
    }

    fn of(parameters: &QueryParameters) -> Result<RestaurantSearch, Fault> {
        let one = |name| parameters.one(name).map(|text| text.map(str::trim).filter(|text| !text.is_empty()));
        let decimal = |name| one(name).map(number::<f64>).map(|number| number.filter(|number| number.is_finite()));
        let is_asked = |name| one(name)?.map_or(Ok(false), |text| flag(name, text));
        let ours = |name| one(name)?.map(|text| finite(name, text)).transpose();
        let from = coordinates(ours("lat")?, ours("lon")?)?;
        let radius = ours("radius_m")?;
        if radius.is_some_and(|metres| metres < 0.0) {
            return Err(Fault::new("radius_m", "OUT_OF_RANGE", NEGATIVE));
        }
        let delivers = is_asked("delivers")?;
        let from_here = |is_asked: bool| match from {
            None if is_asked => Err(Fault::new("lat", "REQUIRED", NEEDED)),
            from => Ok(from),
        };
        from_here(delivers || radius.is_some())?;
        let filters = Filters {
            status: one("status")?.map(str::to_owned),
            owner: one("owner_id")?.map(|id| id.parse().map_or(OwnerFilter::Nobody, OwnerFilter::Owner)),
            city: one("city")?.map(place_key),
            district: one("district")?.map(place_key),
            min_rating: decimal("min_rating")?,
            max_delivery: decimal("max_delivery")?,
            min_order: decimal("min_order")?,
            max_min_order: ours("max_min_order")?,
            max_prep_time: number(one("max_prep_time")?),
            cuisines: cuisines(one("cuisines")?)?,
            within: from.zip(radius),
            ..Filters::default()
        };
        let order = match one("sort")? {
            Some(sort) => column_order(sort)?,
            None => {
                let by = one("sort_by")?;
                let direction =
                    if one("sort_order")? == Some("desc") { Direction::Descending } else { Direction::Ascending };
                let from = from_here(by == Some("distance"))?;
                by.and_then(|by| column(by, from)).map_or(Order::Best, |column| Order::Column(column, direction))
            }
        };
        let query = Query::parse(one("query")?.unwrap_or_default()).map_err(of_query)?;
        let (is_open_now, page) = (is_asked("open_now")?, ListPage::FIRST);
        Ok(RestaurantSearch { query, filters, is_open_now, delivers, order, from, page })
    }
}

fn flag(name: &'static str, text: &str) -> Result<bool, Fault> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Fault::new(name, "BOOLEAN_INVALID", NO_FLAG)),
    }
}

fn finite(name: &'static str, text: &str) -> Result<f64, Fault> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or(Fault::new(name, "NUMBER_INVALID", NO_NUMBER))
}

/// What is no number is as if it was not sent.
fn number<N: FromStr>(text: Option<&str>) -> Option<N> {
    text?.parse().ok()
}

fn cuisines(text: Option<&str>) -> Result<Vec<WordSet>, Fault> {
    let cuisines: Vec<WordSet> = text
        .unwrap_or_default()
        .split(',')
        .map(|cuisine| WordSet::of([cuisine]))
        .filter(|cuisine| !cuisine.is_empty())
        .take(MOST_CUISINES + 1)
        .collect();
    if cuisines.len() > MOST_CUISINES {
        Err(Fault::new("cuisines", "TOO_MANY", TOO_MANY_CUISINES))
    } else {
        Ok(cuisines)
    }
}

/// `None` of what has no meaning of its own, and of what nobody can be sorted by.
fn column(name: &str, from: Option<Coordinates>) -> Option<SortColumn> {
    match name {
        "rating" => Some(SortColumn::Rating),
        "delivery_fee" => Some(SortColumn::DeliveryFee),
        "prep_time" => Some(SortColumn::PrepTime),
        "min_order" => Some(SortColumn::MinOrder),
        "name" => Some(SortColumn::Name),
        "created_at" => Some(SortColumn::CreatedAt),
        "distance" => from.map(SortColumn::Distance),
        _ => None,
    }
}

/// A column and a direction, as the first platform took them for a piece of SQL.
fn column_order(sort: &str) -> Result<Order, Fault> {
    let invalid = || Fault::new("sort", "SORT_UNKNOWN", UNKNOWN_SORT);
    let sort = sort.to_ascii_lowercase();
    let mut words = sort.split_ascii_whitespace();
    let column = match words.next() {
        Some("rating_avg" | "rating") => SortColumn::Rating,
        Some("delivery_fee") => SortColumn::DeliveryFee,
        Some("prep_time") => SortColumn::PrepTime,
        Some("min_order_price" | "min_order") => SortColumn::MinOrder,
        Some("name") => SortColumn::Name,
        Some("created_at") => SortColumn::CreatedAt,
        Some(_) | None => return Err(invalid()),
    };
    let direction = match words.next() {
        Some("asc") | None => Direction::Ascending,
        Some("desc") => Direction::Descending,
        Some(_) => return Err(invalid()),
    };
    if words.next().is_some() { Err(invalid()) } else { Ok(Order::Column(column, direction)) }
}

fn of_query(fault: QueryFault) -> Fault {
    match fault {
        QueryFault::TooLong => Fault::new("query", "TOO_LONG", TOO_LONG),
        QueryFault::TooManyWords => Fault::new("query", "TOO_MANY_WORDS", TOO_MANY_WORDS),
    }
}

fn coordinates(latitude: Option<f64>, longitude: Option<f64>) -> Result<Option<Coordinates>, Fault> {
    match (latitude, longitude) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Fault::new("lon", "REQUIRED", OTHER_HALF)),
        (None, Some(_)) => Err(Fault::new("lat", "REQUIRED", OTHER_HALF)),
        (Some(latitude), Some(longitude)) => Coordinates::new(latitude, longitude).map(Some).map_err(|fault| {
            let (code, text) = match fault {
                InvalidCoordinates::OutOfRange => ("OUT_OF_RANGE", OUT_OF_RANGE),
                InvalidCoordinates::Nowhere => ("NOWHERE", NOWHERE),
                InvalidCoordinates::Swapped => ("SWAPPED", SWAPPED),
            };
            Fault::new("lat", code, text)
        }),
    }
}

const TOO_LONG: Text =
    Text::new("Arama metni en çok 200 karakter olabilir.", "A query can have at most 200 characters.");
const TOO_MANY_WORDS: Text = Text::new("Arama metni en çok 12 sözcük olabilir.", "A query can have at most 12 words.");
const TOO_MANY_CUISINES: Text = Text::new("En çok 20 mutfak aranabilir.", "At most 20 cuisines can be asked for.");
const UNKNOWN_SORT: Text = Text::new(
    "rating_avg, delivery_fee, prep_time, min_order_price, name veya created_at ile, ardından asc veya desc yazarak sıralayın.",
    "Sort by rating_avg, delivery_fee, prep_time, min_order_price, name or created_at, followed by asc or desc.",
);
const NO_FLAG: Text = Text::new("Bu değer true ya da false olmalıdır.", "This value must be true or false.");
const NO_NUMBER: Text = Text::new("Bu değer bir sayı olmalıdır.", "This value must be a number.");
const NEGATIVE: Text = Text::new("Uzaklık sıfırdan küçük olamaz.", "A distance can't be less than zero.");
const NEEDED: Text = Text::new("Bunun için lat ile lon gerekir.", "This needs lat and lon.");
const OTHER_HALF: Text = Text::new("lat ile lon birlikte gönderilmelidir.", "lat and lon must be sent together.");
const OUT_OF_RANGE: Text = Text::new(
    "Enlem -90 ile 90, boylam -180 ile 180 arasında olmalıdır.",
    "A latitude is from -90 to 90, a longitude from -180 to 180.",
);
const NOWHERE: Text = Text::new("0,0 noktasında kimse oturmaz.", "Nobody lives at 0,0.");
const SWAPPED: Text =
    Text::new("Enlem ile boylam yer değiştirmiş olmalı.", "Latitude and longitude seem to be swapped.");
