//! Pages as a browser without script comes to them.

mod favorites;
mod preferences;
mod profile;

use kit::on_every_database;
use kit::testing::{Ask, policy_faults};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_stranger_signs_in_first_and_comes_back,
    an_english_page_has_no_turkish_on_it_and_nothing_that_the_policy_forbids,
    no_page_takes_a_form_of_another_origin,
}

const FORMS: [&str; 8] = [
    "/profil",
    "/profil/tamamla",
    "/favoriler/restoranlar/018f0000-0000-7000-8000-000000000001",
    "/favoriler/restoranlar/018f0000-0000-7000-8000-000000000001/cikar",
    "/favoriler/mutfaklar",
    "/favoriler/mutfaklar/cikar",
    "/tercihler/dil",
    "/tercihler/kampanya-postasi",
];

async fn a_stranger_signs_in_first_and_comes_back(fixture: Fixture) {
    let stranger = fixture.stranger();

    for path in ["/profil", "/profil/tamamla", "/favoriler", "/tercihler"] {
        let answer = stranger.get(path).await;
        let here = format!("/giris?donus={}", path.replace('/', "%2F"));
        assert_eq!((answer.status, answer.header("location")), (303, here.as_str()), "{path}");
    }
    for path in FORMS {
        let answer = stranger.send(Ask::form(path, "cuisine=kebap")).await;
        assert_eq!(answer.status, 307, "{path}");
        assert!(answer.header("location").starts_with("/oturum/devam?donus="), "{path}");
    }
}

async fn an_english_page_has_no_turkish_on_it_and_nothing_that_the_policy_forbids(fixture: Fixture) {
    let ayse = fixture.new_user();

    for path in ["/profil/tamamla", "/favoriler", "/tercihler"] {
        let before = |language: &str| fixture.reader(ayse, &format!("lang={language}"));
        let (english, turkish) = (before("en").get(path).await, before("tr").get(path).await);

        assert_eq!((english.status, turkish.status), (200, 200), "{path}");
        let text = english.text.replace("Lezzetlimanı", "").replace("Türkçe", "");
        let letter = text.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
        assert_eq!(letter.map(|at| text[at..].chars().take(20).collect::<String>()), None, "{path}");
        assert!(turkish.text.contains("<html lang=\"tr\">") && english.text.contains("<html lang=\"en\">"), "{path}");
        assert!(english.text.contains("aria-current=\"page\">"), "{path}");
        assert_eq!(policy_faults(&english.text), Vec::<String>::new(), "{path}");
    }
}

async fn no_page_takes_a_form_of_another_origin(fixture: Fixture) {
    let ayse = fixture.reader(fixture.new_user(), "");

    for path in FORMS {
        let foreign = Ask::form(path, "cuisine=kebap").header("sec-fetch-site", "cross-site");
        assert_eq!(ayse.send(foreign).await.status, 403, "{path}");
    }
}
