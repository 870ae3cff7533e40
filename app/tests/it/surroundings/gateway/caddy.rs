//! The gateway before processes of a test, and what `caddy` says of its file.

use lezzetlimani::services::ServiceName;
use testkit::{Gateway, Server, free_port};

use crate::support::{Ended, in_time};

/// A gateway which leads each service's paths to `upstream` of it. That need not run yet.
pub(super) async fn open_gateway<'a>(upstream: impl Fn(ServiceName) -> &'a Server) -> Gateway {
    let upstreams = ServiceName::all().iter().map(|&service| (service.as_str(), upstream(service)));
    Gateway::open(free_port().unwrap(), upstreams).await.unwrap()
}

/// How `caddy` ends with `argument` and the file.
pub(super) async fn run_caddy(argument: &str) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    Ended::of(in_time("caddy ends", Gateway::command(folder.path(), &[argument]).output()).await.unwrap())
}
