//! `train`: trains a model in a SageMaker training job with the built-in algorithm.
//!
//! The survey is generated here, split as for local training, written as RecordIO-protobuf and uploaded below a key that
//! is its hash. The job's name is a hash of everything that determines the model, so a repeated training reuses the earlier
//! job, finished or in progress, instead of paying for a second one.

use std::{collections::BTreeMap, time::Duration};

use mysfits_data::{Distribution, HOLDOUT_DIVISOR, Survey, train_rows};
use mysfits_deploy_cli::TrainingArgs;
use mysfits_domain::QUESTION_COUNT;
use mysfits_infra::{
    cost::INSTANCE_HOUR,
    names,
    sagemaker::{INSTANCE_TYPE, output},
};
use mysfits_sagemaker::codec::recordio::write_sample;
use sha2::{Digest as _, Sha256};

use crate::{
    aws::{
        Aws,
        buckets::Upload,
        sagemaker::{ACCURACY, MAX_TRAINING_SECONDS, TrainingRequest, TrainingState},
        stacks::StackState,
    },
    deployer::StackDeployer,
    digest::sha256,
    error::DeployError,
    poll::poll,
};

/// How long a training job may take, with its start and its end.
const JOB_TIMEOUT: Duration = Duration::from_mins(90);
/// The most jobs for the same training, if they fail.
const MAX_JOBS: u32 = 10;

/// The survey as the algorithm reads it.
#[derive(Debug)]
struct TrainingData {
    train: Vec<u8>,
    test: Vec<u8>,
}

/// Checks what the options' own parsers cannot: that enough rows remain to test with and to vote.
fn check(args: &TrainingArgs) -> Result<(), DeployError> {
    let n_train = train_rows(args.rows);
    let most = args.sample_size.min(n_train);
    let problem = if args.rows < HOLDOUT_DIVISOR {
        format!("invalid value for --rows: {} (expected at least {HOLDOUT_DIVISOR})", args.rows)
    } else if args.k == 0 || args.k > most {
        format!(
            "invalid value for --k: {} (expected 1 to {most}, with {n_train} training rows and --sample-size {})",
            args.k, args.sample_size
        )
    } else {
        return Ok(());
    };
    Err(DeployError::TrainingSettings(problem))
}

/// Returns the hyperparameters of the built-in algorithm, as text.
fn hyperparameters(args: &TrainingArgs) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("feature_dim", QUESTION_COUNT.to_string()),
        ("k", args.k.to_string()),
        ("sample_size", args.sample_size.to_string()),
        ("predictor_type", "classifier".to_owned()),
    ])
}

impl TrainingData {
    /// Generates the survey and splits it as local training does.
    fn new(args: &TrainingArgs) -> Self {
        let distribution = Distribution::from_prototypes();
        let mut survey = Survey::new(&distribution, args.seed).take(args.rows);
        let mut write = |n_rows| {
            let mut out = Vec::new();
            for sample in survey.by_ref().take(n_rows) {
                write_sample(&sample.entry.features(), Some(f64::from(sample.label.get())), &mut out);
            }
            out
        };
        let n_train = train_rows(args.rows);
        Self { train: write(n_train), test: write(args.rows - n_train) }
    }

    fn sha256(&self) -> String {
        sha256(format!("{} {}", sha256(&self.train), sha256(&self.test)).as_bytes())
    }
}

/// Describes a training job and its cost, for a plan.
pub(crate) fn describe_job(args: &TrainingArgs) -> String {
    let instance = &args.training_instance;
    let hours = f64::from(MAX_TRAINING_SECONDS) / 3600.0;
    let cost = if instance == INSTANCE_TYPE {
        format!("{:.3} USD an hour, at most {:.2} USD", INSTANCE_HOUR.usd, hours * INSTANCE_HOUR.usd)
    } else {
        format!("stopped after {MAX_TRAINING_SECONDS} s; see SageMaker's prices for this type")
    };
    format!(
        "a training job in SageMaker makes the model, on one {instance} ({cost}); an earlier job with the same data and \
         parameters is reused"
    )
}

