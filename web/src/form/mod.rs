//! A form of a page: its fields parsed, and as they were typed, so that a refused form comes back as it was sent.

mod frame;
mod input;
mod key;
mod prefilled;
mod seen;
mod select;

use askama::Template;
use axum::extract::{FromRequest, Request};
use axum::http::{Method, StatusCode};
use contracts::Locale;
use kit::{Problem, Text};
use serde::de::DeserializeOwned;
use serde::de::value::{Error, MapDeserializer};

use frame::Frame;

pub use input::{Input, TextArea};
pub use key::FormKey;
pub use select::Select;

/// What a form of ours sends. The names of its fields are those of the API, so that an action's faults name them.
#[derive(Debug)]
pub struct Form<T> {
    /// Parsed, each into its type.
    pub fields: T,
    /// As they came.
    pub typed: Typed,
}

/// The fields of a form as their reader typed them, with what is wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    fields: Vec<(String, String)>,
    refusal: Option<Refusal>,
}

/// Why a form was refused.
#[derive(Debug, Clone)]
struct Refusal {
    message: String,
    /// The name of each field that is wrong, and what is wrong.
    faults: Vec<(String, String)>,
}

/// What stands above a refused form.
#[derive(Template)]
#[template(path = "summary.html")]
struct Summary<'a> {
    message: &'a str,
    faults: &'a [(String, String)],
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let typed = Typed::from_request(request, state).await?;
        Ok(Self { fields: typed.parse(|_| true)?, typed })
    }
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Problem> {
        // Its fields stand where those of a GET do, and not in a body.
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        let sent = axum::Form::from_request(request, state).await;
        let axum::Form(fields) = sent.map_err(|rejection| unreadable(rejection.status()))?;
        Ok(Self { fields, refusal: None })
    }
}

fn unreadable(status: StatusCode) -> Problem {
    let text = Text::new("Gönderdiğiniz form okunamadı.", "The form that you sent can't be read.");
    Problem::new(status, "INVALID_PAYLOAD", text)
}

impl Typed {
    /// A form that begins with these fields.
    #[must_use]
    pub fn beginning<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { fields: fields.collect(), refusal: None }
    }

    /// The same fields, with why `problem` refuses them.
    #[must_use]
    pub fn refused(self, problem: &Problem, locale: Locale) -> Self {
        let faults = problem.faults().iter();
        let faults = faults.map(|fault| (fault.field().to_owned(), fault.text().in_locale(locale).to_owned()));
        Self { refusal: Some(Refusal { message: problem.text(locale).to_owned(), faults: faults.collect() }), ..self }
    }

    /// Parsed as by [`Form`], but that what was left empty counts as not sent: a browser sends every field of a form.
    ///
    /// # Errors
    /// 400: a field comes twice, or is none that can be read.
    pub fn filled<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.parse(|value| !value.trim().is_empty())
    }

    fn parse<T: DeserializeOwned>(&self, is_sent: fn(&str) -> bool) -> Result<T, Problem> {
        let pairs = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let sent = pairs.filter(|(_, value)| is_sent(value));
        T::deserialize(MapDeserializer::<_, Error>::new(sent)).map_err(|_| unreadable(StatusCode::BAD_REQUEST))
    }

    /// The first value of the field, empty where there is none.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether the field was sent, as a box that is ticked is.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// All fields, in their order.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// What is wrong with the field.
    #[must_use]
    pub fn fault(&self, name: &str) -> Option<&str> {
        let faults = &self.refusal.as_ref()?.faults;
        faults.iter().find(|(field, _)| field == name).map(|(_, message)| message.as_str())
    }

    /// HTML that says why the form was refused, with a link to each field at fault; nothing where it was not.
    ///
    /// # Errors
    /// It can't be rendered.
    pub fn summary(&self) -> askama::Result<String> {
        let Some(Refusal { message, faults }) = &self.refusal else { return Ok(String::new()) };
        Summary { message, faults }.render()
    }

    /// The field of this name, to be shown with `label`.
    #[must_use]
    pub fn input<'a>(&'a self, name: &'a str, label: &'a str) -> Input<'a> {
        Input::new(self.frame(name, label), self.value(name))
    }

    /// The same where several lines are typed.
    #[must_use]
    pub fn text_area<'a>(&'a self, name: &'a str, label: &'a str) -> TextArea<'a> {
        TextArea::new(self.frame(name, label), self.value(name))
    }

    /// The same where one of a list is chosen, which has no option yet.
    #[must_use]
    pub fn select<'a>(&'a self, name: &'a str, label: &'a str) -> Select<'a> {
        Select::new(self.frame(name, label), self.value(name))
    }

    fn frame<'a>(&'a self, name: &'a str, label: &'a str) -> Frame<'a> {
        Frame::new(name, label, self.fault(name))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header::CONTENT_TYPE;
    use contracts::EmailAddress;
    use kit::{Field, required_fields};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct SignIn {
        #[serde(default)]
        email: Field<EmailAddress>,
    }

    async fn sent(media: &str, body: &'static str) -> Result<Form<SignIn>, Problem> {
        let request = Request::post("/").header(CONTENT_TYPE, media).body(Body::from(body)).unwrap();
        Form::from_request(request, &()).await
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[tokio::test]
    async fn a_refused_form_has_its_fields_as_they_were_typed_and_each_fault_beside_its_own() {
        let form = sent(FORM, "email=Ay%C5%9Fe+%3Cb%3E&acik_tut=on").await.unwrap();
        let problem = required_fields!(form.fields => email).unwrap_err();

        let typed = form.typed.refused(&problem, Locale::En);

        assert_eq!((typed.value("email"), typed.has("acik_tut"), typed.has("other")), ("Ayşe <b>", true, false));
        assert_eq!(typed.fault("email"), Some("This is not an e-mail address."));
        let summary = typed.summary().unwrap();
        assert!(summary.contains("href=\"#email\"") && summary.contains("This is not an e-mail address."), "{summary}");
        let input = typed.input("email", "E-mail").to_string();
        assert!(input.contains("aria-invalid=\"true\"") && input.contains("Ayşe &#60;b&#62;"), "{input}");
    }

    #[tokio::test]
    async fn a_form_that_was_not_refused_says_nothing() {
        let form = sent(FORM, "email=ayse@example.com").await.unwrap();

        assert_eq!(form.typed.summary().unwrap(), "");
        assert!(required_fields!(form.fields => email).is_ok());
    }

    #[tokio::test]
    async fn what_was_left_empty_may_count_as_not_sent() {
        let request = Request::post("/").header(CONTENT_TYPE, FORM).body(Body::from("email=+&acik_tut=")).unwrap();
        let typed = Typed::from_request(request, &()).await.unwrap();

        let fields: SignIn = typed.filled().unwrap();

        let problem = required_fields!(fields => email).unwrap_err();
        assert_eq!(typed.refused(&problem, Locale::En).fault("email"), Some("This field is required."));
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        for (media, body, status) in
            [("application/json", "{}", 415), (FORM, "email=a&email=b", 400), ("text/plain", "email=a", 415)]
        {
            assert_eq!(sent(media, body).await.unwrap_err().status().as_u16(), status, "{media} {body}");
        }
    }
}
