use serde_json::{Value, json};

use crate::support::{Cloud, IMAGE, ROLE, artifact, config, model};

#[tokio::test]
async fn a_model_is_described_as_it_was_created() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    let mut input = model("Mysfits-Model", "data/1.tar.gz");
    input["Tags"] = json!([{ "Key": "project", "Value": "mythical-mysfits" }]);
    let arn = "arn:aws:sagemaker:us-east-1:123456789012:model/mysfits-model";
    assert_eq!(cloud.sagemaker("CreateModel", input.clone()).await, json!({ "ModelArn": arn }));
    // Names are matched whatever their case.
    let described = cloud.sagemaker("DescribeModel", json!({ "ModelName": "mysfits-model" })).await;
    assert_eq!(described["ModelName"], "Mysfits-Model");
    assert_eq!(described["PrimaryContainer"], input["PrimaryContainer"]);
    assert_eq!(described["ModelArn"], arn);
    assert!(described["CreationTime"].is_f64() && described.get("Tags").is_none(), "{described}");
    let refusal = cloud.refusal("CreateModel", model("mysfits-MODEL", "data/1.tar.gz")).await;
    assert_eq!(refusal, format!("Cannot create already existing model \"{arn}\"."));

    let tags = |tags: &Value| json!({ "Tags": tags });
    let of = json!({ "ResourceArn": arn });
    assert_eq!(cloud.sagemaker("ListTags", of.clone()).await, tags(&input["Tags"]));
    let added = json!({ "ResourceArn": arn, "Tags": [{ "Key": "a", "Value": "1" }] });
    cloud.sagemaker("AddTags", added).await;
    cloud.sagemaker("DeleteTags", json!({ "ResourceArn": arn, "TagKeys": ["project"] })).await;
    assert_eq!(cloud.sagemaker("ListTags", of.clone()).await, tags(&json!([{ "Key": "a", "Value": "1" }])));

    cloud.sagemaker("DeleteModel", json!({ "ModelName": "Mysfits-Model" })).await;
    let refusal = cloud.refusal("DescribeModel", json!({ "ModelName": "Mysfits-Model" })).await;
    assert_eq!(refusal, format!("Could not find model \"{arn}\"."));
    cloud.refusal("ListTags", of).await;
}

#[tokio::test]
async fn a_model_that_could_not_serve_is_refused() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    let check = async |member: &str, value: Value, expected: &str| {
        let mut input = model("m", "data/1.tar.gz");
        *input.pointer_mut(member).unwrap() = value;
        let refusal = cloud.refusal("CreateModel", input).await;
        assert!(refusal.contains(expected), "{refusal}");
    };
    let other_image = "246618743249.dkr.ecr.us-west-2.amazonaws.com/xgboost:1";
    check("/PrimaryContainer/Image", other_image.into(), "only the built-in k-NN can").await;
    check(
        "/PrimaryContainer/ModelDataUrl",
        "s3://data/2".into(),
        "Could not access model data at s3://data/2",
    )
    .await;
    check("/PrimaryContainer/ModelDataUrl", "data/1.tar.gz".into(), "primaryContainer.modelDataUrl").await;
    check("/ModelName", "-m".into(), "regular expression pattern").await;
    check("/ModelName", "m".repeat(64).into(), "length less than or equal to 63").await;
    check("/ModelName", 1.into(), "ModelName: 1 is not a string").await;
    check("/ExecutionRoleArn", "arn:aws:iam::1:role/x".into(), "at 'ExecutionRoleArn'").await;
    check("/ExecutionRoleArn", "x".into(), "Value 'x' at 'ExecutionRoleArn'").await;
    assert_eq!(cloud.sagemaker("ListModels", json!({})).await, json!({ "Models": [] }));
}

#[tokio::test]
async fn accepts_roles_of_other_accounts() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    let role = "arn:aws:iam::210987654321:role/service-role/AmazonSageMaker-ExecutionRole";
    let mut input = model("m", "data/1.tar.gz");
    input["ExecutionRoleArn"] = role.into();
    cloud.sagemaker("CreateModel", input).await;
    let described = cloud.sagemaker("DescribeModel", json!({ "ModelName": "m" })).await;
    assert_eq!(described["ExecutionRoleArn"], role);
}

#[tokio::test]
async fn accepts_the_image_with_and_without_a_tag() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    let images = ["knn", "knn:1", "knn:latest", "knn:2"];
    for (i, (image, is_accepted)) in images.into_iter().zip([true, true, true, false]).enumerate() {
        let mut input = model(&format!("m{i}"), "data/1.tar.gz");
        input["PrimaryContainer"]["Image"] =
            format!("174872318107.dkr.ecr.us-west-2.amazonaws.com/{image}").into();
        assert_eq!(cloud.call("SageMaker.CreateModel", input).await.is_ok(), is_accepted, "{image}");
    }
}

