//! A deployment from its plan to its smoke test: stages that may each be the last of a killed run, and that a later run
//! goes through again without harm.

use std::path::Path;

use aws_smithy_types::DateTime;
use mysfits_deploy_cli::{DeployArgs, Training};
use mysfits_infra::{
    Stack,
    recommendations::output as function_output,
    sagemaker::{output as sagemaker_output, parameter as sagemaker_parameter},
    website::output as website_output,
};
use mysfits_package::Package;
use mysfits_site::settings::Settings;

use crate::{
    addresses::Addresses,
    aws::{
        buckets::Upload,
        stacks::{Source, State},
    },
    destroy::endpoint_of,
    error::DeployError,
    expiry::{Expiry, expiry},
    names::{NOTEBOOK_LOGS, artifact_bucket, function_key, model_key, template_key},
    parameters::{FunctionChoice, ModelUrl, SageMakerChoice, of_recommendations, of_sagemaker, of_website},
    session::{Pauses, Session},
    site::{api_origins, settings},
    upload::{Site, read, sha256},
};

/// The folder in which `cargo xtask package` writes the package.
const DEFAULT_PACKAGE: &str = "target/package";
/// The longest template that is sent along with a request.
const LONGEST_BODY: usize = 51_200;

/// A deployment: its options, and what every stage needs.
pub(crate) struct Deployment<'a> {
    pub(crate) session: &'a Session,
    pub(crate) args: &'a DeployArgs,
    pub(crate) addresses: &'a Addresses,
    pub(crate) package: Package,
    pub(crate) bucket: String,
    /// What was set of the workshop's other modules.
    pub(crate) settings: Settings,
}

/// An endpoint that is on its way out.
const DELETING: &str = "Deleting";
/// The states of an endpoint that does not answer and never will.
const LOST: [&str; 2] = ["Failed", DELETING];

impl Session {
    /// Deploys a package.
    ///
    /// # Errors
    /// If the package is incomplete, the user declines the plan, or a stage fails. A second run continues.
    pub async fn deploy(&self, args: &DeployArgs, addresses: &Addresses) -> Result<(), DeployError> {
        let package = Package::open(args.package.as_deref().unwrap_or(Path::new(DEFAULT_PACKAGE)))?;
        let settings = args.site_settings.as_deref().map(read_settings).transpose()?.unwrap_or_default();
        let bucket = artifact_bucket(&self.aws.account, &self.aws.region);
        let deployment = Deployment { session: self, args, addresses, package, bucket, settings };
        deployment.planned().await?;
        if args.dry_run { Ok(()) } else { deployment.run().await }
    }
}

