use kit::on_every_database;
use kit::testing::policy_faults;

use crate::fixture::{Answer, Ask, Browser, Fixture, PASSWORD};

on_every_database! {
    Fixture:
    an_account_is_made_by_pages_alone,
    nobody_learns_from_a_page_whether_an_address_has_an_account,
    a_reader_ends_another_session_and_then_all,
    what_has_happened_to_an_account_comes_in_pages,
    an_english_page_has_no_turkish_on_it,
}

async fn an_account_is_made_by_pages_alone(fixture: Fixture) {
    let browser = Browser::before(&fixture);
    let form = format!("email=ayse@example.com&password={}", PASSWORD.replace(' ', "+"));

    let short = browser.submit("/kayit", "email=ayse@example.com&password=kisa").await;
    let asked = browser.submit("/kayit", &form).await;
    let token = fixture.mailed_token().await;
    let verified = browser.submit("/auth/verify-email", &format!("token={token}")).await;
    let signed_in = browser.sign_in("ayse@example.com", "&donus=%2Fguvenlik").await;

    assert_eq!(short.status, 422);
    assert!(short.text.contains("id=\"password-fault\"") && !short.text.contains("kisa\""), "{}", short.text);
    assert!(asked.status == 200 && asked.text.contains("Gelen kutunuza bakın"), "{}", asked.text);
    assert!(verified.text.contains("action=\"/giris\""), "{}", verified.text);
    assert_eq!(signed_in.status, 303);
    assert_eq!(browser.get("/guvenlik").await.status, 200);
}

async fn nobody_learns_from_a_page_whether_an_address_has_an_account(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let browser = Browser::before(&fixture);
    let shape = |answer: &Answer| (answer.status, answer.headers.get("location").cloned(), answer.text.clone());

    for (path, more) in [("/parola", ""), ("/kayit", "&password=mavi+balina+42")] {
        let known = browser.step("POST", path, &format!("email=ayse@example.com{more}")).await;
        let unknown = browser.step("POST", path, &format!("email=veli@example.com{more}")).await;
        assert_eq!(known.status, 303, "{path}: {}", known.text);
        assert_eq!(shape(&known), shape(&unknown), "{path}");
    }
}

async fn a_reader_ends_another_session_and_then_all(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let phone = Browser::before(&fixture);
    phone.sign_in("ayse@example.com", "").await;
    fixture.a_moment_later();

    let page = browser.get("/guvenlik").await;
    let mut actions = page.text.split("action=\"").filter_map(|rest| rest.split('"').next());
    let end = actions.find(|action| action.starts_with("/guvenlik/oturum/")).unwrap();
    let ended = browser.submit(end, "").await;
    let foreign = browser.submit("/guvenlik/oturum/018f0000-0000-7000-8000-000000000001", "").await;
    let everywhere = browser.submit("/guvenlik/oturumlar", "").await;

    assert!(page.text.contains("Bu cihaz"), "{}", page.text);
    assert!(ended.status == 200 && ended.text.contains("Oturum kapatıldı."), "{}", ended.text);
    assert_eq!(foreign.status, 404);
    assert!(everywhere.text.contains("Bütün oturumlarınız kapatıldı."), "{}", everywhere.text);
    assert_eq!(browser.cookie("refresh"), None);
    assert!(phone.get("/guvenlik").await.text.contains("action=\"/giris\""));
}

async fn what_has_happened_to_an_account_comes_in_pages(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;

    let first = browser.get("/guvenlik/olaylar?limit=1").await;
    let mut links = first.text.split("href=\"").filter_map(|rest| rest.split('"').next());
    let next = links.find(|link| link.contains("cursor=")).unwrap();
    let second = browser.get(next).await;
    let broken = browser.get("/guvenlik/olaylar?cursor=x").await;

    assert!(first.text.contains("Giriş yapıldı") && !first.text.contains("Hesap açıldı"), "{}", first.text);
    assert!(second.text.contains("Hesap açıldı"), "{}", second.text);
    assert!(broken.status == 400 || broken.status == 422, "{}", broken.status);
    assert!(broken.text.contains("<h1>"), "{}", broken.text);
}

async fn an_english_page_has_no_turkish_on_it(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let anonymous = ["/giris", "/kayit", "/kayit/posta", "/parola", "/parola/posta"].map(|path| (path, String::new()));
    let signed_in = ["/guvenlik", "/guvenlik/olaylar", "/guvenlik/parola"].map(|path| (path, browser.line()));

    for (path, cookies) in anonymous.into_iter().chain(signed_in) {
        let ask = |language: &str| Ask::get(path).cookie(&format!("{cookies}; lang={language}"));
        let (english, turkish) = (fixture.ask(ask("en")).await, fixture.ask(ask("tr")).await);

        assert_eq!((english.status, turkish.status), (200, 200), "{path}");
        let text = english.text.replace("Lezzetlimanı", "").replace("Türkçe", "");
        let letter = text.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
        assert_eq!(letter.map(|at| text[at..].chars().take(20).collect::<String>()), None, "{path}");
        assert!(turkish.text.contains("<html lang=\"tr\">") && english.text.contains("<html lang=\"en\">"), "{path}");
        assert_eq!(policy_faults(&english.text), Vec::<String>::new(), "{path}");
    }
}
