//! A client that costs next to nothing, for rates that a client's own cost would hide: one connection, one request at a time.

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A connection to a server, which it keeps.
pub(crate) struct LeanClient {
    stream: TcpStream,
    /// Of the last answer.
    bytes: Vec<u8>,
}

/// What the server said; its body has come whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeanAnswer<'a> {
    pub(crate) status: u16,
    head: &'a str,
    pub(crate) body: &'a [u8],
}

impl LeanClient {
    /// To the server at `url`, an address of this machine.
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let authority = url.strip_prefix("http://").context("no address of a server")?.trim_end_matches('/');
        let stream = TcpStream::connect(authority).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, bytes: Vec::with_capacity(16 * 1024) })
    }

    pub(crate) async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<LeanAnswer<'_>> {
        self.send(&format!("GET {path} HTTP/1.1\r\n{}\r\n", lines(headers))).await
    }

    /// Sends JSON.
    pub(crate) async fn post(&mut self, path: &str, body: &str, headers: &[(&str, &str)]) -> Result<LeanAnswer<'_>> {
        let (lines, length) = (lines(headers), body.len());
        let kind = "content-type: application/json";
        self.send(&format!("POST {path} HTTP/1.1\r\n{lines}{kind}\r\ncontent-length: {length}\r\n\r\n{body}")).await
    }

    async fn send(&mut self, request: &str) -> Result<LeanAnswer<'_>> {
        self.bytes.clear();
        self.stream.write_all(request.as_bytes()).await?;
        loop {
            ensure!(self.stream.read_buf(&mut self.bytes).await? > 0, "the server hung up");
            if let Some(whole) = length(&self.bytes)?
                && self.bytes.len() >= whole
            {
                return LeanAnswer::of(&self.bytes);
            }
        }
    }
}

fn lines(headers: &[(&str, &str)]) -> String {
    let host = ("host", "localhost");
    std::iter::once(&host).chain(headers).map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

/// How long the answer is that begins so, once its head has come.
fn length(bytes: &[u8]) -> Result<Option<usize>> {
    let Some(end) = bytes.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) else { return Ok(None) };
    let answer = LeanAnswer { status: 0, head: std::str::from_utf8(&bytes[..end])?, body: &[] };
    let body = answer.header("content-length").map_or(Ok(0), str::parse::<usize>)?;
    ensure!(answer.header("transfer-encoding").is_none(), "an answer in pieces");
    Ok(Some(end + END_OF_HEAD.len() + body))
}

impl<'a> LeanAnswer<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self> {
        let text = |bytes| std::str::from_utf8(bytes).context("a head that is no text");
        let end = bytes.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD).context("no head")?;
        let head = text(&bytes[..end])?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok(Self { status, head, body: &bytes[end + END_OF_HEAD.len()..] })
    }

    pub(crate) fn header(&self, wanted: &str) -> Option<&'a str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\netag: \"1\"\r\n\r\nevet";

    #[test]
    fn an_answer_is_whole_once_its_body_has_come() {
        for cut in 0..ANSWER.len() {
            let is_whole = length(&ANSWER[..cut]).unwrap().is_some_and(|whole| cut >= whole);
            assert!(!is_whole, "{cut}");
        }
        assert_eq!(length(ANSWER).unwrap(), Some(ANSWER.len()));
    }

    #[test]
    fn an_answer_has_status_headers_and_body() {
        let answer = LeanAnswer::of(ANSWER).unwrap();

        assert_eq!((answer.status, answer.header("ETag"), answer.body), (200, Some("\"1\""), b"evet".as_slice()));
    }
}
