//! The description of all routes, and the page that explores it with files of its own.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use kit::ProblemBody;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Swagger UI writes styles into the page and shows its icons as data.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lezzetlimanı",
        description = "A food-ordering platform. Errors are `application/problem+json` with a stable `code`; texts follow `Accept-Language` (tr, en).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemBody))
)]
struct Head;

/// The description before any route is in it.
pub(super) fn head() -> Description {
    let mut description = Head::openapi();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    description.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    description
}

/// `/openapi.json` and `/docs`. The description is written out once: a stranger who asks for it again and again costs no
/// more than its bytes.
pub(super) fn routes(description: &Description) -> Result<Router, serde_json::Error> {
    let json = Bytes::from(serde_json::to_vec(description)?);
    let answer = move || async move { ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json) };
    // Without a validator of its own choosing, the page would ask one on the internet.
    let config = Config::new(["/openapi.json"]).validator_url("none");
    let explorer = SwaggerUi::new("/docs").config(config);
    Ok(Router::from(explorer).route("/openapi.json", get(answer)).layer(from_fn(allow_explorer)))
}

async fn allow_explorer(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}
