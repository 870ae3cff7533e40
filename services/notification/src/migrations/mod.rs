//! The tables of notification, oldest change first. A migration that was released is never edited.

mod m0001_mail;
mod m0002_request;
mod m0003_claimant;
mod m0004_reach;
mod m0005_idempotency;
mod m0006_campaigns;
mod m0007_unknown_mail;
mod m0008_campaign_state;

use database::Migrations;

/// Brings notification's tables up to date.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "notification",
    list: || {
        vec![
            Box::new(m0001_mail::Migration),
            Box::new(m0002_request::Migration),
            Box::new(m0003_claimant::Migration),
            Box::new(m0004_reach::Migration),
            Box::new(m0005_idempotency::Migration),
            Box::new(m0006_campaigns::Migration),
            Box::new(m0007_unknown_mail::Migration),
            Box::new(m0008_campaign_state::Migration),
        ]
    },
};