#[tokio::test]
async fn refuses_invalid_endpoint_configurations() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    cloud.sagemaker("CreateModel", model("m", "data/1.tar.gz")).await;
    let with = |changes: &Value| {
        let mut input = config("c", "m");
        for (name, value) in changes.as_object().unwrap() {
            input["ProductionVariants"][0][name] = value.clone();
        }
        input
    };
    let serverless = |memory: u32, concurrency: u32| {
        with(&json!({
            "InstanceType": null,
            "InitialInstanceCount": null,
            "ServerlessConfig": { "MemorySizeInMB": memory, "MaxConcurrency": concurrency },
        }))
    };
    for (input, expected) in [
        (with(&json!({ "ModelName": "none" })), "Could not find model"),
        (with(&json!({ "InitialInstanceCount": 0 })), "must have either ServerlessConfig or InstanceType"),
        (with(&json!({ "InstanceType": null })), "must have either ServerlessConfig or InstanceType"),
        (with(&json!({ "VariantName": "a_b" })), "variantName"),
        (serverless(2000, 5), "'memorySizeInMB'"),
        (serverless(7168, 5), "'memorySizeInMB'"),
        (serverless(1024, 201), "'maxConcurrency'"),
        (
            json!({ "EndpointConfigName": "c", "ProductionVariants": [] }),
            "Member must have length between 1 and 10",
        ),
        (json!({ "EndpointConfigName": "c" }), "Value null at 'ProductionVariants'"),
    ] {
        let refusal = cloud.refusal("CreateEndpointConfig", input).await;
        assert!(refusal.contains(expected), "{refusal}");
    }
    cloud.sagemaker("CreateEndpointConfig", serverless(6144, 200)).await;
    let described = cloud.sagemaker("DescribeEndpointConfig", json!({ "EndpointConfigName": "c" })).await;
    assert_eq!(described["ProductionVariants"][0]["ServerlessConfig"]["MemorySizeInMB"], 6144);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let cloud = Cloud::start().await;
    cloud.put("data/1.tar.gz", artifact(1.0));
    for i in 0..12 {
        cloud.sagemaker("CreateModel", model(&format!("knn-{i:02}"), "data/1.tar.gz")).await;
    }
    let names = |answer: &Value| {
        let models = answer["Models"].as_array().unwrap().iter();
        models.map(|model| model["ModelName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // A client that does not ask for the rest sees ten, as on AWS.
    let by_name = json!({ "SortBy": "Name", "SortOrder": "Ascending" });
    let first = cloud.sagemaker("ListModels", by_name.clone()).await;
    assert_eq!(names(&first).len(), 10);
    let mut rest = by_name;
    rest["NextToken"] = first["NextToken"].clone();
    let second = cloud.sagemaker("ListModels", rest).await;
    assert_eq!(
        (names(&second), second.get("NextToken")),
        (vec!["knn-10".to_owned(), "knn-11".to_owned()], None)
    );

    let some = json!({ "NameContains": "KNN-0", "MaxResults": 3, "SortBy": "Name" });
    assert_eq!(names(&cloud.sagemaker("ListModels", some).await), ["knn-09", "knn-08", "knn-07"]);
    let all = cloud.sagemaker("ListModels", json!({ "CreationTimeAfter": 1, "MaxResults": 100 })).await;
    assert_eq!(names(&all).len(), 12);
    let earlier = cloud.sagemaker("ListModels", json!({ "CreationTimeBefore": 1 })).await;
    assert_eq!(earlier, json!({ "Models": [] }));
    let refusal = cloud.refusal("ListModels", json!({ "StatusEquals": "InService" })).await;
    assert_eq!(refusal, "StatusEquals is not supported here in lists of models");
    assert!(cloud.refusal("ListModels", json!({ "MaxResults": 101 })).await.contains("between 1 and 100"));
}

#[tokio::test]
async fn what_is_no_operation_is_said_to_be_none() {
    let cloud = Cloud::start().await;
    for target in
        ["SageMaker.CreateDomain", "Logs_20140328.CreateLogGroup", "SageMaker", "CodeCommit_20150413.X"]
    {
        let (code, message) = cloud.call(target, json!({})).await.unwrap_err();
        assert_eq!(code, "UnknownOperationException", "{message}");
    }
    let mut input = model("m", "data/1.tar.gz");
    input["PrimaryContainer"] = json!(IMAGE);
    input["ExecutionRoleArn"] = json!(ROLE);
    let (code, _) = cloud.call("SageMaker.CreateModel", input).await.unwrap_err();
    assert_eq!(code, "SerializationException");
}
