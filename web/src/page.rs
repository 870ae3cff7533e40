//! A whole page in the platform's layout, with the headers that keep it private and harmless.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use contracts::Locale;
use kit::Problem;
use strum::IntoStaticStr;

use crate::assets::{Asset, BOARD, ICON, LIVE, SITE, STYLE};
use crate::cookie::{Cookie, set_cookies};
use crate::policy::POLICIES;
use crate::reader::Reader;

/// An HTML page as an answer; 200 unless [`Page::status`] says otherwise.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    locale: Locale,
    title: String,
    body: askama::Result<String>,
    width: Width,
    script: Option<Script>,
    shortcut: Option<Shortcut>,
    /// Whose way around stands in its frame.
    reader: Option<Reader>,
    retry_after: Option<HeaderValue>,
}

/// Where a link leads, and what it says.
type Shortcut = (&'static str, &'static str);

/// How wide the lines of a page may get, by the class of its frame.
#[derive(Debug, Clone, Copy, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
enum Width {
    /// As is read best.
    Text,
    Wide,
    Full,
}

/// A script that some pages have beside those of all. They work without it, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// That of the board of a kitchen.
    Board,
}

impl Script {
    fn asset(self) -> Asset {
        match self {
            Self::Board => BOARD,
        }
    }
}

impl Page {
    /// A page for `reader` with `title` as its heading and `body` below it, between the ways to other pages.
    ///
    /// The classes that a body may use are listed at the top of `assets/style/base.css`.
    #[must_use]
    pub fn of(reader: &Reader, title: impl Into<String>, body: &impl Template) -> Self {
        Self { reader: Some(reader.clone()), ..Self::new(reader.locale, title, body) }
    }

    /// A page in `locale` that leads nowhere but home, for what is reached by a link and by its address alone.
    #[must_use]
    pub fn new(locale: Locale, title: impl Into<String>, body: &impl Template) -> Self {
        Self {
            status: StatusCode::OK,
            locale,
            title: title.into(),
            body: body.render(),
            width: Width::Text,
            script: None,
            shortcut: None,
            reader: None,
            retry_after: None,
        }
    }

    /// The same page, wide enough for cards beside each other.
    #[must_use]
    pub fn wide(self) -> Self {
        Self { width: Width::Wide, ..self }
    }

    /// The same page across the whole window, as a board is read from afar.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: Width::Full, ..self }
    }

    /// The same page with a script of its own.
    #[must_use]
    pub fn script(self, script: Script) -> Self {
        Self { script: Some(script), ..self }
    }

    /// The same page with a link right behind that to its content: to the part of it, or the page behind it, that most readers come
    /// for and that many fields and links stand before.
    #[must_use]
    pub fn shortcut(self, target: &'static str, text: &'static str) -> Self {
        Self { shortcut: Some((target, text)), ..self }
    }

    /// The same page under another status, such as that of a refused form.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same page as an answer that `problem` explains: with its status, and when to come back.
    #[must_use]
    pub fn refused(self, problem: &Problem) -> Self {
        Self { status: problem.status(), retry_after: problem.retry_after_header(), ..self }
    }

    fn html(&self) -> askama::Result<String> {
        let body = match &self.body {
            Ok(body) => body,
            Err(error) => return Err(askama::Error::custom(error.to_string())),
        };
        let layout = Layout {
            locale: self.locale,
            title: &self.title,
            status: self.status,
            body,
            width: self.width.into(),
            reader: self.reader.as_ref(),
            style: STYLE.path(),
            scripts: self.scripts(),
            shortcut: self.shortcut,
            icon: ICON.path(),
        };
        layout.render()
    }

    /// Where its scripts are, in the order in which they run. A page that is reached by its address alone may have a token in it, and
    /// has none.
    fn scripts(&self) -> Vec<String> {
        if self.reader.is_none() {
            return Vec::new();
        }
        let is_live = self.body.as_ref().is_ok_and(|body| body.contains(" data-live=\""));
        let own = self.script.map(Script::asset);
        [if is_live { LIVE } else { SITE }].into_iter().chain(own).map(Asset::path).collect()
    }

    /// What depends on the reader: the language, and what of it a browser may keep.
    fn headers(&self) -> HeaderMap {
        let (vary, caching) = match &self.reader {
            Some(reader) if !reader.has_session && self.status == StatusCode::OK => (COOKIES_TOO, "private, no-cache"),
            Some(_) => (COOKIES_TOO, "no-store"),
            None => ("accept-language", "no-store"),
        };
        let pairs = [(CONTENT_LANGUAGE, self.locale.as_str()), (VARY, vary), (CACHE_CONTROL, caching)];
        let pairs = pairs.map(|(name, value)| (name, HeaderValue::from_static(value)));
        let retry_after = self.retry_after.iter().map(|seconds| (RETRY_AFTER, seconds.clone()));
        pairs.into_iter().chain(retry_after).collect()
    }
}

