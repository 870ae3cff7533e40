//! The tables of cart, oldest change first. A migration that was released is never edited.

mod m0001_tables;
mod m0002_first_platform;
mod m0003_merges;
mod m0004_undo;
mod m0005_merge_order;
mod m0006_orders;
mod m0007_first_platform_orders;
mod m0008_order_upkeep;
mod m0009_live;
mod m0010_owners;

use database::Migrations;

/// Brings cart's tables up to date.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "cart",
    list: || {
        vec![
            Box::new(m0001_tables::Migration),
            Box::new(m0002_first_platform::Migration),
            Box::new(m0003_merges::Migration),
            Box::new(m0004_undo::Migration),
            Box::new(m0005_merge_order::Migration),
            Box::new(m0006_orders::Migration),
            Box::new(m0007_first_platform_orders::Migration),
            Box::new(m0008_order_upkeep::Migration),
            Box::new(m0009_live::Migration),
            Box::new(m0010_owners::Migration),
        ]
    },
};
