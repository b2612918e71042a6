//! Searches find resources of our stage in our region only.

use serde_json::{Value, json};

use super::fake_service::FakeService;

#[tokio::test]
async fn buckets_of_other_regions_are_not_listed() {
    let listed = "<ListAllMyBucketsResult><Buckets>\
        <Bucket><Name>mysfits-dev-site-x</Name></Bucket><Bucket><Name>mysfits-prod-site-x</Name></Bucket>\
        </Buckets></ListAllMyBucketsResult>";
    let (fake, aws) = FakeService::start(&[(200, listed)]).await;
    assert_eq!(aws.buckets(&["mysfits-dev-site-".to_owned()]).await.unwrap(), ["mysfits-dev-site-x"]);
    let [asked] = &fake.requests()[..] else { panic!("one request") };
    assert!(asked.line.contains("bucket-region=eu-west-1"), "{}", asked.line);
}

#[tokio::test]
async fn the_search_by_tag_is_limited_to_the_stage() {
    let (fake, aws) = FakeService::start(&[(200, r#"{"ResourceTagMappingList": []}"#)]).await;
    assert!(aws.tagged("eu-west-1").await.unwrap().is_empty());
    let [asked] = &fake.requests()[..] else { panic!("one request") };
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let filters = json!([
        {"Key": "project", "Values": ["mythical-mysfits"]},
        {"Key": "stage", "Values": ["dev"]},
    ]);
    assert_eq!(body["TagFilters"], filters);
}

#[tokio::test]
async fn training_jobs_of_other_stages_are_not_ours() {
    let jobs = ["knn-train-a-1-mysfits-dev", "knn-train-a-1-mysfits-dev-2", "knn-other"]
        .map(|name| {
            let arn = format!("arn:aws:sagemaker:eu-west-1:123456789012:training-job/{name}");
            json!({
                "TrainingJobName": name, "TrainingJobArn": arn, "CreationTime": 1, "TrainingJobStatus": "InProgress",
            })
        });
    let listed = json!({"TrainingJobSummaries": jobs}).to_string();
    let (_, aws) = FakeService::start(&[(200, &listed)]).await;
    assert_eq!(aws.running_training_jobs().await.unwrap(), ["knn-train-a-1-mysfits-dev"]);
}
