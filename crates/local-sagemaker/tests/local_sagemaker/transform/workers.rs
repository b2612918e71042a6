//! Workers of transform jobs, and jobs that are stopped.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Cloud, TIMEOUT, labels, plain, request, rows, with};

#[tokio::test]
async fn outputs_are_equal_for_every_number_of_workers() {
    let cloud = Cloud::start().await;
    for object in 0..7 {
        cloud.aws.put(&format!("data/in/{object}.csv"), rows(40 + object, object));
    }
    let mut outputs = Vec::new();
    for (workers, concurrent, strategy) in
        [(1, 1, "MultiRecord"), (2, 3, "SingleRecord"), (4, 1, "SingleRecord"), (4, 4, "MultiRecord")]
    {
        let name = format!("workers-{workers}-{concurrent}");
        let output = json!({ "S3OutputPath": format!("s3://data/{name}"), "Accept": "application/jsonlines", "AssembleWith": "Line" });
        let mut request = request(&name, Value::Null, output);
        request["TransformResources"]["InstanceCount"] = workers.into();
        request["MaxConcurrentTransforms"] = concurrent.into();
        request["BatchStrategy"] = strategy.into();
        cloud.completed(request).await;
        let output = |object| cloud.aws.bytes(&format!("data/{name}/{object}.csv.out")).unwrap();
        outputs.push((0..7).map(output).collect::<Vec<_>>());
    }
    assert!(outputs.iter().all(|output| *output == outputs[0]));
    assert_eq!(labels(std::str::from_utf8(&outputs[0][3]).unwrap()).len(), 43);
}

#[tokio::test]
async fn objects_of_a_killed_worker_are_done_again() {
    let cloud = Cloud::start().await;
    for object in 0..3 {
        cloud.aws.put(&format!("data/in/{object}.csv"), rows(5, object));
    }
    let output = json!({ "Accept": "application/jsonlines", "AssembleWith": "Line" });
    cloud
        .completed(with(
            request("undisturbed", Value::Null, output.clone()),
            "MaxConcurrentTransforms",
            2.into(),
        ))
        .await;
    let expected = (0..3).map(|object| cloud.aws.bytes(&format!("data/out/{object}.csv.out")).unwrap());
    let expected: Vec<_> = expected.collect();

    {
        let mut held = cloud.aws.held.lock().unwrap();
        held.objects.retain(|key, _| !key.starts_with("data/out/"));
        held.reads.clear();
        held.withheld.insert("data/in/1.csv".to_owned());
    }
    let mut killed = request("killed", Value::Null, output);
    killed["TransformResources"]["InstanceCount"] = 2.into();
    cloud.call("CreateTransformJob", killed).await.unwrap();
    let n_reads = || {
        let held = cloud.aws.held.lock().unwrap();
        held.reads.iter().filter(|key| *key == "data/in/1.csv").count()
    };
    let begin = Instant::now();
    let wait = async || {
        assert!(begin.elapsed() < TIMEOUT);
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    let is_written = |object: usize| cloud.aws.bytes(&format!("data/out/{object}.csv.out")).is_some();
    while n_reads() == 0 || !is_written(0) || !is_written(2) {
        wait().await;
    }
    // One of them waits for the object that does not arrive.
    let n_killed = (0..2).filter(|worker| cloud.service.kill_transform_worker("killed", *worker)).count();
    assert!(n_killed > 0);
    while n_reads() == 1 {
        wait().await;
    }
    cloud.aws.held.lock().unwrap().withheld.clear();
    let (statuses, job) = cloud.ended(&"killed".into()).await;
    assert_eq!(statuses.last().unwrap(), "Completed", "{job}");
    let outputs = (0..3).map(|object| cloud.aws.bytes(&format!("data/out/{object}.csv.out")).unwrap());
    assert_eq!(outputs.collect::<Vec<_>>(), expected);
    assert!(!cloud.service.kill_transform_worker("killed", 0));
}

#[tokio::test]
async fn a_job_can_be_stopped() {
    let cloud = Cloud::start().await;
    cloud.aws.put("data/in/a.csv", rows(2, 0));
    cloud.aws.held.lock().unwrap().withheld.insert("data/in/a.csv".to_owned());
    cloud.call("CreateTransformJob", plain("stop")).await.unwrap();
    let name = json!({ "TransformJobName": "stop" });
    assert_eq!(cloud.call("StopTransformJob", name.clone()).await.unwrap(), Value::Null);
    let (statuses, job) = cloud.ended(&"stop".into()).await;
    assert_eq!(statuses, ["Stopping", "Stopped"], "{job}");
    assert_eq!(cloud.aws.bytes("data/out/a.csv.out"), None);
    let error = cloud.call("StopTransformJob", name).await.unwrap_err();
    assert!(error.message.ends_with("the transform job is in status Stopped."), "{error}");
    let error = cloud.call("DescribeTransformJob", json!({ "TransformJobName": "none" })).await.unwrap_err();
    assert_eq!(error.to_string(), "ValidationException: Could not find requested job with name: none");
}
