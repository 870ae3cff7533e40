//! The bytes on the wire: whole, the same each time, and without a header that we did not write.

use clock::Timestamp;
use contracts::{Asked, EmailEvent, Event, Locale, MailMessage, Offer, Secret};
use proptest::prelude::*;
use uuid::Uuid;

use super::mail::render;
use super::message::{MessageHeader, message, message_id};
use super::{Links, UnsubscribeKey};

const EVENT: Uuid = Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001);

fn letterhead(event: Uuid) -> MessageHeader {
    let from = "Lezzetlimanı <posta@lezzetlimani.site>".parse().unwrap();
    MessageHeader {
        message_id: message_id(event, &from),
        from,
        to: "ayse@example.com".parse().unwrap(),
        date: Timestamp::from_timestamp(1_700_000_000, 123_456_000).unwrap(),
    }
}

pub(super) fn written(mail: &MailMessage) -> String {
    let links = Links { public_url: "http://localhost:8080".to_owned(), front_end: None };
    let head = letterhead(EVENT);
    let unsubscribe = links.unsubscribe(&UnsubscribeKey::new(&[7; 32]).mint(&head.to));
    let unsubscribe = matches!(mail, MailMessage::Discount { .. }).then_some(unsubscribe);
    let content = render(mail, Locale::Tr, &links, unsubscribe).unwrap();
    message(&head, &content, None).unwrap()
}

pub(super) fn verification() -> MailMessage {
    MailMessage::Verification { token: Secret::new("t"), asked: Asked::default() }
}

fn discount(title: &str) -> MailMessage {
    MailMessage::Discount {
        title: title.to_owned(),
        description: "Yalnızca bugün!".to_owned(),
        offer: Offer::default(),
    }
}

fn head_of(message: &str) -> &str {
    message.split_once("\r\n\r\n").unwrap().0
}

#[test]
fn the_headers_of_a_letter() {
    insta::assert_snapshot!(head_of(&written(&verification())), @r#"
    From: =?utf-8?b?TGV6emV0bGltYW7EsQ==?= <posta@lezzetlimani.site>
    To: ayse@example.com
    Subject: E-posta adresinizi =?utf-8?b?ZG/En3J1bGF5xLFu?=
    Date: Tue, 14 Nov 2023 22:13:20 +0000
    Message-ID: <6yvy2hxloxtpixbzui6qlzdfsm3muefq@lezzetlimani.site>
    Auto-Submitted: auto-generated
    MIME-Version: 1.0
    Content-Type: multipart/alternative;
     boundary="=_ASS5WO46FF34CZCNG4HXWAJ2SUUEUORN"
    "#);
}

#[test]
fn mails_of_one_order_refer_to_the_same() {
    let order = |id: &str| {
        let example = EmailEvent::EXAMPLES.iter().find(|example| example.contains("order_update")).unwrap();
        let event: EmailEvent =
            serde_json::from_str(&example.replace("018f0000-0000-7000-8000-000000000001", id)).unwrap();
        let message = written(&event.message);
        head_of(&message).lines().find(|line| line.starts_with("References: ")).unwrap().to_owned()
    };

    assert_eq!(order("7"), order("7"));
    assert_ne!(order("7"), order("8"));
    assert!(order("7").ends_with("@lezzetlimani.site>"));
    assert!(!head_of(&written(&verification())).contains("References"));
}

#[test]
fn commercial_mail_offers_to_unsubscribe_with_one_click() {
    let message = written(&discount("Lahmacun"));

    insta::assert_snapshot!(head_of(&message), @r#"
    From: =?utf-8?b?TGV6emV0bGltYW7EsQ==?= <posta@lezzetlimani.site>
    To: ayse@example.com
    Subject: Kampanya: Lahmacun
    Date: Tue, 14 Nov 2023 22:13:20 +0000
    Message-ID: <6yvy2hxloxtpixbzui6qlzdfsm3muefq@lezzetlimani.site>
    Auto-Submitted: auto-generated
    List-Unsubscribe: <http://localhost:8080/notification/unsubscribe?token=YXlzZUBleGFtcGxlLmNvbQ.mRAoBgp0BsK19ZLBj7iaZV2v3Hj9FpUE0LDSoE3gNn8>
    List-Unsubscribe-Post: List-Unsubscribe=One-Click
    MIME-Version: 1.0
    Content-Type: multipart/alternative;
     boundary="=_ASS5WO46FF34CZCNG4HXWAJ2SUUEUORN"
    "#);
}

#[test]
fn the_way_out_stands_on_one_line_however_long_the_address_is() {
    let head = MessageHeader {
        to: format!("{}@{}.example.com", "a".repeat(64), "b".repeat(63)).parse().unwrap(),
        ..letterhead(EVENT)
    };
    let links = Links { public_url: format!("https://{}.example.com", "c".repeat(63)), front_end: None };
    let link = links.unsubscribe(&UnsubscribeKey::new(&[7; 32]).mint(&head.to));
    let content = render(&discount("Lahmacun"), Locale::Tr, &links, Some(link.clone())).unwrap();

    let message = message(&head, &content, None).unwrap();

    let lines: Vec<&str> = head_of(&message).split("\r\n").collect();
    let at = lines.iter().position(|line| line.starts_with("List-Unsubscribe: ")).unwrap();
    assert_eq!(lines[at], format!("List-Unsubscribe: <{link}>"));
    assert_eq!(lines[at + 1], "List-Unsubscribe-Post: List-Unsubscribe=One-Click");
}

#[test]
fn every_try_sends_the_same_bytes() {
    assert_eq!(written(&verification()), written(&verification()));
}

#[test]
fn two_events_are_two_messages() {
    assert_ne!(letterhead(EVENT).message_id, letterhead(Uuid::from_u128(1)).message_id);
}

#[test]
fn a_message_is_ascii_in_lines_that_every_server_takes() {
    let message = written(&discount(&"İ".repeat(200)));

    assert!(message.is_ascii());
    assert!(message.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
}

fn names(message: &str) -> Vec<String> {
    let lines = head_of(message).split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    lines.map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
}

proptest! {
    /// Behind the check stands a second wall: even unchecked, the builder lets no variable out of its line.
    #[test]
    fn no_variable_writes_a_header(title in "[\\PC\r\n\t]{0,60}(\r\nBcc: x@y.zz|\nX: 1)?\\PC{0,20}") {
        let usual = names(&written(&discount("Lahmacun")));

        prop_assert_eq!(names(&written(&discount(&title))), usual);
    }
}
