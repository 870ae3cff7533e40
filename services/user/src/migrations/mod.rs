//! The tables of user, oldest change first. A migration that was released is never edited.

mod m0001_tables;
mod m0002_first_platform;
mod m0003_first_platform_seen;
mod m0004_campaigns;
mod m0005_earlier_consents;
mod m0006_campaign_state;

use database::Migrations;

/// Brings user's tables up to date.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "user",
    list: || {
        vec![
            Box::new(m0001_tables::Migration),
            Box::new(m0002_first_platform::Migration),
            Box::new(m0003_first_platform_seen::Migration),
            Box::new(m0004_campaigns::Migration),
            Box::new(m0005_earlier_consents::Migration),
            Box::new(m0006_campaign_state::Migration),
        ]
    },
};
