//! The tables of address, oldest change first. A migration that was released is never edited.

mod m0001_tables;
mod m0002_first_platform;
mod m0003_stale;

use database::Migrations;

/// Brings address's tables up to date.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "address",
    list: || {
        vec![
            Box::new(m0001_tables::Migration),
            Box::new(m0002_first_platform::Migration),
            Box::new(m0003_stale::Migration),
        ]
    },
};
