use std::time::Duration;

use kit::on_every_database;
use kit::testing::{Answer, Client, policy_faults};
use serde_json::{Value, json};

use crate::api::tests::coupons::{campaign, give_off};
use crate::api::tests::live::{Town, show, step};
use crate::fixture::{Browser, Fixture, value};

on_every_database! {
    Fixture:
    an_order_walks_through_the_columns_of_its_board,
    a_ticket_says_all_that_has_to_be_cooked_and_until_when,
    a_step_that_is_sent_twice_is_made_once,
    an_order_that_has_moved_on_meanwhile_stays_as_it_is_and_the_board_says_so,
    an_order_is_turned_down_with_a_reason_on_a_page_of_its_own,
    what_was_shown_to_be_turned_down_is_not_called_off_instead,
    a_board_is_there_for_who_runs_the_restaurant_and_for_admins,
    whoever_runs_restaurants_is_shown_their_own,
    a_stream_says_that_a_board_has_changed_and_nothing_of_it,
    what_was_earned_is_summed_by_time_and_by_payment,
    an_english_board_has_no_turkish_on_it_and_needs_nothing_that_the_policy_forbids,
}

/// A town, the browser of who runs its kitchen, and where the board is.
struct Kitchen {
    town: Town,
    browser: Browser,
    path: String,
}

impl Kitchen {
    async fn of(fixture: &Fixture) -> Self {
        let town = Town::of(fixture).await;
        let path = format!("/mutfak/{}", town.kitchen.id);
        Self { browser: fixture.browser_of(&town.owner), town, path }
    }

    async fn press(&self, step: &str, id: &str, form: &str) -> Answer {
        self.browser.step("POST", &format!("{}/{step}/{id}", self.path), form).await
    }

    async fn board(&self) -> Answer {
        let board = self.browser.get(&self.path).await;
        assert_eq!(board.status, 200, "{}", board.text);
        board
    }
}

/// How many orders the columns of a board have.
fn counts(board: &Answer) -> Vec<&str> {
    let columns = board.text.split("<span class=\"count\">").skip(1);
    let counts = columns.map(|rest| rest.split('<').next().unwrap()).collect::<Vec<_>>();
    // The basket in the head of the page may have one, too.
    counts[counts.len() - 4..].to_vec()
}

async fn status(client: &Client, id: &str) -> Value {
    client.get(&format!("/carts/orders/{id}")).await.json()["status"].clone()
}

async fn an_order_walks_through_the_columns_of_its_board(fixture: Fixture) {
    let kitchen = Kitchen::of(&fixture).await;
    let empty = kitchen.board().await;
    let id = kitchen.town.order(json!({})).await;
    let mut seen = vec![counts(&kitchen.board().await).join(" ")];

    for (step, form) in [("kabul", "eta_minutes=35"), ("hazirla", ""), ("yola", ""), ("teslim", "")] {
        let made = kitchen.press(step, &id, form).await;
        assert_eq!((made.status, made.header("location")), (303, &*kitchen.path), "{step}: {}", made.text);
        seen.push(counts(&kitchen.board().await).join(" "));
    }

    assert_eq!(counts(&empty), ["0"; 4]);
    assert_eq!(seen, ["1 0 0 0", "0 1 0 0", "0 1 0 0", "0 0 1 0", "0 0 0 1"]);
    let order = kitchen.town.diner.get(&format!("/carts/orders/{id}")).await.json();
    assert_eq!((&order["status"], &order["target_at"]), (&json!("delivered"), &json!("2026-03-02T12:35:00Z")));
}

