//! The query parameters in the OpenAPI document. Their values are exactly those that the handlers accept.

use mysfits_domain::Locale;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use super::mysfits::{Filter, LanguageQuery, ListQuery};

impl IntoParams for ListQuery {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let filter = parameter(
            "filter",
            "The alignment that `value` is compared with. Without `value` it has no effect",
            one_of(Filter::NAMES),
        );
        let value = parameter(
            "value",
            "Only mysfits with this alignment. Without `filter` it has no effect; no mysfit has a value of the other alignment",
            one_of(Filter::values()),
        );
        [filter, value].into_iter().chain(LanguageQuery::into_params(parameter_in)).collect()
    }
}

impl IntoParams for LanguageQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let languages = one_of(Locale::ALL.map(Locale::code)).default(Some(Locale::default().code().into()));
        vec![parameter("lang", "The language of the texts", languages)]
    }
}

/// Returns an optional query parameter.
fn parameter(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// Returns the schema of an enumeration.
fn one_of(values: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values))
}