impl Deployment<'_> {
    async fn run(&self) -> Result<(), DeployError> {
        let Self { session, args, .. } = self;
        let console = &session.console;
        console.stage("artifact-bucket");
        let is_new = session.aws.ensure_artifact_bucket(&self.bucket).await?;
        console.line(format!("{} {}", self.bucket, if is_new { "made" } else { "is there" }));

        console.stage("upload-function");
        let (zip, hash) = self.package.lambda_zip();
        self.upload(&self.bucket, function_key(&hash), hash, "application/zip", &zip).await?;

        console.stage("stack-sagemaker");
        if !args.without_notebook {
            session.aws.claim_log_group(NOTEBOOK_LOGS).await?;
        }
        let mut sagemaker = self.sagemaker_before_model().await?;
        if args.backend.needs_endpoint() {
            let url = self.model(&sagemaker).await?;
            console.stage("stack-sagemaker-endpoint");
            let expiry = self.wanted_expiry(Some(&sagemaker));
            sagemaker = self.apply_sagemaker(&ModelUrl::At(url), &expiry).await?;
        }

        console.stage("stack-recommendations");
        let recommendations = self.apply_recommendations(endpoint_of(&sagemaker)).await?;
        let function = output_of(&recommendations, Stack::Recommendations, function_output::FUNCTION_NAME)?;
        session.aws.check_code(function, &self.package.lambda_zip().1).await?;
        let api_url = self.addresses.api(&recommendations)?;
        // From here on the function no longer calls the endpoint.
        if !args.backend.needs_endpoint() && has_model(&sagemaker) {
            console.stage("stack-sagemaker-endpoint");
            self.apply_sagemaker(&ModelUrl::None, "").await?;
        }

        console.stage("stack-website");
        let settings = settings(&self.settings, &api_url, &session.aws.region);
        let website = self.apply(Stack::Website, of_website(&api_origins(&settings))).await?;
        let site_bucket = output_of(&website, Stack::Website, website_output::SITE_BUCKET_NAME)?;
        let distribution = output_of(&website, Stack::Website, website_output::DISTRIBUTION_ID)?;
        let site_url = self.addresses.site(&website)?;

        console.stage("upload-site");
        let site = Site::of(&self.package, &settings, &site_url)?;
        session.upload_site(&site, site_bucket, &self.bucket).await?;

        console.stage("invalidate");
        session.announce(distribution, &self.bucket).await?;

        console.stage("smoke-test");
        session.smoke_test(&api_url, &site_url, &site).await?;
        console.finish();
        console.line(format!("api {api_url}\nsite {site_url}\nready"));
        Ok(())
    }

    /// The SageMaker stack with the bucket that the model goes into: created if need be, and otherwise left as it is
    /// until the model is there, so that an endpoint that is asked is changed once and not twice.
    async fn sagemaker_before_model(&self) -> Result<State, DeployError> {
        let session = self.session;
        let there = session.ready(Stack::SageMaker).await?;
        let expiry = self.wanted_expiry(there.as_ref());
        let Some(state) = there else { return self.apply_sagemaker(&ModelUrl::None, &expiry).await };
        if let Some(name) = self.lost_endpoint(&state).await? {
            session.console.line(format!(
                "the endpoint {name} is gone or failed although its stack lists it (its time was up, or somebody \
                 removed it): telling the stack, then it is made anew if it is wanted"
            ));
            self.wait_until_deleted(&name).await?;
            return self.apply_sagemaker(&ModelUrl::None, &expiry).await;
        }
        if has_model(&state) || self.args.backend.needs_endpoint() {
            session.console.line(format!("{} stays as it is for now", Stack::SageMaker.name()));
            return Ok(state);
        }
        self.apply_sagemaker(&ModelUrl::None, &expiry).await
    }

    /// Returns the name of the stack's endpoint if it was deleted or has failed.
    pub(crate) async fn lost_endpoint(&self, state: &State) -> Result<Option<String>, DeployError> {
        let Some(name) = endpoint_of(state).filter(|_| has_model(state)) else { return Ok(None) };
        let endpoint = self.session.aws.endpoint(name).await?;
        let is_lost = endpoint.is_none_or(|endpoint| LOST.contains(&endpoint.endpoint_status.as_str()));
        Ok(is_lost.then(|| name.to_owned()))
    }

    /// Waits until an endpoint that is being deleted is gone. Until then its name cannot be reused.
    async fn wait_until_deleted(&self, name: &str) -> Result<(), DeployError> {
        let mut pauses = Pauses::default();
        while self
            .session
            .aws
            .endpoint(name)
            .await?
            .is_some_and(|endpoint| endpoint.endpoint_status == DELETING)
        {
            pauses.wait().await;
        }
        Ok(())
    }

    /// Provides the endpoint's model and returns its URL.
    async fn model(&self, sagemaker: &State) -> Result<String, DeployError> {
        let session = self.session;
        if self.args.train == Training::Sagemaker {
            session.console.stage("train");
            return session.train(&self.args.training, sagemaker).await;
        }
        session.console.stage("upload-model");
        let bucket = output_of(sagemaker, Stack::SageMaker, sagemaker_output::DATA_BUCKET_NAME)?;
        let (model, hash) = self.package.model();
        let url = model_url(bucket, &hash);
        self.upload(bucket, model_key(&hash), hash, "application/gzip", &model).await?;
        Ok(url)
    }

    pub(crate) fn expiry(&self, there: Option<&State>) -> Expiry {
        let of_stack = there.and_then(|state| state.parameters.get(sagemaker_parameter::ENDPOINT_EXPIRY));
        let now = DateTime::from(std::time::SystemTime::now());
        expiry(self.args.ttl, of_stack.map_or("", String::as_str), now)
    }

    /// Returns the endpoint's expiry; empty if no endpoint is requested.
    pub(crate) fn wanted_expiry(&self, there: Option<&State>) -> String {
        if self.args.backend.needs_endpoint() { self.expiry(there).value } else { String::new() }
    }

    pub(crate) fn sagemaker_choice(&self) -> SageMakerChoice<'_> {
        SageMakerChoice {
            hosting: self.args.hosting,
            notebook: !self.args.without_notebook,
            repository: !self.args.without_repository,
            notebook_repository: self.args.notebook_repository.as_deref(),
            notebook_commit: self.args.notebook_commit.as_deref(),
        }
    }

    async fn apply_sagemaker(&self, model: &ModelUrl, expiry: &str) -> Result<State, DeployError> {
        self.apply(Stack::SageMaker, of_sagemaker(self.sagemaker_choice(), model, expiry)).await
    }

    async fn apply_recommendations(&self, endpoint: Option<&str>) -> Result<State, DeployError> {
        let (_, hash) = self.package.lambda_zip();
        let key = function_key(&hash);
        let architecture = self.package.architecture().to_string();
        self.apply(Stack::Recommendations, self.recommendations(&key, &architecture, endpoint)).await
    }

    pub(crate) fn recommendations(
        &self,
        key: &str,
        architecture: &str,
        endpoint: Option<&str>,
    ) -> crate::parameters::Parameters {
        of_recommendations(FunctionChoice {
            bucket: &self.bucket,
            key,
            architecture,
            backend: self.args.backend,
            endpoint,
            runtime_url: self.addresses.sagemaker_runtime.as_deref(),
            alarm_email: self.args.alarm_email.as_deref(),
        })
    }

    async fn apply(
        &self,
        stack: Stack,
        parameters: crate::parameters::Parameters,
    ) -> Result<State, DeployError> {
        let source = self.source(stack, true).await?;
        self.session.apply(stack, &source, parameters, self.args.allow_replace).await
    }

    /// Returns a stack's template: its text, or, if that is too long for a request, its URL after an upload.
    pub(crate) async fn source(&self, stack: Stack, may_upload: bool) -> Result<Source, DeployError> {
        let text = self.package.template(stack)?;
        if text.len() <= LONGEST_BODY || !may_upload {
            return Ok(Source::Body(text));
        }
        let aws = &self.session.aws;
        let hash = sha256(text.as_bytes());
        let upload = Upload {
            key: template_key(&hash),
            sha256: hash,
            content_type: "application/yaml".to_owned(),
            cache_control: None,
        };
        aws.upload(&self.bucket, &upload, text.into()).await?;
        let (region, suffix) = (&aws.region, aws.suffix());
        Ok(Source::Url(format!("https://{}.s3.{region}.{suffix}/{}", self.bucket, upload.key)))
    }

    async fn upload(
        &self,
        bucket: &str,
        key: String,
        sha256: String,
        content_type: &str,
        path: &Path,
    ) -> Result<(), DeployError> {
        let upload = Upload { key, sha256, content_type: content_type.to_owned(), cache_control: None };
        let is_new = self.session.aws.upload(bucket, &upload, read(path)?).await?;
        let what = if is_new { "uploaded" } else { "unchanged" };
        self.session.console.line(format!("s3://{bucket}/{} {what}", upload.key));
        Ok(())
    }
}

/// Reads the site's settings from the user's file.
fn read_settings(path: &Path) -> Result<Settings, DeployError> {
    Settings::parse(&read(path)?)
        .map_err(|problem| DeployError::SiteSettings { path: path.to_owned(), problem })
}

/// Returns the place of a locally trained model.
pub(crate) fn model_url(bucket: &str, sha256: &str) -> String {
    format!("s3://{bucket}/{}", model_key(sha256))
}

/// Returns whether a stack has a model, and so an endpoint.
pub(crate) fn has_model(state: &State) -> bool {
    state.parameters.get(sagemaker_parameter::MODEL_DATA_URL).is_some_and(|url| !url.is_empty())
}

/// Returns an output that a stack must have.
pub(crate) fn output_of<'a>(
    state: &'a State,
    stack: Stack,
    output: &'static str,
) -> Result<&'a str, DeployError> {
    state.outputs.get(output).map(String::as_str).ok_or(DeployError::NoOutput { stack, output })
}
