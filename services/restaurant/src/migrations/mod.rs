//! The tables of restaurant, oldest change first. A migration that was released is never edited.

mod m0001_tables;
mod m0002_menus;
mod m0003_campaigns;
mod m0004_delivery_area;
mod m0005_first_platform;
mod m0006_unknown_addresses;
mod m0007_indexes;
mod m0008_hidden_campaigns;
mod m0009_search_names;
mod m0010_order_terms;
mod m0011_announcements;

use database::Migrations;

/// Brings restaurant's tables up to date.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "restaurant",
    list: || {
        vec![
            Box::new(m0001_tables::Migration),
            Box::new(m0002_menus::Migration),
            Box::new(m0003_campaigns::Migration),
            Box::new(m0004_delivery_area::Migration),
            Box::new(m0005_first_platform::Migration),
            Box::new(m0006_unknown_addresses::Migration),
            Box::new(m0007_indexes::Migration),
            Box::new(m0008_hidden_campaigns::Migration),
            Box::new(m0009_search_names::Migration),
            Box::new(m0010_order_terms::Migration),
            Box::new(m0011_announcements::Migration),
        ]
    },
};
