//! OpenAPI schemas of the types whose values the type system restricts: the limits come from the data.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{Answer, Entry, MysfitId, QUESTION_COUNT, catalogue, questionnaire};

impl PartialSchema for Entry {
    fn schema() -> RefOr<Schema> {
        let answer = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(Answer::MIN.get()))
            .maximum(Some(Answer::MAX.get()));
        let order = questionnaire().each_ref().map(|question| question.feature).join(", ");
        ArrayBuilder::new()
            .items(answer)
            .min_items(Some(QUESTION_COUNT))
            .max_items(Some(QUESTION_COUNT))
            .description(Some(format!("The answers to the questions, in this order: {order}")))
            .into()
    }
}

impl ToSchema for Entry {}

impl PartialSchema for MysfitId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(catalogue().each_ref().map(|mysfit| mysfit.id.as_str())))
            .description(Some("The id of one of the mysfits"))
            .into()
    }
}

impl ToSchema for MysfitId {}