impl StackDeployer {
    /// Trains a model in SageMaker, or reuses that of an equal training job; returns its URL. `image` is that of the
    /// algorithm; empty for SageMaker's k-NN.
    pub(crate) async fn train(
        &self,
        args: &TrainingArgs,
        image: &str,
        state: &StackState,
    ) -> Result<String, DeployError> {
        check(args)?;
        let bucket = state.output(output::DATA_BUCKET_NAME)?;
        let role_arn = state.output(output::TRAINING_ROLE_ARN)?;
        let image = if image.is_empty() { self.built_in_image()? } else { image.to_owned() };

        self.console.doing("generating the survey");
        let data = TrainingData::new(args);
        let folder = format!("training/{}", data.sha256());
        let hyperparameters = hyperparameters(args);
        let mut decides = Sha256::new();
        decides.update(format!("{folder} {bucket} {hyperparameters:?} {} {image}", args.training_instance));
        let hash = sha256(&decides.finalize());
        for (channel, content) in [("train", data.train), ("test", data.test)] {
            let key = format!("{folder}/{channel}/survey.pbr");
            let upload = Upload::new(key, "application/x-recordio-protobuf", &content);
            let size_bytes = content.len();
            if self.aws.upload(bucket, &upload, content.into()).await? {
                self.console.line(format!("uploaded {size_bytes} bytes to s3://{bucket}/{}", upload.key));
            }
        }
        let uri = |rest: &str| format!("s3://{bucket}/{folder}/{rest}");
        let name = self.job_name(&hash).await?;
        if self.aws.training_job(&name).await?.is_none() {
            self.aws
                .create_training_job(&TrainingRequest {
                    name: &name,
                    image: &image,
                    role_arn,
                    train_uri: &uri("train/"),
                    test_uri: &uri("test/"),
                    output_uri: &uri("models"),
                    instance_type: &args.training_instance,
                    hyperparameters: &hyperparameters,
                })
                .await?;
        }
        self.console.doing(format!("training job {name}"));
        let show = |status: &str| self.console.passing(format!("{name}: {status}"));
        let done = self.aws.wait_for_training_job(&name, show).await?;
        self.report_training(&name, &done);
        done.model_artifacts.map(|made| made.s3_model_artifacts).ok_or_else(|| DeployError::Training {
            name,
            status: done.training_job_status,
            reason: "it has no model artifact".to_owned(),
        })
    }

    /// Returns the image of SageMaker's k-NN in the region.
    fn built_in_image(&self) -> Result<String, DeployError> {
        let region = &self.aws.region;
        let account = mysfits_infra::sagemaker::registry_account(region).ok_or_else(|| {
            DeployError::TrainingSettings(format!(
                "unknown registry of SageMaker's k-NN in {region}: choose another region, or --container own"
            ))
        })?;
        Ok(format!("{account}.dkr.ecr.{region}.{}/knn:1", self.aws.suffix()))
    }

    /// Returns the name of the training's job: an existing one in progress or completed, else a new one. Job names cannot be
    /// reused.
    async fn job_name(&self, hash: &str) -> Result<String, DeployError> {
        let mut name = String::new();
        for number in 1..=MAX_JOBS {
            name = names::sagemaker(format!("train-{}-{number}", &hash[..12]), &self.aws.stage);
            match self.aws.training_job(&name).await? {
                Some(job)
                    if matches!(job.training_job_status.as_str(), "Failed" | "Stopped" | "Stopping") => {}
                _ => return Ok(name),
            }
        }
        Err(DeployError::Training {
            name,
            status: "Failed".to_owned(),
            reason: format!("{MAX_JOBS} jobs of this training failed; see them in SageMaker's console"),
        })
    }

