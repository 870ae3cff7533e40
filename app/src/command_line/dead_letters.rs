//! What can be asked for of dead letters.

use bus::dead_letters::DeadLetterId;
use clap::{Args, Subcommand, ValueEnum};

use super::Listing;

/// `dead-letters`
#[derive(Debug, Subcommand)]
pub enum DeadLetters {
    /// Show those that are open, or in another state
    List {
        /// Which ones
        #[command(flatten)]
        filter: LetterFilter,
        /// What became of them
        #[arg(long, value_enum, default_value_t = LetterState::Open)]
        state: LetterState,
        /// How to show them
        #[command(flatten)]
        listing: Listing,
    },
    /// Show one with its payload; secrets are masked
    Show {
        /// Its id
        id: DeadLetterId,
        /// How to show it
        #[command(flatten)]
        listing: Listing,
    },
    /// Give them to their consumer once more
    Replay(Chosen),
    /// Give them up; they stay on record
    Discard(Chosen),
}

/// What became of dead letters, as their list can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LetterState {
    /// Nothing yet.
    Open,
    /// They were given to their consumer once more.
    Replayed,
    /// They were given up.
    Discarded,
    /// Whatever it was.
    All,
}

/// Which dead letters.
#[derive(Debug, Clone, Args)]
pub struct LetterFilter {
    /// Only of this consumer
    #[arg(long, value_name = "NAME")]
    pub consumer: Option<String>,
    /// Only of this topic
    #[arg(long, value_name = "NAME")]
    pub topic: Option<String>,
    /// Only of this key
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Only with this text in their reason
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Which dead letters to act on.
#[derive(Debug, Args)]
pub struct Chosen {
    /// These
    #[arg(
        value_name = "ID",
        required_unless_present_any = ["consumer", "topic", "key", "reason", "all"],
        conflicts_with_all = ["consumer", "topic", "key", "reason", "all"],
    )]
    pub ids: Vec<DeadLetterId>,
    /// Or these
    #[command(flatten)]
    pub filter: LetterFilter,
    /// Or every open one
    #[arg(long, conflicts_with_all = ["consumer", "topic", "key", "reason"])]
    pub all: bool,
    /// Only say which they are
    #[arg(long)]
    pub dry_run: bool,
    /// How to show them
    #[command(flatten)]
    pub listing: Listing,
}
