//! A server that answers as a test says, for what real ones answer only while a network is broken.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Where a server will answer.
pub(crate) struct Door {
    listener: TcpListener,
    port: u16,
}

/// A server at work; dropped, it is gone.
pub(crate) struct Scripted {
    _serving: JoinSet<()>,
}

impl Door {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Self { port: listener.local_addr().unwrap().port(), listener }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Answers each command, given in one line, with what `answer` makes of it, and what all servers are asked by itself.
    pub(crate) fn serve<A: Future<Output = String> + Send + 'static>(
        self,
        answer: impl Fn(String) -> A + Send + Sync + 'static,
    ) -> Scripted {
        let (answer, mut serving) = (Arc::new(answer), JoinSet::new());
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = self.listener.accept().await {
                let answer = answer.clone();
                connections.spawn(async move {
                    let mut stream = BufStream::new(stream);
                    while let Some(command) = read_command(&mut stream).await {
                        let answer = match command.as_str() {
                            "PING" => "+PONG\r\n".to_owned(),
                            "ROLE" => array(&[bulk("master")]),
                            "INFO memory" | "INFO persistence" => bulk(""),
                            _ => answer(command).await,
                        };
                        stream.write_all(answer.as_bytes()).await.unwrap();
                        stream.flush().await.unwrap();
                    }
                });
            }
        });
        Scripted { _serving: serving }
    }
}

async fn read_command(stream: &mut BufStream<TcpStream>) -> Option<String> {
    let words = read_number(stream, '*').await?;
    let mut command = Vec::new();
    for _ in 0..words {
        let length = read_number(stream, '$').await?;
        let mut word = vec![0; length + 2];
        stream.read_exact(&mut word).await.ok()?;
        word.truncate(length);
        command.push(String::from_utf8(word).unwrap());
    }
    Some(command.join(" "))
}

async fn read_number(stream: &mut BufStream<TcpStream>, kind: char) -> Option<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    Some(line.trim().strip_prefix(kind)?.parse().unwrap())
}

pub(crate) fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

pub(crate) fn array(parts: &[String]) -> String {
    format!("*{}\r\n{}", parts.len(), parts.concat())
}

pub(crate) fn number(number: u16) -> String {
    format!(":{number}\r\n")
}
