//! Every request names the host that it is for (RFC 9112, section 3.2).

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::{Problem, Text};

/// Two hosts could be read differently by a proxy and by us, and none is a client that is no browser's.
pub(super) async fn require_host(request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(HOST).iter();
    let is_fine = match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => is_well_formed(host),
        (Some(_), Some(_)) => false,
    };
    if is_fine {
        return next.run(request).await;
    }
    let text = Text::new(
        "İstek tam olarak bir geçerli Host başlığı taşımalıdır.",
        "A request must carry exactly one valid Host header.",
    );
    Problem::new(StatusCode::BAD_REQUEST, "INVALID_HOST", text).into_response()
}

/// One without a name is what a client sends that knows none.
fn is_well_formed(host: &HeaderValue) -> bool {
    let authority = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    host.is_empty() || authority.is_some_and(|authority| !authority.as_str().contains('@'))
}
