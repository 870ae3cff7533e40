//! Parameters hold nothing that nobody can type: Postgres takes no U+0000 in a text, and logs and mails are read by lines.

use axum::RequestExt;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::field::CONTROL_CHARACTERS;
use crate::{Fault, Problem, QueryParameters, Text};

/// How many parameters of a query are named. A long query would be answered with thirty times its length.
const MOST_FAULTS: usize = 16;

/// Refuses a request whose path or query holds control characters, and names the parameters that do.
pub(super) async fn check_parameters(mut request: Request, next: Next) -> Response {
    let mut faults = faults_of_path(&mut request).await;
    let parameters = QueryParameters::of(request.uri());
    let harmful = parameters.iter().filter(|(name, value)| holds_control_characters(name, value)).take(MOST_FAULTS);
    faults.extend(harmful.map(|(name, _)| Fault::of_request(name, CONTROL_CHARACTERS)));
    if faults.is_empty() { next.run(request).await } else { Problem::invalid(faults).into_response() }
}

async fn faults_of_path(request: &mut Request) -> Vec<Fault> {
    match request.extract_parts::<RawPathParams>().await {
        Ok(parameters) => {
            let harmful = parameters.iter().filter(|(name, value)| holds_control_characters(name, value));
            harmful.map(|(name, _)| Fault::of_request(name, CONTROL_CHARACTERS)).collect()
        }
        Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => {
            vec![Fault::of_request("path", ("INVALID_UTF8", INVALID_UTF8))]
        }
        // No route has this path.
        Err(_) => Vec::new(),
    }
}

fn holds_control_characters(name: &str, value: &str) -> bool {
    name.chars().chain(value.chars()).any(char::is_control)
}

const INVALID_UTF8: Text = Text::new("Adres UTF-8 olmalıdır.", "The path must be UTF-8.");
