//! The files that every page uses, compiled into the program.

use std::hash::{DefaultHasher, Hasher};

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const STYLE: Asset = Asset { media: "text/css; charset=utf-8", text: include_str!("../assets/style.css") };
/// The same mark that stands in the layout.
const ICON: Asset = Asset { media: "image/svg+xml", text: include_str!("../templates/mark.svg") };

#[derive(Clone, Copy)]
struct Asset {
    media: &'static str,
    text: &'static str,
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/assets/style.css", get(async |headers: HeaderMap| STYLE.answer(&headers)))
        .route("/assets/icon.svg", get(async |headers: HeaderMap| ICON.answer(&headers)))
}

impl Asset {
    /// Browsers ask each time, so a new version shows at once, and get the file only when it changed.
    fn answer(self, request: &HeaderMap) -> Response {
        let tag = self.tag();
        let headers = [(CACHE_CONTROL, "no-cache"), (ETAG, &tag)];
        let known = request.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        if known.is_some_and(|tags| tags.contains(&tag)) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, [(CONTENT_TYPE, self.media)], self.text).into_response()
    }

    fn tag(self) -> String {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.text.as_bytes());
        format!("\"{:016x}\"", hasher.finish())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    async fn get(path: &str, known: &str) -> Response {
        let request = Request::get(path).header(IF_NONE_MATCH, known).body(Body::empty()).unwrap();
        routes().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_is_sent_once_and_then_only_when_it_changed() {
        let first = get("/assets/style.css", "\"another\"").await;
        let tag = first.headers()[ETAG].to_str().unwrap();

        let second = get("/assets/style.css", &format!("\"another\", {tag}")).await;

        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn no_file_needs_another_one_from_elsewhere() {
        for forbidden in ["@import", "url(", "//fonts"] {
            assert!(!STYLE.text.contains(forbidden), "{forbidden}");
        }
    }
}
