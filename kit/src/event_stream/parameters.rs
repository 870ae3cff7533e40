//! What a request for a stream may say besides its path, for the API's description.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::StreamRequest;

impl IntoParams for StreamRequest {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = |name: &str, place, description| {
            let schema = ObjectBuilder::new().schema_type(Type::String);
            let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(Required::False);
            parameter.schema(Some(schema)).description(Some(description)).build()
        };
        vec![
            text("ticket", ParameterIn::Query, "Instead of a token, for clients that can send no header"),
            text("last_event_id", ParameterIn::Query, "What the client has seen, where it can't send `Last-Event-ID`"),
            text("Last-Event-ID", ParameterIn::Header, "The `id` of the last event that the client has seen"),
        ]
    }
}
