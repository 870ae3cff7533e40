//! What the query of a list asks for: which restaurants, in which order, and which part of them.

mod part;
mod values;

use contracts::geography::{Coordinates, InvalidCoordinates};
use kit::{Fault, Faults, Parameter, Problem, Text};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::actions::RestaurantSearch;
use crate::model::{Direction, Filters, ListPage, Order, OwnerFilter, SortColumn};

pub(super) use part::ListParameters;
pub(super) use values::Flag;
use values::{AnyCuisine, Degrees, Metres, Minutes, Number, PlaceKey, SearchText, Sort, SortBy, Word};

/// Which restaurants, in which order, as clients of the first platform ask for them. What the first platform knew is ignored where it
/// can't be read; what it did not know is refused.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListingParameters {
    /// Up to 200 characters and 12 words: of names, cuisines, meals, descriptions and places, as diners type them.
    #[serde(default)]
    #[param(required = false, value_type = String, example = "çiğ köfte")]
    query: Parameter<SearchText>,
    /// The word that its owner or the operator gave it.
    #[serde(default)]
    #[param(required = false, value_type = String, example = "active")]
    status: Parameter<Word>,
    /// Whose they are. What is no id is nobody's.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    owner_id: Parameter<OwnerFilter>,
    /// The il, however it is written.
    #[serde(default)]
    #[param(required = false, value_type = String, example = "istanbul")]
    city: Parameter<PlaceKey>,
    /// The ilçe, however it is written.
    #[serde(default)]
    #[param(required = false, value_type = String, example = "kadikoy")]
    district: Parameter<PlaceKey>,
    /// The least rating. What is no number is ignored.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    min_rating: Parameter<Number>,
    /// The most that the way costs. What is no number is ignored.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    max_delivery: Parameter<Number>,
    /// Those whose least order is so much at least. What is no number is ignored.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    min_order: Parameter<Number>,
    /// Those whose least order is so much at most.
    #[serde(default)]
    #[param(required = false, value_type = f64)]
    max_min_order: Parameter<Number>,
    /// The most minutes that it cooks, up to 255. What is no such number is ignored.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    max_prep_time: Parameter<Minutes>,
    /// Up to 20 with commas between them, of which one is enough: words of its cuisines and of its description.
    #[serde(default)]
    #[param(required = false, value_type = String, example = "kebap,pide")]
    cuisines: Parameter<AnyCuisine>,
    /// Those that are open now.
    #[serde(default)]
    #[param(required = false, value_type = bool)]
    open_now: Parameter<Flag>,
    /// Where whoever asks is, in degrees north; sent with `lon`.
    #[serde(default)]
    #[param(required = false, value_type = f64, minimum = -90, maximum = 90)]
    lat: Parameter<Degrees>,
    /// In degrees east.
    #[serde(default)]
    #[param(required = false, value_type = f64, minimum = -180, maximum = 180)]
    lon: Parameter<Degrees>,
    /// How many metres away they are at most; needs `lat` and `lon`.
    #[serde(default)]
    #[param(required = false, value_type = f64, minimum = 0)]
    radius_m: Parameter<Metres>,
    /// Those that deliver to `lat` and `lon`. Where no area is set that is decided by the il: `city`, or else that of the
    /// nearest restaurant.
    #[serde(default)]
    #[param(required = false, value_type = bool)]
    delivers: Parameter<Flag>,
    /// `rating`, `delivery_fee`, `prep_time`, `min_order`, `name`, `created_at`, `distance` (needs `lat` and `lon`) or
    /// `relevance`, which is what all others mean, too. What is not known comes last.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    sort_by: Parameter<SortBy>,
    /// `desc`; anything else is ascending.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    sort_order: Parameter<Direction>,
    /// In place of both: `rating_avg`, `delivery_fee`, `prep_time`, `min_order_price`, `name` or `created_at`, and then `asc` or
    /// `desc`.
    #[serde(default)]
    #[param(required = false, value_type = String, example = "rating_avg desc")]
    sort: Parameter<Sort>,
}

/// In which order, by the parameters that say so.
struct AskedOrder {
    by: Option<SortBy>,
    direction: Direction,
    sort: Option<Sort>,
}

