use std::time::Duration;

use contracts::{AddressId, OpeningHours};
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::Answer;
use serde_json::json;

use super::{filled, led_to};
use crate::api::tests::checkout_address::address;
use crate::api::tests::coupons::{campaign, give_off};
use crate::fixture::{Browser, Fixture, Kitchen, meal, value};

on_every_database! {
    Fixture:
    a_basket_is_ordered_on_one_page,
    a_hundred_equal_forms_at_once_are_one_order_and_one_way,
    a_form_that_was_changed_after_it_ordered_leads_to_the_orders,
    a_total_that_has_changed_is_confirmed_again_line_by_line,
    a_refused_form_keeps_its_fields_and_names_the_fault,
    a_coupon_is_tried_before_anything_is_ordered,
    a_restaurant_that_is_closed_is_ordered_from_for_later,
    a_time_is_kept_or_refused_with_the_way_out,
    an_address_is_chosen_and_one_that_is_too_far_can_t_be,
    an_address_that_was_just_written_is_waited_for_and_chosen,
    a_card_that_asks_leads_to_the_payment_and_one_that_is_declined_can_be_tried_again,
    who_picks_it_up_pays_no_way,
    a_stranger_signs_in_first_and_an_empty_basket_leads_back_to_it,
}

/// The form as the page shows it, with these fields typed.
fn form(page: &Answer, typed: &str) -> String {
    format!("istek={}&gorulen={}&{typed}", value(page, "istek"), value(page, "gorulen"))
}

const CASH: &str = "address_id=gel-al&zaman=simdi&payment_method=cash&note=";

/// The path of the order that the browser was led to.
fn path(answer: &Answer) -> String {
    let (status, path) = led_to(answer);
    assert!(status == 303 && path.starts_with("/siparis/"), "{status} {path}: {}", answer.text);
    path.to_owned()
}

/// Sends the form until nobody keeps it waiting: more than a busy machine serves in time have to come again.
async fn order_at_last(browser: &Browser, form: &str) -> Answer {
    loop {
        let answer = browser.step("POST", "/odeme", form).await;
        if answer.status != 503 && !answer.text.contains("Your order is being processed") {
            return answer;
        }
    }
}

