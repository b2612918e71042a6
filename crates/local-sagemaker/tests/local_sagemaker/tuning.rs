//! Tuning jobs, and the training jobs that they start.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    time::{Duration, Instant},
};

use local_sagemaker::{
    aws::json::ApiError,
    control_plane::{Pace, SageMakerService},
};
use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};

use crate::{
    control_plane::{IMAGE, ROLE},
    fake_aws::FakeAws,
};

struct Jobs {
    service: SageMakerService,
    aws: FakeAws,
}

impl Jobs {
    /// A service with data in S3: the label of a row is 1 if its feature is greater than 50; every fifth label is wrong.
    async fn start() -> Self {
        let aws = FakeAws::start().await;
        let rows = |range: std::ops::Range<usize>| {
            range.fold(String::new(), |mut rows, i| {
                let feature = i * 37 % 101;
                let label = (feature > 50) ^ (i % 5 == 0);
                let _ = writeln!(rows, "{},{feature}", u8::from(label));
                rows
            })
        };
        aws.put("data/train/a.csv", rows(0..300));
        aws.put("data/test/a.csv", rows(1000..1200).replace("0,50", "1,50"));
        let service = SageMakerService::new(
            AccountRegion::default(),
            aws.client.clone(),
            aws.client.clone(),
            Pace(Duration::from_millis(2)),
        );
        Self { service, aws }
    }

    async fn call(&self, operation: &str, input: &Value) -> Result<Value, ApiError> {
        self.service.call(operation, input.as_object().unwrap()).await
    }

    async fn message(&self, operation: &str, input: &Value) -> String {
        self.call(operation, input).await.unwrap_err().message
    }

    /// Waits until the tuning job has ended; returns its description and its training jobs by name.
    async fn ended(&self) -> (Value, Vec<Value>) {
        let begin = Instant::now();
        let described = loop {
            let described = self.call("DescribeHyperParameterTuningJob", &name()).await.unwrap();
            let status = described["HyperParameterTuningJobStatus"].as_str().unwrap();
            if !["InProgress", "Stopping"].contains(&status) {
                break described;
            }
            assert!(begin.elapsed() < Duration::from_secs(30), "{described}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        let mut list = name();
        list["MaxResults"] = 4.into();
        let mut jobs = Vec::new();
        loop {
            let page = self.call("ListTrainingJobsForHyperParameterTuningJob", &list).await.unwrap();
            jobs.extend(page["TrainingJobSummaries"].as_array().unwrap().clone());
            let Some(token) = page.get("NextToken") else { return (described, jobs) };
            list["NextToken"] = token.clone();
        }
    }
}

fn name() -> Value {
    json!({ "HyperParameterTuningJobName": "search" })
}

fn channel(name: &str) -> Value {
    json!({
        "ChannelName": name,
        "ContentType": "text/csv",
        "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": format!("s3://data/{name}/") } },
    })
}

fn definition() -> Value {
    json!({
        "StaticHyperParameters": { "sample_size": "300", "predictor_type": "classifier", "feature_dim": "1" },
        "AlgorithmSpecification": { "TrainingImage": IMAGE, "TrainingInputMode": "File" },
        "RoleArn": ROLE,
        "InputDataConfig": [channel("train"), channel("test")],
        "OutputDataConfig": { "S3OutputPath": "s3://data/out" },
        "ResourceConfig": { "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5 },
        "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
    })
}

fn objective() -> Value {
    json!({ "Type": "Maximize", "MetricName": "test:accuracy" })
}

/// A search over `k`.
fn tuning_job(strategy: &str, max_jobs: usize, max_parallel_jobs: usize) -> Value {
    json!({
        "HyperParameterTuningJobName": "search",
        "HyperParameterTuningJobConfig": {
            "Strategy": strategy,
            "HyperParameterTuningJobObjective": objective(),
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": max_jobs, "MaxParallelTrainingJobs": max_parallel_jobs,
            },
            "ParameterRanges": {
                "IntegerParameterRanges": [{ "Name": "k", "MinValue": "1", "MaxValue": "40" }],
                "CategoricalParameterRanges": [{ "Name": "index_metric", "Values": ["L2", "COSINE"] }],
            },
            "TrainingJobEarlyStoppingType": "Off",
            "RandomSeed": 7,
        },
        "TrainingJobDefinition": definition(),
        "Tags": [{ "Key": "team", "Value": "mysfits" }],
    })
}

