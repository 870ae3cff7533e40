//! All pages, as everybody may come to them: on a phone and at a desk, in both languages, by day and by night, with a keyboard, with
//! large letters, and by a screen reader.

mod budgets;
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

/// A page: the name of its pictures, its address, and who opens it. In addresses `{restoran}` stands for the id of Çıpa Kebap,
/// `{yemek}` for that of a dish with options there, and `{siparis}` for that of an order.
type PageRow = (&'static str, &'static str, Who);

const PAGES: &[PageRow] = &[
    ("restoranlar", "/", Who::Stranger),
    ("arama", "/?q=urfa&open_now=true", Who::Stranger),
    ("arama-bos", "/?q=zzzzzz", Who::Stranger),
    ("restoran", "/restoran/{restoran}", Who::Stranger),
    ("yemek", "/restoran/{restoran}/{yemek}", Who::Stranger),
    ("kampanyalar", "/kampanyalar", Who::Stranger),
    ("sepet-bos", "/sepet", Who::Stranger),
    ("liman", "/liman", Who::Stranger),
    ("yardim", "/yardim", Who::Stranger),
    ("gizlilik", "/gizlilik", Who::Stranger),
    ("giris", "/giris", Who::Stranger),
    ("kayit", "/kayit", Who::Stranger),
    ("kayit-posta", "/kayit/posta", Who::Stranger),
    ("parola", "/parola", Who::Stranger),
    ("parola-posta", "/parola/posta", Who::Stranger),
    ("yok", "/hicbir-yer", Who::Stranger),
    ("sepet", "/sepet", Who::Diner),
    ("odeme", "/odeme", Who::Diner),
    ("siparis", "/siparis/{siparis}", Who::Diner),
    ("siparis-tekrar", "/siparis/{siparis}/tekrar", Who::Diner),
    ("siparisler", "/siparisler", Who::Diner),
    ("profil-tamamla", "/profil/tamamla", Who::Diner),
    ("adresler", "/adresler", Who::Diner),
    ("adresler-yeni", "/adresler/yeni", Who::Diner),
    ("favoriler", "/favoriler", Who::Diner),
    ("tercihler", "/tercihler", Who::Diner),
    ("guvenlik", "/guvenlik", Who::Diner),
    ("guvenlik-olaylar", "/guvenlik/olaylar", Who::Diner),
    ("guvenlik-parola", "/guvenlik/parola", Who::Diner),
    ("adresler-restoran", "/adresler/restoran", Who::Manager),
    ("mutfak", "/mutfak", Who::Manager),
    ("mutfak-pano", "/mutfak/{restoran}", Who::Manager),
    ("mutfak-red", "/mutfak/{restoran}/red/{siparis}", Who::Manager),
    ("mutfak-kazanc", "/mutfak/{restoran}/kazanc", Who::Manager),
    ("isletme", "/isletme", Who::Manager),
    ("isletme-yeni", "/isletme/yeni", Who::Manager),
    ("isletme-bilgiler", "/isletme/{restoran}", Who::Manager),
    ("isletme-sil", "/isletme/{restoran}/sil", Who::Manager),
    ("isletme-menu", "/isletme/{restoran}/menu", Who::Manager),
    ("isletme-yemek-yeni", "/isletme/{restoran}/menu/yeni", Who::Manager),
    ("isletme-yemek", "/isletme/{restoran}/menu/{yemek}", Who::Manager),
    ("isletme-bolumler", "/isletme/{restoran}/bolumler", Who::Manager),
    ("isletme-secenekler", "/isletme/{restoran}/secenekler", Who::Manager),
    ("isletme-saatler", "/isletme/{restoran}/saatler", Who::Manager),
    ("isletme-yogun", "/isletme/{restoran}/yogun", Who::Manager),
    ("isletme-kampanyalar", "/isletme/{restoran}/kampanyalar", Who::Manager),
    ("isletme-kampanya-yeni", "/isletme/{restoran}/kampanyalar/yeni", Who::Manager),
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

/// What stands for the braces in addresses.
struct Ids {
    restaurant: String,
    dish: String,
    order: String,
}

impl Ids {
    /// Has an order of the demo's diner placed, and a basket filled after it.
    async fn prepare(town: &Town, browser: &Browser) -> Self {
        let restaurant = town.restaurant("Çıpa Kebap").await;
        let dish = town.dish(&restaurant, "Adana Kebap").await;
        browser.show_as(View::PHONE).await;
        browser.sign_in(town.diner()).await;
        browser.open("/odeme").await;
        browser.choose("Restorandan kendim alırım").await;
        browser.press("Ödeme yükümlülüğüyle sipariş ver").await;
        browser.shows("Durum:").await;
        let order = browser.path().await.trim_start_matches("/siparis/").to_owned();
        browser.open(&format!("/restoran/{restaurant}")).await;
        browser.press("Ekle: Urfa Şiş").await;
        browser.shows("Sepet 1").await;
        Self { restaurant, dish, order }
    }

    fn address(&self, path: &str) -> String {
        let path = path.replace("{restoran}", &self.restaurant);
        path.replace("{yemek}", &self.dish).replace("{siparis}", &self.order)
    }
}

#[tokio::test]
async fn every_page_can_be_used_by_everybody() {
    let _turn = turn().await;
    let town = Town::open().await;
    let browser = Browser::start(&town.base()).await;
    let ids = Ids::prepare(&town, &browser).await;
    let mut faults = Vec::new();
    let mut titles: HashMap<(Language, String), String> = HashMap::new();

    for who in READERS {
        become_reader(&browser, &town, who).await;
        for (name, path, _) in pages_of(who) {
            let path = ids.address(path);
            for view in View::all() {
                browser.show_as(view).await;
                browser.open(&path).await;
                let found = checks::all(&browser, view).await;
                faults.extend(found.into_iter().map(|fault| format!("{name}-{}: {fault}", view.name())));
                let titled = titles.insert((view.language, browser.title().await), path.clone());
                if let Some(other) = titled.filter(|other| *other != path) {
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
    let ids = Ids::prepare(&town, &browser).await;
    let mut faults = Vec::new();

    for who in READERS {
        become_reader(&browser, &town, who).await;
        browser.show_as(View::PHONE).await;
        for (name, path, _) in pages_of(who) {
            browser.open(&ids.address(path)).await;
            let found = checks::keyboard(&browser).await;
            faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }

    browser.close().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
