//! The pages of a service, beside its API: they are in no description, so they keep a list of their own paths.

use axum::Router;
use axum::http::Uri;
use axum::response::Redirect;
use axum::routing::MethodRouter;

/// Routes of pages and their paths, which a router does not give away. The app holds them to its table of services.
pub struct Pages<S = ()> {
    router: Router<S>,
    paths: Vec<&'static str>,
}

impl<S: Clone + Send + Sync + 'static> Pages<S> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self { router: Router::new(), paths: Vec::new() }
    }

    /// With what is answered at `path`.
    #[must_use]
    pub fn route(mut self, path: &'static str, methods: MethodRouter<S>) -> Self {
        self.paths.push(path);
        Self { router: self.router.route(path, methods), ..self }
    }

    /// With what is done at `path` by a form that stands on `page`, where parameters have the same names. It is no page itself: whoever
    /// opens it, as from one that says why the form was refused, is led to that page.
    #[must_use]
    pub fn form(self, path: &'static str, page: &'static str, post: MethodRouter<S>) -> Self {
        self.route(path, post.get(async move |uri: Uri| Redirect::to(&filled_in(page, path, uri.path()))))
    }

    /// All of them at work with `state`.
    #[must_use]
    pub fn with_state(self, state: S) -> Pages {
        Pages { router: self.router.with_state(state), paths: self.paths }
    }
}

impl Pages {
    /// The path of each, as it was routed.
    #[must_use]
    pub fn paths(&self) -> &[&'static str] {
        &self.paths
    }

    /// These and those of `other`.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        Self { router: self.router.merge(other.router), paths: self.paths }
    }

    /// What answers them.
    pub fn into_router(self) -> Router {
        self.router
    }
}

/// `page` with the parameters that `path` has where `pattern` names them.
fn filled_in(page: &str, pattern: &str, path: &str) -> String {
    let segments = pattern.split('/').zip(path.split('/')).filter(|(name, _)| name.starts_with('{'));
    segments.fold(page.to_owned(), |page, (name, value)| page.replace(name, value))
}

impl<S: Clone + Send + Sync + 'static> Default for Pages<S> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::{get, post};
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn pages_know_their_paths() {
        let pages = Pages::new().route("/giris", get(async || "")).route("/kayit", get(async || "")).with_state(());
        let others = Pages::new().route("/sepet", get(async || ""));

        assert_eq!(pages.merge(others).paths(), ["/giris", "/kayit", "/sepet"]);
    }

    #[tokio::test]
    async fn whoever_opens_what_a_form_is_sent_to_is_led_to_the_page_of_the_form() {
        let pages = || {
            let pages =
                Pages::new().form("/mutfak/{restaurant}/kabul/{order}", "/mutfak/{restaurant}", post(async || "kabul"));
            pages.with_state(()).into_router()
        };
        let ask = async |method: &str| {
            let request =
                Request::builder().method(method).uri("/mutfak/%2F7/kabul/8?x=1").body(Body::empty()).unwrap();
            pages().oneshot(request).await.unwrap()
        };

        let (opened, sent) = (ask("GET").await, ask("POST").await);

        assert_eq!((opened.status().as_u16(), opened.headers()["location"].to_str().unwrap()), (303, "/mutfak/%2F7"));
        assert_eq!(sent.status(), 200);
    }
}
