//! What a reader asks of the list of restaurants, as the address of the page says it: in the API's words, but for `q`.

use contracts::{Locale, Money};
use kit::{PageRequest, Problem};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use web::{Typed, money};

use crate::actions::RestaurantSearch;
use crate::api::listing::{ListParameters, ListingParameters};
use crate::model::ListPage;

use super::{offset, words};

/// Where the list stands.
pub(super) const HOME: &str = "/";
/// What is sought in words.
pub(super) const QUERY: &str = "q";
const SORT: &str = "sort";
const CUISINES: &str = "cuisines";
/// All fields, in the order of the form.
const FIELDS: [&str; 9] =
    [QUERY, "district", CUISINES, "open_now", "max_min_order", "max_delivery", "min_rating", "max_prep_time", SORT];

/// Cuisines to tick; whoever wants another one types it.
const USUAL_CUISINES: [(&str, &str); 12] = [
    ("Kebap", "Kebab"),
    ("Döner", "Doner"),
    ("Pide", "Pide"),
    ("Pizza", "Pizza"),
    ("Burger", "Burger"),
    ("Izgara", "Grill"),
    ("Çorba", "Soup"),
    ("Ev Yemeği", "Home cooking"),
    ("Kahvaltı", "Breakfast"),
    ("Tatlı", "Desserts"),
    ("Deniz Ürünleri", "Seafood"),
    ("Vegan", "Vegan"),
];

