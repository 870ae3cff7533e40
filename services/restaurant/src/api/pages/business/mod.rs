//! What a manager keeps of a restaurant: its facts, its menu, when it is open, and what it promises.

mod announcement;
mod answer;
mod asked;
mod campaign;
mod campaign_form;
mod campaigns;
mod category;
mod create;
mod facts;
mod form_body;
mod frame;
mod group;
mod hours;
mod list;
mod local_time;
mod meal;
mod meal_form;
mod menu;
mod pause;
mod state_text;
mod week_ahead;
mod words;

use std::sync::Arc;

use axum::routing::{get, post};
use kit::Pages;

use crate::state::Restaurants;

const MENU: &str = "/isletme/{r}/menu";

/// All of them.
pub(super) fn pages(restaurants: &Arc<Restaurants>) -> Pages {
    Pages::new()
        .route("/isletme", get(list::show))
        .route("/isletme/yeni", get(create::show).post(create::create_restaurant))
        .route("/isletme/{r}", get(facts::show).post(facts::update_restaurant))
        .route("/isletme/{r}/sil", get(facts::ask_to_delete).post(facts::delete_restaurant))
        .route(MENU, get(menu::show))
        .form("/isletme/{r}/menu/durum", MENU, post(menu::update_availability))
        .form("/isletme/{r}/menu/sira", MENU, post(menu::move_meal))
        .route("/isletme/{r}/menu/yeni", get(meal::show_new).post(meal::create_meal))
        .route("/isletme/{r}/menu/{meal}", get(meal::show).post(meal::update_meal))
        .form("/isletme/{r}/menu/{meal}/durum", "/isletme/{r}/menu/{meal}", post(meal::update_availability))
        .route("/isletme/{r}/menu/{meal}/sil", get(meal::ask_to_delete).post(meal::delete_meal))
        .route("/isletme/{r}/bolumler", get(category::show_new).post(category::create_category))
        .form("/isletme/{r}/bolumler/sira", MENU, post(category::move_category))
        .route("/isletme/{r}/bolumler/{part}", get(category::show).post(category::update_category))
        .route("/isletme/{r}/bolumler/{part}/sil", get(category::ask_to_delete).post(category::delete_category))
        .route("/isletme/{r}/secenekler", get(group::show_new).post(group::create_group))
        .route("/isletme/{r}/secenekler/{part}", get(group::show).post(group::update_group))
        .route("/isletme/{r}/secenekler/{part}/sil", get(group::ask_to_delete).post(group::delete_group))
        .route("/isletme/{r}/saatler", get(hours::show).post(hours::update_hours))
        .route("/isletme/{r}/yogun", get(pause::show).post(pause::update_pause))
        .route("/isletme/{r}/kampanyalar", get(campaigns::show))
        .route("/isletme/{r}/kampanyalar/yeni", get(campaign::show_new).post(campaign::create_campaign))
        .route("/isletme/{r}/kampanyalar/{part}", get(campaigns::show_one))
        .route("/isletme/{r}/kampanyalar/{part}/degistir", get(campaign::show).post(campaign::update_campaign))
        .route("/isletme/{r}/kampanyalar/{part}/sil", get(campaigns::ask_to_withdraw).post(campaigns::withdraw))
        .with_state(Arc::clone(restaurants))
}
