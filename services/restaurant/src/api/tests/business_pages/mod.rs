//! Pages for managers, as a browser without script comes to them.

mod campaigns;
mod facts;
mod hours;
mod menu;
mod options;
mod rights;
mod stale;

use kit::testing::{Answer, Ask, Client};

use crate::fixture::{Fixture, Manager};

impl Manager {
    /// The manager before the pages, in Turkish.
    fn browser(&self, fixture: &Fixture) -> Client {
        fixture.browser().manager(self.id).in_browser("lang=tr")
    }
}

/// The page of the restaurant at `path` of the API, with `rest` behind it.
fn page_of(path: &str, rest: &str) -> String {
    format!("{}{rest}", path.replace("/restaurants/", "/isletme/"))
}

/// Sends a form from a page of ours.
async fn submit(browser: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let body = pairs.collect::<Vec<_>>().join("&");
    browser.send(Ask::form(path, &body).header("sec-fetch-site", "same-origin")).await
}

fn encoded(text: &str) -> String {
    let byte =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}

/// The value of the field in the page.
fn value_of<'a>(page: &'a Answer, name: &str) -> &'a str {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0
}

/// Whether the texts stand in the page in this order.
fn has_in_order(page: &Answer, texts: &[&str]) -> bool {
    let mut rest = page.text.as_str();
    texts.iter().all(|text| match rest.split_once(text) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}
