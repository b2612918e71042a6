use serde_json::{Value, json};

use crate::support::{Cloud, ROLE};

const STATUS: &str = "NotebookInstanceStatus";

fn name() -> Value {
    json!({ "NotebookInstanceName": "Mysfits-Notebook" })
}

fn lifecycle() -> Value {
    json!({ "NotebookInstanceLifecycleConfigName": "idle" })
}

fn notebook() -> Value {
    json!({
        "NotebookInstanceName": "Mysfits-Notebook",
        "InstanceType": "ml.t3.medium",
        "RoleArn": ROLE,
        "LifecycleConfigName": "idle",
    })
}

#[tokio::test]
async fn a_notebook_is_stopped_before_it_is_deleted() {
    let cloud = Cloud::start().await;
    let refusal = cloud.refusal("CreateNotebookInstance", notebook()).await;
    assert_eq!(refusal, "Unable to describe Notebook Instance Lifecycle Config 'idle'.");
    let mut config = lifecycle();
    config["OnStart"] = json!([{ "Content": "IyEvYmluL3No" }]);
    cloud.sagemaker("CreateNotebookInstanceLifecycleConfig", config).await;
    cloud.sagemaker("CreateNotebookInstance", notebook()).await;
    let (seen, described) = cloud.settled("DescribeNotebookInstance", name(), STATUS).await;
    assert_eq!(seen, ["Pending", "InService"]);
    assert_eq!(described["NotebookInstanceLifecycleConfigName"], "idle");

    let refusal = cloud.refusal("DeleteNotebookInstance", name()).await;
    assert!(refusal.starts_with("Status (InService) not in ([Stopped])."), "{refusal}");
    let refusal = cloud.refusal("DeleteNotebookInstanceLifecycleConfig", lifecycle()).await;
    assert!(refusal.contains("in use"), "{refusal}");
    cloud.sagemaker("StopNotebookInstance", name()).await;
    assert_eq!(cloud.settled("DescribeNotebookInstance", name(), STATUS).await.0, ["Stopping", "Stopped"]);
    let mut update = name();
    update["InstanceType"] = "ml.t3.large".into();
    cloud.sagemaker("UpdateNotebookInstance", update).await;
    let (seen, described) = cloud.settled("DescribeNotebookInstance", name(), STATUS).await;
    assert_eq!(
        (seen, &described["InstanceType"]),
        (vec!["Updating".into(), "Stopped".into()], &json!("ml.t3.large"))
    );
    let mut update = name();
    update["SubnetId"] = "subnet-1".into();
    assert!(cloud.refusal("UpdateNotebookInstance", update).await.contains("SubnetId"));
    cloud.sagemaker("StartNotebookInstance", name()).await;
    cloud.settled("DescribeNotebookInstance", name(), STATUS).await;
    cloud.sagemaker("StopNotebookInstance", name()).await;
    cloud.settled("DescribeNotebookInstance", name(), STATUS).await;

    cloud.sagemaker("DeleteNotebookInstance", name()).await;
    cloud.gone("DescribeNotebookInstance", name()).await;
    cloud.sagemaker("DeleteNotebookInstanceLifecycleConfig", lifecycle()).await;
    assert_eq!(cloud.refusal("DescribeNotebookInstance", name()).await, "RecordNotFound");
    let left = cloud.sagemaker("ListNotebookInstanceLifecycleConfigs", json!({})).await;
    assert_eq!(left, json!({ "NotebookInstanceLifecycleConfigs": [] }));
}
