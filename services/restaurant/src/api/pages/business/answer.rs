//! What is answered to a form: the page that shows what it has done, or the form once more.

use axum::response::{IntoResponse, Redirect, Response};
use kit::Problem;
use web::{Flash, Page, Reader, Typed, set_cookies};

/// What a form has done, and the page where that is seen.
pub(super) struct Done {
    pub(super) flash: Flash,
    pub(super) path: String,
}

/// Leads on from a form that has `done` what it is for. Else `page` shows it as it was `typed`, with what is wrong.
pub(super) async fn answer(
    reader: &Reader,
    typed: Typed,
    done: Result<Done, Problem>,
    page: impl AsyncFnOnce(Typed) -> Result<Page, Problem>,
) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(done.seen_by(reader)),
        Err(problem) => {
            let typed = typed.refused(&problem, reader.locale);
            Ok(page(typed).await?.refused(&problem).into_response())
        }
    }
}

impl Done {
    /// Leads there, where it is said once.
    pub(super) fn seen_by(self, reader: &Reader) -> Response {
        (set_cookies([reader.will_hear(self.flash)]), Redirect::to(&self.path)).into_response()
    }
}
