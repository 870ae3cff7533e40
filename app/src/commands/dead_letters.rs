//! `dead-letters`: what consumers gave up, and what becomes of it.

use bus::dead_letters::{self, DeadLetter, DeadLetterId, Filter, Run, Scope};
use database::Database;

use crate::command_line::{Chosen, DeadLetters, LetterFilter};
use crate::error::{Error, Result};
use crate::terminal::{Format, say, say_json, say_table};

use super::invocation::Invocation;

/// Who acts, in the letters' history.
const ACTOR: &str = "command line";

pub(super) async fn run(invocation: &Invocation, command: DeadLetters) -> Result<()> {
    let database = invocation.database().await?;
    let done = match command {
        DeadLetters::List { filter, all, listing } => list(&database, filter, all, listing.format()).await,
        DeadLetters::Show { id, listing } => show(&database, id, listing.format()).await,
        DeadLetters::Replay(chosen) => act(&database, chosen, Action::Replay).await,
        DeadLetters::Discard(chosen) => act(&database, chosen, Action::Discard).await,
    };
    database.close().await?;
    done
}

async fn list(database: &Database, filter: LetterFilter, all: bool, format: Format) -> Result<()> {
    let scope = if all { Scope::All } else { Scope::Open };
    let letters = dead_letters::list(database, &filter.into(), scope).await?;
    show_letters(&letters, format)
}

async fn show(database: &Database, id: DeadLetterId, format: Format) -> Result<()> {
    let found = dead_letters::show(database, id).await?;
    let details = found.ok_or_else(|| Error::Refused(format!("there is no dead letter {id}")))?;
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

#[derive(Clone, Copy)]
enum Action {
    Replay,
    Discard,
}

impl Action {
    async fn on(self, database: &Database, filter: &Filter, run: Run) -> database::Result<Vec<DeadLetter>> {
        match self {
            Self::Replay => dead_letters::replay(database, filter, run, ACTOR).await,
            Self::Discard => dead_letters::discard(database, filter, run, ACTOR).await,
        }
    }

    fn tell(self, count: usize, run: Run) -> String {
        match (self, run) {
            (Self::Replay, Run::Real) => format!("{count} replayed."),
            (Self::Replay, Run::Dry) => format!("{count} would be replayed; nothing was changed."),
            (Self::Discard, Run::Real) => format!("{count} discarded."),
            (Self::Discard, Run::Dry) => format!("{count} would be discarded; nothing was changed."),
        }
    }
}

async fn act(database: &Database, chosen: Chosen, action: Action) -> Result<()> {
    let run = if chosen.dry_run { Run::Dry } else { Run::Real };
    let format = chosen.listing.format();
    let mut letters = Vec::new();
    for filter in chosen.filters() {
        letters.extend(action.on(database, &filter, run).await?);
    }
    show_letters(&letters, format)?;
    match format {
        Format::Json => Ok(()),
        Format::Table => say(&action.tell(letters.len(), run)),
    }
}

fn show_letters(letters: &[DeadLetter], format: Format) -> Result<()> {
    match format {
        Format::Json => say_json(&letters),
        Format::Table => {
            let heads = ["ID", "CONSUMER", "TOPIC", "KEY", "ATTEMPTS", "STATE", "CREATED", "REASON"];
            say_table(heads, &letters.iter().map(row).collect::<Vec<_>>())
        }
    }
}

fn row(letter: &DeadLetter) -> [String; 8] {
    [
        letter.id.to_string(),
        letter.consumer.clone(),
        letter.topic.clone(),
        letter.key.clone(),
        letter.attempts.to_string(),
        format!("{:?}", letter.state).to_lowercase(),
        letter.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
        letter.reason.clone(),
    ]
}

impl From<LetterFilter> for Filter {
    fn from(filter: LetterFilter) -> Self {
        Self { id: None, consumer: filter.consumer, topic: filter.topic, key: filter.key, reason: filter.reason }
    }
}

impl Chosen {
    /// The numbered ones, each narrowed by the filter; without numbers, all that the filter lets through.
    fn filters(self) -> Vec<Filter> {
        let filter = Filter::from(self.filter);
        if self.ids.is_empty() {
            return vec![filter];
        }
        self.ids.into_iter().map(|id| Filter { id: Some(id), ..filter.clone() }).collect()
    }
}
