//! What a search costs in the index alone, as the town grows: ten kinds of queries, three filters, three orders.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use search::{Document, Field, Index, Query, Search, Text};

use crate::report::{Row, Target};
use crate::town::{DISHES, QUERIES, TownRestaurant};

/// Restaurants, and how long the slowest twentieth of searches may take.
const TOWNS: [(usize, f64); 3] = [(1_000, 10.0), (10_000, 10.0), (100_000, 30.0)];
const ROUNDS: usize = 5;

/// A row for each size of the town, and one for the memory of the greatest.
pub(crate) async fn as_the_town_grows() -> Result<Vec<Row>> {
    tokio::task::spawn_blocking(|| {
        let mut rows = Vec::new();
        for (restaurants, most) in TOWNS {
            let begun = Instant::now();
            let index = Index::build((0..restaurants).map(document));
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

fn document(number: usize) -> Document<Facts> {
    let restaurant = TownRestaurant::new(number);
    let city = u8::try_from(restaurant.city).unwrap_or_default();
    let facts = [restaurant.rating, restaurant.fee, city];
    let place = restaurant.city().to_owned();
    let mut texts =
        vec![(Field::Name, restaurant.name), (Field::Cuisine, restaurant.cuisine.to_owned()), (Field::Place, place)];
    texts.extend(restaurant.dishes.into_iter().map(|dish| (Field::Dish, dish)));
    let texts = texts.into_iter().map(|(field, text)| Text { field, text }).collect();
    Document { id: restaurant.id, version: 1, texts, facts }
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
