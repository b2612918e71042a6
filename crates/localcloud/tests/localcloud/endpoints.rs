use std::time::Duration;

use axum::{body::Body, extract::Request};
use serde_json::json;

use crate::support::{Cloud, artifact, ask, config, model};

fn name() -> serde_json::Value {
    json!({ "EndpointName": "knn-e" })
}

async fn create(cloud: &Cloud, config: &str) -> (Vec<String>, serde_json::Value) {
    let input = json!({ "EndpointName": "knn-e", "EndpointConfigName": config });
    let created = cloud.sagemaker("CreateEndpoint", input).await;
    assert_eq!(created["EndpointArn"], "arn:aws:sagemaker:us-east-1:123456789012:endpoint/knn-e");
    cloud.settled("DescribeEndpoint", name(), "EndpointStatus").await
}

const ONE: &str = r#"{"predictions": [{"predicted_label": 1.0}]}"#;
const TWO: &str = r#"{"predictions": [{"predicted_label": 2.0}]}"#;

#[tokio::test]
async fn an_artifact_in_s3_becomes_an_endpoint_that_answers_until_it_is_deleted() {
    let cloud = Cloud::start().await;
    cloud.put("data/1/model.tar.gz", artifact(1.0));
    cloud.model("one", "data/1/model.tar.gz").await;
    let not_found = (400, r#"{"Message":"Endpoint knn-e of account 123456789012 not found."}"#.to_owned());
    assert_eq!(cloud.invoke("knn-e", "1,2").await, not_found);

    let (seen, described) = create(&cloud, "one").await;
    assert_eq!(seen, ["Creating", "InService"]);
    assert_eq!(described["EndpointConfigName"], "one");
    assert_eq!(described["ProductionVariants"][0]["CurrentInstanceCount"], 1);
    assert_eq!(cloud.invoke("knn-e", "1,2").await, (200, ONE.to_owned()));
    let lines = cloud.held.lock().unwrap().log_lines.clone();
    let line = "loaded s3://data/1/model.tar.gz: 1 samples";
    assert_eq!(lines, [("/aws/sagemaker/Endpoints/knn-e".to_owned(), line.to_owned())]);

    // An endpoint in service needs neither S3 nor SageMaker's records.
    cloud.held.lock().unwrap().objects.clear();
    cloud.sagemaker("DeleteModel", json!({ "ModelName": "one" })).await;
    cloud.sagemaker("DeleteEndpointConfig", json!({ "EndpointConfigName": "one" })).await;
    assert_eq!(cloud.invoke("knn-e", "1,2").await, (200, ONE.to_owned()));

    cloud.sagemaker("DeleteEndpoint", name()).await;
    assert_eq!(cloud.invoke("knn-e", "1,2").await, not_found);
    cloud.gone("DescribeEndpoint", name()).await;
    let refusal = cloud.refusal("DeleteEndpoint", name()).await;
    assert_eq!(
        refusal,
        "Could not find endpoint \"arn:aws:sagemaker:us-east-1:123456789012:endpoint/knn-e\"."
    );
}

#[tokio::test]
async fn an_update_answers_all_the_while_and_then_with_the_new_model() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    cloud.put("data/2.tar.gz", artifact(2.0));
    cloud.model("one", "data/1.tar.gz").await;
    cloud.model("two", "data/2.tar.gz").await;
    create(&cloud, "one").await;

    let input = json!({ "EndpointName": "knn-e", "EndpointConfigName": "two" });
    cloud.sagemaker("UpdateEndpoint", input.clone()).await;
    let refusal = cloud.refusal("UpdateEndpoint", input).await;
    assert!(refusal.starts_with("Cannot update in-progress endpoint"), "{refusal}");
    let refusal = cloud.refusal("DeleteEndpoint", name()).await;
    assert!(refusal.starts_with("Cannot update in-progress endpoint"), "{refusal}");
    let mut n_before = 0;
    while cloud.sagemaker("DescribeEndpoint", name()).await["EndpointStatus"] == "Updating" {
        let (status, body) = cloud.invoke("knn-e", "1,2").await;
        assert_eq!(status, 200, "{body}");
        n_before += usize::from(body == ONE);
        // Yields, so that the update can proceed.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(n_before > 0);
    assert_eq!(cloud.invoke("knn-e", "1,2").await, (200, TWO.to_owned()));
    assert_eq!(cloud.sagemaker("DescribeEndpoint", name()).await["EndpointConfigName"], "two");
}

#[tokio::test]
async fn serves_under_any_variant_name() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    cloud.sagemaker("CreateModel", model("m", "data/1.tar.gz")).await;
    let request = |target: &str| {
        let request = Request::post("/endpoints/knn-e/invocations").header("content-type", "text/csv");
        request.header("x-amzn-sagemaker-target-variant", target).body(Body::from("1,2")).unwrap()
    };
    for (variant, operation) in [("Variant-1", "CreateEndpoint"), ("Variant-2", "UpdateEndpoint")] {
        let mut config = config(variant, "m");
        config["ProductionVariants"][0]["VariantName"] = variant.into();
        cloud.sagemaker("CreateEndpointConfig", config).await;
        let input = json!({ "EndpointName": "knn-e", "EndpointConfigName": variant });
        cloud.sagemaker(operation, input).await;
        let (_, described) = cloud.settled("DescribeEndpoint", name(), "EndpointStatus").await;
        assert_eq!(described["ProductionVariants"][0]["VariantName"], variant);
        let (status, headers, _) = ask(&cloud.services, request(variant)).await;
        let invoked = headers["x-amzn-invoked-production-variant"].to_str().unwrap();
        assert_eq!((status.as_u16(), invoked), (200, variant));
        assert_eq!(ask(&cloud.services, request("AllTraffic")).await.0, 400);
    }
}

