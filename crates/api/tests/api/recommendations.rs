//! Recommendations and explanations.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use expect_test::expect;
use mysfits_api::{MAX_BODY_BYTES, ModelBackend, RecommendationApi, Recommender, TableBackend};
use mysfits_domain::{Entry, Recommendation, catalogue};
use serde_json::json;

use mysfits_model::RecommendationModel;

use crate::support::{ATLANTIS, VALID, api, ask, label, post, random_model, request, router};

#[test]
fn responds_to_the_workshops_curl_command() {
    // curl -d '{"entry": [1,2,3,4,5]}' $API/recommendations -X POST
    let request = Request::post("/recommendations")
        .header("host", "127.0.0.1:8080")
        .header("user-agent", "curl/7.88.1")
        .header("accept", "*/*")
        .header("content-length", VALID.len())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(VALID))
        .unwrap();
    let answer = ask(api(), request);
    assert_eq!((answer.status.as_u16(), answer.content_type()), (200, "application/json"));
    expect![[r#"{"recommendedMysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c"}"#]]
        .assert_eq(std::str::from_utf8(&answer.body).unwrap());
}

#[test]
fn ignores_the_content_type() {
    for content_type in ["application/json", "text/plain", "application/octet-stream", "nonsense", ""] {
        let mut request = request("POST", "/recommendations", VALID);
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        assert_eq!(ask(api(), request).ok(), json!({ "recommendedMysfit": ATLANTIS }), "{content_type:?}");
    }
}

#[test]
fn ignores_white_space_and_unknown_members() {
    for body in [
        "\r\n\t {\"entry\"\n:[1 ,2, 3,4,\t5 ]\n}\n ",
        r#"{"userId": {"a": [null]}, "entry": [1,2,3,4,5], "explain": false, "": 1}"#,
        r#"{"\u0065ntry": [1,2,3,4,5]}"#,
        r#"{"entry": "replaced by the last of its name", "entry": [1,2,3,4,5]}"#,
    ] {
        assert_eq!(post(body).ok(), json!({ "recommendedMysfit": ATLANTIS }), "{body}");
    }
}

#[test]
fn accepts_whole_floats_as_answers() {
    for body in [r#"{"entry": [1.0, 2.0, 3.0, 4.0, 5.0]}"#, r#"{"entry": [1, 2e0, 30e-1, 0.4e1, 5.0]}"#] {
        let rule = |entry: Entry| label(if json!(entry) == json!([1, 2, 3, 4, 5]) { 8 } else { 0 });
        let api = router(TableBackend::from_rule(rule));
        let answer = ask(api, request("POST", "/recommendations", body));
        assert_eq!(answer.ok(), json!({ "recommendedMysfit": ATLANTIS }), "{body}");
    }
}

#[test]
fn reads_a_body_of_the_largest_size() {
    let padded = format!("{VALID:<MAX_BODY_BYTES$}");
    assert_eq!(post(padded.clone()).status, 200);
    assert_eq!(post(padded + " ").status, 413);
}

#[test]
fn recommends_the_mysfit_of_each_entry() {
    let rule = |entry: Entry| label((entry.index() % 12) as u8);
    let api = router(TableBackend::from_rule(rule));
    for entry in Entry::all().step_by(1001) {
        let body = json!({ "entry": entry }).to_string();
        let answer = ask(api.clone(), request("POST", "/recommendations", body)).ok();
        assert_eq!(answer, json!({ "recommendedMysfit": rule(entry).mysfit().id }), "{entry:?}");
    }
}

#[track_caller]
fn explain(recommender: Arc<dyn Recommender>, entry: Entry) -> Recommendation {
    let body = json!({ "entry": entry, "explain": true }).to_string();
    let answer = ask(RecommendationApi::new(recommender).router(), request("POST", "/recommendations", body));
    serde_json::from_value(answer.ok()).unwrap()
}

#[test]
fn explanations_are_consistent() {
    let model = random_model(500, 10);
    let table = TableBackend::from_model(model.clone());
    let model = ModelBackend::new(model);
    for entry in Entry::all().step_by(997) {
        let mut explanations = Vec::new();
        for (recommender, backend) in [
            (Arc::new(table.clone()) as Arc<dyn Recommender>, "embedded"),
            (Arc::new(model.clone()), "model"),
        ] {
            let recommendation = explain(recommender, entry);
            let mut explanation = recommendation.explanation.unwrap();
            assert_eq!(std::mem::take(&mut explanation.backend), backend);
            assert_eq!(explanation.k, 10);
            assert_eq!(explanation.votes.iter().map(|vote| vote.count).sum::<usize>(), 10, "{explanation:?}");
            assert_eq!(explanation.votes[0].mysfit, recommendation.recommended_mysfit, "{explanation:?}");
            let ranks: Vec<_> = explanation
                .votes
                .iter()
                .map(|vote| (std::cmp::Reverse(vote.count), vote.mysfit.mysfit().label))
                .collect();
            assert!(ranks.is_sorted_by(|a, b| a < b), "{explanation:?}");
            assert_eq!(explanation.distances.len(), 10);
            assert!(explanation.distances.is_sorted() && explanation.distances[0] >= 0.0, "{explanation:?}");
            assert_eq!(explanation.neighbours.len(), 10);
            for vote in &explanation.votes {
                let n_neighbours = explanation.neighbours.iter().filter(|id| **id == vote.mysfit).count();
                assert_eq!(n_neighbours, vote.count, "{explanation:?}");
            }
            explanations.push(explanation);
        }
        assert_eq!(explanations[0], explanations[1]);
    }
}

#[test]
fn distances_are_euclidean_and_not_squared() {
    // The five entries next to [1,1,1,1,1] on each axis, and it itself.
    let model = {
        use mysfits_knn::{Dataset, Hyperparameters, Model};
        use ndarray::array;
        let features =
            array![[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 4.0, 5.0], [3.0, 1.0, 1.0, 1.0, 1.0]];
        let labels = array![11.0, 2.0, 11.0];
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        Model::train(dataset, &Hyperparameters::classifier(3).check().unwrap()).unwrap()
    };
    let api = router(ModelBackend::new(RecommendationModel::new(Arc::new(model)).unwrap()));
    let answer = ask(api, request("POST", "/recommendations", r#"{"entry":[1,1,1,1,1],"explain":true}"#));
    expect![[r#"{"recommendedMysfit":"b6d16e02-6aeb-413c-b457-321151bb403d","explanation":{"backend":"model","k":3,"votes":[{"mysfit":"b6d16e02-6aeb-413c-b457-321151bb403d","count":2},{"mysfit":"0e37d916-f960-4772-a25a-01b762b5c1bd","count":1}],"distances":[0.0,2.0,5.0],"neighbours":["b6d16e02-6aeb-413c-b457-321151bb403d","b6d16e02-6aeb-413c-b457-321151bb403d","0e37d916-f960-4772-a25a-01b762b5c1bd"]}}"#]]
        .assert_eq(std::str::from_utf8(&answer.body).unwrap());
}

#[test]
fn with_fewer_samples_than_k_all_vote() {
    let explanation =
        explain(Arc::new(ModelBackend::new(random_model(3, 10))), Entry::from_index(0).unwrap());
    let explanation = explanation.explanation.unwrap();
    assert_eq!((explanation.k, explanation.distances.len()), (3, 3));
}

#[test]
fn a_table_without_its_model_does_not_explain() {
    let explanation = explain(Arc::new(TableBackend::from_rule(|_| label(8))), Entry::from_index(0).unwrap());
    assert_eq!(explanation, Recommendation { recommended_mysfit: catalogue()[8].id, explanation: None });
}

#[test]
fn explains_only_on_request() {
    for body in [VALID, r#"{"entry": [1,2,3,4,5], "explain": false}"#] {
        let api = router(ModelBackend::new(random_model(50, 5)));
        let answer = ask(api, request("POST", "/recommendations", body)).ok();
        assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    }
}
