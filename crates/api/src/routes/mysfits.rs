//! `GET /mysfits`, `/mysfits/{id}` and `/questionnaire`: the API of the workshop's earlier modules.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
};
use mysfits_domain::{GoodEvil, LawChaos, Locale, Mysfit, MysfitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::ApiState;
use crate::{AdoptionStats, Problem, problem::ProblemDocument};

/// A mysfit as module 2 of the workshop spells it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Mysfit)]
pub(crate) struct MysfitBody {
    mysfit_id: MysfitId,
    name: &'static str,
    species: &'static str,
    /// Years.
    age: u64,
    /// Good, Neutral or Evil.
    goodevil: &'static str,
    /// Lawful, Neutral or Chaotic.
    lawchaos: &'static str,
    description: &'static str,
    /// A path on the site.
    thumb_image_uri: String,
    /// A path on the site.
    profile_image_uri: String,
    /// How many visitors like this mysfit; 0 if likes are not stored.
    likes: u64,
    adopted: bool,
}

impl MysfitBody {
    fn new(mysfit: &Mysfit, locale: Locale, AdoptionStats { likes, adopted }: AdoptionStats) -> Self {
        Self {
            mysfit_id: mysfit.id,
            name: mysfit.name.get(locale),
            species: mysfit.species.get(locale),
            age: mysfit.age,
            goodevil: mysfit.alignment.good_evil.as_str(),
            lawchaos: mysfit.alignment.law_chaos.as_str(),
            description: mysfit.description.get(locale),
            thumb_image_uri: mysfit.image_uri(),
            profile_image_uri: mysfit.image_uri(),
            likes,
            adopted,
        }
    }
}

/// Mysfits in label order.
#[derive(Serialize, ToSchema)]
pub(crate) struct MysfitsBody {
    mysfits: Vec<MysfitBody>,
}

/// The filter of the list, and its language.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    /// `GoodEvil` or `LawChaos`.
    filter: Option<String>,
    /// Good, Neutral or Evil; Lawful, Neutral or Chaotic. Both parameters have an effect only together.
    value: Option<String>,
    /// `en` (the default) or `ko`.
    lang: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct LanguageQuery {
    /// `en` (the default) or `ko`.
    pub(super) lang: Option<String>,
}

/// The filter of the list: mysfits whose alignment has the value. Without one of both, all mysfits.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    name: Option<&'a str>,
    value: Option<&'a str>,
}

impl<'a> Filter<'a> {
    /// The alignments that can be filtered by.
    pub(super) const NAMES: [&'static str; 2] = ["GoodEvil", "LawChaos"];

    /// Returns the values of all alignments, each once.
    pub(super) fn values() -> Vec<&'static str> {
        let mut values = GoodEvil::ALL.map(GoodEvil::as_str).to_vec();
        let others = LawChaos::ALL.map(LawChaos::as_str);
        values.extend(others.into_iter().filter(|value| value.parse::<GoodEvil>().is_err()));
        values
    }

    fn parse(name: Option<&'a str>, value: Option<&'a str>) -> Result<Self, Problem> {
        check_one_of("filter", name, &Self::NAMES)?;
        check_one_of("value", value, &Self::values())?;
        Ok(Self { name, value })
    }

    fn matches(self, mysfit: &Mysfit) -> bool {
        let (Some(name), Some(value)) = (self.name, self.value) else { return true };
        let [good_evil, _] = Self::NAMES;
        let alignment = mysfit.alignment;
        value == if name == good_evil { alignment.good_evil.as_str() } else { alignment.law_chaos.as_str() }
    }
}

fn check_one_of(parameter: &str, found: Option<&str>, allowed: &[&str]) -> Result<(), Problem> {
    match found {
        Some(found) if !allowed.contains(&found) => {
            let allowed = allowed.join(", ");
            Err(Problem::InvalidParameter(format!("{parameter} is {found:?}; it must be one of {allowed}")))
        }
        _ => Ok(()),
    }
}