fn tuned(jobs: &[Value]) -> Vec<&Value> {
    jobs.iter().map(|job| &job["TunedHyperParameters"]).collect()
}

fn value(job: &Value) -> f64 {
    job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"].as_f64().unwrap()
}

#[tokio::test]
async fn a_search_trains_and_finds_the_best_job() {
    let jobs = Jobs::start().await;
    let created = jobs.call("CreateHyperParameterTuningJob", &tuning_job("Bayesian", 10, 3)).await.unwrap();
    let arn = &created["HyperParameterTuningJobArn"];
    assert!(arn.as_str().unwrap().ends_with(":hyper-parameter-tuning-job/search"), "{arn}");
    let (described, trained) = jobs.ended().await;
    assert_eq!(described["HyperParameterTuningJobStatus"], "Completed", "{described}");
    assert_eq!(trained.len(), 10);
    assert_eq!(described["TrainingJobStatusCounters"]["Completed"], 10);
    assert_eq!(described["ObjectiveStatusCounters"], json!({ "Succeeded": 10, "Pending": 0, "Failed": 0 }));
    let best = &described["BestTrainingJob"];
    assert_eq!(value(best), trained.iter().map(value).fold(0.0, f64::max));
    assert!(value(best) > 0.75, "{best}");
    let distinct: BTreeSet<String> = tuned(&trained).iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), 10, "{distinct:?}");

    let job = jobs
        .call("DescribeTrainingJob", &json!({ "TrainingJobName": best["TrainingJobName"] }))
        .await
        .unwrap();
    assert_eq!(&job["TuningJobArn"], arn);
    assert_eq!(job["HyperParameters"]["k"], best["TunedHyperParameters"]["k"]);
    assert_eq!(job["HyperParameters"]["_tuning_objective_metric"], "test:accuracy");
    let artifact = job["ModelArtifacts"]["S3ModelArtifacts"].as_str().unwrap();
    assert!(jobs.aws.bytes(artifact.strip_prefix("s3://").unwrap()).is_some());
    let log = jobs.aws.messages(&format!("{}/algo-1-", best["TrainingJobName"].as_str().unwrap()));
    assert!(log.iter().any(|line| line.contains("test accuracy <score>=")), "{log:?}");
    let tags = jobs.call("ListTags", &json!({ "ResourceArn": job["TrainingJobArn"] })).await.unwrap();
    assert_eq!(tags["Tags"][0]["Value"], "mysfits");

    let listed = jobs.call("ListHyperParameterTuningJobs", &json!({})).await.unwrap();
    let entry = &listed["HyperParameterTuningJobSummaries"][0];
    assert_eq!((&entry["Strategy"], &entry["HyperParameterTuningJobArn"]), (&json!("Bayesian"), arn));
    let definition = &described["TrainingJobDefinition"];
    assert_eq!(definition["StaticHyperParameters"]["_tuning_objective_metric"], "test:accuracy");
    let client = &jobs.aws.client;
    let restored =
        SageMakerService::new(AccountRegion::default(), client.clone(), client.clone(), Pace(Duration::ZERO));
    assert!(restored.restore(&jobs.service.saved()).await.unwrap().is_empty());
    for (operation, input, expected) in [
        ("DescribeHyperParameterTuningJob", name(), described.clone()),
        ("DescribeTrainingJob", json!({ "TrainingJobName": best["TrainingJobName"] }), job.clone()),
    ] {
        assert_eq!(restored.call(operation, input.as_object().unwrap()).await.unwrap(), expected);
    }
    let best_first = json!({ "HyperParameterTuningJobName": "search", "SortBy": "FinalObjectiveMetricValue", "SortOrder": "Descending" });
    let sorted = jobs.call("ListTrainingJobsForHyperParameterTuningJob", &best_first).await.unwrap();
    assert_eq!(value(&sorted["TrainingJobSummaries"][0]), value(best));
}