async fn a_ticket_says_all_that_has_to_be_cooked_and_until_when(fixture: Fixture) {
    let kitchen = Kitchen::of(&fixture).await;
    let town = &kitchen.town;
    let options = json!([{ "option_id": town.kitchen.hot }, { "option_id": town.kitchen.cheese, "quantity": 2 }]);
    let items = json!([{ "meal_id": town.kitchen.adana, "quantity": 2, "options": options, "note": "az <b>pişmiş" }]);
    let id = town.order(json!({ "items": items, "note": "zile basma" })).await;

    let new = kitchen.board().await.text;
    fixture.clock.advance(Duration::from_secs(5 * 60));
    let soon = kitchen.board().await.text;
    fixture.clock.advance(Duration::from_secs(4 * 60));
    let late = kitchen.board().await.text;
    kitchen.press("kabul", &id, "eta_minutes=25").await;
    fixture.clock.advance(Duration::from_secs(36 * 60));
    let overdue = kitchen.board().await.text;

    for part in [
        "<strong>2 × Adana Kebap</strong>",
        "Acılı, 2 × Peynir",
        "az &#60;b&#62;pişmiş",
        "zile basma",
        "Cash at the door",
        ">0:00</time>",
        "answer by 15:10",
        "value=\"25\"",
        "Accept · 25 min",
    ] {
        assert!(new.contains(part), "{part} in {new}");
    }
    let id = format!("id=\"siparis-{id}\"");
    assert!(new.contains(&format!("class=\"ticket\" {id}")), "{new}");
    assert!(soon.contains(&format!("class=\"ticket soon\" {id}")) && soon.contains(">Answer soon</p>"), "{soon}");
    assert!(late.contains(&format!("class=\"ticket late\" {id}")) && late.contains(">9:00</time>"), "{late}");
    assert!(overdue.contains(">LATE</p>") && overdue.contains("Promised 15:34"), "{overdue}");
}

async fn a_step_that_is_sent_twice_is_made_once(fixture: Fixture) {
    let kitchen = Kitchen::of(&fixture).await;
    let id = kitchen.town.order(json!({})).await;

    let accepted = [kitchen.press("kabul", &id, "").await.status, kitchen.press("kabul", &id, "").await.status];
    let board = kitchen.board().await;
    let form = format!("minutes=10&istek={}", value(&board, "istek"));
    let delayed =
        [kitchen.press("gecikme", &id, &form).await.status, kitchen.press("gecikme", &id, &form).await.status];

    assert_eq!((accepted, delayed), ([303; 2], [303; 2]));
    let order = kitchen.town.diner.get(&format!("/carts/orders/{id}")).await.json();
    assert_eq!((&order["version"], &order["target_at"]), (&json!(3), &json!("2026-03-02T12:35:00Z")));
}

async fn an_order_that_has_moved_on_meanwhile_stays_as_it_is_and_the_board_says_so(fixture: Fixture) {
    let kitchen = Kitchen::of(&fixture).await;
    let id = kitchen.town.order(json!({})).await;

    let wrong = [
        kitchen.press("kabul", &id, "eta_minutes=3").await,
        kitchen.press("kabul", &id, "eta_minutes=soon").await,
        kitchen.press("gecikme", &id, "minutes=10").await,
    ];
    step(&kitchen.town.diner, &id, "cancel").await;
    let gone = kitchen.press("kabul", &id, "eta_minutes=30").await;

    for answer in wrong {
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(answer.text.contains("role=\"alert\"") && counts(&answer) == ["1", "0", "0", "0"], "{}", answer.text);
    }
    assert_eq!((gone.status, counts(&gone)), (409, vec!["0", "0", "0", "1"]));
    assert!(gone.text.contains("The order has changed.") && gone.text.contains("Called off"), "{}", gone.text);
    assert_eq!(status(&kitchen.town.diner, &id).await, "cancelled");
}

async fn an_order_is_turned_down_with_a_reason_on_a_page_of_its_own(fixture: Fixture) {
    let kitchen = Kitchen::of(&fixture).await;
    let (id, other) = (kitchen.town.order(json!({})).await, kitchen.town.order(json!({ "note": "iki" })).await);

    let page = kitchen.browser.get(&format!("{}/red/{id}", kitchen.path)).await;
    let unsaid = kitchen.press("red", &id, "adim=red&reason=&text=").await;
    let unexplained = kitchen.press("red", &id, "adim=red&reason=other&text=+").await;
    let rejected = kitchen.press("red", &id, "adim=red&reason=other&text=F%C4%B1r%C4%B1n+bozuldu").await;
    let again = kitchen.press("red", &id, "adim=red&reason=other&text=F%C4%B1r%C4%B1n+bozuldu").await;
    kitchen.press("kabul", &other, "").await;
    let accepted = kitchen.browser.get(&format!("{}/red/{other}", kitchen.path)).await;
    let called_off = kitchen.press("red", &other, "adim=iptal&reason=sold_out&text=").await;
    let over = kitchen.browser.get(&format!("{}/red/{other}", kitchen.path)).await;

    assert!(page.text.contains("6 × Ayran") && value(&page, "adim") == "red", "{}", page.text);
    assert!(unsaid.status == 422 && unsaid.text.contains("id=\"reason-fault\""), "{}", unsaid.text);
    assert!(unexplained.status == 422 && unexplained.text.contains("id=\"text-fault\""), "{}", unexplained.text);
    assert!(unexplained.text.contains("value=\"other\" required checked"), "{}", unexplained.text);
    assert_eq!([rejected.status, again.status, called_off.status, over.status], [303, 303, 303, 409]);
    assert_eq!(value(&accepted, "adim"), "iptal");
    let order = kitchen.town.diner.get(&format!("/carts/orders/{id}")).await.json();
    assert_eq!((&order["status"], &order["reason_text"]), (&json!("rejected"), &json!("Fırın bozuldu")));
    assert_eq!(status(&kitchen.town.diner, &other).await, "cancelled");
}

