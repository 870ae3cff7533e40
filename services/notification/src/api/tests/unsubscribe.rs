//! The way out of commercial mail.

use super::Client;
use crate::fixture::Fixture;
use crate::store::suppression::is_suppressed;

#[tokio::test]
async fn opening_the_link_changes_nothing_and_the_button_does_however_often() {
    let fixture = Fixture::new().await;
    let mailer = fixture.with_mailbox();
    let ayse = "ayse@example.com".parse().unwrap();
    let path = format!("/notification/unsubscribe?token={}", mailer.unsubscribe_key.mint(&ayse));
    let client = Client::of(&mailer).await;
    let database = &fixture.context.database;

    let page = client.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains(&format!("action=\"{path}\"")) && page.body.contains("ayse@example.com"),
        "{}",
        page.body
    );
    assert!(!is_suppressed(database, &ayse).await.unwrap());

    for body in ["List-Unsubscribe=One-Click", ""] {
        let done = client.post(&path, body).await;
        assert_eq!(done.status, 200);
        assert!(done.body.contains("We no longer send offers"), "{}", done.body);
        assert!(is_suppressed(database, &ayse).await.unwrap());
    }
}

#[tokio::test]
async fn nobody_is_unsubscribed_by_a_guess() {
    let fixture = Fixture::new().await;
    let client = Client::of(&fixture.with_mailbox()).await;

    for query in ["", "?token=", "?token=YXlzZUBleGFtcGxlLmNvbQ.AAAA", "?token=a&token=b", "?tok=a"] {
        let path = format!("/notification/unsubscribe{query}");
        for answer in [client.get(&path).await, client.post(&path, "").await] {
            assert_eq!(answer.status, 400, "{query}");
            assert!(answer.body.contains("This link is not valid"), "{}", answer.body);
        }
    }
}
