//! What carts are priced by.

use anyhow::Result;
use database::{Connection, Database};
use serde_json::json;
use uuid::Uuid;

use super::literal;

/// Lets the cart service know a restaurant with `meals`, as its event would.
pub(crate) async fn add_catalog(database: &Database, restaurant: Uuid, meals: &[Uuid]) -> Result<()> {
    let meals: Vec<_> = meals
        .iter()
        .map(|id| {
            json!({
                "id": id, "name": "Kuşbaşılı Kaşarlı Pide", "price_kurus": 24_050, "is_available": true,
                "sold_out_until": null, "mealtime_id": null, "group_ids": [],
            })
        })
        .collect();
    let catalog = json!({
        "owner_id": restaurant, "name": "Çıpa Kebap", "cuisines": ["Kebap"], "status": "active", "visible": true,
        "time_zone": "Europe/Istanbul", "opening_hours": { "monday": "11:00-23:00", "saturday": "11:00-14:00, 18:00-02:00" },
        "special_days": [], "closures": [], "paused_until": null, "last_order_min": 30, "prep_time": 25,
        "min_order_kurus": 7_500, "delivery_fee_kurus": 990, "place": null, "meals": meals, "mealtimes": [], "groups": [],
    });
    let id = literal(database, restaurant);
    let insert =
        format!("INSERT INTO cart_restaurant (id, version, name, catalog) VALUES ({id}, 1, 'Çıpa Kebap', '{catalog}')");
    database.execute_unprepared(&insert).await?;
    Ok(())
}
