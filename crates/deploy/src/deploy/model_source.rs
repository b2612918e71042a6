//! Where the endpoint's model comes from.

use mysfits_deploy_cli::{Training, TrainingArgs};
use mysfits_infra::sagemaker::output;

use super::{Deployment, model_url};
use crate::aws::stacks::StackState;

/// Where the endpoint's model comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModelSource {
    /// It exists at this URL: the deployed model, or that of a release.
    Existing(String),
    /// The package, whose model was trained on this machine.
    Package,
    /// A training job in SageMaker.
    TrainingJob(TrainingArgs),
}

impl Deployment<'_> {
    /// Returns where the endpoint's model comes from, by the SageMaker stack; `None` without an endpoint.
    pub(crate) fn model_source(&self, there: Option<&StackState>) -> Option<ModelSource> {
        if !self.backend.needs_endpoint() {
            return None;
        }
        let train = match &self.saved {
            // The plan's change sets have the URL.
            Some(plan) => plan.uploads_model.then_some(Training::Local),
            None => self.chosen.given.train,
        };
        let release = there.and_then(|state| self.job_model(state));
        let deployed = there.and_then(StackState::model);
        Some(source(release.as_deref(), train, deployed, self.options.training.as_ref()))
    }

    /// Returns the URL of the release's model if a training job wrote it.
    fn job_model(&self, sagemaker: &StackState) -> Option<String> {
        let bucket = sagemaker.outputs.get(output::DATA_BUCKET_NAME)?;
        let packaged = model_url(bucket, &self.package.model().1);
        self.model_url.clone().filter(|url| *url != packaged)
    }
}

/// Returns the model of the release; else that of the requested training; else the deployed one; else that of a training job,
/// or the package's if a job is not possible.
fn source(
    release: Option<&str>,
    train: Option<Training>,
    deployed: Option<&str>,
    training: Option<&TrainingArgs>,
) -> ModelSource {
    match (release, train, deployed) {
        (Some(url), ..) | (None, None, Some(url)) => ModelSource::Existing(url.to_owned()),
        (None, Some(Training::Local), _) => ModelSource::Package,
        (None, Some(Training::Sagemaker), _) | (None, None, None) => {
            training.cloned().map_or(ModelSource::Package, ModelSource::TrainingJob)
        }
    }
}

#[cfg(test)]
mod tests {
    use mysfits_infra::sagemaker::INSTANCE_TYPE;

    use super::*;

    #[test]
    fn trains_once_and_keeps_the_deployed_model() {
        let args = TrainingArgs {
            rows: 100,
            seed: 7,
            k: 10,
            sample_size: 50,
            training_instance: INSTANCE_TYPE.to_owned(),
        };
        let deployed = "s3://data/training/1/output/model.tar.gz";
        let release = "s3://data/training/0/output/model.tar.gz";
        let job = ModelSource::TrainingJob(args.clone());
        let existing = |url: &str| ModelSource::Existing(url.to_owned());
        let source = |release, train, deployed| source(release, train, deployed, Some(&args));
        assert_eq!(source(None, None, None), job, "the first deployment");
        assert_eq!(source(None, None, Some(deployed)), existing(deployed));
        assert_eq!(source(None, Some(Training::Sagemaker), Some(deployed)), job);
        assert_eq!(source(None, Some(Training::Local), Some(deployed)), ModelSource::Package);
        assert_eq!(source(Some(release), Some(Training::Local), Some(deployed)), existing(release));
    }

    #[test]
    fn a_rollback_trains_nothing() {
        assert_eq!(source(None, Some(Training::Local), None, None), ModelSource::Package);
        assert_eq!(source(None, None, None, None), ModelSource::Package);
    }
}