/// The fields that say something, each once.
pub(super) struct AskedList(Vec<(&'static str, String)>);

/// A field with few values, of which one that is empty asks for nothing.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) values: Vec<ChoiceValue>,
}

/// One of its values.
pub(super) struct ChoiceValue {
    pub(super) value: &'static str,
    pub(super) text: String,
    pub(super) is_chosen: bool,
}

/// A filter that the list obeys, and the list without it.
pub(super) struct ActiveFilter {
    pub(super) text: String,
    pub(super) without: String,
}

impl AskedList {
    pub(super) fn of(typed: &Typed) -> Self {
        let field = |name: &'static str| {
            let sent = typed.fields().iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim());
            let mut sent = sent.filter(|value| !value.is_empty());
            // A box of its own for each cuisine, where the API has commas.
            let value = if name == CUISINES {
                sent.collect::<Vec<_>>().join(",")
            } else {
                sent.next().unwrap_or_default().to_owned()
            };
            (!value.is_empty()).then_some((name, value))
        };
        Self(FIELDS.into_iter().filter_map(field).collect())
    }

    /// What the field says; empty where it says nothing.
    pub(super) fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The page of the list, and one row more.
    pub(super) fn search(&self, page: &PageRequest<i64>) -> Result<RestaurantSearch, Problem> {
        let fields = self.0.iter().map(|(name, value)| (if *name == QUERY { "query" } else { name }, value.clone()));
        let part = [("offset", offset(page).to_string()), ("limit", (page.limit + 1).to_string())];
        let all: Map<String, Value> =
            fields.chain(part).map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
        let all = Value::Object(all);
        let unexpected = |error: serde_json::Error| Problem::unexpected(&error);
        let part: ListParameters = serde_json::from_value(all.clone()).map_err(unexpected)?;
        let listing: ListingParameters = serde_json::from_value(all).map_err(unexpected)?;
        listing.search(part.page(ListPage::USUAL)?)
    }

    /// The address of the same list, from `cursor` on.
    pub(super) fn path_from(&self, cursor: &str) -> String {
        path(self.0.iter().map(|(name, value)| (*name, value.as_str())).chain([("cursor", cursor)]))
    }

    /// What makes the list shorter.
    pub(super) fn active_filters(&self, locale: Locale) -> Vec<ActiveFilter> {
        let active = self.0.iter().filter(|(name, _)| *name != SORT);
        let filters = active.map(|(name, value)| {
            let others = self.0.iter().filter(|(other, _)| other != name);
            let without = path(others.map(|(name, value)| (*name, value.as_str())));
            ActiveFilter { text: filter_text(name, value, locale), without }
        });
        filters.collect()
    }

    /// Cuisines to tick: value, text, and whether it is ticked.
    pub(super) fn cuisine_boxes(&self, locale: Locale) -> Vec<(&'static str, &'static str, bool)> {
        let chosen: Vec<&str> = self.value(CUISINES).split(',').map(str::trim).collect();
        USUAL_CUISINES.iter().map(|(tr, en)| (*tr, locale.say(tr, en), chosen.contains(tr))).collect()
    }

    /// Those that were typed, because no box stands for them.
    pub(super) fn other_cuisines(&self) -> String {
        let chosen = self.value(CUISINES).split(',').map(str::trim);
        let is_usual = |cuisine: &str| USUAL_CUISINES.iter().any(|(tr, _)| *tr == cuisine);
        chosen.filter(|cuisine| !is_usual(cuisine)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn filter_choices(&self, locale: Locale) -> Vec<Choice> {
        let lira = |values: [(&'static str, i64); 4]| values.map(|(value, lira)| (value, up_to(lira, locale))).to_vec();
        let rating = |value: &'static str| (value, words::at_least(&value.replace('.', locale.say(",", ".")), locale));
        let minutes =
            |value: &'static str| (value, words::at_most(&format!("{value} {}", locale.say("dk", "min")), locale));
        let free = ("0", locale.say("Ücretsiz", "Free").to_owned());
        let fees: Vec<_> = [free].into_iter().chain(lira([("10", 10), ("20", 20), ("40", 40), ("60", 60)])).collect();
        vec![
            self.choice("max_min_order", lira([("100", 100), ("150", 150), ("250", 250), ("400", 400)]), locale),
            self.choice("max_delivery", fees, locale),
            self.choice("min_rating", ["4.5", "4", "3.5", "3"].map(rating).to_vec(), locale),
            self.choice("max_prep_time", ["20", "30", "45", "60"].map(minutes).to_vec(), locale),
        ]
    }

    pub(super) fn order_choice(&self, locale: Locale) -> Choice {
        let orders = [
            ("rating_avg desc", ("Puan, yüksekten", "Rating, best first")),
            ("delivery_fee asc", ("Teslimat ücreti", "Delivery fee")),
            ("min_order_price asc", ("En az sepet", "Minimum basket")),
            ("prep_time asc", ("Hazırlık süresi", "Time to prepare")),
            ("name asc", ("Ad", "Name")),
        ];
        let orders = orders.map(|(value, (tr, en))| (value, locale.say(tr, en).to_owned()));
        self.choice(SORT, orders.to_vec(), locale)
    }

    fn choice(&self, name: &'static str, values: Vec<(&'static str, String)>, locale: Locale) -> Choice {
        let nothing = if name == SORT { locale.say("Önerilen", "Recommended") } else { locale.say("Hepsi", "All") };
        let values = [("", nothing.to_owned())].into_iter().chain(values);
        let values = values.map(|(value, text)| ChoiceValue { value, text, is_chosen: self.value(name) == value });
        Choice { name, label: label(name, locale), values: values.collect() }
    }
}

fn path<'a>(fields: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    let pairs = fields.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    let query = pairs.collect::<Vec<_>>().join("&");
    if query.is_empty() { HOME.to_owned() } else { format!("{HOME}?{query}") }
}

fn up_to(lira: i64, locale: Locale) -> String {
    let amount = Money::from_kurus(lira * 100).unwrap_or(Money::ZERO);
    words::at_most(&money::short_amount(amount, locale), locale)
}

fn label(name: &str, locale: Locale) -> &'static str {
    match name {
        QUERY => locale.say("Arama", "Search"),
        "district" => locale.say("İlçe", "District"),
        CUISINES => locale.say("Mutfak", "Cuisine"),
        "open_now" => locale.say("Şimdi açık", "Open now"),
        "max_min_order" => locale.say("En az sepet", "Minimum basket"),
        "max_delivery" => locale.say("Teslimat ücreti", "Delivery fee"),
        "min_rating" => locale.say("Puan", "Rating"),
        "max_prep_time" => locale.say("Hazırlık süresi", "Time to prepare"),
        _ => locale.say("Sırala", "Sort by"),
    }
}

fn filter_text(name: &str, value: &str, locale: Locale) -> String {
    let label = label(name, locale);
    let value = match name {
        "open_now" => return label.to_owned(),
        "max_min_order" | "max_delivery" => value.parse().map(|lira| up_to(lira, locale)).unwrap_or_default(),
        "min_rating" => words::at_least(&value.replace('.', locale.say(",", ".")), locale),
        "max_prep_time" => words::at_most(&format!("{value} {}", locale.say("dk", "min")), locale),
        _ => value.replace(',', ", "),
    };
    format!("{label}: {value}")
}
