//! Endpoints of the control plane: variants, weights, several models, asynchronous inference, data capture.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};

use crate::control_plane::{IMAGE, LocalService, ROLE};
use crate::support::{always, packed};

const CSV: (&str, &str) = ("content-type", "text/csv");
const TARGET_MODEL: &str = "x-amzn-sagemaker-target-model";

fn variant(name: &str, model: &str) -> Value {
    json!({ "VariantName": name, "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1 })
}

fn one_variant(model: &str) -> Value {
    json!([variant("AllTraffic", model)])
}

/// A service with the models `one` and `two`, which predict 1 and 2.
async fn service() -> LocalService {
    let service = LocalService::start().await;
    for (name, label) in [("one", 1.0), ("two", 2.0)] {
        service.put(&format!("models/{name}.tar.gz"), packed(always(label)));
        let container = json!({ "Image": IMAGE, "ModelDataUrl": format!("s3://models/{name}.tar.gz") });
        service.create_model(name, json!({ "PrimaryContainer": container })).await;
    }
    service
}

async fn create(service: &LocalService, config: Value) -> Value {
    service.call("CreateEndpointConfig", config.clone()).await.unwrap();
    let input = json!({ "EndpointName": "e", "EndpointConfigName": config["EndpointConfigName"] });
    service.call("CreateEndpoint", input).await.unwrap();
    service.settled("e").await
}

#[tokio::test]
async fn an_endpoint_has_several_variants_and_their_weights_change() {
    let service = service().await;
    let mut second = variant("B", "two");
    second["InitialVariantWeight"] = 0.into();
    second["InitialInstanceCount"] = 3.into();
    let config = json!({ "EndpointConfigName": "c", "ProductionVariants": [variant("A", "one"), second] });
    let described = create(&service, config).await;
    let variants = &described["ProductionVariants"];
    assert_eq!((&variants[0]["VariantName"], &variants[0]["CurrentWeight"]), (&json!("A"), &json!(1.0)));
    assert_eq!((&variants[1]["VariantName"], &variants[1]["CurrentWeight"]), (&json!("B"), &json!(0.0)));
    assert_eq!(
        (&variants[1]["CurrentInstanceCount"], &variants[1]["DesiredInstanceCount"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(variants[1]["DeployedImages"][0]["SpecifiedImage"], IMAGE);
    let invoked = async |headers: &[(&str, &str)]| {
        let answer = service.invoke("e", headers, "1,2").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header("x-amzn-invoked-production-variant").to_owned()
    };
    for _ in 0..5 {
        assert_eq!(invoked(&[CSV]).await, "A");
    }
    assert_eq!(invoked(&[CSV, ("x-amzn-sagemaker-target-variant", "B")]).await, "B");

    let desired = json!([
        { "VariantName": "A", "DesiredWeight": 0 },
        { "VariantName": "B", "DesiredWeight": 2.5, "DesiredInstanceCount": 1 },
    ]);
    let update = json!({ "EndpointName": "e", "DesiredWeightsAndCapacities": desired });
    service.call("UpdateEndpointWeightsAndCapacities", update).await.unwrap();
    let during = service.call("DescribeEndpoint", json!({ "EndpointName": "e" })).await.unwrap();
    assert_eq!(during["EndpointStatus"], "Updating");
    let second = &during["ProductionVariants"][1];
    assert_eq!((&second["CurrentWeight"], &second["DesiredWeight"]), (&json!(0.0), &json!(2.5)));
    let second = &service.settled("e").await["ProductionVariants"][1];
    assert_eq!((&second["CurrentWeight"], &second["DesiredWeight"]), (&json!(2.5), &json!(2.5)));
    assert_eq!((&second["CurrentInstanceCount"], &second["DesiredInstanceCount"]), (&json!(1), &json!(1)));
    for _ in 0..5 {
        assert_eq!(invoked(&[CSV]).await, "B");
    }
    let unknown = json!({ "EndpointName": "e", "DesiredWeightsAndCapacities": [{ "VariantName": "C" }] });
    let refusal = service.refusal("UpdateEndpointWeightsAndCapacities", unknown).await;
    assert!(refusal.contains("\"C\" is/are not present within endpoint configuration \"c\""), "{refusal}");
}

#[tokio::test]
async fn no_request_fails_during_updates() {
    let service = Arc::new(service().await);
    create(&service, json!({ "EndpointConfigName": "c", "ProductionVariants": one_variant("one") })).await;
    let variants = json!([variant("A", "one"), variant("B", "two")]);
    let config = json!({ "EndpointConfigName": "d", "ProductionVariants": variants });
    service.call("CreateEndpointConfig", config).await.unwrap();
    let is_done = Arc::new(AtomicBool::new(false));
    let client = {
        let (service, is_done) = (Arc::clone(&service), Arc::clone(&is_done));
        tokio::spawn(async move {
            let mut count = 0;
            while !is_done.load(Ordering::Relaxed) {
                let answer = service.invoke("e", &[CSV], "1,2").await;
                assert_eq!(answer.status, 200, "{answer:?}");
                count += 1;
                tokio::task::yield_now().await;
            }
            count
        })
    };
    for (config, weight) in [("d", 1.0), ("c", 2.0), ("d", 3.0)] {
        let update = json!({ "EndpointName": "e", "EndpointConfigName": config });
        service.call("UpdateEndpoint", update).await.unwrap();
        let described = service.settled("e").await;
        let name = described["ProductionVariants"][0]["VariantName"].clone();
        let desired = json!([{ "VariantName": name, "DesiredWeight": weight }]);
        let update = json!({ "EndpointName": "e", "DesiredWeightsAndCapacities": desired });
        service.call("UpdateEndpointWeightsAndCapacities", update).await.unwrap();
        service.settled("e").await;
    }
    is_done.store(true, Ordering::Relaxed);
    assert!(client.await.unwrap() > 0);
}

#[tokio::test]
async fn an_update_can_retain_the_properties_of_variants() {
    let service = service().await;
    create(&service, json!({ "EndpointConfigName": "c", "ProductionVariants": one_variant("one") })).await;
    let desired = json!([{ "VariantName": "AllTraffic", "DesiredWeight": 9, "DesiredInstanceCount": 4 }]);
    let update = json!({ "EndpointName": "e", "DesiredWeightsAndCapacities": desired });
    service.call("UpdateEndpointWeightsAndCapacities", update).await.unwrap();
    service.settled("e").await;
    let update = json!({
        "EndpointName": "e",
        "EndpointConfigName": "c",
        "RetainAllVariantProperties": true,
        "ExcludeRetainedVariantProperties": [{ "VariantPropertyType": "DesiredInstanceCount" }],
    });
    service.call("UpdateEndpoint", update).await.unwrap();
    let variant = service.settled("e").await["ProductionVariants"][0].clone();
    assert_eq!((&variant["CurrentWeight"], &variant["CurrentInstanceCount"]), (&json!(9.0), &json!(1)));
}

#[tokio::test]
async fn a_model_may_have_one_container_in_a_list() {
    let service = service().await;
    let container = json!({ "Image": IMAGE, "ModelDataUrl": "s3://models/one.tar.gz", "Environment": {} });
    service.create_model("listed", json!({ "Containers": [container] })).await;
    create(&service, json!({ "EndpointConfigName": "c", "ProductionVariants": one_variant("listed") })).await;
    assert_eq!(service.invoke("e", &[CSV], "1,2").await.status, 200);

    let refusal = async |members: Value| {
        let mut input = json!({ "ModelName": "m", "ExecutionRoleArn": ROLE });
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        service.refusal("CreateModel", input).await
    };
    let refused = refusal(json!({ "Containers": [container, container] })).await;
    assert!(refused.starts_with("Containers must hold one container, not 2"), "{refused}");
    let refused = refusal(json!({})).await;
    assert!(refused.starts_with("A model must have either PrimaryContainer or Containers"), "{refused}");
    let other = json!({ "Image": "python:3", "ModelDataUrl": "s3://models/one.tar.gz" });
    assert!(refusal(json!({ "PrimaryContainer": other })).await.contains("\"python:3\" cannot be run here"));
    let own = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/local-sagemaker@sha256:0123";
    let own = json!({ "Image": own, "ModelDataUrl": "s3://models/one.tar.gz" });
    service.create_model("own-image", json!({ "PrimaryContainer": own })).await;
    let unsupported = json!({ "Image": IMAGE, "InferenceSpecificationName": "x" });
    let refused = refusal(json!({ "PrimaryContainer": unsupported })).await;
    assert!(
        refused.starts_with("PrimaryContainer.InferenceSpecificationName is not emulated here"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_multi_model_endpoint_serves_the_models_of_a_prefix() {
    let service = service().await;
    let container = json!({ "Image": IMAGE, "ModelDataUrl": "s3://models/all", "Mode": "MultiModel" });
    service.create_model("all", json!({ "PrimaryContainer": container })).await;
    create(&service, json!({ "EndpointConfigName": "c", "ProductionVariants": one_variant("all") })).await;
    // A model that comes after the endpoint.
    service.put("models/all/new.tar.gz", packed(always(5.0)));
    let answer = service.invoke("e", &[CSV, (TARGET_MODEL, "new.tar.gz")], "1,2").await;
    assert_eq!(answer.text(), r#"{"predictions": [{"predicted_label": 5.0}]}"#);
    let answer = service.invoke("e", &[CSV, (TARGET_MODEL, "old.tar.gz")], "1,2").await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("Failed to download model data(bucket: models, key: all/old.tar.gz)."),
        "{answer:?}"
    );
}

#[tokio::test]
async fn asynchronous_inference_and_data_capture_use_s3() {
    let service = service().await;
    let async_config = json!({
        "OutputConfig": { "S3OutputPath": "s3://out/async", "S3FailurePath": "s3://out/failed" },
        "ClientConfig": { "MaxConcurrentInvocationsPerInstance": 2 },
    });
    let capture = json!({
        "EnableCapture": true,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://out/captured",
        "CaptureOptions": [{ "CaptureMode": "Input" }, { "CaptureMode": "Output" }],
        "CaptureContentTypeHeader": { "CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"] },
    });
    let config = json!({
        "EndpointConfigName": "c",
        "ProductionVariants": one_variant("one"),
        "AsyncInferenceConfig": async_config,
    });
    let described = create(&service, config).await;
    assert_eq!(described["AsyncInferenceConfig"], async_config);
    service.put("in/x.csv", "1,2");
    let headers =
        [("x-amzn-sagemaker-inputlocation", "s3://in/x.csv"), ("x-amzn-sagemaker-content-type", "text/csv")];
    let answer = service.runtime("/endpoints/e/async-invocations", &headers, "").await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let output = answer.header("x-amzn-sagemaker-outputlocation").strip_prefix("s3://").unwrap();
    assert_eq!(service.wait_for(output).await, r#"{"predictions": [{"predicted_label": 1.0}]}"#);

    let config = json!({
        "EndpointConfigName": "d",
        "ProductionVariants": one_variant("one"),
        "DataCaptureConfig": capture,
    });
    service.call("CreateEndpointConfig", config).await.unwrap();
    let update = json!({ "EndpointName": "e", "EndpointConfigName": "d" });
    service.call("UpdateEndpoint", update).await.unwrap();
    let described = service.settled("e").await;
    assert_eq!(described["DataCaptureConfig"]["CaptureStatus"], "Started");
    assert_eq!(described["DataCaptureConfig"]["CurrentSamplingPercentage"], 100);
    assert_eq!(service.invoke("e", &[CSV], "1,2").await.status, 200);
    let line: Value = serde_json::from_str(&service.wait_for("out/captured/e/AllTraffic/").await).unwrap();
    assert_eq!(line["captureData"]["endpointInput"]["data"], "1,2");
    assert_eq!(line["captureData"]["endpointOutput"]["encoding"], "JSON");
}

#[tokio::test]
async fn refuses_invalid_configurations_by_name() {
    let service = service().await;
    let check = async |members: Value, expected: &str| {
        let mut config = json!({ "EndpointConfigName": "c", "ProductionVariants": one_variant("one") });
        config.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let refusal = service.refusal("CreateEndpointConfig", config).await;
        assert!(refusal.contains(expected), "{refusal}");
    };
    let serverless = json!([{
        "VariantName": "a", "ModelName": "one", "ServerlessConfig": { "MemorySizeInMB": 2048, "MaxConcurrency": 5 },
    }]);
    let capture = json!({
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://b/p",
        "CaptureOptions": [{ "CaptureMode": "Input" }],
    });
    check(json!({ "ExplainerConfig": {} }), "ExplainerConfig is not emulated here").await;
    check(json!({ "ProductionVariants": [] }), "Member must have length between 1 and 10").await;
    let twice = json!([variant("a", "one"), variant("a", "two")]);
    check(json!({ "ProductionVariants": twice }), "Duplicate variant name: a").await;
    let mut scaled = variant("a", "one");
    scaled["ManagedInstanceScaling"] = json!({});
    check(json!({ "ProductionVariants": [scaled] }), "ProductionVariants[0].ManagedInstanceScaling is not")
        .await;
    let mut negative = variant("a", "one");
    negative["InitialVariantWeight"] = (-1).into();
    check(json!({ "ProductionVariants": [negative] }), "Member must have value greater than or equal to 0")
        .await;
    check(
        json!({ "ProductionVariants": serverless, "DataCaptureConfig": capture }),
        "A serverless variant does not support DataCaptureConfig",
    )
    .await;
    check(json!({ "AsyncInferenceConfig": { "OutputConfig": {} } }), "S3OutputPath must be given").await;
    let notified = json!({ "OutputConfig": { "S3OutputPath": "s3://b/p", "NotificationConfig": {} } });
    check(json!({ "AsyncInferenceConfig": notified }), "unknown field `NotificationConfig`").await;
    let mut sampled = capture.clone();
    sampled["InitialSamplingPercentage"] = 101.into();
    check(json!({ "DataCaptureConfig": sampled }), "Member must have value less than or equal to 100").await;
}

#[tokio::test]
async fn a_serverless_endpoint_serves() {
    let service = service().await;
    let serverless = json!({ "MemorySizeInMB": 2048, "MaxConcurrency": 5, "ProvisionedConcurrency": 2 });
    let variants = json!([{ "VariantName": "a", "ModelName": "one", "ServerlessConfig": serverless }]);
    let described =
        create(&service, json!({ "EndpointConfigName": "c", "ProductionVariants": variants })).await;
    assert_eq!(described["ProductionVariants"][0]["CurrentServerlessConfig"], serverless);
    assert_eq!(service.invoke("e", &[CSV], "1,2").await.status, 200);
}
