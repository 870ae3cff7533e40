use contracts::UserCreated;
use kit::on_every_database;
use kit::testing::Ask;

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_profile_is_completed_once_and_changed_later,
    a_refused_profile_comes_back_as_it_was_typed,
    whom_nobody_vouches_for_completes_no_profile,
}

const AYSE: &str =
    "full_name=Ay%C5%9Fe+Y%C4%B1lmaz&born_day=7&born_month=05&born_year=1990&gender=female&phone=0532+123+45+67";

async fn a_profile_is_completed_once_and_changed_later(fixture: Fixture) {
    let user_id = fixture.new_user();
    fixture.deliver(UserCreated { user_id, email: None, locale: None, created_at: None }).await;
    let client = fixture.client().user(user_id);
    let ayse = fixture.reader(user_id, "");

    let nothing = ayse.get("/profil").await;
    let first = ayse.send(Ask::form("/profil/tamamla", AYSE)).await;
    let again = ayse.send(Ask::form("/profil/tamamla", &AYSE.replace("1990", "1991"))).await;
    let stored = client.get("/users/me").await.json();
    let page = ayse.get("/profil").await;
    let completed = ayse.get("/profil/tamamla").await;
    let renamed = ayse.send(Ask::form("/profil", &AYSE.replace("Y%C4%B1lmaz", "Kaya"))).await;
    let after = client.get("/users/me").await.json();

    assert_eq!((nothing.status, nothing.header("location")), (303, "/profil/tamamla"));
    assert_eq!((first.status, first.header("location")), (303, "/profil"));
    assert_eq!(first.cookie().as_deref(), Some("flash=profile-saved"));
    assert_eq!((again.status, again.header("location")), (303, "/profil"));
    assert_eq!((&stored["born_date"], &stored["phone"]), (&"1990-05-07".into(), &"+905321234567".into()));
    for shown in
        ["value=\"Ayşe Yılmaz\"", "value=\"1990\"", "<option value=\"female\" selected>", "value=\"+905321234567\""]
    {
        assert!(page.text.contains(shown), "{shown} in {}", page.text);
    }
    assert_eq!((completed.status, completed.header("location")), (303, "/profil"));
    assert_eq!((renamed.status, &after["full_name"]), (303, &"Ayşe Kaya".into()));
}

async fn a_refused_profile_comes_back_as_it_was_typed(fixture: Fixture) {
    let ayse = fixture.reader(fixture.new_user(), "lang=tr");
    let send = async |form: &str| ayse.send(Ask::form("/profil/tamamla", form)).await;

    let empty = send("full_name=+&born_day=&born_month=&born_year=&gender=&phone=").await;
    let no_day = send(&AYSE.replace("born_day=7", "born_day=31").replace("born_month=05", "born_month=2")).await;
    let unborn = send(&AYSE.replace("1990", "2999")).await;
    let twice = send(&format!("{AYSE}&phone=1")).await;

    assert_eq!(empty.status, 422);
    for field in ["full_name", "born_date", "gender", "phone"] {
        assert!(empty.text.contains(&format!("href=\"#{field}\">Bu alan zorunludur.")), "{field} in {}", empty.text);
        assert!(empty.text.contains(&format!("id=\"{field}-fault\"")), "{field} in {}", empty.text);
    }
    assert_eq!(no_day.status, 422);
    for kept in ["value=\"Ayşe Yılmaz\"", "value=\"31\"", "<option value=\"female\" selected>", "Böyle bir gün yok."]
    {
        assert!(no_day.text.contains(kept), "{kept} in {}", no_day.text);
    }
    assert!(no_day.text.contains("<title>Hata: Profili tamamla"), "{}", no_day.text);
    assert_eq!((unborn.status, twice.status), (403, 400), "who is known to nobody is asked nothing more");
}

async fn whom_nobody_vouches_for_completes_no_profile(fixture: Fixture) {
    let user_id = fixture.new_user();
    let ayse = fixture.reader(user_id, "");

    let early = ayse.send(Ask::form("/profil/tamamla", AYSE)).await;
    fixture.deliver(UserCreated { user_id, email: None, locale: None, created_at: None }).await;
    let unborn = ayse.send(Ask::form("/profil/tamamla", &AYSE.replace("1990", "2999"))).await;
    let changed = ayse.send(Ask::form("/profil", AYSE)).await;

    assert_eq!(early.status, 403);
    assert!(early.text.contains("Registration expired or invalid") && early.text.contains("value=\"Ayşe Yılmaz\""));
    assert_eq!(unborn.status, 422);
    assert!(unborn.text.contains("href=\"#born_date\">The day of birth must be in the past."), "{}", unborn.text);
    assert_eq!(changed.status, 404, "there is nothing to change yet");
}
