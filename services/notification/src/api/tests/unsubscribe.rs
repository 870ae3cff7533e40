//! The way out of commercial mail.

use kit::testing::Ask;

use super::client;
use crate::fixture::Fixture;
use crate::store;

#[tokio::test]
async fn opening_the_link_changes_nothing_and_the_button_does_however_often() {
    let fixture = Fixture::new().await;
    let notification = fixture.with_mailbox();
    let ayse = "ayse@example.com".parse().unwrap();
    let path = format!("/notification/unsubscribe?token={}", notification.unsubscribe_key.mint(&ayse));
    let client = client(&notification);
    let is_suppressed = async || store::suppression::find(&fixture.context.database, &ayse).await.unwrap().is_some();

    let page = client.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains(&format!("action=\"{path}\"")) && page.text.contains("ayse@example.com"),
        "{}",
        page.text
    );
    assert!(!is_suppressed().await);

    for body in ["List-Unsubscribe=One-Click", ""] {
        let done = client.send(Ask::form(&path, body)).await;
        assert_eq!(done.status, 200);
        assert!(done.text.contains("We no longer send offers"), "{}", done.text);
        assert!(is_suppressed().await);
    }
}

#[tokio::test]
async fn nobody_is_unsubscribed_by_a_guess() {
    let fixture = Fixture::new().await;
    let client = client(&fixture.with_mailbox());

    for query in ["", "?token=", "?token=YXlzZUBleGFtcGxlLmNvbQ.AAAA", "?token=a&token=b", "?tok=a"] {
        let path = format!("/notification/unsubscribe{query}");
        for answer in [client.get(&path).await, client.send(Ask::form(&path, "")).await] {
            assert_eq!(answer.status, 400, "{query}");
            assert!(answer.text.contains("This link is not valid"), "{}", answer.text);
        }
    }
}
