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

#[tokio::test]
async fn a_mail_provider_posts_whatever_it_likes_without_a_cookie_and_is_led_nowhere_else() {
    let bodies = [
        ("multipart/form-data; boundary=x", "--x\r\n\r\nList-Unsubscribe=One-Click\r\n--x--"),
        ("text/plain", "List-Unsubscribe=One-Click"),
        ("application/json", "{"),
        ("no-such-type", ""),
    ];
    for (content_type, body) in bodies {
        let fixture = Fixture::new().await;
        let notification = fixture.with_mailbox();
        let ayse = "ayse@example.com".parse().unwrap();
        let path = format!("/notification/unsubscribe?token={}", notification.unsubscribe_key.mint(&ayse));
        let ask = Ask::post_text(&path, content_type, body).header("origin", "https://mail.example");

        let done = client(&notification).send(ask).await;

        assert_eq!(done.status, 200, "{content_type}");
        assert!(!done.headers.contains_key("set-cookie") && !done.headers.contains_key("location"), "{content_type}");
        assert!(store::suppression::find(&fixture.context.database, &ayse).await.unwrap().is_some());
    }
}
