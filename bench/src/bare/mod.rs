//! The least that routes of ours can be: they ask the same servers the same, and do nothing else.
//!
//! They run as a process of their own, this program started again, so that its processor time can be told from ours.

mod addresses;
mod callers;
mod carts;
mod orders;
mod refresh;

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result};
use axum::Router;
use clap::{Args, ValueEnum};
use clock::Sources;
use database::{Database, DatabaseUrl, Postgres, Vault};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::servers::{SECRET_KEY, Servers};

/// Routes that have nothing around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bare {
    Refresh,
    Carts,
    Addresses,
    Orders,
}

/// What makes this program such a process.
#[derive(Debug, Clone, Args)]
pub(crate) struct BareArguments {
    /// Serves these.
    #[arg(long, value_enum, value_name = "ROUTES", hide = true)]
    bare: Option<Bare>,
    /// Redis, on this machine.
    #[arg(long, value_name = "PORT", requires = "bare", default_value_t = 0, hide = true)]
    redis: u16,
    /// Postgres, on this machine.
    #[arg(long, value_name = "PORT", requires = "bare", default_value_t = 0, hide = true)]
    postgres: u16,
}

/// The process that serves the routes; dropped, it ends.
pub(crate) struct BareServer {
    child: Child,
    url: String,
}

impl BareServer {
    /// Starts it on `servers`, and returns when it answers.
    pub(crate) async fn start(bare: Bare, servers: &Servers) -> Result<Self> {
        let name = bare.to_possible_value().context("a hidden name")?;
        let (redis, postgres) = (servers.redis.port().to_string(), servers.postgres_port().to_string());
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--bare", name.get_name(), "--redis", &redis, "--postgres", &postgres]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let output = child.stdout.take().context("the bare routes have no output")?;
        let port = BufReader::new(output).lines().next_line().await?.context("the bare routes did not start")?;
        Ok(Self { child, url: format!("http://127.0.0.1:{port}") })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn process_id(&self) -> Result<u32> {
        self.child.id().context("the bare routes have ended")
    }
}

impl BareArguments {
    /// Is the process, if this program was started as one: serves until it is ended, and tells its port on standard output.
    pub(crate) async fn serve(&self) -> Option<Result<()>> {
        let &Self { bare, redis, postgres } = self;
        Some(match bare? {
            Bare::Refresh => refresh::serve(redis).await,
            Bare::Carts => carts::serve(redis).await,
            Bare::Addresses => addresses::serve(redis, postgres).await,
            Bare::Orders => orders::serve(redis, postgres).await,
        })
    }
}

async fn serve(router: Router) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
    Ok(axum::serve(listener, router).await?)
}

/// The very script that our adapter runs.
const SWAP: &str = include_str!("../../../ports/ephemeral/src/redis/scripts/swap.lua");

/// Over the one connection that a process of ours has, too.
async fn redis_at(port: u16) -> Result<redis::aio::MultiplexedConnection> {
    Ok(redis::Client::open(format!("redis://127.0.0.1:{port}"))?.get_multiplexed_async_connection().await?)
}

/// The database of the service `name`, over as many connections as that has, and with its key: what is sealed here is opened there.
async fn database_at(port: u16, name: &str, sources: Sources) -> Result<Database> {
    let url = DatabaseUrl::Postgres(Postgres::local(port, "postgres", name));
    Ok(Database::connect(&url, sources, Vault::new(SECRET_KEY.as_bytes())).await?)
}
