//! A long menu: meals in categories, each with options to choose.

use anyhow::Result;
use database::{Connection, Database};
use uuid::Uuid;

use super::{AT, literal};
use crate::town::TownRestaurant;

/// Headings of the menu, and as many groups of options.
const PARTS: usize = 20;
const OPTIONS: usize = 10;

/// Gives a restaurant of the town so many meals instead of those that it has, on a menu of twenty headings and twenty groups of ten options.
pub(crate) async fn give_menu(database: &Database, number: usize, meals: usize) -> Result<()> {
    let written = |kind: u64, part: usize| {
        literal(database, Uuid::from_u64_pair(((number as u64 + 1) << 20) | kind, part as u64))
    };
    let restaurant = literal(database, TownRestaurant::new(number).id);
    let (mut categories, mut groups, mut options, mut rows, mut chosen) = (vec![], vec![], vec![], vec![], vec![]);
    for part in 0..PARTS {
        let group = written(2, part);
        categories.push(format!("({}, {restaurant}, 'Ana Yemekler {part}', {part})", written(1, part)));
        groups.push(format!("({group}, {restaurant}, 'Yanında ne olsun {part}', 0, 3, {part})"));
        options.extend((0..OPTIONS).map(|option| {
            let id = written(3, part * OPTIONS + option);
            format!("({id}, {restaurant}, {group}, 'Acılı ezme {option}', {option}00, 1, TRUE, {option})")
        }));
    }
    for meal in 0..meals {
        let (id, part) = (written(4, meal), meal % PARTS);
        rows.push(format!(
            "({id}, {restaurant}, {}, 'Kuşbaşılı Kaşarlı Pide {meal}', 'Közde, lavaş ve sumaklı soğanla', 24050, 65, TRUE, \
             FALSE, FALSE, {meal}, {AT}, {AT}, 'kusbasili kasarli pide {meal}')",
            written(1, part)
        ));
        chosen.push(format!("({id}, {}, {restaurant}, 0)", written(2, part)));
    }
    let tables = [
        ("restaurant_category (id, restaurant_id, name, position)", categories),
        ("restaurant_option_group (id, restaurant_id, name, min_choices, max_choices, position)", groups),
        (
            "restaurant_option (id, restaurant_id, group_id, name, price_kurus, max_quantity, is_available, position)",
            options,
        ),
        (
            "restaurant_meal (id, restaurant_id, category_id, name, description, price_kurus, allergens, is_available, \
             contains_alcohol, contains_pork, position, created_at, updated_at, search_name)",
            rows,
        ),
        ("restaurant_meal_group (meal_id, group_id, restaurant_id, position)", chosen),
    ];
    let tx = database.begin_write().await?;
    tx.execute_unprepared(&format!("DELETE FROM restaurant_meal WHERE restaurant_id = {restaurant}")).await?;
    for (table, rows) in tables {
        tx.execute_unprepared(&format!("INSERT INTO {table} VALUES {}", rows.join(", "))).await?;
    }
    Ok(tx.commit().await?)
}
