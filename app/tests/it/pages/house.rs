//! What holds for the HTML of every page that somebody comes to.

use std::collections::BTreeSet;

use kit::testing::{policy_faults, tags};
use reqwest::Method;

use super::crawl::{Pages, crawl, is_page, unescaped};
use super::world::{Who, World};
use crate::support::Platform;

/// Forms without a key (`istek`), by where they lead, and why sending one twice does no more than sending it once.
const IDEMPOTENT: &[(&str, &str)] = &[
    ("/adresler/{id}", "the address is what the form says"),
    ("/adresler/{id}/sil", "it is gone"),
    ("/adresler/{id}/varsayilan", "it is the default"),
    ("/dil", "a cookie says the language"),
    ("/favoriler/mutfaklar", "a cuisine is a favourite or not"),
    ("/favoriler/mutfaklar/cikar", "a cuisine is a favourite or not"),
    ("/favoriler/restoranlar/{id}", "a restaurant is a favourite or not"),
    ("/favoriler/restoranlar/{id}/cikar", "a restaurant is a favourite or not"),
    ("/giris", "who is signed in is led back; another session is another device's"),
    ("/guvenlik/oturum/{id}", "the session is over"),
    ("/guvenlik/oturumlar", "all sessions are over"),
    ("/guvenlik/parola", "the second one names a password that is not the current one any more"),
    ("/isletme/{r}", "the restaurant is what the form says"),
    ("/isletme/{r}/bolumler/sira", "the section stands where it was moved"),
    ("/isletme/{r}/bolumler/{part}", "the section is what the form says"),
    ("/isletme/{r}/bolumler/{part}/sil", "it is gone"),
    ("/isletme/{r}/kampanyalar/yeni", "it shows what will be promised, and the form below that has a key"),
    ("/isletme/{r}/kampanyalar/{part}/degistir", "the campaign is what the form says"),
    ("/isletme/{r}/kampanyalar/{part}/sil", "it is withdrawn"),
    ("/isletme/{r}/menu/durum", "the dish is on or off"),
    ("/isletme/{r}/menu/sira", "the dish stands where it was moved"),
    ("/isletme/{r}/menu/{meal}", "the dish is what the form says"),
    ("/isletme/{r}/menu/{meal}/durum", "the dish is on or off"),
    ("/isletme/{r}/menu/{meal}/sil", "it is gone"),
    ("/isletme/{r}/saatler", "the hours are what the form says"),
    ("/isletme/{r}/secenekler/{part}", "the group is what the form says"),
    ("/isletme/{r}/secenekler/{part}/sil", "it is gone"),
    ("/isletme/{r}/sil", "it is gone"),
    ("/isletme/{r}/yogun", "the break ends when the form says"),
    ("/kayit", "an address is registered once, and a mail more is under a limit"),
    ("/mutfak/{restaurant}/hazirla/{order}", "an order makes each step once"),
    ("/mutfak/{restaurant}/kabul/{order}", "an order makes each step once"),
    ("/mutfak/{restaurant}/red/{order}", "an order makes each step once"),
    ("/mutfak/{restaurant}/teslim/{order}", "an order makes each step once"),
    ("/mutfak/{restaurant}/yola/{order}", "an order makes each step once"),
    ("/oturum/kapat", "the session is over"),
    ("/parola", "a mail more is under a limit"),
    ("/profil", "the profile is what the form says"),
    ("/profil/tamamla", "a profile is completed once"),
    ("/sepet/satir/{id}", "the line is what the form says"),
    ("/sepet/satir/{id}/cikar", "it is gone"),
    ("/siparis/{public_id}/iptal", "an order is called off once"),
    ("/siparis/{public_id}/tekrar", "the basket has what the order had, not more"),
    ("/tercihler/dil", "the language is the one that was chosen"),
    ("/tercihler/kampanya-postasi", "the answer is the last one"),
];

/// Where a form leads that is sent by POST, and whether it has a key.
struct SentForm {
    action: String,
    has_key: bool,
}

fn forms(html: &str) -> Vec<SentForm> {
    let forms = html.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
    let forms = forms.map(|form| format!("<form{form}"));
    let sent = forms.flat_map(|form| {
        let tags = tags(&form);
        let (head, fields) = tags.split_first().unwrap();
        if head.attribute("method") != Some("post") {
            return Vec::new();
        }
        let has_key = fields.iter().any(|field| field.attribute("name") == Some("istek"));
        // A button may lead elsewhere than its form.
        let others = fields.iter().filter_map(|field| field.attribute("formaction"));
        let actions = head.attribute("action").into_iter().chain(others);
        actions.map(|action| SentForm { action: unescaped(action), has_key }).collect()
    });
    sent.collect()
}

/// The path, as it was routed, that answers `address`; none where no page is.
fn routed<'a>(paths: &[&'a str], address: &str) -> Option<&'a str> {
    let asked: Vec<&str> = address.split('?').next().unwrap().split('/').collect();
    let fits = |path: &&&str| {
        let parts: Vec<&str> = path.split('/').collect();
        parts.len() == asked.len() && parts.iter().zip(&asked).all(|(part, sent)| part.starts_with('{') || part == sent)
    };
    paths.iter().filter(fits).min_by_key(|path| path.matches('{').count()).copied()
}