/// Returns the language of a parameter `lang`.
pub(super) fn locale(lang: Option<&str>) -> Result<Locale, Problem> {
    lang.map_or(Ok(Locale::default()), str::parse)
        .map_err(|error| Problem::InvalidParameter(format!("lang: {error}")))
}

/// Returns the parsed parameters.
pub(super) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|error| Problem::InvalidParameter(error.body_text()))
}

/// Lists the mysfits, all or one side of one axis.
#[utoipa::path(
    get,
    path = "/mysfits",
    tag = "mysfits",
    params(ListQuery),
    responses(
        (
            status = 200, description = "The mysfits", body = MysfitsBody,
            links(("first" = (
                operation_id = "get",
                parameters(("mysfit_id" = "$response.body#/mysfits/0/mysfitId")),
                description = "The first mysfit of the list",
            )))
        ),
        (status = 400, description = "A parameter is invalid", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(ApiState { adoptions, .. }): State<ApiState>,
    parameters: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<MysfitsBody>, Problem> {
    let parameters = query(parameters)?;
    let filter = Filter::parse(parameters.filter.as_deref(), parameters.value.as_deref())?;
    let locale = locale(parameters.lang.as_deref())?;
    let mysfits = mysfits_domain::catalogue().iter().filter(|mysfit| filter.matches(mysfit));
    let bodies = mysfits.map(|mysfit| MysfitBody::new(mysfit, locale, adoptions.stats(mysfit.id)));
    Ok(Json(MysfitsBody { mysfits: bodies.collect() }))
}

/// Shows one mysfit.
#[utoipa::path(
    get,
    path = "/mysfits/{mysfit_id}",
    tag = "mysfits",
    params(("mysfit_id" = MysfitId, Path), LanguageQuery),
    responses(
        (status = 200, description = "The mysfit", body = MysfitBody),
        (status = 400, description = "A parameter is invalid", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "No mysfit has this id", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get(
    State(ApiState { adoptions, .. }): State<ApiState>,
    mysfit_id: Result<Path<String>, PathRejection>,
    parameters: Result<Query<LanguageQuery>, QueryRejection>,
) -> Result<Json<MysfitBody>, Problem> {
    let locale = locale(query(parameters)?.lang.as_deref())?;
    let Path(mysfit_id) =
        mysfit_id.map_err(|_| Problem::UnknownMysfit("the id is not UTF-8 text".to_owned()))?;
    let id: MysfitId = mysfit_id.parse().map_err(|error| Problem::UnknownMysfit(format!("{error}")))?;
    Ok(Json(MysfitBody::new(id.mysfit(), locale, adoptions.stats(id))))
}

/// The questions in feature order.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionnaireBody {
    questions: Vec<QuestionBody>,
}

/// A question with its options; option `i` of the array is the answer `i + 1`.
#[derive(Serialize, ToSchema)]
#[schema(as = Question)]
pub(crate) struct QuestionBody {
    /// The feature that the answer becomes.
    feature: &'static str,
    prompt: &'static str,
    options: Vec<OptionBody>,
}

/// An option of a question.
#[derive(Serialize, ToSchema)]
#[schema(as = Option)]
pub(crate) struct OptionBody {
    /// The number that goes into the entry.
    value: u8,
    text: &'static str,
}

/// Lists the questions with their options.
#[utoipa::path(
    get,
    path = "/questionnaire",
    tag = "recommendations",
    params(LanguageQuery),
    responses(
        (status = 200, description = "The questions, in the order of the entry", body = QuestionnaireBody),
        (status = 400, description = "A parameter is invalid", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn questionnaire(
    parameters: Result<Query<LanguageQuery>, QueryRejection>,
) -> Result<Json<QuestionnaireBody>, Problem> {
    let locale = locale(query(parameters)?.lang.as_deref())?;
    let questions = mysfits_domain::questionnaire().iter().map(|question| QuestionBody {
        feature: question.feature,
        prompt: question.prompt.get(locale),
        options: mysfits_domain::Answer::all()
            .zip(&question.options)
            .map(|(answer, option)| OptionBody { value: answer.get(), text: option.get(locale) })
            .collect(),
    });
    Ok(Json(QuestionnaireBody { questions: questions.collect() }))
}
