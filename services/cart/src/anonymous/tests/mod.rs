//! Carts that many change at once, over stores that do and do not answer.

mod crowds;
mod faulty;
mod lanes;
mod outages;

use std::sync::Arc;
use std::time::Duration;

use clock::Sources;
use ephemeral::redis::{Node, Topology};
use ephemeral::{Embedded, EphemeralStore, Redis};
use tempfile::TempDir;
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;

use super::*;
use crate::model::anonymous::AddItem;
use crate::model::anonymous::tests::{id, keyed, meal, some};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The service's carts over `store`, as another process has them.
fn carts_over(store: &Arc<dyn EphemeralStore>) -> Arc<AnonymousCarts> {
    let store = CartStore { ephemeral: Arc::clone(store), sources: Sources::system() };
    Arc::new(AnonymousCarts::over(store))
}

fn embedded() -> (Embedded, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Embedded::open(folder.path(), Sources::system()).unwrap(), folder)
}

/// A server of its own, where servers are wanted.
async fn redis() -> Option<RedisServer> {
    if shared::are_wanted() { Some(RedisServer::start().await.unwrap()) } else { None }
}

async fn connected(server: &RedisServer) -> Arc<dyn EphemeralStore> {
    let node = Node { host: "127.0.0.1".to_owned(), port: server.port() };
    let topology = Topology::Single(node);
    let command_timeout = ephemeral::RedisServer::COMMAND_TIMEOUT;
    let server = ephemeral::RedisServer { topology, credentials: None, database: 0, tls: None, command_timeout };
    Arc::new(Redis::open(&server, Sources::system()).await.unwrap())
}

fn asked(change: Change) -> AskedChange {
    AskedChange { change, if_match: None, network: "192.0.2.0/24".to_owned() }
}

fn add(item: AddItem) -> AskedChange {
    asked(Change::Add(item))
}
