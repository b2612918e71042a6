//! Model package groups and packages.

use std::time::Duration;

use local_sagemaker::{
    aws::json::ApiError,
    control_plane::{Pace, SageMakerService},
};
use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};

use crate::{
    control_plane::IMAGE,
    fake_aws::FakeAws,
    support::{model, packed},
};

struct Registry {
    service: SageMakerService,
    aws: FakeAws,
}

impl Registry {
    async fn start() -> Self {
        let aws = FakeAws::start().await;
        let service = SageMakerService::new(
            AccountRegion::default(),
            aws.client.clone(),
            aws.client.clone(),
            Pace(Duration::from_millis(2)),
        );
        Self { service, aws }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.service.call(operation, input.as_object().unwrap()).await
    }

    async fn arns(&self, input: Value) -> Vec<String> {
        let listed = self.call("ListModelPackages", input).await.unwrap();
        let packages = listed["ModelPackageSummaryList"].as_array().unwrap().iter();
        packages.map(|package| package["ModelPackageArn"].as_str().unwrap().to_owned()).collect()
    }
}

fn package(name: &str, value: &str) -> Value {
    json!({
        name: value,
        "ModelPackageDescription": "k-NN",
        "InferenceSpecification": {
            "Containers": [{ "Image": IMAGE, "ModelDataUrl": "s3://data/model.tar.gz" }],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    })
}

#[tokio::test]
async fn packages_of_a_group_are_versions() {
    let registry = Registry::start().await;
    let group = json!({ "ModelPackageGroupName": "Knn", "ModelPackageGroupDescription": "all" });
    let created = registry.call("CreateModelPackageGroup", group.clone()).await.unwrap();
    let group_arn = created["ModelPackageGroupArn"].as_str().unwrap().to_owned();
    assert!(group_arn.ends_with(":model-package-group/knn"), "{group_arn}");
    let mut arns = Vec::new();
    for group in ["Knn", group_arn.as_str()] {
        let created =
            registry.call("CreateModelPackage", package("ModelPackageGroupName", group)).await.unwrap();
        arns.push(created["ModelPackageArn"].as_str().unwrap().to_owned());
    }
    assert!(
        arns[0].ends_with(":model-package/knn/1") && arns[1].ends_with(":model-package/knn/2"),
        "{arns:?}"
    );

    let described =
        registry.call("DescribeModelPackage", json!({ "ModelPackageName": arns[1] })).await.unwrap();
    assert_eq!(
        (
            &described["ModelPackageVersion"],
            &described["ModelApprovalStatus"],
            &described["ModelPackageStatus"]
        ),
        (&json!(2), &json!("PendingManualApproval"), &json!("Completed"))
    );
    let update = json!({ "ModelPackageArn": arns[1], "ModelApprovalStatus": "Approved", "ApprovalDescription": "good" });
    registry.call("UpdateModelPackage", update).await.unwrap();
    let described =
        registry.call("DescribeModelPackage", json!({ "ModelPackageName": arns[1] })).await.unwrap();
    assert_eq!(
        (&described["ModelApprovalStatus"], &described["ApprovalDescription"]),
        (&json!("Approved"), &json!("good"))
    );
    assert_eq!(registry.arns(json!({ "ModelPackageGroupName": "Knn" })).await, arns);
    let approved = json!({ "ModelPackageGroupName": "Knn", "ModelApprovalStatus": "Approved" });
    assert_eq!(registry.arns(approved).await, [arns[1].as_str()]);
    assert_eq!(registry.arns(json!({})).await, [""; 0]);

    let error = registry
        .call("DeleteModelPackageGroup", json!({ "ModelPackageGroupName": "Knn" }))
        .await
        .unwrap_err();
    assert_eq!(error.code, "ConflictException");
    for arn in &arns {
        registry.call("DeleteModelPackage", json!({ "ModelPackageName": arn })).await.unwrap();
    }
    let listed = registry.call("ListModelPackageGroups", json!({})).await.unwrap();
    assert_eq!(listed["ModelPackageGroupSummaryList"][0]["ModelPackageGroupDescription"], "all");
    // A number is not given twice, not even after a restart.
    let client = &registry.aws.client;
    let restored =
        SageMakerService::new(AccountRegion::default(), client.clone(), client.clone(), Pace(Duration::ZERO));
    assert!(restored.restore(&registry.service.saved()).await.unwrap().is_empty());
    let registry = Registry { service: restored, aws: registry.aws };
    let created = registry.call("CreateModelPackage", package("ModelPackageGroupName", "Knn")).await.unwrap();
    let arn = created["ModelPackageArn"].as_str().unwrap();
    assert!(arn.ends_with("/3"), "{arn}");
    let tagged = json!({ "ResourceArn": arn, "Tags": [{ "Key": "a", "Value": "b" }] });
    registry.call("AddTags", tagged).await.unwrap();
    registry.call("DeleteModelPackage", json!({ "ModelPackageName": arn })).await.unwrap();
    registry.call("DeleteModelPackageGroup", json!({ "ModelPackageGroupName": group_arn })).await.unwrap();
}

#[tokio::test]
async fn a_package_without_a_group_has_a_name() {
    let registry = Registry::start().await;
    registry.call("CreateModelPackage", package("ModelPackageName", "alone")).await.unwrap();
    let described =
        registry.call("DescribeModelPackage", json!({ "ModelPackageName": "alone" })).await.unwrap();
    assert!(described.get("ModelPackageVersion").is_none() && described.get("ModelApprovalStatus").is_none());
    assert_eq!(registry.arns(json!({})).await.len(), 1);
    assert_eq!(registry.arns(json!({ "ModelPackageType": "Both" })).await.len(), 1);
    for (input, expected) in [
        (json!({ "InferenceSpecification": {} }), "either a ModelPackageName or a ModelPackageGroupName"),
        (package("ModelPackageGroupName", "none"), "Could not find model package group"),
        (package("ModelPackageName", "alone"), "already existing model package"),
        (
            json!({ "ModelPackageName": "x", "ValidationSpecification": {} }),
            "ValidationSpecification is not emulated",
        ),
    ] {
        let message = registry.call("CreateModelPackage", input).await.unwrap_err().message;
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn a_model_runs_what_its_package_runs() {
    let registry = Registry::start().await;
    registry.aws.put("data/model.tar.gz", packed(model()));
    registry.call("CreateModelPackage", package("ModelPackageName", "alone")).await.unwrap();
    let create = |container: Value| {
        let role = "arn:aws:iam::123456789012:role/mysfits";
        json!({ "ModelName": "m", "ExecutionRoleArn": role, "PrimaryContainer": container })
    };
    let both = create(json!({ "ModelPackageName": "alone", "Image": IMAGE }));
    let message = registry.call("CreateModel", both).await.unwrap_err().message;
    assert!(message.contains("neither Image nor ModelDataUrl"), "{message}");
    registry.call("CreateModel", create(json!({ "ModelPackageName": "alone" }))).await.unwrap();
    let described = registry.call("DescribeModel", json!({ "ModelName": "m" })).await.unwrap();
    assert_eq!(described["PrimaryContainer"], json!({ "ModelPackageName": "alone" }));
}
