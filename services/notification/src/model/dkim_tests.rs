//! Signatures, checked as a stranger checks them: by the bytes on the wire and RFC 6376, with nothing of what signed them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use contracts::{MailMessage, Offer, Secret};
use data_encoding::BASE64;
use proptest::prelude::*;

use super::dkim::{DkimKey, InvalidDkimKey};
use super::message_tests::written;

/// A message of RFC 8463, appendix A.3, with its signature by Ed25519, and the key that it publishes.
const PUBLISHED: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\nFrom: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
const PUBLISHED_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// Whether the first field of `message` is a signature of it that `public_key`, as it stands in the DNS, has made.
fn is_signed(message: &str, public_key: &[u8]) -> bool {
    let bytes = message.as_bytes();
    let end = (0..bytes.len()).find(|at| bytes[*at..].starts_with(b"\r\n\r\n")).unwrap();
    let (head, body) = (&message[..end + 2], &message[end + 4..]);

    let mut fields: Vec<String> = Vec::new();
    for line in head.split_inclusive("\r\n") {
        match fields.last_mut() {
            Some(field) if line.starts_with(' ') || line.starts_with('\t') => field.push_str(line),
            _ => fields.push(line.to_owned()),
        }
    }
    let canonical = |field: &str| {
        let (name, value) = field.split_once(':').unwrap();
        let mut value = value.replace("\r\n", "").replace('\t', " ");
        while value.contains("  ") {
            value = value.replace("  ", " ");
        }
        format!("{}:{}", name.trim().to_lowercase(), value.trim())
    };
    let signature = fields.remove(0);
    let tag = |name: &str| {
        let value = signature.split_once(':').unwrap().1;
        let found =
            value.split(';').find_map(|tag| tag.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
        found.unwrap().replace([' ', '\t', '\r', '\n'], "")
    };

    let mut text = body.replace('\t', " ");
    while text.contains("  ") || text.contains(" \r\n") {
        text = text.replace("  ", " ").replace(" \r\n", "\r\n");
    }
    while text.ends_with("\r\n\r\n") {
        text.truncate(text.len() - 2);
    }
    if !text.is_empty() && !text.ends_with("\r\n") {
        text.push_str("\r\n");
    }
    let hash = BASE64.encode(digest(&SHA256, text.as_bytes()).as_ref());

    let mut signed = String::new();
    for name in tag("h").split(':') {
        let is_named = |field: &String| field.split_once(':').unwrap().0.trim().eq_ignore_ascii_case(name);
        if let Some(at) = fields.iter().rposition(is_named) {
            signed.push_str(&canonical(&fields.remove(at)));
            signed.push_str("\r\n");
        }
    }
    let at = signature.find(" b=").unwrap() + 3;
    signed.push_str(&canonical(&signature[..at]));
    let value = BASE64.decode(tag("b").as_bytes()).unwrap();
    let is_right = if tag("a") == "ed25519-sha256" {
        UnparsedPublicKey::new(&ED25519, public_key).verify(digest(&SHA256, signed.as_bytes()).as_ref(), &value)
    } else {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key).verify(signed.as_bytes(), &value)
    };
    hash == tag("bh") && is_right.is_ok()
}

fn pem(der: &[u8]) -> Secret {
    Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64.encode(der)))
}

fn keys() -> [DkimKey; 2] {
    let rsa: aws_lc_rs::encoding::Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
    let ed25519: aws_lc_rs::encoding::Pkcs8V1Der<'_> = Ed25519KeyPair::generate().unwrap().as_der().unwrap();
    [rsa.as_ref(), ed25519.as_ref()].map(|der| DkimKey::parse(&pem(der), "example.com", "s1").unwrap())
}

fn published(key: &DkimKey) -> Vec<u8> {
    let (name, text) = key.record();
    assert_eq!(name, "s1._domainkey.example.com");
    BASE64.decode(text.rsplit_once("p=").unwrap().1.as_bytes()).unwrap()
}

fn discount(title: &str) -> MailMessage {
    let description = "Yalnızca  bugün! \r\n\r\n".to_owned();
    MailMessage::Discount { title: title.to_owned(), description, offer: Offer::default() }
}

#[test]
fn the_check_knows_a_published_signature_and_no_other() {
    let key = BASE64.decode(PUBLISHED_KEY.as_bytes()).unwrap();

    assert!(is_signed(PUBLISHED, &key));
    assert!(!is_signed(&PUBLISHED.replace("Is dinner", "Was dinner"), &key));
    assert!(!is_signed(&PUBLISHED.replace("We lost", "We won"), &key));
}

#[test]
fn every_message_is_signed_by_either_kind_of_key_and_the_same_at_each_try() {
    for key in keys() {
        let public_key = published(&key);
        for message in [written(&discount("İki lahmacun")), written(&super::message_tests::verification())] {
            let signed = key.sign(&message).unwrap();

            assert!(is_signed(&signed, &public_key), "{signed}");
            assert_eq!(signed, key.sign(&message).unwrap());
            assert!(signed.ends_with(&message) && signed.is_ascii());
            assert!(signed.split("\r\n").all(|line| line.len() <= 998));
        }
    }
}

#[test]
fn nobody_changes_or_adds_what_counts() {
    let [key, _] = keys();
    let public_key = published(&key);
    let signed = key.sign(&written(&discount("Lahmacun"))).unwrap();

    for (from, to) in [
        ("List-Unsubscribe: <http", "List-Unsubscribe: <https"),
        ("List-Unsubscribe-Post: List-Unsubscribe=One-Click", "List-Unsubscribe-Post: List-Unsubscribe=No-Click"),
        ("To: ayse@", "To: fatma@"),
        ("Date: Tue", "Date: Wed"),
        ("MIME-Version: 1.0", "MIME-Version: 1.1"),
        ("\r\nTo: ", "\r\nFrom: x@y.example\r\nTo: "),
    ] {
        let changed = signed.replacen(from, to, 1);
        assert_ne!(changed, signed, "{from}");
        assert!(!is_signed(&changed, &public_key), "{from}");
    }
    // What relays do on the way changes nothing.
    let refolded = signed.replacen("Subject: ", "Subject:  \r\n ", 1);
    assert!(is_signed(&refolded, &public_key));
}

#[test]
fn what_is_no_key_is_refused_unrepeated() {
    let weak = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let refused = |pem: &str, domain: &str| DkimKey::parse(&Secret::new(pem), domain, "s1").map(drop).unwrap_err();

    assert_eq!(refused("", "example.com"), InvalidDkimKey::NoPem);
    assert_eq!(refused("secret", "example.com"), InvalidDkimKey::NoPem);
    assert_eq!(refused(weak, "example.com"), InvalidDkimKey::Unfit);
    assert_eq!(refused(weak, "example.com; b=x"), InvalidDkimKey::Name);
    assert_eq!(refused(weak, ""), InvalidDkimKey::Name);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_a_body_is_its_signature_is_right(body in "([a-z]{0,4}[ \t]{0,3}[a-z]{0,4}[ \t]{0,2}\r\n){0,6}") {
        let [_, key] = keys();
        let message = format!("From: a@example.com\r\nSubject:\t a  b \r\n\r\nx{body}");

        prop_assert!(is_signed(&key.sign(&message).unwrap(), &published(&key)));
    }
}
