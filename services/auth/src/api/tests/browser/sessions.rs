use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use kit::on_every_database;

use crate::fixture::{Ask, Browser, Fixture};

on_every_database! {
    Fixture:
    a_reader_signs_in_and_comes_back_to_the_page_that_they_asked_for,
    twenty_tabs_with_an_expired_token_are_twenty_pages_and_one_rotation,
    a_tab_that_comes_for_a_renewal_behind_another_rotates_nothing,
    the_answer_of_a_renewal_may_be_lost,
    a_copy_of_the_refresh_token_without_its_device_ends_the_session,
    a_refused_renewal_deletes_no_cookie_and_the_sign_in_does,
    what_another_tab_has_renewed_is_found_at_the_sign_in,
    clocks_that_disagree_lead_in_no_circle,
    a_browser_that_takes_no_cookies_is_led_in_no_circle,
    a_session_that_is_kept_until_the_browser_is_closed_stays_so,
    signing_out_ends_the_session_also_after_its_token_expired,
    a_store_that_is_away_signs_nobody_out,
    behind_tls_cookies_belong_to_the_host_alone,
}

async fn a_reader_signs_in_and_comes_back_to_the_page_that_they_asked_for(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let browser = Browser::before(&fixture);

    let asked = browser.step("GET", "/guvenlik?limit=3", "").await;
    let form = browser.get("/guvenlik?limit=3").await;
    let signed_in = browser.sign_in("ayse@example.com", "&acik_tut=1&donus=%2Fguvenlik%3Flimit%3D3").await;
    let page = browser.get(signed_in.header("location")).await;
    let again = browser.step("GET", "/giris?donus=%2Fguvenlik", "").await;

    assert_eq!((asked.status, asked.header("location")), (303, "/giris?donus=%2Fguvenlik%3Flimit%3D3"));
    assert!(form.text.contains("name=\"donus\" value=\"/guvenlik?limit=3\""), "{}", form.text);
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/guvenlik?limit=3"));
    assert!(page.status == 200 && page.text.contains("ayse@example.com"), "{}", page.text);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!((again.status, again.header("location")), (303, "/guvenlik"), "who is signed in is not asked again");
}

async fn twenty_tabs_with_an_expired_token_are_twenty_pages_and_one_rotation(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let before = browser.cookie("refresh").unwrap();
    fixture.expire_access_tokens().await;

    let tabs: Vec<Browser> = (0..20).map(|_| browser.copy()).collect();
    let pages = join_all(tabs.iter().map(|tab| tab.get("/guvenlik"))).await;

    assert!(pages.iter().all(|page| page.status == 200 && page.text.contains("ayse@example.com")));
    let successors: BTreeSet<String> = tabs.iter().map(|tab| tab.cookie("refresh").unwrap()).collect();
    assert_eq!(successors.len(), 1, "{successors:?}");
    assert!(!successors.contains(&before));
    assert_eq!(tabs[7].get("/guvenlik").await.status, 200);
}

/// A browser asks for so many pages at once; the others wait, and are led to the renewal when it is done.
async fn a_tab_that_comes_for_a_renewal_behind_another_rotates_nothing(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    fixture.expire_access_tokens().await;
    let on_its_way = browser.copy();
    let led_to = browser.step("GET", "/guvenlik", "").await.header("location").to_owned();
    assert_eq!(browser.get("/guvenlik").await.status, 200);
    let renewed = browser.cookie("refresh");

    let behind = browser.step("GET", &led_to, "").await;

    assert_eq!((behind.status, behind.header("location")), (307, "/guvenlik"));
    assert_eq!(browser.cookie("refresh"), renewed);
    assert_eq!(on_its_way.get("/guvenlik").await.status, 200, "what was sent before is one token behind");
    assert_eq!(on_its_way.cookie("refresh"), renewed);
}

async fn the_answer_of_a_renewal_may_be_lost(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    fixture.expire_access_tokens().await;
    let lost = browser.copy();
    lost.step("GET", "/oturum/yenile?donus=%2Fguvenlik", "").await;
    fixture.clock.advance(Duration::from_secs(60 * 60));

    let page = browser.get("/guvenlik").await;

    assert_eq!(page.status, 200);
    assert_eq!(browser.cookie("refresh"), lost.cookie("refresh"));
}

async fn a_copy_of_the_refresh_token_without_its_device_ends_the_session(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let thief = browser.copy();
    thief.forget("device");
    fixture.expire_access_tokens().await;
    assert_eq!(browser.get("/guvenlik").await.status, 200);
    fixture.clock.advance(Duration::from_secs(11));

    let stolen = thief.step("GET", "/oturum/yenile?donus=%2Fguvenlik", "").await;
    let owner = browser.step("GET", "/guvenlik", "").await;

    assert_eq!((stolen.status, stolen.header("location")), (303, "/giris?donus=%2Fguvenlik"));
    assert_eq!(owner.status, 307, "its access token was revoked, too");
    assert!(browser.get("/guvenlik").await.text.contains("action=\"/giris\""));
    let kinds: Vec<_> = fixture.mails().await.iter().map(|mail| mail.message.kind()).collect();
    assert!(kinds.contains(&"session_revoked"), "{kinds:?}");
}

