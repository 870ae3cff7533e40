use std::time::Duration;

use contracts::UserCreated;
use kit::on_every_database;
use kit::testing::Ask;
use serde_json::json;

use crate::fixture::Fixture;
use crate::model::ConsentOrigin;
use crate::store;

on_every_database! {
    Fixture:
    an_answer_about_commercial_mail_is_kept_with_its_text_and_shown_with_its_date,
    nobody_agrees_to_a_text_that_they_did_not_see,
    a_language_is_chosen_for_mails_and_pages,
}

const ANSWER: &str = "/tercihler/kampanya-postasi";

async fn an_answer_about_commercial_mail_is_kept_with_its_text_and_shown_with_its_date(fixture: Fixture) {
    let user_id = fixture.new_user();
    let email = Some("ayse@example.com".parse().unwrap());
    fixture.deliver(UserCreated { user_id, email, locale: None, created_at: None }).await;
    let client = fixture.client().user(user_id);
    let ayse = fixture.reader(user_id, "").with_header("user-agent", "Firefox");

    let unanswered = ayse.get("/tercihler").await;
    let agreed = ayse.send(Ask::form(ANSWER, "cevap=kabul&text_version=2026-11")).await;
    let shown = ayse.get("/tercihler").await;
    fixture.clock.advance(Duration::from_secs(60));
    ayse.send(Ask::form(ANSWER, "cevap=kabul&text_version=2026-11")).await;
    let again = client.get("/users/preferences").await.json();
    ayse.send(Ask::form(ANSWER, "cevap=ret&text_version=2026-11")).await;
    let refused = ayse.get("/tercihler").await;

    assert!(unanswered.text.contains("You have not answered yet"), "{}", unanswered.text);
    assert!(unanswered.text.contains("name=\"text_version\" value=\"2026-11\""), "{}", unanswered.text);
    assert_eq!((agreed.status, agreed.header("location")), (303, "/tercihler"));
    assert_eq!(agreed.cookie().as_deref(), Some("flash=consent-given"));
    let date = "<time datetime=\"2026-03-02T12:00:00Z\">Monday 2 March 2026, 15:00</time>";
    assert!(shown.text.contains("you have agreed") && shown.text.contains(date), "{}", shown.text);
    let mail = json!({ "granted": true, "at": "2026-03-02T12:00:00Z", "text_version": "2026-11" });
    assert_eq!(again["commercial_mail"], mail, "the date is that of the first answer");
    assert!(
        refused.text.contains("you want none") && refused.text.contains("2026-03-02T12:01:00Z"),
        "{}",
        refused.text
    );
    let entries = store::consent::list(&fixture.context.database).await;
    let kept: Vec<_> = entries.iter().map(|entry| (entry.source, entry.agent.as_deref())).collect();
    assert_eq!(kept, [(ConsentOrigin::Web, Some("Firefox")); 2]);
}

async fn nobody_agrees_to_a_text_that_they_did_not_see(fixture: Fixture) {
    let user_id = fixture.new_user();
    let (client, ayse) = (fixture.client().user(user_id), fixture.reader(user_id, ""));
    let send = async |form: &str| ayse.send(Ask::form(ANSWER, form)).await;

    let older = send("cevap=kabul&text_version=2020-01").await;
    let none = send("cevap=kabul").await;
    let neither = send("cevap=belki&text_version=2026-11").await;

    assert!(older.status == 409 && older.text.contains("The text has changed"), "{}", older.text);
    assert_eq!((none.status, neither.status), (422, 422));
    assert!(neither.text.contains("href=\"#cevap\">Press one of the buttons."), "{}", neither.text);
    assert!(client.get("/users/preferences").await.json()["commercial_mail"]["at"].is_null());
    assert_eq!(send("cevap=ret&text_version=2020-01").await.status, 303, "a refusal is taken at any time");
}

async fn a_language_is_chosen_for_mails_and_pages(fixture: Fixture) {
    let user_id = fixture.new_user();
    let (client, ayse) = (fixture.client().user(user_id), fixture.reader(user_id, "lang=tr"));

    let chosen = ayse.send(Ask::form("/tercihler/dil", "locale=en")).await;
    let unknown = ayse.send(Ask::form("/tercihler/dil", "locale=de")).await;

    assert_eq!((chosen.status, chosen.header("location")), (303, "/tercihler"));
    let cookies: Vec<_> = chosen.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|line| line.starts_with("lang=en; Path=/; Max-Age=34560000")), "{cookies:?}");
    assert_eq!(client.get("/users/preferences").await.json()["locale"], "en");
    assert!(unknown.status == 422 && unknown.text.contains("Dil tr ya da en olmalıdır."), "{}", unknown.text);
    let page = ayse.get("/tercihler").await.text;
    assert!(page.contains("value=\"en\" required checked") && page.contains("<html lang=\"tr\">"), "{page}");
}