#[tokio::test]
async fn a_model_that_cannot_be_loaded_fails_the_endpoint_and_says_why() {
    let cloud = Cloud::start().await;
    cloud.put("data/bad.tar.gz", "rubbish");
    cloud.model("bad", "data/bad.tar.gz").await;
    let (seen, described) = create(&cloud, "bad").await;
    assert_eq!(seen, ["Creating", "Failed"]);
    let reason = described["FailureReason"].as_str().unwrap();
    assert!(reason.contains("did not pass the ping health check"), "{reason}");
    assert!(reason.contains("s3://data/bad.tar.gz cannot be loaded: "), "{reason}");
    assert_eq!(cloud.invoke("knn-e", "1,2").await.0, 400);
    cloud.sagemaker("DeleteEndpoint", name()).await;
    cloud.gone("DescribeEndpoint", name()).await;
}

#[tokio::test]
async fn a_failed_update_leaves_the_endpoint_as_it_was() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    cloud.put("data/gone.tar.gz", artifact(2.0));
    cloud.model("one", "data/1.tar.gz").await;
    cloud.model("gone", "data/gone.tar.gz").await;
    cloud.held.lock().unwrap().objects.remove("data/gone.tar.gz");
    create(&cloud, "one").await;
    cloud.sagemaker("UpdateEndpoint", json!({ "EndpointName": "knn-e", "EndpointConfigName": "gone" })).await;
    let (seen, described) = cloud.settled("DescribeEndpoint", name(), "EndpointStatus").await;
    assert_eq!(seen, ["Updating", "InService"]);
    assert_eq!(described["EndpointConfigName"], "one");
    let reason = described["FailureReason"].as_str().unwrap();
    assert!(reason.starts_with("Failed to download model data"), "{reason}");
    assert_eq!(cloud.invoke("knn-e", "1,2").await, (200, ONE.to_owned()));
}

#[tokio::test]
async fn an_endpoint_that_was_broken_stays_so_when_others_come_and_go() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    cloud.model("one", "data/1.tar.gz").await;
    create(&cloud, "one").await;
    let faults = |body: &'static str| Request::put("/chaos/knn-e").body(Body::from(body)).unwrap();
    assert_eq!(ask(&cloud.services, faults(r#"{"unavailable": 1}"#)).await.0, 200);
    assert_eq!(cloud.invoke("knn-e", "1,2").await.0, 503);

    let other = json!({ "EndpointName": "other", "EndpointConfigName": "one" });
    cloud.sagemaker("CreateEndpoint", other).await;
    cloud.settled("DescribeEndpoint", json!({ "EndpointName": "other" }), "EndpointStatus").await;
    assert_eq!(cloud.invoke("other", "1,2").await, (200, ONE.to_owned()));
    assert_eq!(cloud.invoke("knn-e", "1,2").await.0, 503);
    assert_eq!(ask(&cloud.services, faults("{}")).await.0, 200);
    assert_eq!(cloud.invoke("knn-e", "1,2").await, (200, ONE.to_owned()));
}