async fn a_basket_is_ordered_on_one_page(fixture: Fixture) {
    let (browser, _) = filled(&fixture).await;

    let page = browser.get("/odeme").await;
    let ordered = browser.step("POST", "/odeme", &form(&page, &format!("{CASH}zile+basmay%C4%B1n"))).await;
    let order = browser.get(&path(&ordered)).await;

    for shown in ["Ayran", "Adana Kebap", "Acılı", "₺311.50", "₺9.90", "₺321.40", "/adresler/yeni?donus=/odeme"]
    {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert!(order.text.contains("zile basmayın") && order.text.contains("Sent to the restaurant"), "{}", order.text);
    assert!(order.text.contains("aria-current=\"step\"") && order.text.contains("₺311.50"), "{}", order.text);
    // Nobody has to have a coupon, or anything to say.
    assert_eq!(page.text.matches(" required").count(), 0, "{}", page.text);
    assert_eq!(browser.cookie("basket"), None);
}

async fn a_hundred_equal_forms_at_once_are_one_order_and_one_way(fixture: Fixture) {
    let (browser, _) = filled(&fixture).await;
    let page = browser.get("/odeme").await;
    let form = form(&page, CASH);

    let answers = join_all((0..100).map(|_| order_at_last(&browser, &form))).await;

    let first = path(&answers[0]);
    for answer in &answers {
        assert_eq!(led_to(answer), (303, first.as_str()));
        assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    }
    let orders = browser.get("/siparisler").await;
    assert_eq!(orders.text.matches("href=\"/siparis/").count(), 2, "{}", orders.text);
}

async fn a_form_that_was_changed_after_it_ordered_leads_to_the_orders(fixture: Fixture) {
    let (browser, _) = filled(&fixture).await;
    let page = browser.get("/odeme").await;
    path(&browser.step("POST", "/odeme", &form(&page, CASH)).await);

    let changed = browser.submit("/odeme", &form(&page, &format!("{CASH}baska"))).await;

    assert!(changed.text.contains("This form was sent before; your order is below."), "{}", changed.text);
    assert_eq!(changed.text.matches("class=\"again\"").count(), 1, "{}", changed.text);
}

async fn a_total_that_has_changed_is_confirmed_again_line_by_line(fixture: Fixture) {
    let (browser, mut kitchen) = filled(&fixture).await;
    let page = browser.get("/odeme").await;
    let seen = format!("gorulen-{}={}", kitchen.ayran, value(&page, &format!("gorulen-{}", kitchen.ayran)));
    let ayran = kitchen.ayran;
    fixture
        .change(&mut kitchen, |catalog| {
            meal(catalog, ayran).price_kurus = contracts::Money::from_kurus(5_000).unwrap();
        })
        .await;
    fixture.clock.advance(Duration::from_secs(2));

    let again = browser.step("POST", "/odeme", &form(&page, &format!("{CASH}bol+buz&{seen}"))).await;
    let confirmed = browser.step("POST", "/odeme", &form(&again, &format!("{CASH}bol+buz"))).await;

    assert_eq!(again.status, 409);
    for shown in ["Ayran: ₺35.50 → ₺50.00", "bol buz</textarea>", "href=\"#total\"", "₺340.50"] {
        assert!(again.text.contains(shown), "{shown}: {}", again.text);
    }
    path(&confirmed);
}

async fn a_refused_form_keeps_its_fields_and_names_the_fault(fixture: Fixture) {
    let (browser, mut kitchen) = filled(&fixture).await;
    let page = browser.get("/odeme").await;

    let nothing = browser.step("POST", "/odeme", &form(&page, "zaman=sonra&note=acele+%3Cb%3E")).await;
    let at_no_time = CASH.replace("zaman=simdi", "zaman=yarin");
    let at_no_time = browser.step("POST", "/odeme", &form(&page, &at_no_time)).await;
    let ayran = kitchen.ayran;
    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).is_available = false).await;
    fixture.clock.advance(Duration::from_secs(2));
    let sold_out = browser.step("POST", "/odeme", &form(&page, &format!("{CASH}acele"))).await;

    assert_eq!((nothing.status, at_no_time.status, sold_out.status), (422, 422, 409));
    assert!(at_no_time.text.contains("#schedule_date"), "{}", at_no_time.text);
    for named in ["#address_id", "#payment_method", "#schedule_date", "acele &#60;b&#62;</textarea>"] {
        assert!(nothing.text.contains(named), "{named}: {}", nothing.text);
    }
    assert!(sold_out.text.contains("href=\"#lines\"") && sold_out.text.contains("Ayran"), "{}", sold_out.text);
    assert!(sold_out.text.contains("value=\"cash\" checked"), "{}", sold_out.text);
    assert_eq!(value(&sold_out, "istek"), value(&page, "istek"));
}

async fn a_coupon_is_tried_before_anything_is_ordered(fixture: Fixture) {
    let (browser, _) = filled(&fixture).await;
    give_off(&fixture, 1, vec![campaign(&fixture, json!({ "per_user_limit": 1 }))]).await;
    let page = browser.get("/odeme").await;

    let unknown = browser.step("POST", "/odeme/hesapla", &form(&page, &format!("{CASH}&coupon_code=YOK"))).await;
    let tried = browser.step("POST", "/odeme/hesapla", &form(&page, &format!("{CASH}&coupon_code=lezzet10"))).await;
    let ordered = browser.step("POST", "/odeme", &form(&tried, &format!("{CASH}&coupon_code=lezzet10"))).await;
    let order = browser.get(&path(&ordered)).await;

    assert_eq!((unknown.status, tried.status), (400, 200));
    assert!(
        unknown.text.contains("id=\"coupon_code-fault\"") && unknown.text.contains("value=\"YOK\""),
        "{}",
        unknown.text
    );
    assert!(tried.text.contains("-₺31.15") && tried.text.contains("LEZZET10"), "{}", tried.text);
    assert!(order.text.contains("-₺31.15") && order.text.contains("(LEZZET10)"), "{}", order.text);
    assert_eq!(led_to(&browser.step("GET", "/odeme/hesapla", "").await), (303, "/odeme"));
}

