//! What a search costs in the index alone, as the town grows: ten kinds of queries, three filters, three orders.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use search::{Document, Field, Index, Query, Search, Text};
use uuid::Uuid;

use crate::report::{Row, Target};

/// Restaurants, and how long the slowest twentieth of searches may take.
const TOWNS: [(usize, f64); 3] = [(1_000, 10.0), (10_000, 10.0), (100_000, 30.0)];
const DISHES: usize = 30;
const ROUNDS: usize = 5;

const KITCHENS: [&str; 24] = [
    "kebap", "döner", "lahmacun", "pide", "köfte", "burger", "pizza", "mantı", "künefe", "baklava", "çorba", "dürüm",
    "tost", "kumpir", "waffle", "balık", "midye", "dolma", "pilav", "ciğer", "tantuni", "iskender", "gözleme", "ayran",
];
const KINDS: [&str; 20] = [
    "acılı",
    "kaşarlı",
    "kıymalı",
    "kuşbaşılı",
    "ıspanaklı",
    "fıstıklı",
    "peynirli",
    "tavuk",
    "et",
    "kuzu",
    "vegan",
    "karışık",
    "soslu",
    "fırında",
    "ızgara",
    "adana",
    "urfa",
    "antep",
    "inegöl",
    "kayseri",
];
const CITIES: [&str; 8] = ["İstanbul", "Ankara", "İzmir", "Bursa", "Antalya", "Adana", "Konya", "Mersin"];
const SYLLABLES: [&str; 16] =
    ["ka", "le", "mo", "ri", "tu", "şe", "çı", "gö", "ba", "du", "fi", "ya", "zi", "no", "sa", "rü"];

/// Words as they stand, with endings, in other order, joined, mistyped, begun, in places, and nowhere.
const QUERIES: [&str; 12] = [
    "kebap",
    "adana kebabı",
    "lahmacunlar",
    "lahmacn",
    "cigkofte",
    "fıstıklı baklava",
    "istanbul döner",
    "ıspanaklı gözleme ayran",
    "peynrli kunefe",
    "karniyarik",
    "m",
    "suşi",
];

/// A row for each size of the town, and one for the memory of the greatest.
pub(crate) async fn as_the_town_grows() -> Result<Vec<Row>> {
    tokio::task::spawn_blocking(|| {
        let mut rows = Vec::new();
        for (restaurants, most) in TOWNS {
            let begun = Instant::now();
            let index = Index::build((0..restaurants).map(restaurant));
            let built = begun.elapsed();
            let times = searches(&index)?;
            let detail = format!(
                "{DISHES} dishes each; median {:.2} ms, p99 {:.2} ms; {} MB, built in {:.1} s",
                milliseconds(quantile(&times, 0.5)),
                milliseconds(quantile(&times, 0.99)),
                index.bytes() / 1_000_000,
                built.as_secs_f64(),
            );
            rows.push(Row::milliseconds(
                format!("search among {restaurants} restaurants, p95"),
                quantile(&times, 0.95),
                most,
                detail,
            ));
            if restaurants == TOWNS[2].0 {
                let bytes = index.bytes() as f64 / 1e6;
                rows.push(Row::new(
                    "index of it",
                    bytes,
                    "MB",
                    Target::AtMost(100.0),
                    "what its lists hold".to_owned(),
                ));
            }
        }
        Ok(rows)
    })
    .await?
}

/// What a restaurant is filtered and sorted by: rating, fee, province.
type Facts = [u8; 3];
type Order<'a> = &'a dyn Fn(&Facts) -> u8;

fn restaurant(number: usize) -> Document<Facts> {
    let mut draw = Draw(number as u64 + 1);
    let mut texts = vec![
        (Field::Name, format!("{} {} {}", draw.name(), draw.name(), draw.of(&KITCHENS))),
        (Field::Cuisine, draw.of(&KITCHENS).to_owned()),
        (Field::Place, draw.of(&CITIES).to_owned()),
    ];
    for _ in 0..DISHES {
        let (kind, kitchen) = (draw.of(&KINDS), draw.of(&KITCHENS));
        texts.push((
            Field::Dish,
            match draw.below(4) {
                0 => format!("{kind} {kitchen}"),
                1 => format!("{kind} {} {kitchen}", draw.of(&KINDS)),
                2 => format!("{kind} {kitchen} {}", draw.of(&KITCHENS)),
                _ => format!("{} {kitchen}", draw.name()),
            },
        ));
    }
    Document {
        id: Uuid::from_u64_pair(draw.next(), number as u64),
        version: 1,
        texts: texts.into_iter().map(|(field, text)| Text { field, text }).collect(),
        facts: [50, 100, 8].map(|end| u8::try_from(draw.below(end)).unwrap_or_default()),
    }
}

fn searches(index: &Index<Facts>) -> Result<Vec<Duration>> {
    let filters: [&dyn Fn(&Facts) -> bool; 3] =
        [&|_| true, &|[_, _, province]| *province == 3, &|[rating, fee, _]| *rating > 25 && *fee < 50];
    let orders: [(bool, Order); 3] =
        [(false, &|[rating, ..]| 50 - rating), (true, &|[rating, ..]| 50 - rating), (true, &|[_, fee, _]| *fee)];
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        for query in QUERIES {
            let query = Query::parse(query)?.context("a query has words")?;
            for filter in filters {
                for (by_order_alone, order) in orders {
                    let search = Search { query: Some(&query), filter, order, by_order_alone, offset: 0, limit: 20 };
                    let begun = Instant::now();
                    std::hint::black_box(index.search(&search));
                    times.push(begun.elapsed());
                }
            }
        }
    }
    times.sort_unstable();
    Ok(times)
}

fn quantile(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The same draws in each run (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// One of some ten thousand.
    fn name(&mut self) -> String {
        (0..2 + self.below(2)).map(|_| self.of(&SYLLABLES)).collect::<String>() + self.of(&["", "li", "ci"])
    }
}
