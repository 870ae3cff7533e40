//! Which dead letters a request means.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use bus::dead_letters::{Filter, RunMode, Scope, State};
use kit::{CONTROL_CHARACTERS, EMPTY, Fault, Faults, Field, FieldValue, Problem, QueryParameters, Text};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which letters to list.
pub(super) struct ListChoice {
    pub(super) filter: Filter,
    pub(super) scope: Scope,
}

/// Which letters to list: those that match all that is given.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what ListChoice reads")]
pub(super) struct ChoiceParameters {
    /// Given up by this consumer.
    #[param(required = false, min_length = 1)]
    consumer: String,
    /// Read in this topic.
    #[param(required = false, min_length = 1)]
    topic: String,
    /// Of exactly this key.
    #[param(required = false, min_length = 1)]
    key: String,
    /// With a reason that contains this text.
    #[param(required = false, min_length = 1)]
    reason: String,
    /// What became of them.
    #[param(required = false, inline)]
    state: Shown,
}

#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
enum Shown {
    Open,
    Replayed,
    Discarded,
    All,
}

/// Which open letters to act on: by at least one of the first four, or all of them.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DeadLetterChoice)]
pub(super) struct ChoiceBody {
    /// Given up by this consumer.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, example = "user")]
    consumer: Field<Word>,
    /// Read in this topic.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, example = "user_created")]
    topic: Field<Word>,
    /// Of exactly this key.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1)]
    key: Field<Word>,
    /// With a reason that contains this text.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1)]
    reason: Field<Word>,
    /// Every open one.
    #[serde(default)]
    #[schema(value_type = bool)]
    all: Field<bool>,
    /// Only count them.
    #[serde(default)]
    #[schema(value_type = bool)]
    dry_run: Field<bool>,
}

/// Any text but none, of what can be typed.
#[derive(Debug)]
struct Word(String);

impl<S: Send + Sync> FromRequestParts<S> for ListChoice {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let parameters = QueryParameters::of(&parts.uri);
        let mut faults = Faults::default();
        let mut word = |name| faults.optional(name, parameters.field(name)).map(|Word(word)| word);
        let filter =
            Filter { consumer: word("consumer"), topic: word("topic"), key: word("key"), reason: word("reason") };
        faults.check()?;
        let state = parameters.one("state").map_err(|_| bad_state())?.map_or(Some(Shown::Open), Shown::parse);
        Ok(Self { filter, scope: state.ok_or_else(bad_state)?.scope() })
    }
}

impl Shown {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "replayed" => Some(Self::Replayed),
            "discarded" => Some(Self::Discarded),
            "all" => Some(Self::All),
            _ => None,
        }
    }

    fn scope(self) -> Scope {
        match self {
            Self::Open => Scope::Only(State::Open),
            Self::Replayed => Scope::Only(State::Replayed),
            Self::Discarded => Scope::Only(State::Discarded),
            Self::All => Scope::All,
        }
    }
}

impl ChoiceBody {
    /// The filter, and whether to act.
    pub(super) fn parse(self) -> Result<(Filter, RunMode), Problem> {
        let mut faults = Faults::default();
        let mut word = |name, field| faults.optional(name, field).map(|Word(word)| word);
        let filter = Filter {
            consumer: word("consumer", self.consumer),
            topic: word("topic", self.topic),
            key: word("key", self.key),
            reason: word("reason", self.reason),
        };
        let all = faults.optional("all", self.all).unwrap_or_default();
        let is_dry = faults.optional("dry_run", self.dry_run).unwrap_or_default();
        faults.check()?;
        if all != (filter == Filter::default()) {
            return Err(Problem::invalid(vec![Fault::new("all", "CHOICE_UNCLEAR", UNCLEAR)]));
        }
        Ok((filter, if is_dry { RunMode::Dry } else { RunMode::Real }))
    }
}

/// A slip of the pen must not act on everything.
const UNCLEAR: Text = Text::new(
    "consumer, topic, key ya da reason ile seçin; hepsi için yalnızca all gönderin.",
    "Choose by consumer, topic, key or reason; for all of them send all alone.",
);

impl FieldValue for Word {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        if raw.is_empty() {
            return Err(EMPTY);
        }
        if holds_control_characters(&raw) {
            return Err(CONTROL_CHARACTERS);
        }
        Ok(Self(raw))
    }
}

/// Postgres takes no U+0000 in a text, and nobody types the others.
fn holds_control_characters(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn bad_state() -> Problem {
    let text = Text::new(
        "state open, replayed, discarded ya da all olmalıdır.",
        "state must be open, replayed, discarded or all.",
    );
    let fault = Fault::new("state", "INVALID_STATE", text.clone());
    Problem::new(StatusCode::BAD_REQUEST, "INVALID_STATE", text).naming(fault)
}