async fn a_refused_renewal_deletes_no_cookie_and_the_sign_in_does(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    crate::admin::sign_out(&fixture.auth.context.database, &"ayse@example.com".parse().unwrap()).await.unwrap();
    crate::actions::sweep::sweep(&fixture.auth).await.unwrap();

    let renewal = browser.step("GET", "/oturum/yenile?donus=%2Fguvenlik", "").await;
    let kept = (browser.cookie("access").is_some(), browser.cookie("refresh").is_some());
    let sign_in = browser.step("GET", renewal.header("location"), "").await;

    assert_eq!(renewal.status, 303);
    assert_eq!(renewal.headers.get("set-cookie"), None);
    assert_eq!(kept, (true, true));
    assert!(sign_in.status == 200 && sign_in.text.contains("action=\"/giris\""), "{}", sign_in.text);
    assert_eq!((browser.cookie("access"), browser.cookie("refresh")), (None, None));
    assert!(browser.cookie("device").is_some());
}

async fn what_another_tab_has_renewed_is_found_at_the_sign_in(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    browser.forget("access");

    let sign_in = browser.step("GET", "/giris?donus=%2Fguvenlik", "").await;

    assert_eq!((sign_in.status, sign_in.header("location")), (303, "/guvenlik"));
    assert_eq!(browser.step("GET", "/guvenlik", "").await.status, 200);
}

async fn clocks_that_disagree_lead_in_no_circle(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let old = browser.cookie("access").unwrap();
    fixture.expire_access_tokens().await;

    let first = browser.step("GET", "/guvenlik", "").await;
    let renewal = browser.step("GET", first.header("location"), "").await;
    // What was minted just now counts as expired here.
    browser.set_cookie("access", &old);
    let second = browser.step("GET", renewal.header("location"), "").await;

    assert_eq!((first.status, renewal.status, second.status), (307, 307, 503));
    assert_eq!(second.header("retry-after"), "1");
    assert!(second.text.contains("<h1>") && browser.cookie("refresh").is_some(), "{}", second.text);
}

async fn a_browser_that_takes_no_cookies_is_led_in_no_circle(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let browser = Browser::refusing_cookies(&fixture);

    let asked = browser.get("/guvenlik").await;
    let signed_in = browser.sign_in("ayse@example.com", "&acik_tut=1&donus=%2Fguvenlik").await;
    let page = browser.get(signed_in.header("location")).await;
    let renewed = browser.get("/oturum/yenile?donus=%2Fguvenlik").await;
    let sent = browser.submit("/guvenlik/oturumlar", "istek=018f").await;
    let out = browser.submit("/oturum/kapat", "").await;

    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/guvenlik"));
    for answer in [&asked, &page, &renewed, &sent, &out] {
        assert!(answer.status == 200 && answer.text.contains("action=\"/giris\""), "{} {}", answer.status, answer.text);
    }
    assert!(sent.text.contains("name=\"tut.istek\" value=\"018f\""), "{}", sent.text);
}

async fn a_session_that_is_kept_until_the_browser_is_closed_stays_so(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    let (kept, closed) = (Browser::before(&fixture), Browser::before(&fixture));
    let ages = |answer: &crate::fixture::Answer| {
        let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let session = lines.filter(|line| line.starts_with("access=") || line.starts_with("refresh="));
        session.map(|line| line.contains("Max-Age")).collect::<Vec<_>>()
    };

    let of_kept = kept.sign_in("ayse@example.com", "&acik_tut=1").await;
    fixture.a_moment_later();
    let of_closed = closed.sign_in("ayse@example.com", "").await;
    let renewed = closed.step("GET", "/oturum/yenile", "").await;

    assert_eq!(ages(&of_kept), [true, true]);
    assert_eq!(ages(&of_closed), [false, false]);
    assert_eq!((renewed.status, ages(&renewed)), (307, vec![false, false]));
}

async fn signing_out_ends_the_session_also_after_its_token_expired(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    let copy = browser.copy();
    fixture.expire_access_tokens().await;

    let signed_out = browser.step("POST", "/oturum/kapat", "").await;
    let next = browser.get("/giris").await;

    assert_eq!((signed_out.status, signed_out.header("location")), (303, "/giris"));
    assert_eq!((browser.cookie("access"), browser.cookie("refresh")), (None, None));
    assert!(next.text.contains("Çıkış yapıldı."), "{}", next.text);
    assert!(!browser.get("/giris").await.text.contains("Çıkış yapıldı."), "it is said once");
    assert!(copy.get("/guvenlik").await.text.contains("action=\"/giris\""), "the session itself has ended");
    assert_eq!(browser.step("POST", "/oturum/kapat", "").await.status, 303, "once more is no harm");
}

async fn a_store_that_is_away_signs_nobody_out(fixture: Fixture) {
    let browser = Browser::signed_in(&fixture, "ayse@example.com").await;
    fixture.expire_access_tokens().await;
    fixture.ephemeral.begin();

    let away = browser.get("/guvenlik").await;
    fixture.ephemeral.end();
    let back = browser.get("/guvenlik").await;

    assert!(away.status == 503 && away.text.contains("<h1>"), "{} {}", away.status, away.text);
    assert_eq!(back.status, 200);
}

async fn behind_tls_cookies_belong_to_the_host_alone(fixture: Fixture) {
    let settings = crate::Settings { cookies: web::CookieScheme::Https, ..fixture.auth.settings.clone() };
    fixture.sign_up("ayse@example.com").await;
    let fixture = fixture.replica_with(settings).await;
    let browser = Browser::before(&fixture);

    let signed_in = browser.sign_in("ayse@example.com", "&donus=%2Fguvenlik").await;

    for line in signed_in.headers.get_all("set-cookie") {
        let line = line.to_str().unwrap();
        assert!(line.starts_with("__Host-") && line.ends_with("; Secure") && line.contains("; Path=/;"), "{line}");
    }
    assert_eq!(browser.get("/guvenlik").await.status, 200);
    let planted = browser.line().replace("__Host-", "");
    assert_eq!(fixture.ask(Ask::get("/guvenlik").cookie(&planted)).await.status, 303);
}