const COOKIES_TOO: &str = "cookie, accept-language";

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    locale: Locale,
    title: &'a str,
    status: StatusCode,
    body: &'a str,
    width: &'static str,
    reader: Option<&'a Reader>,
    style: String,
    scripts: Vec<String>,
    shortcut: Option<Shortcut>,
    icon: String,
}

impl Layout<'_> {
    /// What is reached before all else by keyboard: the content, what most come for, and the basket while there is something in it.
    fn shortcuts(&self) -> impl Iterator<Item = Shortcut> {
        let content = ("#icerik", self.locale.say("İçeriğe geç", "Skip to content"));
        let basket = ("/sepet", self.locale.say("Sepete geç", "Go to the basket"));
        let leads_to_basket = |reader: &&Reader| reader.basket.is_some() && reader.here.path() != basket.0;
        let basket = self.reader.filter(leads_to_basket).map(|_| basket);
        [Some(content), self.shortcut, basket].into_iter().flatten()
    }

    /// The attribute of a link to `path` where that is the page itself. An error stands where another page was asked for.
    fn current(&self, path: &str) -> &'static str {
        let is_here = self.reader.is_some_and(|reader| reader.here.path() == path);
        if is_here && self.status == StatusCode::OK { " aria-current=\"page\"" } else { "" }
    }

    /// What is counted beside the basket.
    fn items(&self, count: u16) -> &'static str {
        self.locale.say("ürün", if count == 1 { "item" } else { "items" })
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let html = match self.html() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "a page can't be rendered");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let response = (self.status, POLICIES, self.headers(), Html(html)).into_response();
        match self.reader {
            // It was said.
            Some(reader) if reader.flash.is_some() => {
                (set_cookies([Cookie::Flash.delete(reader.cookies())]), response).into_response()
            }
            Some(_) | None => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::header::{CONTENT_SECURITY_POLICY, COOKIE, HeaderName, REFERRER_POLICY, SET_COOKIE};
    use http_body_util::BodyExt;
    use kit::testing::policy_faults;

    use super::*;
    use crate::cookie::CookieScheme;
    use crate::reader::PageSettings;

    #[derive(Template)]
    #[template(source = "<p>{{ name }}</p>", ext = "html")]
    struct Greeting {
        name: &'static str,
    }

    async fn html(page: Page) -> String {
        let body = page.into_response().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_page_is_its_body_in_the_layout_and_in_its_language() {
        let page = || Page::new(Locale::En, "Hello", &Greeting { name: "Ayşe" });

        let headers = page().into_response().headers().clone();
        let html = html(page()).await;

        assert_eq!(
            (&headers["content-language"], &headers["vary"]),
            (&"en".parse().unwrap(), &"accept-language".parse().unwrap())
        );
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{html}");
        assert!(html.contains("<h1>Hello</h1>") && html.contains("<p>Ayşe</p>"), "{html}");
        assert!(html.contains(&STYLE.path()) && html.contains(&ICON.path()), "{html}");
    }

    fn reader(cookies: &str) -> Reader {
        let headers = HeaderMap::from_iter([(COOKIE, cookies.parse().unwrap())]);
        let settings = PageSettings { cookies: CookieScheme::Http, segments: vec!["guvenlik"] };
        Reader::of(&headers, &"/guvenlik?a=1".parse().unwrap(), Arc::new(settings))
    }

    #[tokio::test]
    async fn the_frame_of_a_page_knows_its_reader() {
        let page = |cookies| Page::of(&reader(cookies), "Merhaba", &Greeting { name: "Ayşe" });

        let stranger = html(page("")).await;
        let diner = html(page("refresh=x; basket=2-100-x; lang=en")).await;

        let switch = "<input type=\"hidden\" name=\"donus\" value=\"/guvenlik?a=1\">";
        assert!(
            stranger.contains("Giriş yap") && !stranger.contains("Hesabım") && stranger.contains(switch),
            "{stranger}"
        );
        let count = "Basket <span class=\"count\">2</span><span class=\"sr\"> items</span>";
        assert!(diner.contains("My account") && diner.contains("My orders") && diner.contains(count), "{diner}");
    }

    #[tokio::test]
    async fn by_keyboard_the_content_comes_first_then_what_most_come_for_and_the_basket() {
        let page = |cookies| Page::of(&reader(cookies), "Merhaba", &Greeting { name: "Ayşe" });
        let shortcuts = async |page| {
            let html = html(page).await;
            let links = html.split("<a class=\"skip\" href=\"").skip(1);
            links.map(|link| link.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
        };

        let plain = shortcuts(page("")).await;
        let own = shortcuts(page("basket=2-100-x").shortcut("#toplam", "Onaya geç")).await;

        assert_eq!(plain, ["#icerik"]);
        assert_eq!(own, ["#icerik", "#toplam", "/sepet"]);
    }

    #[tokio::test]
    async fn a_flash_is_said_once() {
        let page = |cookies| Page::of(&reader(cookies), "Merhaba", &Greeting { name: "Ayşe" });

        let first = page("flash=signed-out").into_response();
        let second = page("").into_response();

        assert!(first.headers()[SET_COOKIE].to_str().unwrap().starts_with("flash=; Path=/; Max-Age=0"));
        assert!(second.headers().get(SET_COOKIE).is_none());
        assert!(html(page("flash=signed-out")).await.contains("Çıkış yapıldı."));
    }

    #[tokio::test]
    async fn the_title_of_a_refused_form_says_so_first() {
        let page = || Page::of(&reader(""), "Giriş", &Greeting { name: "Ayşe" });

        assert!(html(page()).await.contains("<title>Giriş · Lezzetlimanı</title>"));
        let refused = html(page().status(StatusCode::UNPROCESSABLE_ENTITY)).await;
        assert!(refused.contains("<title>Hata: Giriş · Lezzetlimanı</title>") && refused.contains("<h1>Giriş</h1>"));
    }

    #[test]
    fn nobody_keeps_what_a_signed_in_reader_sees() {
        let caching = |cookies| {
            let page = Page::of(&reader(cookies), "Merhaba", &Greeting { name: "Ayşe" });
            page.into_response().headers()[CACHE_CONTROL].to_str().unwrap().to_owned()
        };

        assert_eq!(caching("access=x"), "no-store");
        assert_eq!(caching("refresh=x"), "no-store");
        assert_eq!(caching("lang=tr"), "private, no-cache");
    }

    #[tokio::test]
    async fn what_somebody_typed_stays_text() {
        let page = Page::new(Locale::Tr, "<b>", &Greeting { name: "<script>" });

        let html = html(page).await;

        assert!(!html.contains("<b>") && !html.contains("<script>"), "{html}");
    }

    #[tokio::test]
    async fn no_page_needs_what_its_own_policy_forbids() {
        let page = Page::of(&reader("refresh=x; flash=signed-out"), "Merhaba", &Greeting { name: "Ayşe" });

        let html = html(page).await;

        assert_eq!(policy_faults(&html), Vec::<String>::new(), "{html}");
    }

    #[derive(Template)]
    #[template(source = "<section id=\"a\" data-live=\"/akis\"></section>", ext = "html")]
    struct LiveRegion {}

    #[tokio::test]
    async fn a_page_has_the_scripts_that_it_needs() {
        let still = html(Page::of(&reader(""), "Merhaba", &Greeting { name: " data-live=\"x\"" })).await;
        let live = html(Page::of(&reader(""), "Merhaba", &LiveRegion {})).await;

        let script = |asset: Asset| format!("<script type=\"module\" src=\"{}\"></script>", asset.path());
        assert!(still.contains(&script(SITE)) && !still.contains(&script(LIVE)), "{still}");
        assert!(!live.contains(&script(SITE)) && live.contains(&script(LIVE)), "{live}");
    }

    #[test]
    fn a_page_is_kept_by_nobody_and_frames_nothing_foreign() {
        let response =
            Page::new(Locale::Tr, "Olmadı", &Greeting { name: "Ayşe" }).status(StatusCode::BAD_REQUEST).into_response();

        let header = |name: HeaderName| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(header(CACHE_CONTROL), "no-store");
        assert_eq!(header(REFERRER_POLICY), "strict-origin");
        assert!(header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none';"));
    }
}
