//! `/yardim` and `/gizlilik`: how ordering goes, and what the platform keeps of its readers.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::routing::get;
use contracts::Locale;
use kit::Pages;

use crate::page::Page;
use crate::reader::Reader;

/// Who runs the platform, as readers find them.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The name of the company.
    pub title: String,
    /// Where they are reached.
    pub contact: String,
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help<'a> {
    locale: Locale,
    operator: Option<&'a Operator>,
}

/// What is kept for how long stands in the `growth.md` of each service.
#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy<'a> {
    locale: Locale,
    operator: Option<&'a Operator>,
}

pub(crate) fn routes(operator: Option<Operator>) -> Pages {
    Pages::new().route("/yardim", get(help)).route("/gizlilik", get(privacy)).with_state(Arc::new(operator))
}

async fn help(State(operator): State<Arc<Option<Operator>>>, reader: Reader) -> Page {
    let (locale, operator) = (reader.locale, (*operator).as_ref());
    Page::of(&reader, locale.say("Yardım", "Help"), &Help { locale, operator })
}

async fn privacy(State(operator): State<Arc<Option<Operator>>>, reader: Reader) -> Page {
    let (locale, operator) = (reader.locale, (*operator).as_ref());
    Page::of(&reader, locale.say("Gizlilik", "Privacy"), &Privacy { locale, operator })
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;
    use crate::cookie::{Cookie, CookieScheme, Keep};
    use crate::testing::{ask, get as request};

    fn operator() -> Operator {
        Operator { title: "Liman A.S.".to_owned(), contact: "liman@example.com".to_owned() }
    }

    #[tokio::test]
    async fn both_are_there_for_everybody_in_both_languages() {
        for (path, tr, en) in [("/yardim", "Yardım", "Help"), ("/gizlilik", "Gizlilik", "Privacy")] {
            for (language, title) in [("tr", tr), ("en", en)] {
                let answer = ask(routes(None), request(path).header("accept-language", language)).await;

                assert_eq!(answer.status, 200, "{path}");
                assert!(answer.text.contains(&format!("<h1>{title}</h1>")), "{}", answer.text);
                assert!(answer.text.contains(&format!("href=\"{path}\" aria-current=\"page\"")), "{}", answer.text);
            }
        }
    }

    #[tokio::test]
    async fn who_runs_the_platform_is_found_where_they_say_who_they_are() {
        for path in ["/yardim", "/gizlilik"] {
            let named = ask(routes(Some(operator())), request(path)).await.text;
            let unnamed = ask(routes(None), request(path)).await.text;

            assert!(named.contains("Liman A.S.") && named.contains("liman@example.com"), "{named}");
            assert!(!unnamed.contains("Bize nasıl") && !unnamed.contains("istemek için yazın"), "{unnamed}");
        }
    }

    #[tokio::test]
    async fn every_cookie_is_named() {
        let html = ask(routes(None), request("/gizlilik")).await.text;

        for cookie in Cookie::iter() {
            let line = cookie.set("x", Keep::UntilClosed, CookieScheme::Http);
            let name = line.to_str().unwrap().split('=').next().unwrap().to_owned();
            assert!(html.contains(&format!("<dt>{name}</dt>")), "{name} in {html}");
        }
    }

    #[tokio::test]
    async fn an_english_page_has_no_turkish_on_it() {
        for path in ["/yardim", "/gizlilik"] {
            let text = ask(routes(Some(operator())), request(path).header("accept-language", "en")).await.text;

            let text = text.replace("Lezzetlimanı", "").replace("Türkçe", "");
            let letter = text.find(|letter: char| "çğıöşüÇĞİÖŞÜ".contains(letter));
            assert_eq!(letter.map(|at| text[at..].chars().take(20).collect::<String>()), None, "{path}");
        }
    }
}