async fn crawled() -> (World, Vec<(Who, Pages)>) {
    let world = World::furnished(Platform::start().await).await;
    let mut pages = Vec::new();
    for who in Who::ALL {
        pages.push((who, crawl(&world, who).await));
    }
    (world, pages)
}

#[tokio::test]
async fn no_page_has_what_its_policy_forbids_and_no_form_does_twice_what_was_sent_twice() {
    let (world, crawled) = crawled().await;
    let paths = world.platform.page_paths();
    let (mut faults, mut unkeyed, mut keyed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());

    for (who, pages) in &crawled {
        for (address, shown) in pages.iter().filter(|(_, shown)| is_page(shown)) {
            faults.extend(policy_faults(&shown.text).into_iter().map(|fault| format!("{address} of {who:?}: {fault}")));
            for form in forms(&shown.text) {
                let path = routed(&paths, &form.action);
                let path = path.unwrap_or_else(|| panic!("{address} has a form for {}, where no page is", form.action));
                if form.has_key {
                    keyed.insert(path)
                } else {
                    unkeyed.insert(path)
                };
            }
        }
    }

    assert!(faults.is_empty(), "{faults:#?}");
    let listed: BTreeSet<&str> = IDEMPOTENT.iter().map(|(path, _)| *path).collect();
    assert_eq!(unkeyed, listed);
    assert!(keyed.len() > 5, "{keyed:?}");
}

#[tokio::test]
async fn who_asks_for_the_head_of_a_page_is_answered_as_who_asks_for_all_of_it() {
    let world = World::furnished(Platform::start().await).await;
    let mut faults = Vec::new();

    for who in [Who::Stranger, Who::Owner] {
        for (address, shown) in crawl(&world, who).await.iter().filter(|(_, shown)| is_page(shown)) {
            let head = world.show(who, Method::HEAD, address).await;
            if (head.status, &head.media) != (shown.status, &shown.media) || !head.text.is_empty() {
                faults.push(format!("{address} of {who:?}: {} {}", head.status, head.media));
            }
        }
    }

    assert!(faults.is_empty(), "{faults:#?}");
}

/// Pages that no link leads to, and how readers come there.
const UNLINKED: &[(&str, &str)] = &[
    ("/adresler/{id}/varsayilan", "it leads to the page of its form"),
    ("/dil", "it leads to the page of its form"),
    ("/favoriler/durum", "script asks for it"),
    ("/favoriler/mutfaklar", "it leads to the page of its form"),
    ("/favoriler/mutfaklar/cikar", "it leads to the page of its form"),
    ("/favoriler/restoranlar/{id}", "it leads to the page of its form"),
    ("/favoriler/restoranlar/{id}/cikar", "it leads to the page of its form"),
    ("/guvenlik/oturum/{id}", "it leads to the page of its form"),
    ("/guvenlik/oturumlar", "it leads to the page of its form"),
    ("/isletme/{r}/bolumler", "it leads to the page of its form"),
    ("/isletme/{r}/bolumler/sira", "it leads to the page of its form"),
    ("/isletme/{r}/menu/durum", "it leads to the page of its form"),
    ("/isletme/{r}/menu/sira", "it leads to the page of its form"),
    ("/isletme/{r}/menu/{meal}/durum", "it leads to the page of its form"),
    ("/kayit/posta", "it leads to the page of its form"),
    ("/mutfak/{restaurant}/gecikme/{order}", "it leads to the page of its form"),
    ("/mutfak/{restaurant}/hazirla/{order}", "it leads to the page of its form"),
    ("/mutfak/{restaurant}/kabul/{order}", "it leads to the page of its form"),
    ("/mutfak/{restaurant}/teslim/{order}", "it leads to the page of its form"),
    ("/mutfak/{restaurant}/yola/{order}", "it leads to the page of its form"),
    ("/odeme/hesapla", "it leads to the page of its form"),
    ("/oturum/devam", "it leads to the page of its form"),
    ("/oturum/kapat", "it leads to the page of its form"),
    ("/oturum/yenile", "it leads to the page of its form"),
    ("/parola/posta", "it leads to the page of its form"),
    ("/sepet/ekle", "it leads to the page of its form"),
    ("/sepet/karar", "it leads to the page of its form"),
    ("/sepet/satir/{id}/cikar", "it leads to the page of its form"),
    ("/siparis/{public_id}/iptal", "it leads to the page of its form"),
    ("/tercihler/dil", "it leads to the page of its form"),
    ("/tercihler/kampanya-postasi", "it leads to the page of its form"),
];

#[tokio::test]
async fn links_lead_to_every_page_but_those_that_follow_something_else() {
    let (world, crawled) = crawled().await;
    let paths = world.platform.page_paths();
    let addresses = crawled.iter().flat_map(|(_, pages)| pages.keys());
    let opened: BTreeSet<&str> = addresses.filter_map(|address| routed(&paths, address)).collect();
    let shown = world.routes().await.into_iter().filter(|route| route.method == "GET").map(|route| route.path);

    let unlinked: BTreeSet<&str> = shown.filter(|path| !opened.contains(path)).collect();

    assert_eq!(unlinked, UNLINKED.iter().map(|(path, _)| *path).collect());
}
