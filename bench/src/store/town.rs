//! Restaurants with their addresses, cuisines and meals, as the service keeps them.

use std::ops::Range;

use anyhow::Result;
use database::{Connection, Database};
use serde_json::json;
use uuid::Uuid;

use super::{AT, execute, literal};
use crate::town::TownRestaurant;

/// Adds restaurants of the town with their addresses, cuisines and meals.
pub(crate) async fn add_to_town(database: &Database, numbers: Range<usize>) -> Result<()> {
    let written = |id: Uuid| literal(database, id);
    let (mut restaurants, mut addresses, mut cuisines, mut meals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for number in numbers {
        let restaurant = TownRestaurant::new(number);
        let TownRestaurant { name, cuisine, dishes, rating, fee, .. } = &restaurant;
        let id = written(restaurant.id);
        let details = json!({
            "title": name, "address": "Sahil Yolu 1", "city": restaurant.city(), "district": "Merkez",
            "full_address": "Sahil Yolu 1", "zip_code": "34710", "apartment": null, "floor": null, "door_number": null,
            "latitude": null, "longitude": null, "is_default": false,
        });
        restaurants.push(format!(
            "({id}, {id}, '{name}', 'active', {id}, 'Europe/Istanbul', '{{\"monday\":\"11:00-23:00\"}}', '[]', '[]', 0, 25, \
             {rating}, 0, {fee}, 0, 1, 1, {AT}, {AT}, {AT})"
        ));
        addresses.push(format!("({id}, 1, {id}, 'manager', '{details}')"));
        cuisines.push(format!("({id}, '{}', '{cuisine}', 0)", contracts::fold(cuisine)));
        meals.extend(dishes.iter().enumerate().map(|(position, dish)| {
            let meal = written(Uuid::from_u64_pair(number as u64, position as u64));
            let search_name = search::normalize(dish);
            format!("({meal}, {id}, '{dish}', 10000, TRUE, FALSE, FALSE, {position}, {AT}, {AT}, '{search_name}')")
        }));
    }
    let tables = [
        (
            "restaurant_restaurant (id, owner_id, name, status, address_id, time_zone, opening_hours, special_days, closures, \
             last_order_min, prep_time, rating_avg, rating_count, delivery_fee_kurus, min_order_kurus, version, \
             search_version, touched_at, created_at, updated_at)",
            restaurants,
        ),
        ("restaurant_address (id, version, created_by, created_as, details)", addresses),
        ("restaurant_cuisine (restaurant_id, cuisine_key, name, position)", cuisines),
        (
            "restaurant_meal (id, restaurant_id, name, price_kurus, is_available, contains_alcohol, contains_pork, position, \
             created_at, updated_at, search_name)",
            meals,
        ),
    ];
    let tx = database.begin_write().await?;
    for (table, rows) in tables {
        tx.execute_unprepared(&format!("INSERT INTO {table} VALUES {}", rows.join(", "))).await?;
    }
    Ok(tx.commit().await?)
}

/// Gives a restaurant of the town another name, as the service does.
pub(crate) async fn rename_in_town(database: &Database, number: usize, name: &str) -> Result<()> {
    let tx = database.begin_read_committed().await?;
    let update = "UPDATE restaurant_restaurant SET name = $1, version = version + 1, search_version = version + 1, \
        touched_at = $2 WHERE id = $3";
    let (now, id) = (tx.now(), TownRestaurant::new(number).id);
    execute(&tx, update, [name.into(), now.into(), id.into()]).await?;
    Ok(tx.commit().await?)
}
