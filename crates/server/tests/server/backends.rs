//! `dev --backend …`: whoever answers, the answer is the model's.

use std::sync::Arc;

use mysfits_api::Embedded;
use mysfits_domain::{Entry, Label};
use mysfits_sagemaker::LocalEndpoint;
use mysfits_server::backend::{Backend, OwnEndpoint};

use crate::support::{ENDPOINT, model};

/// Asks every 1,009th entry; the names of those who answered.
async fn ask(backend: Backend, endpoint_is_there: bool) -> anyhow::Result<Vec<&'static str>> {
    let model = Arc::new(model());
    let table = model.tabulate(&Embedded::lattice()?)?;
    let hosted = LocalEndpoint::start(ENDPOINT, model.clone())?;
    let address = hosted.address();
    let recommender = backend.recommender(model, &OwnEndpoint { name: ENDPOINT, address })?;
    if !endpoint_is_there {
        drop(hosted);
    }
    let mut names = Vec::new();
    for entry in Entry::all().step_by(1_009) {
        let answer = recommender.recommend(entry, false).await?;
        let expected = Label::try_from(table.predict(entry.index()))?.mysfit().id;
        assert_eq!(answer.recommendation.recommended_mysfit, expected, "{backend:?}: {entry:?}");
        names.push(answer.backend);
    }
    names.dedup();
    Ok(names)
}

#[tokio::test]
async fn the_table_and_the_model_answer_the_same() {
    assert_eq!(ask(Backend::Embedded, false).await.unwrap(), ["embedded"]);
    assert_eq!(ask(Backend::Model, false).await.unwrap(), ["model"]);
}

#[cfg(feature = "endpoint")]
#[tokio::test]
async fn the_endpoint_answers_as_long_as_it_is_there() {
    assert_eq!(ask(Backend::Endpoint, true).await.unwrap(), ["endpoint"]);
    assert_eq!(ask(Backend::Fallback, true).await.unwrap(), ["endpoint"]);
    assert_eq!(ask(Backend::Fallback, false).await.unwrap(), ["embedded"]);
    assert!(ask(Backend::Endpoint, false).await.is_err());
}

#[cfg(not(feature = "endpoint"))]
#[tokio::test]
async fn a_build_without_the_sdk_says_what_to_build() {
    for backend in [Backend::Endpoint, Backend::Fallback] {
        let refused = ask(backend, true).await.unwrap_err();
        assert!(refused.to_string().contains("--features endpoint"), "{refused}");
    }
}
