//! HTTP: takes requests apart, calls one action each, wraps the answers.

mod asked;
mod body;
mod campaign_body;
mod campaign_preview;
mod campaigns;
mod categories;
mod demo;
mod groups;
mod hours;
mod listing;
mod meal_body;
mod meals;
mod mealtimes;
mod menu;
mod menu_parts;
mod order_terms;
pub(crate) mod pages;
mod polygon;
mod restaurants;
mod search;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use kit::{HealthRoute, with_and_without_slash};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::Restaurants;

/// All routes of the service.
pub(crate) fn routes(restaurants: &Arc<Restaurants>) -> OpenApiRouter {
    [
        HealthRoute::new("restaurant", "/restaurants/health").of_database(&restaurants.context),
        routes!(search::list_restaurants, restaurants::create_restaurant),
        routes!(restaurants::list_own_restaurants),
        routes!(search::search_restaurants),
        routes!(restaurants::find_restaurant, restaurants::update_restaurant, restaurants::delete_restaurant),
        routes!(hours::find_hours, hours::update_hours),
        routes!(hours::update_pause),
        routes!(order_terms::find_order_terms, order_terms::update_order_terms),
        routes!(menu::find_menu),
        routes!(categories::list_categories, categories::create_category),
        routes!(categories::update_category, categories::delete_category),
        routes!(groups::list_groups, groups::create_group),
        routes!(groups::update_group, groups::delete_group),
        routes!(groups::update_option_availability),
        routes!(mealtimes::list_mealtimes, mealtimes::create_mealtime),
        routes!(mealtimes::update_mealtime, mealtimes::delete_mealtime),
        routes!(meals::create_meal),
        routes!(meals::list_meals),
        routes!(meals::find_meal, meals::update_meal, meals::delete_meal),
        routes!(meals::list_complements),
        routes!(meals::update_availability),
        routes!(demo::find_picture),
        routes!(campaigns::list_campaigns, campaigns::create_campaign),
        routes!(campaigns::list_campaigns_of),
        routes!(campaign_preview::preview_new_campaign),
        routes!(campaign_preview::preview_campaign),
        routes!(campaigns::find_campaign, campaigns::update_campaign, campaigns::delete_campaign),
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), with_and_without_slash)
    .with_state(restaurants.clone())
}
