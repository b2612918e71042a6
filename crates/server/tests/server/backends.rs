//! The backends of `dev --backend`: all recommend what the model does.

use std::sync::Arc;

use mysfits_domain::Entry;
use mysfits_model::RecommendationModel;
use mysfits_sagemaker::LocalEndpoint;
use mysfits_server::backend::{DevBackend, OwnEndpoint};

use crate::support::{ENDPOINT, model};

/// Recommends for every 1,009th entry, and returns the names of the backends.
async fn ask(backend: DevBackend, endpoint_is_available: bool) -> anyhow::Result<Vec<&'static str>> {
    let model = RecommendationModel::new(Arc::new(model()))?;
    let table = model.table().clone();
    let hosted = LocalEndpoint::start(ENDPOINT, model.knn().clone())?;
    let address = hosted.address();
    let recommender = backend.recommender(model, &OwnEndpoint { name: ENDPOINT, address });
    if !endpoint_is_available {
        drop(hosted);
    }
    let mut names = Vec::new();
    for entry in Entry::all().step_by(1_009) {
        let answer = recommender.recommend(entry, false).await?;
        let expected = table.label(entry).mysfit().id;
        assert_eq!(answer.recommendation.recommended_mysfit, expected, "{backend:?}: {entry:?}");
        names.push(answer.backend);
    }
    names.dedup();
    Ok(names)
}

#[tokio::test]
async fn table_and_model_recommend_the_same() {
    assert_eq!(ask(DevBackend::Embedded, false).await.unwrap(), ["embedded"]);
    assert_eq!(ask(DevBackend::Model, false).await.unwrap(), ["model"]);
}

#[cfg(feature = "endpoint")]
#[tokio::test]
async fn the_endpoint_recommends_while_it_is_available() {
    assert_eq!(ask(DevBackend::Endpoint, true).await.unwrap(), ["endpoint"]);
    assert_eq!(ask(DevBackend::Fallback, true).await.unwrap(), ["endpoint"]);
    assert_eq!(ask(DevBackend::Fallback, false).await.unwrap(), ["embedded"]);
    assert!(ask(DevBackend::Endpoint, false).await.is_err());
}