async fn closed_now(fixture: &Fixture, kitchen: &mut Kitchen) {
    let evening: OpeningHours = serde_json::from_value(json!({ "monday": "18:00-23:00" })).unwrap();
    fixture.change(kitchen, |catalog| catalog.opening_hours = evening).await;
    fixture.clock.advance(Duration::from_secs(2));
}

async fn a_restaurant_that_is_closed_is_ordered_from_for_later(fixture: Fixture) {
    let (browser, mut kitchen) = filled(&fixture).await;
    closed_now(&fixture, &mut kitchen).await;
    let page = browser.get("/odeme").await;

    let now = browser.step("POST", "/odeme", &form(&page, CASH)).await;
    let later = CASH.replace("simdi", "sonra&gun=2026-03-02&saat=19:30");
    let ordered = browser.step("POST", "/odeme", &form(&page, &later)).await;
    let order = browser.get(&path(&ordered)).await;

    assert!(page.text.contains("value=\"sonra\" checked") && page.text.contains("value=\"18:30\""), "{}", page.text);
    assert!(!page.text.contains("value=\"17:45\""), "{}", page.text);
    assert_eq!(now.status, 409);
    assert!(now.text.contains("Monday 2 March 2026, 18:00") && now.text.contains("#schedule_date"), "{}", now.text);
    assert!(order.text.contains("Monday 2 March 2026, 19:30"), "{}", order.text);
}

async fn a_time_is_kept_or_refused_with_the_way_out(fixture: Fixture) {
    let (browser, _) = filled(&fixture).await;
    let page = browser.get("/odeme").await;
    let at = |time: &str| form(&page, &CASH.replace("simdi", &format!("sonra&{time}")));

    let soon = browser.step("POST", "/odeme", &at("gun=2026-03-02&saat=15:05")).await;
    let closed = browser.step("POST", "/odeme", &at("gun=2026-03-03&saat=15:00")).await;

    assert_eq!((soon.status, closed.status), (422, 422));
    assert!(soon.text.contains("At the earliest: Monday 2 March 2026, 15:26"), "{}", soon.text);
    assert!(closed.text.contains("schedule_date-fault"), "{}", closed.text);
}

async fn an_address_is_chosen_and_one_that_is_too_far_can_t_be(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let place = json!({ "city": "İstanbul", "district": "Kadıköy", "latitude": 40.9819, "longitude": 29.0256, "radius_m": 3_000 });
    fixture.change(&mut kitchen, |catalog| catalog.place = Some(serde_json::from_value(place).unwrap())).await;
    let user = fixture.new_user();
    let ayse = fixture.client().user(user);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;
    let id = || AddressId(fixture.context.sources.uuid());
    let (near, far) = (address(user, id(), [40.99, 29.03]), address(user, id(), [41.1, 29.03]));
    let foreign = address(fixture.new_user(), id(), [40.99, 29.03]);
    for event in [&near, &far, &foreign] {
        fixture.hear(event.clone()).await.unwrap();
    }
    let browser = fixture.browser_of(&ayse);

    let page = browser.get("/odeme").await;
    let to = |id: AddressId| form(&page, &CASH.replace("gel-al", &id.to_string()));
    let refused =
        [browser.step("POST", "/odeme", &to(far.id)).await, browser.step("POST", "/odeme", &to(foreign.id)).await];
    let ordered = browser.step("POST", "/odeme", &to(near.id)).await;
    let order = browser.get(&path(&ordered)).await;

    assert!(page.text.contains(&format!("value=\"{}\" checked", near.id)), "{}", page.text);
    assert!(page.text.contains(&format!("value=\"{}\" disabled", far.id)), "{}", page.text);
    assert!(!page.text.contains(&foreign.id.to_string()), "{}", page.text);
    assert_eq!(
        refused.map(|answer| (answer.status, answer.text.contains("address_id-fault"))),
        [(422, true), (404, true)]
    );
    assert!(order.text.contains("Moda Caddesi 12"), "{}", order.text);
}

