//! A whole shift at the board of a kitchen. With script a ticket that has the focus hears keys of its own; without, its buttons are
//! reached by Tab.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::at_last;
use thirtyfour::Key;

use crate::journeys::{DISH, RESTAURANT, phone};
use crate::support::{Browser, Order, Script, Town, turn};

/// What the clocks of Istanbul are ahead.
const ISTANBUL: Duration = Duration::from_secs(3 * 60 * 60);

/// A board as somebody works at it who has no pointer.
struct Board<'a> {
    town: &'a Town,
    browser: &'a Browser,
    script: Script,
    path: String,
}

#[tokio::test]
async fn a_kitchen_works_a_shift_by_keyboard_alone() {
    let _turn = turn().await;
    let town = Town::open().await;
    let restaurant = town.restaurant(RESTAURANT).await;
    let (dish, diner) = (town.dish(&restaurant, DISH).await, town.sign_in(town.diner()).await);

    for script in [Script::Off, Script::On] {
        let mut orders = Vec::new();
        for _ in 0..3 {
            orders.push(town.order(&diner, &dish).await);
        }
        let browser = phone(&town, script).await;
        browser.sign_in(town.manager()).await;
        let board = Board { town: &town, browser: &browser, script, path: format!("/mutfak/{restaurant}") };
        board.open().await;

        if script == Script::On {
            board.goes_from_ticket_to_ticket(&orders).await;
        }
        board.accept_with_other_minutes(&orders[0]).await;
        board.bring(&orders[0]).await;
        board.reject(&orders[1]).await;
        board.accept_and_delay(&orders[2]).await;
        board.take_a_break(&restaurant).await;
        browser.close().await;
    }
}

