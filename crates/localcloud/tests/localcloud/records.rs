use serde_json::{Value, json};

use crate::support::{Cloud, artifact};

#[tokio::test]
async fn a_repository_has_addresses_until_it_is_deleted() {
    let cloud = Cloud::start().await;
    let call = async |operation: &str, input: Value| {
        cloud.call(&format!("CodeCommit_20150413.{operation}"), input).await
    };
    let name = json!({ "repositoryName": "Lambda-Repository" });
    let created = call("CreateRepository", name.clone()).await.unwrap();
    let http = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/Lambda-Repository";
    assert_eq!(created["repositoryMetadata"]["cloneUrlHttp"], http);
    assert_eq!(call("CreateRepository", name.clone()).await.unwrap_err().0, "RepositoryNameExistsException");
    assert_eq!(call("GetRepository", name.clone()).await.unwrap(), created);
    let listed = call("ListRepositories", json!({})).await.unwrap();
    assert_eq!(listed["repositories"][0]["repositoryName"], "Lambda-Repository");
    call("DeleteRepository", name.clone()).await.unwrap();
    assert_eq!(call("GetRepository", name.clone()).await.unwrap_err().0, "RepositoryDoesNotExistException");
    assert_eq!(call("DeleteRepository", name).await.unwrap(), json!({}));
}

#[tokio::test]
async fn a_variant_that_serves_can_be_scaled_on_paper() {
    let cloud = Cloud::start().await;
    let call = async |operation: &str, input: Value| {
        cloud.call(&format!("AnyScaleFrontendService.{operation}"), input).await
    };
    let target = |changes: Value| {
        let mut target = json!({
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "ResourceId": "endpoint/e/variant/AllTraffic",
        });
        target.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        target
    };
    let capacity = target(json!({ "MinCapacity": 1, "MaxCapacity": 2 }));
    let (code, message) = call("RegisterScalableTarget", capacity.clone()).await.unwrap_err();
    assert_eq!(code, "ValidationException", "{message}");

    cloud.put("data/1.tar.gz", artifact(1.0));
    cloud.model("m", "data/1.tar.gz").await;
    cloud.sagemaker("CreateEndpoint", json!({ "EndpointName": "e", "EndpointConfigName": "m" })).await;
    cloud.settled("DescribeEndpoint", json!({ "EndpointName": "e" }), "EndpointStatus").await;
    let policy = target(json!({ "PolicyName": "p", "PolicyType": "TargetTrackingScaling" }));
    assert_eq!(call("PutScalingPolicy", policy.clone()).await.unwrap_err().0, "ObjectNotFoundException");
    call("RegisterScalableTarget", capacity).await.unwrap();
    call("RegisterScalableTarget", target(json!({ "MaxCapacity": 3 }))).await.unwrap();
    let described =
        call("DescribeScalableTargets", json!({ "ServiceNamespace": "sagemaker" })).await.unwrap();
    let [min, max] = ["MinCapacity", "MaxCapacity"].map(|name| &described["ScalableTargets"][0][name]);
    assert_eq!((min, max), (&json!(1), &json!(3)));
    let wrong = call("RegisterScalableTarget", target(json!({ "MinCapacity": 4 }))).await.unwrap_err();
    assert_eq!(wrong.1, "Maximum capacity 3 cannot be less than minimum capacity 4");

    let put = call("PutScalingPolicy", policy.clone()).await.unwrap();
    let policies = call("DescribeScalingPolicies", json!({ "ServiceNamespace": "sagemaker" })).await.unwrap();
    assert_eq!(policies["ScalingPolicies"][0]["PolicyARN"], put["PolicyARN"]);
    call("DeleteScalingPolicy", policy.clone()).await.unwrap();
    assert_eq!(call("DeleteScalingPolicy", policy).await.unwrap_err().0, "ObjectNotFoundException");
    call("DeregisterScalableTarget", target(json!({}))).await.unwrap();
    let again = call("DeregisterScalableTarget", target(json!({}))).await.unwrap_err();
    assert_eq!(again.0, "ObjectNotFoundException");
}
