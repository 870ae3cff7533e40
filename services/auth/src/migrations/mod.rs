//! The tables of auth, oldest change first. A migration that was released is never edited.

mod m0001_identity;
mod m0002_first_platform;
mod m0003_reset_token;
mod m0004_bounds;
mod m0005_mail_request;
mod m0006_events_of_nobody;
mod m0007_role_version;

use database::Migrations;

/// Brings auth's tables up to date.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "auth",
    list: || {
        vec![
            Box::new(m0001_identity::Migration),
            Box::new(m0002_first_platform::Migration),
            Box::new(m0003_reset_token::Migration),
            Box::new(m0004_bounds::Migration),
            Box::new(m0005_mail_request::Migration),
            Box::new(m0006_events_of_nobody::Migration),
            Box::new(m0007_role_version::Migration),
        ]
    },
};
