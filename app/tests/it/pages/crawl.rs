//! All pages that somebody comes to by links, from the first page on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kit::testing::tags;
use reqwest::{Method, StatusCode};

use super::world::{Shown, Who, World};

/// Where a reader begins who was told of nothing else.
const BEGINNINGS: [&str; 5] = ["/", "/siparisler", "/mutfak", "/isletme", "/liman"];
/// So many addresses are followed that differ in the values of their query alone: those of dates and cursors lead on for ever.
const ALIKE: usize = 3;

/// Pages by their addresses.
pub(super) type Pages = BTreeMap<String, Shown>;

/// Follows all links, redirects included; whatever is not there, or fails, is a fault of the page that leads to it.
pub(super) async fn crawl(world: &World, who: Who) -> Pages {
    let mut waiting: VecDeque<(String, String)> =
        BEGINNINGS.iter().map(|path| ("the beginning".to_owned(), (*path).to_owned())).collect();
    let (mut pages, mut known, mut alike) = (Pages::new(), BTreeSet::new(), BTreeMap::<String, usize>::new());
    let (mut not_theirs, mut linked) = (Vec::new(), BTreeMap::new());
    while let Some((from, address)) = waiting.pop_front() {
        let of_kind = alike.entry(kind(&address)).or_default();
        if *of_kind >= ALIKE || !known.insert(address.clone()) {
            continue;
        }
        *of_kind += 1;
        let shown = world.show(who, Method::GET, &address).await;
        let is_fine = shown.status.is_success() || shown.status.is_redirection();
        // Where managers begin, there is nothing for others.
        if BEGINNINGS.contains(&address.as_str()) && shown.status == StatusCode::NOT_FOUND {
            not_theirs.push(address.clone());
        } else {
            assert!(is_fine, "{from} leads {who:?} to {address}: {}", shown.status);
        }
        let led = shown.location.iter().cloned().chain(links(&address, &shown));
        for link in led.filter(|link| is_followed(link)) {
            linked.insert(link.clone(), address.clone());
            waiting.push_back((address.clone(), link));
        }
        pages.insert(address, shown);
    }
    for address in not_theirs {
        assert_eq!(linked.get(&address), None, "leads {who:?} to {address}, where nothing is");
    }
    pages
}

/// Where the page at `address` leads to on a click, and what it loads.
fn links(address: &str, shown: &Shown) -> Vec<String> {
    if !is_page(shown) {
        return Vec::new();
    }
    let addresses = tags(&shown.text).into_iter().filter_map(|tag| match tag.name {
        "a" | "link" | "use" => tag.attribute("href"),
        "img" | "script" | "iframe" => tag.attribute("src"),
        "section" => tag.attribute("data-live"),
        _ => None,
    });
    let path = address.split('?').next().unwrap();
    let absolute = addresses.map(unescaped).filter_map(|link| match link.chars().next() {
        Some('/') => Some(link),
        Some('?') => Some(format!("{path}{link}")),
        _ => None,
    });
    absolute.map(|link| link.split('#').next().unwrap().to_owned()).collect()
}

/// Whether it is HTML, and no file.
pub(super) fn is_page(shown: &Shown) -> bool {
    shown.media.starts_with("text/html")
}

/// What stands in an attribute, as it is meant.
pub(super) fn unescaped(value: &str) -> String {
    let named = value.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'").replace("&#x27;", "'");
    let named = named.replace("&lt;", "<").replace("&#60;", "<").replace("&gt;", ">").replace("&#62;", ">");
    named.replace("&#38;", "&").replace("&amp;", "&")
}

/// The explorer and its files are not ours, and its description is read by other tests.
fn is_followed(address: &str) -> bool {
    !address.is_empty() && !address.starts_with("/docs")
}

/// An address without the values of its query.
fn kind(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    names.sort_unstable();
    format!("{path}?{}", names.join("&"))
}
