//! What can be asked for on the command line.

mod dead_letters;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clock::Timestamp;
use contracts::{CampaignId, EmailAddress, Role};

pub use dead_letters::{Chosen, DeadLetters, LetterFilter, LetterState};

use crate::services::ServiceName;
use crate::settings::{Flag, table};
use crate::terminal::Format;

const EXIT_CODES: &str = "\
Without a command: serve --demo.

Exit codes:
  0  done
  1  failed: something around it did not work, and the same may succeed later
  2  refused: what was asked or set is not possible or not allowed";

/// A food-ordering platform in one program.
#[derive(Debug, Parser)]
#[command(name = "lezzetlimani", version, after_help = EXIT_CODES)]
pub struct CommandLine {
    /// Where to work.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where to work.
#[derive(Debug, Clone, Default, Args)]
pub struct Place {
    /// The folder of everything that is embedded (DATA_DIR)
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The settings file, if not lezzetlimani.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the platform until SIGTERM or SIGINT
    Serve(Serve),
    /// Show every setting, its value and where that came from
    Config(Config),
    /// Bring the database up to date
    Migrate(Migrate),
    /// Take over what others wrote into their own tables of the same database
    #[command(subcommand)]
    Import(Import),
    /// Ask a running platform whether it is ready, for containers
    Health(Port),
    /// Print the description of the HTTP interface (OpenAPI 3.1)
    Openapi,
    /// Print the description of the events (AsyncAPI 3.0)
    Asyncapi,
    /// Accounts
    #[command(subcommand)]
    Admin(Admin),
    /// The keys that sign access tokens
    #[command(subcommand)]
    Keys(Keys),
    /// Mails
    #[command(subcommand)]
    Mail(Mail),
    /// Restaurants
    #[command(subcommand)]
    Restaurants(Restaurants),
    /// Campaigns of restaurants, on their way to those who follow them
    #[command(subcommand)]
    Campaigns(Campaigns),
    /// Copy the database of a running platform into one file
    Backup {
        /// The file to make
        file: PathBuf,
    },
    /// Show how many events wait where
    Topics(Topics),
    /// Events that had no effect
    #[command(subcommand)]
    DeadLetters(DeadLetters),
}

/// `serve`
#[derive(Debug, Default, Args)]
pub struct Serve {
    /// What to run; everything by default
    #[arg(value_enum, value_name = "SERVICE")]
    pub services: Vec<ServiceName>,
    /// Show a town of restaurants, whose kitchens answer orders by themselves (DEMO_KITCHENS), with accounts to look around in
    /// it and their passwords
    #[arg(long)]
    pub demo: bool,
    /// Where to listen.
    #[command(flatten)]
    pub port: Port,
}

/// `config`
#[derive(Debug, Args)]
pub struct Config {
    /// As a process has them that runs these; everything by default
    #[arg(value_enum, value_name = "SERVICE")]
    pub services: Vec<ServiceName>,
    /// How to show them
    #[command(flatten)]
    pub listing: Listing,
}

/// `migrate`
#[derive(Debug, Args)]
pub struct Migrate {
    /// Whose tables; those of all services by default
    #[arg(value_enum, value_name = "SERVICE")]
    pub services: Vec<ServiceName>,
}

/// `import`
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Catch up with the first platform: accounts, profiles and favourites that are not known here
    ///
    /// They were copied when our tables were made; this adds what was written there since. What is known here stays as it
    /// is here, and a second run finds nothing new. Works beside a running server, which tells other services of new
    /// accounts; stop the services of the first platform that write the tables before.
    FirstPlatform(ImportFirstPlatform),
}

/// `import first-platform`
#[derive(Debug, Args)]
pub struct ImportFirstPlatform {
    /// Whose rows; those of every service for which the database has tables of the first platform by default
    #[arg(value_parser = takers(), value_name = "SERVICE")]
    pub services: Vec<ServiceName>,
    /// Only count what would be added
    #[arg(long)]
    pub dry_run: bool,
    /// How to show the counts
    #[command(flatten)]
    pub listing: Listing,
}

/// The port of a platform.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Port {
    /// The port of HTTP (SERVER_PORT)
    #[arg(long, value_name = "N")]
    port: Option<u16>,
}

/// A command that lists.
#[derive(Debug, Clone, Copy, Args)]
pub struct Listing {
    /// JSON for programs instead of a table for people
    #[arg(long)]
    json: bool,
}

