//! `campaigns`: how far campaigns have come, and what the operator does about them.

use database::Database;
use user::campaigns::{self, CampaignReport};

use crate::command_line::Campaigns;
use crate::error::Result;
use crate::services::ServiceName;
use crate::terminal::{Format, Listing, say_json, say_table, shortened};

use super::invocation::Invocation;

/// Campaigns read at once.
const PAGE: u64 = 100;
/// How wide names stand in a table; `show` and JSON have them whole.
const NAME: usize = 30;

pub(super) async fn run(invocation: &Invocation, command: Campaigns) -> Result<()> {
    let database = invocation.database_of(ServiceName::User).await?;
    let done = act(&database, command).await;
    database.close().await?;
    done
}

async fn act(database: &Database, command: Campaigns) -> Result<()> {
    match command {
        Campaigns::List(how) => list(database, how.format()).await,
        Campaigns::Show(named) => show(&campaigns::find(database, named.id).await?, named.listing.format()),
        Campaigns::Pause(named) => show(&campaigns::pause(database, named.id).await?, named.listing.format()),
        Campaigns::Resume(named) => show(&campaigns::resume(database, named.id).await?, named.listing.format()),
        Campaigns::Cancel(named) => show(&campaigns::cancel(database, named.id).await?, named.listing.format()),
    }
}

async fn list(database: &Database, format: Format) -> Result<()> {
    let mut listing = Listing::new(format, HEADS, row);
    let listed = list_each(database, &mut listing).await;
    listing.end(listed)
}

async fn list_each(database: &Database, listing: &mut Listing<9, CampaignReport>) -> Result<()> {
    let mut before = None;
    loop {
        let page = campaigns::list(database, before, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        before = Some(last.id);
        listing.add(&page)?;
    }
}

const HEADS: [&str; 9] = ["ID", "RESTAURANT", "TITLE", "STATE", "REASON", "QUEUED", "SENT", "FAILED", "ENDS"];

fn row(campaign: &CampaignReport) -> [String; 9] {
    [
        campaign.id.to_string(),
        shortened(&campaign.restaurant, NAME),
        shortened(&campaign.title, NAME),
        campaign.state.as_str().to_owned(),
        campaign.reason.map_or_else(|| "-".to_owned(), |reason| reason.as_str().to_owned()),
        campaign.queued.to_string(),
        campaign.sent.to_string(),
        campaign.failed.to_string(),
        campaign.ends_at.format("%Y-%m-%d %H:%M:%S").to_string(),
    ]
}

fn show(campaign: &CampaignReport, format: Format) -> Result<()> {
    match format {
        Format::Json => say_json(campaign),
        Format::Table => {
            let fields = serde_json::to_value(campaign).map_err(anyhow::Error::from)?;
            let plain = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let rows: Vec<_> =
                fields.as_object().into_iter().flatten().map(|(name, value)| [name.clone(), plain(value)]).collect();
            say_table(["FIELD", "VALUE"], &rows)
        }
    }
}