async fn what_was_shown_to_be_turned_down_is_not_called_off_instead(fixture: Fixture) {
    let kitchen = Kitchen::of(&fixture).await;
    let id = kitchen.town.order(json!({})).await;

    step(&kitchen.town.owner, &id, "accept").await;
    let refused = kitchen.press("red", &id, "adim=red&reason=too_busy&text=").await;

    assert_eq!((refused.status, status(&kitchen.town.diner, &id).await), (409, json!("accepted")));
    assert!(refused.text.contains("value=\"too_busy\" required checked"), "{}", refused.text);
}

async fn a_board_is_there_for_who_runs_the_restaurant_and_for_admins(fixture: Fixture) {
    let (kitchen, other) = (Kitchen::of(&fixture).await, Kitchen::of(&fixture).await);
    let id = kitchen.town.order(json!({})).await;
    let foreign = other.town.order(json!({})).await;
    let ways = ["", "/olaylar", "/kazanc", "/kazanc.csv"].map(|way| format!("{}{way}", kitchen.path));
    let red = format!("{}/red/{id}", kitchen.path);

    for stranger in [&kitchen.town.diner, &other.town.owner] {
        let browser = fixture.browser_of(stranger);
        for way in ways.iter().chain([&red]) {
            assert_eq!(browser.get(way).await.status, 404, "{way}");
        }
        for step in ["kabul", "hazirla", "yola", "teslim", "gecikme", "red"] {
            assert_eq!(browser.submit(&format!("{}/{step}/{id}", kitchen.path), "").await.status, 404, "{step}");
        }
    }
    for way in &ways {
        let asked = fixture.browser().step("GET", way, "").await;
        assert_eq!(asked.status, 303, "{way}");
        assert!(asked.header("location").starts_with("/giris?donus=%2Fmutfak%2F"), "{way}");
    }
    let admin = fixture.browser_of(&fixture.client().admin(fixture.new_user()));
    assert_eq!((admin.get(&kitchen.path).await.status, admin.get("/mutfak/none").await.status), (200, 404));
    // An order of another restaurant is not there, also for who may see both.
    assert_eq!(admin.submit(&format!("{}/kabul/{foreign}", kitchen.path), "").await.status, 404);
    assert_eq!(status(&kitchen.town.diner, &id).await, "placed");
}

async fn whoever_runs_restaurants_is_shown_their_own(fixture: Fixture) {
    let (kitchen, other) = (Kitchen::of(&fixture).await, Kitchen::of(&fixture).await);

    let own = kitchen.browser.get("/mutfak").await;
    let none = fixture.browser_of(&fixture.client().manager(fixture.new_user())).get("/mutfak").await;
    let of_diner = fixture.browser_of(&kitchen.town.diner).get("/mutfak").await;

    let link = |kitchen: &Kitchen| format!("href=\"{}\"", kitchen.path);
    assert!(own.text.contains(&link(&kitchen)) && !own.text.contains(&link(&other)), "{}", own.text);
    assert!(none.status == 200 && none.text.contains("href=\"/isletme\""), "{}", none.text);
    // There is nothing for them.
    assert!(of_diner.status == 200 && !of_diner.text.contains("href=\"/isletme\""), "{}", of_diner.text);
    assert_eq!(fixture.browser().step("GET", "/mutfak", "").await.header("location"), "/giris?donus=%2Fmutfak");
}

async fn a_stream_says_that_a_board_has_changed_and_nothing_of_it(fixture: Fixture) {
    let tasks = show(&fixture);
    let kitchen = Kitchen::of(&fixture).await;
    let ask = || kitchen.browser.ask("GET", &format!("{}/olaylar", kitchen.path), "");
    let mut stream = kitchen.browser.client().open(ask()).await.unwrap();

    let first = stream.next_named("message").await;
    kitchen.town.order(json!({})).await;
    let changed = stream.next_named("message").await;
    let mut behind = kitchen.browser.client().open(ask().header("last-event-id", &changed.id)).await.unwrap();

    assert_eq!((&first.data, &changed.data), (&json!({}), &json!({})));
    assert_ne!(first.id, changed.id);
    assert_eq!(behind.next_named("unchanged").await.id, changed.id);
    tasks.stop().await;
}

