//! `health`: asks a running platform whether it is ready, without any tool that an image would have to hold.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, anyhow};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::command_line::Port;
use crate::error::Result;
use crate::services::Services;
use crate::settings::Settings;
use crate::terminal::say;

use super::invocation::Invocation;

/// Longer than any check of readiness may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn run(invocation: &Invocation, port: Port) -> Result<()> {
    let settings = Settings::read(&mut invocation.values(port.flags())?, Services::all())?;
    let address = reachable(settings.http.address);
    let answer = tokio::time::timeout(ANSWER_TIMEOUT, ask(address)).await;
    let (status, body) = answer
        .unwrap_or_else(|_| Err(anyhow!("no answer in time")))
        .with_context(|| format!("the platform at {address} does not answer"))?;
    say(&body)?;
    if status.is_success() { Ok(()) } else { Err(anyhow!("the platform at {address} is not ready"))? }
}

/// From this machine, a platform that listens everywhere is reached by loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback = match address.ip() {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::LOCALHOST),
    };
    if address.ip().is_unspecified() { SocketAddr::new(loopback, address.port()) } else { address }
}

async fn ask(address: SocketAddr) -> anyhow::Result<(StatusCode, String)> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get("/health/ready").header("host", address.to_string()).body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        anyhow::Ok((status, String::from_utf8_lossy(&body).into_owned()))
    };
    tokio::select! {
        answer = exchange => answer,
        ended = connection => Err(ended.err().map_or_else(|| anyhow!("the connection was closed"), anyhow::Error::from)),
    }
}
