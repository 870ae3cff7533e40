//! `/yardim` and `/gizlilik`: how ordering goes, and what the platform keeps of its readers.

use askama::Template;
use axum::routing::get;
use contracts::Locale;
use kit::Pages;

use crate::page::Page;
use crate::reader::Reader;

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    locale: Locale,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy {
    locale: Locale,
}

pub(crate) fn routes() -> Pages {
    Pages::new().route("/yardim", get(help)).route("/gizlilik", get(privacy))
}

async fn help(reader: Reader) -> Page {
    let locale = reader.locale;
    Page::of(&reader, locale.say("Yardım", "Help"), &Help { locale })
}

async fn privacy(reader: Reader) -> Page {
    let locale = reader.locale;
    Page::of(&reader, locale.say("Gizlilik", "Privacy"), &Privacy { locale })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, get as request};

    #[tokio::test]
    async fn both_are_there_for_everybody_in_both_languages() {
        for (path, tr, en) in [("/yardim", "Yardım", "Help"), ("/gizlilik", "Gizlilik", "Privacy")] {
            for (language, title) in [("tr", tr), ("en", en)] {
                let answer = ask(routes(), request(path).header("accept-language", language)).await;

                assert_eq!(answer.status, 200, "{path}");
                assert!(answer.text.contains(&format!("<h1>{title}</h1>")), "{}", answer.text);
                assert!(answer.text.contains(&format!("href=\"{path}\" aria-current=\"page\"")), "{}", answer.text);
            }
        }
    }
}