async fn an_address_that_was_just_written_is_waited_for_and_chosen(fixture: Fixture) {
    let (user, kitchen) = (fixture.new_user(), fixture.kitchen("Çıpa").await);
    let ayse = fixture.client().user(user);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;
    let browser = fixture.browser_of(&ayse);
    let new = address(user, AddressId(fixture.context.sources.uuid()), [41.1, 29.03]);
    let asked = format!("/odeme?adres={}", new.id);

    let before = browser.get(&asked).await;
    fixture.hear(new.clone()).await.unwrap();
    let after = browser.get(&asked).await;

    assert!(before.text.contains("Your address is saved; it can be chosen in a moment."), "{}", before.text);
    assert!(after.text.contains(&format!("value=\"{}\" checked", new.id)), "{}", after.text);
}

async fn a_card_that_asks_leads_to_the_payment_and_one_that_is_declined_can_be_tried_again(fixture: Fixture) {
    let (browser, _) = filled(&fixture).await;
    let page = browser.get("/odeme").await;
    let card = |token: &str| CASH.replace("cash", &format!("credit_card&token={token}"));

    let declined = browser.step("POST", "/odeme", &form(&page, &card("declined"))).await;
    let ordered = browser.step("POST", "/odeme", &form(&declined, &card("3ds_ok"))).await;
    let order = browser.get(&path(&ordered)).await;
    let payment = order.text.split("href=\"").find(|rest| rest.starts_with("/carts/payments/")).unwrap();
    let payment = payment.split('"').next().unwrap();
    let paid = browser.submit(&format!("{payment}/return"), "").await;
    let after = browser.get(&path(&ordered)).await;

    assert_eq!(declined.status, 402);
    assert!(declined.text.contains("href=\"#payment_method\""), "{}", declined.text);
    assert_ne!(value(&declined, "istek"), value(&page, "istek"));
    assert!(order.text.contains("Waiting for the payment"), "{}", order.text);
    assert!(paid.text.contains(&format!("href=\"{}\"", path(&ordered))), "{}", paid.text);
    assert!(
        after.text.contains("Sent to the restaurant") && !after.text.contains("/carts/payments/"),
        "{}",
        after.text
    );
}

async fn who_picks_it_up_pays_no_way(fixture: Fixture) {
    let (browser, _) = filled(&fixture).await;
    let page = browser.get("/odeme").await;

    let reckoned = browser.step("POST", "/odeme/hesapla", &form(&page, CASH)).await;

    assert_eq!((value(&page, "gorulen"), value(&reckoned, "gorulen")), ("32140".to_owned(), "31150".to_owned()));
    assert!(reckoned.text.contains("value=\"gel-al\" checked"), "{}", reckoned.text);
}

async fn a_stranger_signs_in_first_and_an_empty_basket_leads_back_to_it(fixture: Fixture) {
    let (stranger, ayse) = (fixture.browser(), fixture.ayse());

    let shown = stranger.step("GET", "/odeme?adres=x", "").await;
    let ordered = stranger.step("POST", "/odeme", CASH).await;
    let empty = fixture.browser_of(&ayse).step("GET", "/odeme", "").await;

    assert_eq!(led_to(&shown), (303, "/giris?donus=%2Fodeme%3Fadres%3Dx"));
    assert_eq!(led_to(&ordered), (307, "/oturum/devam?donus=%2Fodeme"));
    assert_eq!(led_to(&empty), (303, "/sepet"));
}
