//! Connections whose clients want nothing, or never take what they asked for.

use std::path::Path;

use testkit::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{at_last, http_client};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lezzetlimani");
/// So few that a handful is a crowd.
const CONNECTIONS: usize = 4;

struct Deployment {
    server: Server,
    _folder: tempfile::TempDir,
}

/// Whoever connects does so as itself, unless it is one of `proxies`.
async fn deployment(per_client: &str, proxies: &str) -> Deployment {
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("HTTP_CONNECTIONS", "4"),
        ("HTTP_CONNECTIONS_PER_CLIENT", per_client),
        ("HTTP_WRITE_TIMEOUT", "200ms"),
        ("TRUSTED_PROXIES", proxies),
    ];
    let mut server = Server::new(Path::new(PROGRAM), &folder.path().join("data"), &settings).unwrap();
    server.start().await.unwrap();
    Deployment { server, _folder: folder }
}

impl Deployment {
    /// Connections that all sent `bytes` and read nothing.
    async fn crowd(&self, count: usize, bytes: &[u8]) -> Vec<TcpStream> {
        let mut crowd = Vec::new();
        for _ in 0..count {
            let mut stream = TcpStream::connect(self.server.url("").replace("http://", "")).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            crowd.push(stream);
        }
        crowd
    }

    async fn answers(&self) {
        let client = http_client();
        at_last("a newcomer is answered", async || {
            let answer = client.get(self.server.url("/health/live")).send().await;
            answer.is_ok_and(|answer| answer.status() == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn connections_that_do_not_read_their_answers_give_way() {
    let deployment = deployment("4", "127.0.0.1/32").await;
    let request = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(8);

    let _crowd = deployment.crowd(CONNECTIONS, request.as_bytes()).await;

    deployment.answers().await;
}

#[tokio::test]
async fn connections_without_a_request_give_way() {
    let deployment = deployment("4", "127.0.0.1/32").await;

    let _crowd = deployment.crowd(3 * CONNECTIONS, b"").await;

    deployment.answers().await;
}

#[tokio::test]
async fn connections_with_half_a_head_give_way() {
    let deployment = deployment("4", "127.0.0.1/32").await;

    let _crowd = deployment.crowd(3 * CONNECTIONS, b"GET / HTTP/1.1\r\nhost: loc").await;

    deployment.answers().await;
}

#[tokio::test]
async fn connections_that_were_answered_give_way() {
    let deployment = deployment("4", "127.0.0.1/32").await;

    let _crowd = deployment.crowd(3 * CONNECTIONS, b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n").await;

    deployment.answers().await;
}

#[tokio::test]
async fn a_client_has_its_share_of_connections_and_no_more() {
    let deployment = deployment("1", "192.0.2.1/32").await;
    let head = "POST /auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 9\r\nexpect: 100-continue\r\n\r\n";

    at_last("a second connection is refused", async || {
        // Whoever is told to go on is busy, and gives way to nobody, as long as the second one comes within two seconds.
        let mut busy = deployment.crowd(1, head.as_bytes()).await;
        let mut interim = [0; 12];
        busy[0].read_exact(&mut interim).await.ok().filter(|_| &interim == b"HTTP/1.1 100")?;
        let mut crowd = deployment.crowd(1, head.as_bytes()).await;
        (!matches!(crowd[0].read(&mut [0]).await, Ok(1..))).then_some(())
    })
    .await;
}