impl ListingParameters {
    /// This page of what is asked for, or every parameter that can't be read.
    pub(super) fn search(self, page: ListPage) -> Result<RestaurantSearch, Problem> {
        let mut faults = Faults::default();
        let latitude = faults.parameter("lat", self.lat);
        let longitude = faults.parameter("lon", self.lon);
        let radius = faults.parameter("radius_m", self.radius_m).map(|Metres(metres)| metres);
        let is_asked = |flag: Option<Flag>| flag.is_some_and(|Flag(is_asked)| is_asked);
        let delivers = is_asked(faults.parameter("delivers", self.delivers));
        let is_open_now = is_asked(faults.parameter("open_now", self.open_now));
        let number = |number: Option<Number>| number.map(|Number(number)| number);
        let place = |place: Option<PlaceKey>| place.map(|PlaceKey(key)| key);
        let filters = Filters {
            status: faults.lenient("status", self.status).map(|Word(word)| word),
            owner: faults.lenient("owner_id", self.owner_id),
            city: place(faults.lenient("city", self.city)),
            district: place(faults.lenient("district", self.district)),
            min_rating: number(faults.lenient("min_rating", self.min_rating)),
            max_delivery: number(faults.lenient("max_delivery", self.max_delivery)),
            min_order: number(faults.lenient("min_order", self.min_order)),
            max_min_order: number(faults.parameter("max_min_order", self.max_min_order)),
            max_prep_time: faults.lenient("max_prep_time", self.max_prep_time).map(|Minutes(minutes)| minutes),
            cuisines: faults.parameter("cuisines", self.cuisines).unwrap_or_default().0,
            ..Filters::default()
        };
        let asked_order = AskedOrder {
            sort: faults.parameter("sort", self.sort),
            by: faults.lenient("sort_by", self.sort_by),
            direction: faults.lenient("sort_order", self.sort_order).unwrap_or(Direction::Ascending),
        };
        let query = faults.parameter("query", self.query).and_then(|SearchText(query)| query);
        faults.check()?;
        let from = coordinates(latitude, longitude)?;
        let needs_from = delivers || radius.is_some() || asked_order.is_by_distance();
        if needs_from && from.is_none() {
            return Err(Problem::invalid(vec![Fault::new("lat", "REQUIRED", NEEDED)]));
        }
        let filters = Filters { within: from.zip(radius), ..filters };
        Ok(RestaurantSearch { query, filters, is_open_now, delivers, order: asked_order.order(from), from, page })
    }
}

impl AskedOrder {
    fn is_by_distance(&self) -> bool {
        self.sort.is_none() && matches!(self.by, Some(SortBy::Distance))
    }

    fn order(self, from: Option<Coordinates>) -> Order {
        if let Some(Sort(column, direction)) = self.sort {
            return Order::Column(column, direction);
        }
        let column = self.by.and_then(|by| match by {
            SortBy::Rating => Some(SortColumn::Rating),
            SortBy::DeliveryFee => Some(SortColumn::DeliveryFee),
            SortBy::PrepTime => Some(SortColumn::PrepTime),
            SortBy::MinOrder => Some(SortColumn::MinOrder),
            SortBy::Name => Some(SortColumn::Name),
            SortBy::CreatedAt => Some(SortColumn::CreatedAt),
            SortBy::Distance => from.map(SortColumn::Distance),
            SortBy::Relevance => None,
        });
        column.map_or(Order::Best, |column| Order::Column(column, self.direction))
    }
}

fn coordinates(latitude: Option<Degrees>, longitude: Option<Degrees>) -> Result<Option<Coordinates>, Problem> {
    let fault = match (latitude, longitude) {
        (None, None) => return Ok(None),
        (Some(_), None) => Fault::new("lon", "REQUIRED", OTHER_HALF),
        (None, Some(_)) => Fault::new("lat", "REQUIRED", OTHER_HALF),
        (Some(Degrees(latitude)), Some(Degrees(longitude))) => match Coordinates::new(latitude, longitude) {
            Ok(coordinates) => return Ok(Some(coordinates)),
            Err(InvalidCoordinates::OutOfRange) => {
                let field = if latitude.abs() > 90.0 { "lat" } else { "lon" };
                Fault::new(field, "OUT_OF_RANGE", OUT_OF_RANGE)
            }
            Err(InvalidCoordinates::Nowhere) => Fault::new("lat", "NOWHERE", NOWHERE),
            Err(InvalidCoordinates::Swapped) => Fault::new("lat", "SWAPPED", SWAPPED),
        },
    };
    Err(Problem::invalid(vec![fault]))
}

const NEEDED: Text = Text::new("Bunun için lat ile lon gerekir.", "This needs lat and lon.");
const OTHER_HALF: Text = Text::new("lat ile lon birlikte gönderilmelidir.", "lat and lon must be sent together.");
const OUT_OF_RANGE: Text = Text::new(
    "Enlem -90 ile 90, boylam -180 ile 180 arasında olmalıdır.",
    "A latitude is from -90 to 90, a longitude from -180 to 180.",
);
const NOWHERE: Text = Text::new("0,0 noktasında kimse oturmaz.", "Nobody lives at 0,0.");
const SWAPPED: Text =
    Text::new("Enlem ile boylam yer değiştirmiş olmalı.", "Latitude and longitude seem to be swapped.");
