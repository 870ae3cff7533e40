//! What the stack answers by itself, in the description of each route that it stands around.

use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, ResponseBuilder};

/// Adds to `description` what [`wrap`](super::wrap) answers for the routes.
pub fn describe(description: &mut OpenApi) {
    for item in description.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head];
        for operation in operations.into_iter().flatten().filter(|operation| has_parameters(operation)) {
            let refusal = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
            let response = ResponseBuilder::new()
                .description("A parameter holds control characters or is sent twice; `errors` names it")
                .content("application/problem+json", refusal)
                .build();
            operation.responses.responses.entry("422".to_owned()).or_insert_with(|| response.into());
        }
    }
}

fn has_parameters(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| match parameter {
        RefOr::T(parameter) => matches!(parameter.parameter_in, ParameterIn::Path | ParameterIn::Query),
        RefOr::Ref(_) => true,
    })
}