async fn what_was_earned_is_summed_by_time_and_by_payment(fixture: Fixture) {
    let kitchen = Kitchen::of(&fixture).await;
    give_off(&fixture, 1, vec![campaign(&fixture, json!({}))]).await;
    let orders = [json!({}), json!({ "coupon_code": "LEZZET10" }), json!({ "payment_method": "pos" })];
    for order in orders {
        let id = kitchen.town.order(order).await;
        for to in ["accept", "deliver"] {
            step(&kitchen.town.owner, &id, to).await;
        }
        fixture.clock.advance(Duration::from_secs(60 * 60));
    }
    let rejected = kitchen.town.order(json!({ "note": "reddedilen" })).await;
    kitchen.press("red", &rejected, "adim=red&reason=closed&text=").await;

    let day = kitchen.browser.get(&format!("{}/kazanc", kitchen.path)).await;
    let month = kitchen.browser.get(&format!("{}/kazanc?donem=ay&tarih=2026-03-02", kitchen.path)).await;
    let before = kitchen.browser.get(&format!("{}/kazanc?donem=hafta&tarih=2026-03-01", kitchen.path)).await;
    let file = kitchen.browser.get(&format!("{}/kazanc.csv?donem=gun&tarih=2026-03-02", kitchen.path)).await;
    let unknown = ["donem=yil", "tarih=yesterday", "tarih=2026-03-03", "tarih=1999-01-01"];

    // 6 × 35.50 and 9.90 for the way, once with 10 % off the meals.
    for part in ["₺647.40", "<th scope=\"row\">15:00</th>", "₺201.60", "₺21.30", "Card at the door", "<rect class"]
    {
        assert!(day.text.contains(part), "{part} in {}", day.text);
    }
    assert!(month.text.contains("₺647.40") && month.text.contains("<th scope=\"row\">2 March</th>"), "{}", month.text);
    assert!(before.text.contains("Nothing was delivered") && before.text.contains("rel=\"next\""), "{}", before.text);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        file.text,
        "\u{feff}begin,payment,orders,meals,discount,delivery,refunded,net\r\n\
         2026-03-02T12:00:00Z,cash,1,213.00,0.00,9.90,0.00,222.90\r\n\
         2026-03-02T13:00:00Z,cash,1,213.00,21.30,9.90,0.00,201.60\r\n\
         2026-03-02T14:00:00Z,pos,1,213.00,0.00,9.90,0.00,222.90\r\n"
    );
    for query in unknown {
        assert_eq!(kitchen.browser.get(&format!("{}/kazanc?{query}", kitchen.path)).await.status, 422, "{query}");
    }
}

async fn an_english_board_has_no_turkish_on_it_and_needs_nothing_that_the_policy_forbids(fixture: Fixture) {
    let mut town = Town::of(&fixture).await;
    fixture.change(&mut town.kitchen, |catalog| catalog.name = "Anchor".to_owned()).await;
    let (id, path) = (town.order(json!({})).await, format!("/mutfak/{}", town.kitchen.id));
    let accepted = town.order(json!({ "note": "two" })).await;
    step(&town.owner, &accepted, "accept").await;
    let browser = fixture.browser_of(&town.owner);

    for path in [
        "/mutfak".to_owned(),
        path.clone(),
        format!("{path}/red/{id}"),
        format!("{path}/red/{accepted}"),
        format!("{path}/kazanc"),
    ] {
        browser.set_cookie("lang", "en");
        let english = browser.get(&path).await;
        browser.set_cookie("lang", "tr");
        let turkish = browser.get(&path).await;

        assert_eq!((english.status, turkish.status), (200, 200), "{path}");
        let text = english.text.replace("Lezzetlimanı", "").replace("Türkçe", "").replace("Türkiye", "");
        let letter = text.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
        assert_eq!(letter.map(|at| text[at..].chars().take(20).collect::<String>()), None, "{path}");
        assert!(turkish.text.contains("<html lang=\"tr\">") && english.text.contains("<html lang=\"en\">"), "{path}");
        assert_eq!(policy_faults(&english.text), Vec::<String>::new(), "{path}");
    }
}
