//! The key under which a client may repeat a request whose answer it lost.

use axum::extract::OptionalFromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};
use uuid::Uuid;

use crate::{Fault, Problem, Text};

/// Characters of a key; a UUID has 36.
const LONGEST: usize = 255;

/// The value of an `Idempotency-Key` header: 1 to 255 visible ASCII characters. Take it as an `Option`: no header is no key,
/// and one that is ill-formed is answered with 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_key = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_key.then(|| Self(text.to_owned()))
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Of a form, which no browser sends a header with: it holds an id that was made when it was shown.
impl From<Uuid> for IdempotencyKey {
    fn from(id: Uuid) -> Self {
        Self(id.to_string())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let mut headers = parts.headers.get_all("idempotency-key").iter();
        let Some(header) = headers.next() else { return Ok(None) };
        // Which of several is meant is anybody's guess, and each would be another request.
        let only = headers.next().is_none().then_some(header);
        let key = only.and_then(|header| header.to_str().ok()).and_then(Self::parse);
        key.map(Some).ok_or_else(ill_formed)
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        let schema = schema.min_length(Some(1)).max_length(Some(LONGEST)).pattern(Some("^[!-~]+$"));
        let parameter = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
        let parameter = parameter.required(Required::False).schema(Some(schema));
        vec![parameter.description(Some("Names this request, for whoever may have to repeat it")).build()]
    }
}

fn ill_formed() -> Problem {
    let text = Text::new(
        "Idempotency-Key bir kez gönderilmeli ve 1 ile 255 arasında görünür ASCII karakterden oluşmalıdır.",
        "Idempotency-Key must be sent once and be 1 to 255 visible ASCII characters.",
    );
    let fault = Fault::new("Idempotency-Key", "INVALID_IDEMPOTENCY_KEY", text.clone());
    Problem::new(StatusCode::BAD_REQUEST, "INVALID_IDEMPOTENCY_KEY", text).naming(fault)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_a_sane_length() {
        for key in ["a", "018f0000-0000-7000-8000-000000000001", "\"quoted\"", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(key).as_ref().map(IdempotencyKey::as_str), Some(key));
        }
        for wrong in ["", "a b", "a\n", "anahtarım", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(wrong), None, "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn a_key_is_sent_once_or_not_at_all() {
        let taken = async |keys: &[&str]| {
            let request = keys.iter().fold(Request::builder(), |request, key| request.header("idempotency-key", *key));
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            <IdempotencyKey as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()).await
        };

        assert_eq!(taken(&[]).await.unwrap(), None);
        assert_eq!(taken(&["a"]).await.unwrap().unwrap().as_str(), "a");
        for several in [["a", "b"], ["a", "a"]] {
            assert_eq!(taken(&several).await.unwrap_err().status(), StatusCode::BAD_REQUEST);
        }
    }
}
