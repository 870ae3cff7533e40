//! A mail as the sink got it, and what a reader would see of it.

use clock::Timestamp;
use data_encoding::BASE64;

/// A mail that the sink took.
#[derive(Debug, Clone)]
pub struct ReceivedMail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The message as it came, without the dots of RFC 5321, section 4.5.2.
    pub raw: String,
    /// What the client sent with `AUTH`, if it did.
    pub authenticated: Option<String>,
    /// Which connection it came over; the first is 1.
    pub connection: usize,
    /// When its last line came.
    pub received_at: Timestamp,
}

impl ReceivedMail {
    /// The decoded value of the header `name`, unless there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        header(head_and_body(&self.raw).0, name)
    }

    /// All header lines as they came, folded ones joined.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        headers(head_and_body(&self.raw).0)
    }

    /// The `Message-ID`, empty when there is none.
    #[must_use]
    pub fn message_id(&self) -> String {
        self.header("Message-ID").unwrap_or_default()
    }

    /// The decoded `text/plain` part, empty when there is none.
    #[must_use]
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    /// The decoded `text/html` part, empty when there is none.
    #[must_use]
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, media: &str) -> String {
        let (head, body) = head_and_body(&self.raw);
        let kind = header(head, "Content-Type").unwrap_or_default();
        let Some(boundary) = kind.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()) else {
            return if kind.starts_with(media) { decode(head, body) } else { String::new() };
        };
        let delimiter = format!("--{boundary}");
        let mut parts = body.split(&delimiter).skip(1).map(|part| head_and_body(part.trim_start()));
        let part = parts.find(|(head, _)| header(head, "Content-Type").is_some_and(|kind| kind.starts_with(media)));
        part.map(|(head, body)| decode(head, body)).unwrap_or_default()
    }
}

fn head_and_body(part: &str) -> (&str, &str) {
    part.split_once("\r\n\r\n").unwrap_or((part, ""))
}

fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let pairs = unfolded.split("\r\n").filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

fn header(head: &str, name: &str) -> Option<String> {
    let found = headers(head).into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
    found.map(|(_, value)| decode_words(&value))
}

fn decode(head: &str, body: &str) -> String {
    let encoding = header(head, "Content-Transfer-Encoding").unwrap_or_default();
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "base64" => {
            let packed: String = body.split_ascii_whitespace().collect();
            BASE64.decode(packed.as_bytes()).unwrap_or_default()
        }
        "quoted-printable" => unquote(&body.replace("=\r\n", "")),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim_end().to_owned()
}

/// Resolves `=C5=9F` (RFC 2045, section 6.7).
fn unquote(quoted: &str) -> Vec<u8> {
    let mut pieces = quoted.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (code, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        bytes.extend(u8::from_str_radix(code, 16));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

/// Resolves `=?utf-8?b?…?=` (RFC 2047); the space between two encoded words is no space.
fn decode_words(value: &str) -> String {
    let mut plain = String::new();
    let mut after_encoded = false;
    for word in value.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        let decoded = encoded.and_then(|code| BASE64.decode(code.as_bytes()).ok());
        let joins = after_encoded && decoded.is_some();
        if !plain.is_empty() && !joins {
            plain.push(' ');
        }
        after_encoded = decoded.is_some();
        match decoded {
            Some(bytes) => plain.push_str(&String::from_utf8_lossy(&bytes)),
            None => plain.push_str(word),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(raw: &str) -> ReceivedMail {
        let received_at = Timestamp::from_timestamp(0, 0).unwrap();
        let raw = raw.replace('\n', "\r\n");
        ReceivedMail { from: String::new(), to: Vec::new(), raw, authenticated: None, connection: 1, received_at }
    }

    #[test]
    fn a_reader_sees_headers_and_both_parts_decoded() {
        let mail = received(
            "Subject: =?utf-8?b?RS1wb3N0YSDFnw==?= =?utf-8?b?xLF4?= ok\nContent-Type: multipart/alternative;\n boundary=\"b\"\n\n\
             --b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\na=C5=9F=\nb=3D1\n\
             --b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPGI+\n--b--\n",
        );

        assert_eq!(mail.header("subject").unwrap(), "E-posta şıx ok");
        assert_eq!(mail.text(), "aşb=1");
        assert_eq!(mail.html(), "<b>");
    }

    #[test]
    fn a_mail_of_one_part_is_that_part() {
        let mail = received("Content-Type: text/plain\n\nhello\n");

        assert_eq!((mail.text(), mail.html()), ("hello".to_owned(), String::new()));
    }
}
