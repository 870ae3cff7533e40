//! The files that every page uses, compiled into the program.
//!
//! The name of a file in a page carries the hash of its text, so a browser keeps it for good and asks once for a new one. A
//! page and its files may come from processes of two versions: a hash that is not ours gets our file, and nobody keeps it
//! under that name.

use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kit::Pages;

use crate::art::Art;
use crate::minify::Minified;

/// The text of `$source` as it is served, which is a `$kind`.
macro_rules! minified {
    ($kind:ident, $source:expr) => {{
        const MINIFIED: &Minified<{ $source.len() }> = &Minified::$kind($source);
        MINIFIED.text()
    }};
}

/// The stylesheet of all pages, as it is written.
pub(crate) const SHEET: &str = concat!(
    include_str!("../assets/style/base.css"),
    include_str!("../assets/style/restaurants.css"),
    include_str!("../assets/style/orders.css"),
    include_str!("../assets/style/board.css"),
    include_str!("../assets/style/business.css"),
    include_str!("../assets/style/account.css"),
);
const SITE_SCRIPT: &str =
    concat!(include_str!("../assets/script/replace.js"), include_str!("../assets/script/site.js"));
const LIVE_SCRIPT: &str = concat!(
    include_str!("../assets/script/replace.js"),
    include_str!("../assets/script/site.js"),
    include_str!("../assets/script/live.js"),
);
const BOARD_SCRIPT: &str = include_str!("../assets/script/board.js");

/// The same as a file.
pub(crate) const STYLE: Asset = Asset::new("style", "css", "text/css; charset=utf-8", minified!(sheet, SHEET));
/// What spares readers the loading of whole pages, on each of them.
pub(crate) const SITE: Asset = Asset::script("site", minified!(script, SITE_SCRIPT));
/// The same, and what keeps a page as it is on the server, where it has regions that do.
pub(crate) const LIVE: Asset = Asset::script("live", minified!(script, LIVE_SCRIPT));
/// What lets the board of a kitchen be heard.
pub(crate) const BOARD: Asset = Asset::script("board", minified!(script, BOARD_SCRIPT));
/// The same mark that stands in the layout.
pub(crate) const ICON: Asset = Asset::new("icon", "svg", "image/svg+xml", include_str!("../templates/mark.svg"));

const ALL: [Asset; 5] = [STYLE, SITE, LIVE, BOARD, ICON];

/// A file, and the names that it is asked for by.
#[derive(Clone, Copy)]
pub(crate) struct Asset {
    stem: &'static str,
    extension: &'static str,
    media: &'static str,
    text: &'static str,
    hash: u64,
}

/// Which name of a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    /// With the hash of the present text.
    Present,
    /// With another hash.
    Other,
    /// With none.
    Plain,
}

/// For good: the file of this name never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

pub(crate) fn routes() -> Pages {
    Pages::new().route("/assets/{file}", get(answer)).route("/assets/art/{file}", get(draw))
}

/// A picture, which is made of its name.
async fn draw(Path(file): Path<String>) -> Response {
    let art = file.strip_suffix(".svg").and_then(|name| name.parse::<Art>().ok());
    art.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |art| ([(CACHE_CONTROL, FOR_GOOD), (CONTENT_TYPE, "image/svg+xml")], art.svg()).into_response(),
    )
}

async fn answer(Path(file): Path<String>, request: HeaderMap) -> Response {
    let found = ALL.iter().find_map(|asset| asset.name(&file).map(|name| (asset, name)));
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |(asset, name)| asset.answer(name, &request))
}

impl Asset {
    const fn new(stem: &'static str, extension: &'static str, media: &'static str, text: &'static str) -> Self {
        Self { stem, extension, media, text, hash: fnv1a(text.as_bytes()) }
    }

    const fn script(stem: &'static str, text: &'static str) -> Self {
        Self::new(stem, "js", "text/javascript; charset=utf-8", text)
    }

    /// Where a page finds it.
    pub(crate) fn path(self) -> String {
        format!("/assets/{}-{:016x}.{}", self.stem, self.hash, self.extension)
    }

    fn name(self, file: &str) -> Option<Name> {
        let name = file.strip_suffix(self.extension)?.strip_suffix('.')?.strip_prefix(self.stem)?;
        match name.strip_prefix('-') {
            None => name.is_empty().then_some(Name::Plain),
            Some(hash) if hash == format!("{:016x}", self.hash) => Some(Name::Present),
            Some(_) => Some(Name::Other),
        }
    }

