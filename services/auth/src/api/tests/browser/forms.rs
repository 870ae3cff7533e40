use kit::on_every_database;

use crate::fixture::{Browser, Fixture, PASSWORD};

on_every_database! {
    Fixture:
    a_form_survives_an_expired_token_and_has_its_effect_once,
    a_form_survives_the_end_of_its_session_with_all_that_was_typed,
    a_form_that_is_kept_repeats_no_secret_and_has_bounds,
    a_wrong_password_leaves_what_was_typed_and_says_when_to_come_back,
    a_kept_form_outlives_a_wrong_password,
}

async fn a_form_survives_an_expired_token_and_has_its_effect_once(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    fixture.expire_access_tokens().await;
    let form = format!("current_password={}&new_password=ye%C5%9Fil+vapur+8", PASSWORD.replace(' ', "+"));

    let page = browser.submit("/guvenlik/parola", &form).await;

    assert_eq!(page.status, 200);
    assert!(page.text.contains("Parolanız değişti"), "{}", page.text);
    assert_eq!(fixture.login("ayse@example.com", "yeşil vapur 8").await.status, 200);
    assert_eq!(browser.get("/guvenlik").await.status, 200, "this browser has the new session");
}

/// Ends all sessions of the reader elsewhere.
async fn end_sessions(fixture: &Fixture) {
    crate::admin::sign_out(&fixture.auth.context.database, &"ayse@example.com".parse().unwrap()).await.unwrap();
    crate::actions::sweep::sweep(&fixture.auth).await.unwrap();
    fixture.a_moment_later();
}

async fn a_form_survives_the_end_of_its_session_with_all_that_was_typed(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    end_sessions(&fixture).await;

    let sign_in = browser.submit("/guvenlik/oturumlar", "not=k%C3%B6fte+%22%3Cb%3E&not=iki&istek=018f").await;
    let hidden = [
        "name=\"donus\" value=\"/guvenlik/oturumlar\"",
        "name=\"tut.not\" value=\"köfte &#34;&#60;b&#62;\"",
        "name=\"tut.not\" value=\"iki\"",
        "name=\"tut.istek\" value=\"018f\"",
        "name=\"gonder\" value=\"1\"",
    ];
    let kept = "&donus=%2Fguvenlik%2Foturumlar&tut.not=k%C3%B6fte+%22%3Cb%3E&tut.not=iki&tut.istek=018f&gonder=1";
    let signed_in = browser.sign_in("ayse@example.com", kept).await;
    let sent = browser.submit("/guvenlik/oturumlar", "not=k%C3%B6fte+%22%3Cb%3E&not=iki&istek=018f").await;

    assert!(sign_in.text.contains("form duruyor"), "{}", sign_in.text);
    for field in hidden {
        assert!(sign_in.text.contains(field), "{field} in {}", sign_in.text);
    }
    assert_eq!(signed_in.status, 200);
    for shown in [
        "action=\"/guvenlik/oturumlar\"",
        "name=\"not\" value=\"köfte &#34;&#60;b&#62;\"",
        "name=\"not\" value=\"iki\"",
        "name=\"istek\" value=\"018f\"",
    ] {
        assert!(signed_in.text.contains(shown), "{shown} in {}", signed_in.text);
    }
    assert!(sent.text.contains("Bütün oturumlarınız kapatıldı."), "{}", sent.text);
}

async fn a_form_that_is_kept_repeats_no_secret_and_has_bounds(fixture: Fixture) {
    let browser = Browser::before(&fixture);
    let many = "a=b&".repeat(201);
    let large = format!("a={}", "b".repeat(64 * 1024));

    let secrets = browser.submit("/guvenlik/parola", "new_password=gizli-bir&kart_no=4242&not=kalan").await;

    assert!(secrets.text.contains("value=\"kalan\""), "{}", secrets.text);
    assert!(!secrets.text.contains("gizli-bir") && !secrets.text.contains("4242"), "{}", secrets.text);
    for form in [&many, &large] {
        let page = browser.submit("/guvenlik/oturumlar", form).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("name=\"donus\" value=\"/\"") && !page.text.contains("tut."), "{}", page.text);
    }
}

async fn a_wrong_password_leaves_what_was_typed_and_says_when_to_come_back(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let browser = Browser::before(&fixture);
    let attempt = async || browser.step("POST", "/giris", "email=ayse@example.com&password=mor+zurafa+7").await;

    let wrong = attempt().await;
    let empty = browser.step("POST", "/giris", "email=ay%C5%9Fe").await;
    for _ in 0..4 {
        attempt().await;
    }
    let limited = attempt().await;

    assert_eq!((wrong.status, empty.status, limited.status), (400, 422, 429));
    assert!(wrong.text.contains("E-posta adresi ya da parola yanlış."), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"ayse@example.com\"") && !wrong.text.contains("zurafa"), "{}", wrong.text);
    assert!(wrong.text.contains("<title>Hata: Giriş"), "{}", wrong.text);
    assert!(empty.text.contains("href=\"#email\"") && empty.text.contains("href=\"#password\""), "{}", empty.text);
    assert!(limited.headers.contains_key("retry-after"));
    assert_eq!(wrong.headers.get("set-cookie"), None);
}

async fn a_kept_form_outlives_a_wrong_password(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let browser = Browser::before(&fixture);

    let form = "email=ayse@example.com&password=mor+zurafa+7&donus=%2Fguvenlik%2Foturumlar&tut.not=kalan&gonder=1";
    let wrong = browser.step("POST", "/giris", form).await;

    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("name=\"tut.not\" value=\"kalan\""), "{}", wrong.text);
    assert!(wrong.text.contains("name=\"donus\" value=\"/guvenlik/oturumlar\""), "{}", wrong.text);
}
