//! The data folder: what survives a restart, and one program at a time.

use serde_json::{Value, json};

use crate::start::{Services, start_args};

const ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 1);

fn args(folder: &tempfile::TempDir) -> [&str; 2] {
    ["--data", folder.path().to_str().unwrap()]
}

#[tokio::test]
async fn records_and_buckets_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut before = Services::start(&args(&folder)).await;
    before.endpoint("e").await;
    let tags = json!([{ "Key": "a", "Value": "1" }]);
    let described = before.sagemaker("DescribeModel", json!({ "ModelName": "m" })).await;
    before.sagemaker("AddTags", json!({ "ResourceArn": described["ModelArn"], "Tags": tags })).await;
    before.services.save();
    drop(before);

    let after = Services::start(&args(&folder)).await;
    assert_eq!(after.sagemaker("DescribeModel", json!({ "ModelName": "m" })).await, described);
    let listed = after.sagemaker("ListTags", json!({ "ResourceArn": described["ModelArn"] })).await;
    assert_eq!(listed, json!({ "Tags": tags }));
    let endpoint = after.sagemaker("DescribeEndpoint", json!({ "EndpointName": "e" })).await;
    assert_eq!(endpoint["EndpointStatus"], "InService", "{endpoint}");
    let csv = [("content-type", "text/csv")];
    assert_eq!(after.ask("POST", "/endpoints/e/invocations", &csv, "1,2").await.status, 200);
    drop(after);

    // A file that is not one of records is not overwritten.
    std::fs::write(folder.path().join("records.json"), "{").unwrap();
    let error = format!("{:#}", start_args(&args(&folder)).open(ADDRESS.into()).unwrap_err());
    assert!(error.contains("invalid file of records"), "{error}");
}

fn variant(endpoint: &Value) -> [&Value; 4] {
    ["CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount"]
        .map(|member| &endpoint["ProductionVariants"][0][member])
}

#[tokio::test]
async fn changed_weights_and_counts_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = json!({ "EndpointName": "e" });
    let mut before = Services::start(&args(&folder)).await;
    before.endpoint("e").await;
    before.sagemaker("DescribeEndpoint", endpoint.clone()).await;
    let changes = json!([{ "VariantName": "AllTraffic", "DesiredWeight": 0.25, "DesiredInstanceCount": 3 }]);
    let input = json!({ "EndpointName": "e", "DesiredWeightsAndCapacities": changes });
    before.sagemaker("UpdateEndpointWeightsAndCapacities", input).await;
    // Saved while the change is under way.
    before.services.save();
    drop(before);

    let mut after = Services::start(&args(&folder)).await;
    for _ in 0..2 {
        let described = after.sagemaker("DescribeEndpoint", endpoint.clone()).await;
        assert_eq!(variant(&described), [&json!(0.25), &json!(0.25), &json!(3), &json!(3)], "{described}");
        after.services.save();
        drop(after);
        after = Services::start(&args(&folder)).await;
    }
    // The configuration is as it was created.
    let config = after.sagemaker("DescribeEndpointConfig", json!({ "EndpointConfigName": "c" })).await;
    assert_eq!(config["ProductionVariants"][0]["InitialInstanceCount"], 1, "{config}");
}

#[tokio::test]
async fn a_data_folder_is_for_one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("a/b");
    let args = start_args(&["--data", missing.to_str().unwrap(), "--s3-url", "http://127.0.0.1:9"]);
    let first = args.open(ADDRESS.into()).unwrap();
    let error = format!("{:#}", args.open(ADDRESS.into()).unwrap_err());
    let expected = format!(
        "cannot use the folder {}: it is in use by another local-sagemaker, process {}; stop that one, or choose another \
         folder with --data",
        missing.display(),
        std::process::id()
    );
    assert_eq!(error, expected);
    drop(first);
    args.open(ADDRESS.into()).unwrap();
}