    fn answer(self, name: Name, request: &HeaderMap) -> Response {
        let caching = match name {
            Name::Present => FOR_GOOD,
            Name::Other => "no-store",
            // Browsers ask each time, so a new version shows at once, and get the file only when it changed.
            Name::Plain => "no-cache",
        };
        // A weak one: compressed and plain, it is the same text.
        let tag = format!("W/\"{:016x}\"", self.hash);
        let headers = [(CACHE_CONTROL, caching), (ETAG, &tag), (VARY, ACCEPT_ENCODING.as_str())];
        let known = request.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        if known.is_some_and(|tags| tags.contains(&tag)) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, [(CONTENT_TYPE, self.media)], self.text).into_response()
    }
}

/// FNV-1a of 64 bits. The hasher of the standard library may change with the compiler, and two builds of one version would
/// not know each other's names.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn get(path: &str, known: &str) -> Response {
        let request = Request::get(path).header(IF_NONE_MATCH, known).body(Body::empty()).unwrap();
        routes().into_router().oneshot(request).await.unwrap()
    }

    async fn text(response: Response) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_file_is_sent_once_and_then_only_when_it_changed() {
        let first = get("/assets/style.css", "\"another\"").await;
        let tag = first.headers()[ETAG].to_str().unwrap();

        let second = get("/assets/style.css", &format!("\"another\", {tag}")).await;

        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(first.headers()[CACHE_CONTROL], "no-cache");
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn the_name_that_pages_use_is_kept_for_good() {
        for asset in ALL {
            let answer = get(&asset.path(), "").await;

            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()[CACHE_CONTROL], FOR_GOOD);
            assert_eq!(answer.headers()[CONTENT_TYPE], asset.media);
        }
    }

    #[tokio::test]
    async fn another_hash_gets_the_present_file_and_nobody_keeps_it() {
        let answer = get("/assets/style-0123456789abcdef.css", "").await;

        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(text(answer).await, STYLE.text);
    }

    #[tokio::test]
    async fn a_picture_is_drawn_by_its_name() {
        let answer = get("/assets/art/pide-7.svg", "").await;

        assert_eq!((answer.status(), &answer.headers()[CACHE_CONTROL]), (StatusCode::OK, &FOR_GOOD.parse().unwrap()));
        assert_eq!(answer.headers()[CONTENT_TYPE], "image/svg+xml");
        assert!(text(answer).await.starts_with("<svg"));
    }

    #[tokio::test]
    async fn what_is_no_file_of_ours_is_not_found() {
        for path in [
            "/assets/style.svg",
            "/assets/styles.css",
            "/assets/stylecss",
            "/assets/.css",
            "/assets/other-0.css",
            "/assets/art/pide-7.png",
            "/assets/art/pide-g.svg",
            "/assets/art/horoscope-1.svg",
        ] {
            assert_eq!(get(path, "").await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn a_hash_is_the_same_from_every_compiler() {
        // The published values of FNV-1a.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn no_file_needs_another_one_from_elsewhere() {
        for forbidden in ["@import", "url(", "//fonts"] {
            assert!(!STYLE.text.contains(forbidden), "{forbidden}");
        }
        for script in scripts() {
            for forbidden in ["import", "http:", "https:", "eval(", "innerHTML", ".style", "document.cookie"] {
                assert!(!script.text.contains(forbidden), "{forbidden} in {}", script.stem);
            }
        }
    }

    #[test]
    fn what_pages_load_is_small() {
        let size = |assets: &[Asset]| assets.iter().map(|asset| asset.text.len()).sum::<usize>();

        assert!(size(&[STYLE]) <= 20 * 1024, "{}", size(&[STYLE]));
        for page in [SITE, LIVE, BOARD] {
            assert!(size(&[page]) <= 12 * 1024, "{}: {}", page.stem, size(&[page]));
        }
        assert!(size(&[SITE, LIVE, BOARD]) <= 25 * 1024, "{}", size(&[SITE, LIVE, BOARD]));
    }

    #[test]
    fn the_scripts_say_nothing_that_has_a_language() {
        for script in scripts() {
            assert!(script.text.is_ascii() || script.text.replace('♥', "").is_ascii(), "{}", script.stem);
        }
    }

    fn scripts() -> impl Iterator<Item = Asset> {
        ALL.into_iter().filter(|asset| asset.extension == "js")
    }
}
