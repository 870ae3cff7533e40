//! All pages, as everybody may come to them: on a phone and at a desk, in both languages, by day and by night, with a keyboard, with
//! large letters, and by a screen reader.

mod checks;

use std::collections::HashMap;

use crate::support::{Browser, Language, Town, View, turn};

/// Who opens a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Stranger,
    Diner,
    Manager,
}

/// A page: the name of its pictures, its address, and who opens it. `{restoran}` stands for the id of Çıpa Kebap.
type PageRow = (&'static str, &'static str, Who);

const PAGES: &[PageRow] = &[
    ("liman", "/liman", Who::Stranger),
    ("yardim", "/yardim", Who::Stranger),
    ("gizlilik", "/gizlilik", Who::Stranger),
    ("giris", "/giris", Who::Stranger),
    ("kayit", "/kayit", Who::Stranger),
    ("kayit-posta", "/kayit/posta", Who::Stranger),
    ("parola", "/parola", Who::Stranger),
    ("parola-posta", "/parola/posta", Who::Stranger),
    ("yok", "/hicbir-yer", Who::Stranger),
    ("guvenlik", "/guvenlik", Who::Diner),
    ("guvenlik-olaylar", "/guvenlik/olaylar", Who::Diner),
    ("guvenlik-parola", "/guvenlik/parola", Who::Diner),
];

/// All of them, in the order in which readers sign in once.
const READERS: [Who; 3] = [Who::Stranger, Who::Diner, Who::Manager];

fn pages_of(who: Who) -> impl Iterator<Item = PageRow> {
    PAGES.iter().copied().filter(move |(_, _, opener)| *opener == who)
}

async fn become_reader(browser: &Browser, town: &Town, who: Who) {
    match who {
        Who::Stranger => browser.forget_everything().await,
        Who::Diner => browser.sign_in(town.diner()).await,
        Who::Manager => browser.sign_in(town.manager()).await,
    }
}

async fn address(town: &Town, path: &str) -> String {
    if path.contains("{restoran}") {
        path.replace("{restoran}", &town.restaurant("Çıpa Kebap").await)
    } else {
        path.to_owned()
    }
}

#[tokio::test]
async fn every_page_can_be_used_by_everybody() {
    let _turn = turn().await;
    let town = Town::open().await;
    let browser = Browser::start(&town.base()).await;
    let mut faults = Vec::new();
    let mut titles: HashMap<(Language, String), &str> = HashMap::new();

    for who in READERS {
        become_reader(&browser, &town, who).await;
        for (name, path, _) in pages_of(who) {
            let path = address(&town, path).await;
            for view in View::all() {
                browser.show_as(view).await;
                browser.open(&path).await;
                let found = checks::all(&browser, view).await;
                faults.extend(found.into_iter().map(|fault| format!("{name}-{}: {fault}", view.name())));
                if let Some(other) = titles.insert((view.language, browser.title().await), name)
                    && other != name
                {
                    faults.push(format!("{name}-{}: has the title of {other}", view.name()));
                }
                browser.take_picture(name, view).await;
            }
        }
    }

    browser.close().await;
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn every_page_is_walked_through_by_keyboard_and_what_has_the_focus_is_seen() {
    let _turn = turn().await;
    let town = Town::open().await;
    let browser = Browser::start(&town.base()).await;
    let mut faults = Vec::new();

    for who in READERS {
        become_reader(&browser, &town, who).await;
        browser.show_as(View::PHONE).await;
        for (name, path, _) in pages_of(who) {
            browser.open(&address(&town, path).await).await;
            let found = checks::keyboard(&browser).await;
            faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }

    browser.close().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