/// `admin`
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an account that runs the platform, or promote one that exists and give it the password
    Create {
        /// Its address
        email: EmailAddress,
        /// Read the password from standard input instead of asking for it twice
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change what an account may do, as its sessions learn at their next refresh
    Grant {
        /// Its address
        email: EmailAddress,
        /// user, manager or admin
        role: Role,
    },
    /// Lock an account: it can't sign in, and its sessions end
    Lock {
        /// Its address
        email: EmailAddress,
    },
    /// Let a locked account sign in again
    Unlock {
        /// Its address
        email: EmailAddress,
    },
    /// End all sessions of an account
    SignOut {
        /// Its address
        email: EmailAddress,
    },
}

/// `keys`
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Show the keys
    List(Listing),
    /// Make a new key; tokens of the old one stay valid until they expire
    Rotate {
        /// Replace every key at once, because one may be in wrong hands: what they signed is refused within a minute
        #[arg(long)]
        now: bool,
    },
}

/// `mail`
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Send a test mail and show what the server said
    Test {
        /// To whom
        address: EmailAddress,
    },
    /// Check how mails leave without sending one, and show which DNS records have to stand for them
    Doctor,
}

/// `restaurants`
#[derive(Debug, Subcommand)]
pub enum Restaurants {
    /// Publish all restaurants once more, for a service that has joined late or whose database was lost
    ///
    /// Who knows them already leaves them out. A running server does it, 200 a second.
    Publish,
}

/// `campaigns`
#[derive(Debug, Subcommand)]
pub enum Campaigns {
    /// Show all, newest first
    List(Listing),
    /// Show one, and what has become of its mails
    Show(NamedCampaign),
    /// Let one stand: who was not mailed by now is not
    Pause(NamedCampaign),
    /// Let one go on that stands, whatever it stood for
    Resume(NamedCampaign),
    /// End one for good
    Cancel(NamedCampaign),
}

/// One campaign.
#[derive(Debug, Clone, Copy, Args)]
pub struct NamedCampaign {
    /// Its id
    pub id: CampaignId,
    /// How to show it
    #[command(flatten)]
    pub listing: Listing,
}

/// `topics`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Topics {
    /// What to do besides showing them
    #[command(subcommand)]
    pub change: Option<TopicsChange>,
    /// How to show them
    #[command(flatten)]
    pub listing: Listing,
}

/// What can be done about topics.
#[derive(Debug, Subcommand)]
pub enum TopicsChange {
    /// Have a consumer given once more what Kafka holds since some time; what it knows is left out
    ///
    /// For a database that was restored where that is not noticed at the start. Stop the processes that run the consumer
    /// before.
    Rewind(Rewind),
}

/// `topics rewind`
#[derive(Debug, Args)]
pub struct Rewind {
    /// Its name, as `topics` shows it
    pub consumer: String,
    /// Since when, as in 2026-11-28T09:30:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub since: Timestamp,
    /// The service that runs it, where each service runs in a process of its own
    #[arg(long, value_enum)]
    pub service: Option<ServiceName>,
    /// Only say what would change
    #[arg(long)]
    pub dry_run: bool,
    /// How to show it
    #[command(flatten)]
    pub listing: Listing,
}

/// Reads a time as RFC 3339 writes it.
fn parse_time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "a time is written with date, time of day and zone, as in 2026-11-28T09:30:00Z")
}

/// Reads the services that have something to take over.
fn takers() -> impl TypedValueParser<Value = ServiceName> {
    let takers = ServiceName::all().iter().filter(|service| service.import().is_some());
    PossibleValuesParser::new(takers.filter_map(ServiceName::to_possible_value))
        .try_map(|name| ServiceName::from_str(&name, false))
}

impl Place {
    /// The settings that it stands for.
    #[must_use]
    pub fn flags(&self) -> Vec<Flag> {
        let data = self.data.as_ref();
        let data =
            data.map(|data| Flag { name: table::DATA_DIR.row.name, flag: "--data", text: data.display().to_string() });
        data.into_iter().collect()
    }
}

impl Port {
    /// The settings that it stands for.
    #[must_use]
    pub fn flags(self) -> Vec<Flag> {
        let port =
            self.port.map(|port| Flag { name: table::SERVER_PORT.row.name, flag: "--port", text: port.to_string() });
        port.into_iter().collect()
    }
}

impl Listing {
    /// How to show it.
    #[must_use]
    pub fn format(self) -> Format {
        if self.json { Format::Json } else { Format::Table }
    }
}
