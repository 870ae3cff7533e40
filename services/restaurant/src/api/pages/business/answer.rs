//! What is answered to a form: the page that shows what it has done, or the form once more.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kit::{Problem, Text};
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

/// The same of a form that changes something. One that was begun before somebody else changed `current` is shown once more, and whoever
/// sends it then means it.
pub(super) async fn answer_change(
    reader: &Reader,
    typed: Typed,
    current: &Typed,
    change: impl AsyncFnOnce(&Typed) -> Result<Done, Problem>,
    page: impl AsyncFnOnce(Typed) -> Result<Page, Problem>,
) -> Result<Response, Problem> {
    if typed.has_seen(current, &[]) {
        let changed = change(&typed).await;
        return answer(reader, typed, changed, page).await;
    }
    answer(reader, typed.marked_by(current), Err(changed_meanwhile()), page).await
}

/// 409: somebody else has changed what a form is about since it was shown.
pub(super) fn changed_meanwhile() -> Problem {
    let text = Text::new(
        "Siz yazarken bunlar değiştirildi. Aşağıda yazdıklarınız duruyor; yine kaydederseniz onlar geçerli olur. Şimdiki hâlini görmek için sayfayı yeniden açın.",
        "This was changed while you were typing. What you typed stands below; save it once more and it replaces that. Open the page anew to see how it is now.",
    );
    Problem::new(StatusCode::CONFLICT, "CHANGED_MEANWHILE", text)
}

impl Done {
    /// Leads there, where it is said once.
    pub(super) fn seen_by(self, reader: &Reader) -> Response {
        (set_cookies([reader.will_hear(self.flash)]), Redirect::to(&self.path)).into_response()
    }
}
