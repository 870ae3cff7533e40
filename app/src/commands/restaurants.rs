//! `restaurants`: what other services know of restaurants.

use crate::command_line::Restaurants;
use crate::error::Result;
use crate::services::ServiceName;
use crate::terminal::say;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, command: Restaurants) -> Result<()> {
    match command {
        Restaurants::Publish => {
            let database = invocation.database_of(ServiceName::Restaurant).await?;
            let begun = restaurant::publish_all(&database).await;
            database.close().await?;
            begun?;
            say("All restaurants are published once more, by a server that runs the restaurant service.")
        }
    }
}
