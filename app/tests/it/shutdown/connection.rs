//! One connection, of which every byte counts.

use std::io;

use testkit::Server;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// One that the system has accepted, whether the server has taken it in or not.
    pub(super) async fn open(server: &Server) -> Self {
        let address = server.url("").replace("http://", "");
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    pub(super) async fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
    }

    pub(super) async fn register(&mut self, email: &str) {
        let body = format!(r#"{{"email":"{email}","password":"gizli deniz feneri 42"}}"#);
        let length = body.len();
        let head = format!(
            "POST /auth/register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}"
        );
        self.send(&format!("{head}\r\n\r\n{body}")).await;
    }

    async fn send(&mut self, request: &str) {
        self.0.get_mut().write_all(request.as_bytes()).await.unwrap();
    }

    /// The status of an answer that came to its end.
    ///
    /// # Errors
    /// It did not.
    pub(super) async fn whole_answer(&mut self) -> io::Result<u16> {
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut length = 0;
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().map_err(io::Error::other)?;
            }
        }
        self.0.read_exact(&mut vec![0; length]).await?;
        status.ok_or_else(|| io::Error::other("no status"))
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line).await?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
