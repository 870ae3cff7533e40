//! Commands and replies over one connection (RFC 5321, section 4.2).
//!
//! Of a reply only the codes count. Its text may be in any encoding and of any length: it is read as far as people can
//! use it, and decides nothing.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

use crate::model::verdict::ReplyCode;

/// A byte stream, protected or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// The client's side of a connection.
pub(crate) struct Dialogue {
    stream: BufReader<Box<dyn Stream>>,
    /// What the server offers, a line each.
    pub(super) offers: Vec<String>,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: ReplyCode,
    /// Code and text of all lines, without control characters and in moderation.
    pub(crate) text: String,
    /// The text of each line.
    pub(super) lines: Vec<String>,
}

/// As much of a line is kept; RFC 5321 lets a server say half of it.
const LINE: usize = 1024;
/// As many lines are kept of a reply.
const LINES: usize = 64;
/// A reply that is longer does not end.
const REPLY: usize = 1024 * 1024;
/// As much of a reply goes into logs and rows: servers are strangers too.
const QUOTED_CHARACTERS: usize = 300;

impl Dialogue {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream: BufReader::new(stream), offers: Vec::new() }
    }

    /// Says `command`, which has no line end, and reads the reply.
    ///
    /// # Errors
    /// The connection broke, or what came is no reply.
    pub(super) async fn say(&mut self, command: &str) -> io::Result<Reply> {
        self.write(format!("{command}\r\n").as_bytes()).await
    }

    /// Writes `bytes` as they are, in one go, and reads the reply.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<Reply> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await?;
        self.hear().await
    }

    /// Reads a reply.
    pub(super) async fn hear(&mut self) -> io::Result<Reply> {
        read_reply(&mut self.stream).await
    }

    /// The stream below, so that it can be protected.
    ///
    /// # Errors
    /// The server has said more than it was asked: somebody between us may have, before anything is protected.
    pub(super) fn into_stream(self) -> io::Result<Box<dyn Stream>> {
        if self.stream.buffer().is_empty() {
            Ok(self.stream.into_inner())
        } else {
            Err(io::Error::other("the server spoke before its turn"))
        }
    }
}

async fn read_reply(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Reply> {
    let (mut lines, mut length) = (Vec::new(), 0);
    loop {
        let line = read_line(stream, &mut length).await?;
        let (code, is_last, text) =
            parse_line(&line).ok_or_else(|| io::Error::other("the server's answer makes no sense"))?;
        if lines.len() < LINES || is_last {
            lines.push(text);
        }
        if is_last {
            let enhanced = lines.first().and_then(|text| enhanced(code, text));
            let text = format!("{code} {}", lines.join(" "));
            return Ok(Reply { code: ReplyCode { code, enhanced }, text: printable(&text), lines });
        }
    }
}

/// One line without its end, as much of it as is kept; `length` counts all of it.
async fn read_line(stream: &mut (impl AsyncBufRead + Unpin), length: &mut usize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        let bytes = stream.fill_buf().await?;
        if bytes.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(bytes.len(), |end| end + 1);
        line.extend(bytes.iter().take(taken.min(LINE.saturating_sub(line.len()))));
        stream.consume(taken);
        *length += taken;
        if *length > REPLY {
            return Err(io::Error::other("the server's answer does not end"));
        }
        if end.is_some() {
            return Ok(line);
        }
    }
}

/// `250-first` and `250 last`, or nothing if it is no line of a reply.
fn parse_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let (digits, rest) = line.split_at_checked(3)?;
    let code = digits.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(digits).ok())??.parse().ok()?;
    let is_last = match rest.first() {
        Some(b'-') => false,
        Some(b' ' | b'\t' | b'\r' | b'\n') | None => true,
        Some(_) => return None,
    };
    Some((code, is_last, String::from_utf8_lossy(rest.get(1..).unwrap_or_default()).trim().to_owned()))
}

/// The last two numbers of `5.7.1`, if its class is that of `code` (RFC 3463, section 2).
fn enhanced(code: u16, text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split([' ', '\t']).next()?.split('.');
    let class: u16 = numbers.next()?.parse().ok()?;
    let (subject, detail) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    (class == code / 100 && numbers.next().is_none()).then_some((subject, detail))
}

/// `text` without control characters and in moderation.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(QUOTED_CHARACTERS).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> io::Result<Reply> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { read_reply(&mut &bytes[..]).await })
    }

    fn parsed(bytes: &[u8]) -> (u16, Option<(u16, u16)>, String) {
        let reply = read(bytes).unwrap();
        (reply.code.code, reply.code.enhanced, reply.text)
    }

    #[test]
    fn a_reply_is_its_codes_in_whatever_encoding_its_text_is() {
        assert_eq!(parsed(b"250 2.0.0 ok\r\n"), (250, Some((0, 0)), "250 2.0.0 ok".to_owned()));
        assert_eq!(
            parsed(b"250 2.0.0 \xDDleti al\xFDnd\xFD\r\n"),
            (250, Some((0, 0)), "250 2.0.0 \u{fffd}leti al\u{fffd}nd\u{fffd}".to_owned())
        );
        assert_eq!(parsed(b"250\r\n"), (250, None, "250".to_owned()));
        assert_eq!(
            parsed(b"550-5.7.1 first\r\n550 second\r\n"),
            (550, Some((7, 1)), "550 5.7.1 first second".to_owned())
        );
        assert_eq!(parsed(b"550 4.7.1 of another class\n").1, None);
    }

    #[test]
    fn a_very_long_line_is_still_a_reply_and_one_without_end_is_none() {
        let line = |length: usize| [b"451 4.7.0 ".to_vec(), vec![b'x'; length], b"\r\n".to_vec()].concat();

        assert_eq!(parsed(&line(100_000)).0, 451);
        assert!(parsed(&line(100_000)).2.len() <= QUOTED_CHARACTERS);
        assert!(read(&line(2 * REPLY)).is_err());
        assert!(read(&b"250-more\r\n".repeat(REPLY)).is_err());
    }

    #[test]
    fn what_is_no_reply_is_an_error() {
        for bytes in [&b""[..], b"250", b"hello\r\n", b"25\r\n", b"2500 ok\r\n", b"+50 ok\r\n", b"\xff\xff\xff ok\r\n"]
        {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_a_panic_and_quoted_without_control_characters(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(reply) = read(&bytes) {
                prop_assert!(!reply.text.contains(char::is_control));
            }
        }
    }
}