#[tokio::test]
async fn a_seed_gives_the_same_sequence_however_many_jobs_run_at_the_same_time() {
    let mut sequences = Vec::new();
    for max_parallel_jobs in [1, 4] {
        let jobs = Jobs::start().await;
        jobs.call("CreateHyperParameterTuningJob", &tuning_job("Random", 6, max_parallel_jobs))
            .await
            .unwrap();
        let (_, trained) = jobs.ended().await;
        sequences.push(tuned(&trained).into_iter().cloned().collect::<Vec<_>>());
    }
    assert_eq!(sequences[0], sequences[1]);
}

#[tokio::test]
async fn a_grid_has_a_job_for_each_combination_of_each_definition() {
    let jobs = Jobs::start().await;
    let mut input = tuning_job("Grid", 1, 2);
    let config = input["HyperParameterTuningJobConfig"].as_object_mut().unwrap();
    config.remove("ParameterRanges");
    config.remove("HyperParameterTuningJobObjective");
    config["ResourceLimits"].as_object_mut().unwrap().remove("MaxNumberOfTrainingJobs");
    let define = |name: &str, values: &[&str], metric: &str| {
        let mut definition = definition();
        definition["DefinitionName"] = name.into();
        definition["TuningObjective"] = json!({ "Type": "Maximize", "MetricName": metric });
        definition["HyperParameterRanges"] =
            json!({ "CategoricalParameterRanges": [{ "Name": "k", "Values": values }] });
        definition
    };
    input.as_object_mut().unwrap().remove("TrainingJobDefinition");
    input["TrainingJobDefinitions"] =
        json!([define("A", &["1", "3", "5"], "test:accuracy"), define("B", &["7"], "test:accuracy")]);
    jobs.call("CreateHyperParameterTuningJob", &input).await.unwrap();
    let (described, trained) = jobs.ended().await;
    assert_eq!(described["HyperParameterTuningJobStatus"], "Completed");
    let names: Vec<(&Value, &Value)> = trained
        .iter()
        .map(|job| (&job["TrainingJobDefinitionName"], &job["TunedHyperParameters"]["k"]))
        .collect();
    let expected = [("A", "1"), ("B", "7"), ("A", "3"), ("A", "5")].map(|(name, k)| (json!(name), json!(k)));
    assert_eq!(names, expected.iter().map(|(name, k)| (name, k)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_search_ends_when_a_criterion_is_met() {
    for criterion in [
        json!({ "TargetObjectiveMetricValue": 0.3 }),
        json!({ "BestObjectiveNotImproving": { "MaxNumberOfTrainingJobsNotImproving": 3 } }),
    ] {
        let jobs = Jobs::start().await;
        let mut input = tuning_job("Random", 60, 1);
        input["HyperParameterTuningJobConfig"]["TuningJobCompletionCriteria"] = criterion.clone();
        jobs.call("CreateHyperParameterTuningJob", &input).await.unwrap();
        let (described, trained) = jobs.ended().await;
        assert_eq!(described["HyperParameterTuningJobStatus"], "Completed");
        assert!(trained.len() < 60, "{criterion}: {}", trained.len());
    }
}

#[tokio::test]
async fn a_search_whose_jobs_fail_fails() {
    let jobs = Jobs::start().await;
    let mut input = tuning_job("Random", 20, 2);
    input["TrainingJobDefinition"]["InputDataConfig"] = json!([channel("none")]);
    jobs.call("CreateHyperParameterTuningJob", &input).await.unwrap();
    let (described, trained) = jobs.ended().await;
    assert_eq!(described["HyperParameterTuningJobStatus"], "Failed");
    let reason = described["FailureReason"].as_str().unwrap();
    assert!(reason.starts_with("No training job succeeded after 5 attempts."), "{reason}");
    assert!(described.get("BestTrainingJob").is_none());
    let failure = trained[0]["FailureReason"].as_str().unwrap();
    assert!(failure.contains("No S3 objects found"), "{failure}");
    assert_eq!(trained[0]["ObjectiveStatus"], "Failed");
}

#[tokio::test]
async fn a_search_is_stopped_with_its_jobs() {
    let jobs = Jobs::start().await;
    jobs.call("CreateHyperParameterTuningJob", &tuning_job("Random", 750, 4)).await.unwrap();
    while
        jobs.service.call("ListTrainingJobs", &serde_json::Map::new()).await.unwrap()["TrainingJobSummaries"]
            .as_array()
            .unwrap()
            .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    jobs.call("StopHyperParameterTuningJob", &name()).await.unwrap();
    let (described, trained) = jobs.ended().await;
    assert_eq!(described["HyperParameterTuningJobStatus"], "Stopped");
    assert!(trained.len() < 750 && trained.iter().all(|job| job["TrainingJobStatus"] != "InProgress"));
    let message = jobs.message("StopHyperParameterTuningJob", &name()).await;
    assert!(message.contains("in status Stopped"), "{message}");
}

#[tokio::test]
async fn a_search_is_deleted_without_its_jobs() {
    let jobs = Jobs::start().await;
    jobs.call("CreateHyperParameterTuningJob", &tuning_job("Random", 2, 2)).await.unwrap();
    let message = jobs.message("DeleteHyperParameterTuningJob", &name()).await;
    assert!(message.ends_with("the hyperparameter tuning job is in status InProgress."), "{message}");
    let (_, trained) = jobs.ended().await;
    assert_eq!(jobs.call("DeleteHyperParameterTuningJob", &name()).await, Ok(Value::Null));
    let message = jobs.message("DescribeHyperParameterTuningJob", &name()).await;
    assert_eq!(message, "Amazon SageMaker can't find a tuning job with the name search.");
    let job = json!({ "TrainingJobName": trained[0]["TrainingJobName"] });
    assert_eq!(jobs.call("DescribeTrainingJob", &job).await.unwrap()["TrainingJobStatus"], "Completed");
    assert!(
        jobs.message("DeleteHyperParameterTuningJob", &name())
            .await
            .contains("hyper-parameter-tuning-job/search")
    );
}

#[tokio::test]
async fn a_search_that_cannot_be_run_is_refused() {
    let jobs = Jobs::start().await;
    for (path, value, expected) in [
        ("/HyperParameterTuningJobName", json!("x".repeat(33)), "less than or equal to 32"),
        ("/HyperParameterTuningJobConfig/Strategy", json!("Hyperband"), "Hyperband is not emulated here"),
        ("/HyperParameterTuningJobConfig/Strategy", json!("Grid"), "supports categorical parameters only"),
        (
            "/HyperParameterTuningJobConfig/HyperParameterTuningJobObjective/MetricName",
            json!("test:f1"),
            "[test:f1], isn't valid",
        ),
        (
            "/HyperParameterTuningJobConfig/ResourceLimits/MaxNumberOfTrainingJobs",
            json!(751),
            "between 1 and 750",
        ),
        ("/HyperParameterTuningJobConfig/ParameterRanges", json!({}), "at least one range"),
        (
            "/TrainingJobDefinition/StaticHyperParameters/sample_size",
            json!("x".repeat(2501)),
            "equal to 2500",
        ),
        (
            "/TrainingJobDefinition/AlgorithmSpecification/TrainingImage",
            json!("x"),
            "only the built-in k-NN can",
        ),
    ] {
        let mut input = tuning_job("Random", 3, 1);
        *input.pointer_mut(path).unwrap() = value;
        let message = jobs.message("CreateHyperParameterTuningJob", &input).await;
        assert!(message.contains(expected), "{path}: {message}");
    }
    for (path, member) in [
        ("", "WarmStartConfig"),
        ("", "Autotune"),
        ("/HyperParameterTuningJobConfig", "HyperParameterTuningJobConfig.StrategyConfig"),
        ("/TrainingJobDefinition", "ModelPackageConfig"),
    ] {
        let mut input = tuning_job("Random", 3, 1);
        input.pointer_mut(path).unwrap()[member.rsplit('.').next().unwrap()] = json!({ "a": 1 });
        let message = jobs.message("CreateHyperParameterTuningJob", &input).await;
        assert_eq!(message, format!("{member} is not emulated here; leave it out"));
    }
    let mut both = tuning_job("Random", 3, 1);
    both["TrainingJobDefinition"]["StaticHyperParameters"]["k"] = "1".into();
    let message = jobs.message("CreateHyperParameterTuningJob", &both).await;
    assert!(message.contains("k is both in StaticHyperParameters"), "{message}");
    let error = jobs.call("DescribeHyperParameterTuningJob", &name()).await.unwrap_err();
    assert_eq!(error.code, "ResourceNotFound");
}
