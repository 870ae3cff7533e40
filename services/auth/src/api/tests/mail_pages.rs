use kit::on_every_database;

use crate::fixture::{Ask, Fixture, PASSWORD};

on_every_database! {
    Fixture:
    opening_a_link_consumes_nothing_and_its_button_does,
    a_refused_form_answers_a_page_in_the_readers_language,
    a_password_is_chosen_anew_on_a_page,
    a_forged_or_broken_link_is_a_page_like_any_other,
}

async fn opening_a_link_consumes_nothing_and_its_button_does(fixture: Fixture) {
    let token = fixture.register("ayse@example.com", PASSWORD).await;

    for _ in 0..20 {
        let page = fixture.ask(Ask::get(&format!("/auth/verify-email?token={token}"))).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains(&format!("name=\"token\" value=\"{token}\"")), "{}", page.text);
    }
    let pressed = fixture.ask(Ask::form("/auth/verify-email", &format!("token={token}"))).await;

    assert_eq!(pressed.status, 200);
    assert!(pressed.text.contains("<!doctype html>") && pressed.text.contains("Hoş geldiniz"), "{}", pressed.text);
    assert!(pressed.cookie().is_some());
    assert_eq!(pressed.headers["referrer-policy"], "strict-origin");
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 200);
}

async fn a_refused_form_answers_a_page_in_the_readers_language(fixture: Fixture) {
    let ask = || Ask::form("/auth/verify-email", "token=x");

    let turkish = fixture.ask(ask()).await;
    let english = fixture.ask(ask().header("accept-language", "en")).await;

    assert_eq!((turkish.status, english.status), (400, 400));
    assert!(turkish.text.contains("Bağlantı geçersiz ya da süresi dolmuş."), "{}", turkish.text);
    assert!(english.text.contains("The link is invalid or has expired."), "{}", english.text);
}

async fn a_password_is_chosen_anew_on_a_page(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    fixture.ask(Ask::post("/auth/forgot-password", serde_json::json!({"email": "ayse@example.com"}))).await;
    let token = fixture.mailed_token().await;

    let page = fixture.ask(Ask::get(&format!("/auth/reset-password?token={token}"))).await;
    let short = fixture.ask(Ask::form("/auth/reset-password", &format!("token={token}&password=kisa"))).await;
    let done =
        fixture.ask(Ask::form("/auth/reset-password", &format!("token={token}&password=ye%C5%9Fil+vapur+8"))).await;

    assert!(page.text.contains("type=\"password\""), "{}", page.text);
    assert_eq!(short.status, 422);
    assert!(short.text.contains("Parola en az 8 karakter olmalıdır.") && short.text.contains(&token), "{}", short.text);
    assert_eq!(done.status, 200);
    assert_eq!(fixture.login("ayse@example.com", "yeşil vapur 8").await.status, 200);
}

async fn a_forged_or_broken_link_is_a_page_like_any_other(fixture: Fixture) {
    for path in ["/auth/verify-email", "/auth/reset-password"] {
        for query in ["?token=%22%3E%3Cscript%3E", "?token=a&token=b", "?x", ""] {
            let page = fixture.ask(Ask::get(&format!("{path}{query}"))).await;

            assert_eq!(page.status, 200);
            assert!(page.text.contains("<form") && !page.text.contains("<script"), "{}", page.text);
        }
    }
}
