//! The pages of a service, beside its API: they are in no description, so they keep a list of their own paths.

use axum::Router;
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

impl<S: Clone + Send + Sync + 'static> Default for Pages<S> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    #[test]
    fn pages_know_their_paths() {
        let pages = Pages::new().route("/giris", get(async || "")).route("/kayit", get(async || "")).with_state(());
        let others = Pages::new().route("/sepet", get(async || ""));

        assert_eq!(pages.merge(others).paths(), ["/giris", "/kayit", "/sepet"]);
    }
}