impl Board<'_> {
    async fn open(&self) {
        self.browser.open(&self.path).await;
        self.browser.tab_to("Siparişlere geç").await;
        self.browser.enter().await;
    }

    /// Up and down within a column, and from one to the next: first the new orders, then one that is being cooked already.
    async fn goes_from_ticket_to_ticket(&self, new: &[Order]) {
        let browser = self.browser;
        browser.tab_to("#").await;
        let mut seen = vec![self.ticket_in_focus().await];
        for _ in 1..new.len() {
            browser.press_key(Key::Down).await;
            seen.push(self.ticket_in_focus().await);
        }
        browser.press_key(Key::Down).await;
        assert_eq!(Some(&self.ticket_in_focus().await), seen.last(), "the column ends there");
        browser.press_key(Key::Up).await;
        assert_eq!(self.ticket_in_focus().await, seen[new.len() - 2]);
        browser.press_key(Key::Right).await;
        assert!(!seen.contains(&self.ticket_in_focus().await));
        browser.press_key(Key::Left).await;
        assert_eq!(self.ticket_in_focus().await, seen[0]);
        seen.sort();
        let mut codes: Vec<&str> = new.iter().map(|order| order.code.as_str()).collect();
        codes.sort_unstable();
        assert_eq!(seen, codes);
    }

    async fn accept_with_other_minutes(&self, order: &Order) {
        self.focus_on(order).await;
        match self.script {
            Script::On => self.browser.press_key("m").await,
            Script::Off => self.browser.tab_to("Kabul et").await,
        }
        assert!(self.browser.focused().await.starts_with("Kabul et"));
        let usual = minutes_in(&self.browser.focused().await);
        self.browser.tab().await;
        let longer = minutes_in(&self.browser.focused().await);
        assert!(longer > usual, "{longer} is more than {usual}");
        let now = (self.town.now() + ISTANBUL).format("%H:%M").to_string();
        self.browser.enter().await;

        let accepted = self.comes_to(order, "cooking", "Hazırlamaya başla").await;
        let promised = minutes_between(&now, promise(&accepted));
        assert!((longer..longer + 2).contains(&promised), "{promised} of {longer}");
        if self.script == Script::On {
            assert_eq!(self.ticket_in_focus().await, order.code, "the focus goes with the ticket");
        }
    }

    /// Cooked, ready, and handed over: each by the first button of the ticket, which keeps the focus.
    async fn bring(&self, order: &Order) {
        for (button, column, next) in [
            ("Hazırlamaya başla", "cooking", "Hazır"),
            ("Hazır", "on-the-way", "Teslim edildi"),
            ("Teslim edildi", "delivered", format!("#{} Teslim edildi", order.code).as_str()),
        ] {
            self.press_first(order, button).await;
            self.comes_to(order, column, next).await;
        }
    }

    async fn reject(&self, order: &Order) {
        self.focus_on(order).await;
        match self.script {
            Script::On => self.browser.press_key("r").await,
            Script::Off => {
                self.browser.tab_to("Reddet…").await;
                self.browser.enter().await;
            }
        }
        self.browser.is_at(&format!("{}/red/{}", self.path, order.id)).await;
        self.browser.tab_to("Bir ürün tükendi").await;
        self.browser.press_key(" ").await;
        self.browser.tab_to("Siparişi reddet").await;
        self.browser.enter().await;

        self.browser.shows("Sipariş reddedildi.").await;
        self.comes_to(order, "rejected", &format!("#{} Reddedildi: Bir ürün tükendi", order.code)).await;
    }

    async fn accept_and_delay(&self, order: &Order) {
        self.press_first(order, "Kabul et").await;
        let accepted = self.comes_to(order, "cooking", "Hazırlamaya başla").await;
        self.focus_on(order).await;
        match self.script {
            Script::On => self.browser.press_key("m").await,
            Script::Off => self.browser.tab_to("+10").await,
        }
        assert!(self.browser.focused().await.starts_with("+10"));
        self.browser.enter().await;

        self.browser.shows("Yeni saat müşteriye bildirildi.").await;
        let delayed = self.comes_to(order, "cooking", "Hazırlamaya başla").await;
        assert_eq!(minutes_between(promise(&accepted), promise(&delayed)), 10);
    }

    async fn take_a_break(&self, restaurant: &str) {
        for (button, said, chip) in
            [("15 dakika", "Ara başladı", "Mola · bitiş"), ("Arayı bitir", "Ara bitti.", "Açık Yenile")]
        {
            self.browser.tab_to("Yoğunum, mola").await;
            self.browser.enter().await;
            self.browser.is_at(&format!("/isletme/{restaurant}/yogun")).await;
            self.browser.tab_to(button).await;
            self.browser.enter().await;
            self.browser.shows(said).await;
            self.browser.comes_to_show(&self.path, chip).await;
        }
    }

    /// Presses the first button of the ticket, which is `button`.
    async fn press_first(&self, order: &Order, button: &str) {
        self.focus_on(order).await;
        if self.script == Script::Off {
            self.browser.tab_to(button).await;
        }
        self.browser.enter().await;
    }

    /// Goes to the ticket by Tab, if it has not kept the focus.
    async fn focus_on(&self, order: &Order) {
        let name = format!("#{}", order.code);
        if !self.browser.focused().await.starts_with(&name) {
            self.browser.tab_to(&name).await;
        }
    }

    async fn ticket_in_focus(&self) -> String {
        let said = self.browser.focused().await;
        said.split(' ').next().unwrap().trim_start_matches('#').to_owned()
    }

    /// Answers with the ticket once it is in that column and can be done that with; of an order that has ended, with its line.
    async fn comes_to(&self, order: &Order, column: &str, first: &str) -> Value {
        at_last(&format!("#{} stands in {column} with {first}", order.code), async || {
            let ticket = self.browser.run(include_str!("ticket.js"), &[json!(order.code)]).await;
            let is_there = ticket["column"] == column && ticket["first"] == first;
            is_there.then_some(ticket)
        })
        .await
    }
}

/// How many minutes a button speaks of.
fn minutes_in(button: &str) -> i64 {
    button.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// For when a ticket says that its order is promised: `21:40`.
fn promise(ticket: &Value) -> &str {
    ticket["promise"].as_str().unwrap().rsplit(' ').next().unwrap()
}

/// Minutes from one time of the clock to the next other one.
fn minutes_between(from: &str, to: &str) -> i64 {
    let minutes = |clock: &str| {
        let (hours, minutes) = clock.split_once(':').unwrap();
        hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
    };
    (minutes(to) - minutes(from)).rem_euclid(24 * 60)
}
