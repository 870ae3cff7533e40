//! `dead-letters`: what consumers gave up, and what becomes of it.

use bus::dead_letters::{
    self, CannotClose, DeadLetter, DeadLetterId, Filter, Operation, Resolution, RunMode, Scope, Slice, State,
};
use database::Database;

use crate::command_line::{Chosen, DeadLetters, LetterFilter, LetterState};
use crate::error::Result;
use crate::terminal::{Format, Listing, say, say_json, say_table, shortened};

use super::invocation::Invocation;

/// Who acts, in the letters' history.
const ACTOR: &str = "command line";
/// How wide a key and a reason stand in a table; `show` and JSON have them whole.
const KEY: usize = 40;
const REASON: usize = 200;
/// Letters read at once.
const PAGE: u64 = 100;

pub(super) async fn run(invocation: &Invocation, command: DeadLetters) -> Result<()> {
    let database = invocation.database(bus::MIGRATIONS).await?;
    let done = match command {
        DeadLetters::List { filter, state, listing } => list(&database, filter, state.into(), listing.format()).await,
        DeadLetters::Show { id, listing } => show(&database, id, listing.format()).await,
        DeadLetters::Replay(chosen) => act(&database, chosen, Operation::Replay).await,
        DeadLetters::Discard(chosen) => act(&database, chosen, Operation::Discard).await,
    };
    database.close().await?;
    done
}

async fn list(database: &Database, filter: LetterFilter, scope: Scope, format: Format) -> Result<()> {
    let filter = Filter::from(filter);
    dead_letters::check_names(database, &filter).await?;
    let mut listing = listing(format);
    let listed = list_each(database, &filter, scope, &mut listing).await;
    listing.end(listed)
}

async fn list_each(database: &Database, filter: &Filter, scope: Scope, listing: &mut Letters) -> Result<()> {
    let mut slice = Slice { after: None, limit: PAGE };
    loop {
        let letters = dead_letters::list(database, filter, scope, slice).await?;
        let Some(last) = letters.last() else { return Ok(()) };
        slice.after = Some(last.id);
        listing.add(&letters)?;
    }
}

async fn show(database: &Database, id: DeadLetterId, format: Format) -> Result<()> {
    let found = dead_letters::show(database, id).await?;
    let details = found.ok_or(CannotClose::Unknown(id))?;
    match format {
        Format::Json => say_json(&details),
        Format::Table => {
            let text = serde_json::to_value(&details).map_err(anyhow::Error::from)?;
            let fields = text.as_object().into_iter().flatten();
            let rows: Vec<_> = fields.map(|(name, value)| [name.clone(), plain(value)]).collect();
            say_table(["FIELD", "VALUE"], &rows)
        }
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn summary(operation: Operation, count: usize, run: RunMode) -> String {
    match (operation, run) {
        (Operation::Replay, RunMode::Real) => format!("{count} replayed."),
        (Operation::Replay, RunMode::Dry) => format!("{count} would be replayed; nothing was changed."),
        (Operation::Discard, RunMode::Real) => format!("{count} discarded."),
        (Operation::Discard, RunMode::Dry) => format!("{count} would be discarded; nothing was changed."),
    }
}

/// What was done is shown in any case; a letter asked for by its number that can't be acted on is reported afterwards.
async fn act(database: &Database, chosen: Chosen, operation: Operation) -> Result<()> {
    let Chosen { ids, filter, all: _, dry_run, listing: how } = chosen;
    let filter = Filter::from(filter);
    dead_letters::check_names(database, &filter).await?;
    let (run, format) = (if dry_run { RunMode::Dry } else { RunMode::Real }, how.format());
    let resolution = Resolution { operation, run, actor: ACTOR };
    let mut listing = listing(format);
    let done = match ids.is_empty() {
        true => close_all(database, &filter, resolution, &mut listing).await,
        false => close_each(database, ids, resolution, &mut listing).await,
    };
    let count = listing.count();
    let is_shown = format == Format::Table && (done.is_ok() || count > 0);
    let done = listing.end(done);
    if is_shown {
        say(&summary(operation, count, run))?;
    }
    done
}

async fn close_all(
    database: &Database,
    filter: &Filter,
    resolution: Resolution<'_>,
    listing: &mut Letters,
) -> Result<()> {
    let mut closing = dead_letters::close(database, filter, resolution);
    while let Some(letters) = closing.next().await? {
        listing.add(&letters)?;
    }
    Ok(())
}

async fn close_each(
    database: &Database,
    ids: Vec<DeadLetterId>,
    resolution: Resolution<'_>,
    listing: &mut Letters,
) -> Result<()> {
    let mut refused = Ok(());
    for id in ids {
        match dead_letters::close_one(database, id, resolution).await {
            Ok(letter) => listing.add(&[letter])?,
            Err(error) => refused = refused.and(Err(error.into())),
        }
    }
    refused
}

/// Letters as they are listed.
type Letters = Listing<8, DeadLetter>;

fn listing(format: Format) -> Letters {
    Listing::new(format, ["ID", "CONSUMER", "TOPIC", "KEY", "ATTEMPTS", "STATE", "CREATED", "REASON"], row)
}

fn row(letter: &DeadLetter) -> [String; 8] {
    [
        letter.id.to_string(),
        letter.consumer.clone(),
        letter.topic.clone(),
        shortened(&letter.key, KEY),
        letter.attempts.to_string(),
        letter.state.to_string(),
        letter.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
        shortened(&letter.reason, REASON),
    ]
}

impl From<LetterState> for Scope {
    fn from(state: LetterState) -> Self {
        match state {
            LetterState::Open => Self::Only(State::Open),
            LetterState::Replayed => Self::Only(State::Replayed),
            LetterState::Discarded => Self::Only(State::Discarded),
            LetterState::All => Self::All,
        }
    }
}

impl From<LetterFilter> for Filter {
    fn from(LetterFilter { consumer, topic, key, reason }: LetterFilter) -> Self {
        Self { consumer, topic, key, reason }
    }
}