    fn report_training(&self, name: &str, job: &TrainingState) {
        let ceiling = Distribution::from_prototypes().ceiling();
        self.console.line(format!("training job {name}: completed"));
        match job.metric(ACCURACY.0) {
            Some(accuracy) => self.console.line(format!(
                "test:accuracy  {accuracy:.4}\nceiling        {ceiling:.4}  (the best possible accuracy)\n\
                 of the ceiling {:.4}",
                accuracy / ceiling
            )),
            None => {
                self.console.line(format!("the job reports no test:accuracy; the ceiling is {ceiling:.4}"));
            }
        }
        if let Some(seconds) = job.billable_time_in_seconds {
            self.console.line(format!("billed         {seconds} s"));
        }
    }
}

impl Aws {
    /// Waits for the end of a training job, and reports each new secondary status.
    ///
    /// # Errors
    /// If the job fails.
    pub async fn wait_for_training_job(
        &self,
        name: &str,
        on_status: impl Fn(&str),
    ) -> Result<TrainingState, DeployError> {
        let failed =
            |status: String, reason: String| DeployError::Training { name: name.to_owned(), status, reason };
        let mut shown = String::new();
        poll(format!("training job {name}"), JOB_TIMEOUT, async || {
            let job = self.training_job(name).await?;
            let job = job.ok_or_else(|| failed("deleted".to_owned(), "it no longer exists".to_owned()))?;
            if job.secondary_status != shown {
                shown.clone_from(&job.secondary_status);
                on_status(&shown);
            }
            match job.training_job_status.as_str() {
                "Completed" => Ok(Some(job)),
                "Failed" | "Stopped" => {
                    let reason = job.failure_reason.unwrap_or_else(|| "SageMaker gave no reason".to_owned());
                    Err(failed(job.training_job_status, reason))
                }
                _ => Ok(None),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use mysfits_sagemaker::training::Samples;

    use super::*;

    fn args() -> TrainingArgs {
        TrainingArgs {
            rows: 100,
            seed: 7,
            k: 10,
            sample_size: 50,
            training_instance: INSTANCE_TYPE.to_owned(),
        }
    }

    #[test]
    fn splits_the_survey_into_training_and_test_data() {
        let data = TrainingData::new(&args());
        let train = Samples::read_recordio(&data.train[..]).expect("readable");
        let test = Samples::read_recordio(&data.test[..]).expect("readable");
        assert_eq!((train.labels.len(), test.labels.len()), (90, 10));
        let distribution = Distribution::from_prototypes();
        let survey: Vec<_> = Survey::new(&distribution, 7).take(100).collect();
        for (row, sample) in survey.iter().enumerate() {
            let (samples, row) = if row < 90 { (&train, row) } else { (&test, row - 90) };
            assert_eq!(samples.features.row(row).to_vec(), sample.entry.features());
            assert_eq!(samples.labels[row], f64::from(sample.label.get()));
        }
        assert_eq!(data.sha256(), TrainingData::new(&args()).sha256());
        assert_ne!(data.sha256(), TrainingData::new(&TrainingArgs { seed: 8, ..args() }).sha256());
    }

    #[test]
    fn a_plan_names_instance_and_cost_of_the_job() {
        let note = describe_job(&args());
        assert!(note.contains("one ml.m5.large (0.115 USD an hour, at most 0.12 USD)"), "{note}");
        let note = describe_job(&TrainingArgs { training_instance: "ml.c5.xlarge".to_owned(), ..args() });
        assert!(note.contains("one ml.c5.xlarge (stopped after 3600 s"), "{note}");
    }

    #[test]
    fn rejects_invalid_settings_before_any_cost() {
        for (args, words) in [
            (TrainingArgs { rows: 9, ..args() }, "--rows: 9"),
            (TrainingArgs { k: 0, ..args() }, "--k: 0"),
            (TrainingArgs { k: 51, ..args() }, "1 to 50"),
            (TrainingArgs { k: 91, sample_size: 1000, ..args() }, "1 to 90"),
        ] {
            let error = check(&args).expect_err("out of range").to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(check(&args()).is_ok());
        assert_eq!(hyperparameters(&args())["feature_dim"], "5");
    }
}
