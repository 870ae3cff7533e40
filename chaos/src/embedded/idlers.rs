//! Clients that send requests and read no answer, until the server can put no more of it anywhere.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use testkit::Server;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

/// Not the proxy that the server trusts to speak for many.
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const CLIENTS: usize = 200;
/// Of each client; its answers are many times what buffers take.
const REQUESTS: usize = 200;
/// How long a client goes on sending.
const SENDING: Duration = Duration::from_secs(2);
/// The longest answer that anybody may ask for.
const PATH: &str = "/openapi.json";

/// Their connections; dropped, they are closed.
pub(super) struct Idlers {
    _connections: Vec<TcpStream>,
}

impl Idlers {
    /// Returns once they have sent what the server takes.
    pub(super) async fn send(server: &Server) -> Result<Self> {
        let url = server.url("");
        let address = url.strip_prefix("http://").context("a server has an address")?.parse()?;
        let sent = join_all((0..CLIENTS).map(|_| send(address))).await;
        let connections: Vec<TcpStream> = sent.into_iter().flatten().collect();
        ensure!(!connections.is_empty(), "the server let none of {CLIENTS} clients in");
        Ok(Self { _connections: connections })
    }
}

/// Nothing, when the server ended the connection.
async fn send(address: SocketAddr) -> Option<TcpStream> {
    let request = format!("GET {PATH} HTTP/1.1\r\nhost: liman\r\n\r\n");
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind((STRANGER, 0).into()).ok()?;
    let mut connection = socket.connect(address).await.ok()?;
    let requests = request.repeat(REQUESTS);
    match tokio::time::timeout(SENDING, connection.write_all(requests.as_bytes())).await {
        Ok(Err(_)) => None,
        Ok(Ok(())) | Err(_) => Some(connection),
    }
}
