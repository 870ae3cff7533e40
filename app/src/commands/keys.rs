//! `keys`: the keys that sign access tokens.

use auth::keys::{self, Key};
use clock::Timestamp;

use crate::command_line::Keys;
use crate::error::Result;
use crate::services::ServiceName;
use crate::terminal::{Format, say, say_json, say_table};

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, command: Keys) -> Result<()> {
    let database = invocation.database_of(ServiceName::Auth).await?;
    let done = match command {
        Keys::List(listing) => show(&keys::list(&database).await?, listing.format()),
        Keys::Rotate { now: true } => {
            keys::rotate_now(&database).await?;
            say("New keys sign from now on. Every process refuses what the old ones signed within a minute.")
        }
        Keys::Rotate { now: false } => {
            keys::rotate(&database).await?;
            say("The next key signs from now on. Tokens of the old one stay valid until they expire.")
        }
    };
    database.close().await?;
    done
}

fn show(keys: &[Key], format: Format) -> Result<()> {
    match format {
        Format::Json => say_json(&keys),
        Format::Table => {
            say_table(["KEY", "STATE", "MADE", "PUBLISHED", "RETIRED"], &keys.iter().map(row).collect::<Vec<_>>())
        }
    }
}

fn row(key: &Key) -> [String; 5] {
    let at = |instant: Option<Timestamp>| {
        instant.map_or_else(|| "-".to_owned(), |at| at.format("%Y-%m-%d %H:%M:%S").to_string())
    };
    [
        key.kid.clone(),
        format!("{:?}", key.state).to_lowercase(),
        at(Some(key.created_at)),
        at(key.published_at),
        at(key.retired_at),
    ]
}
