//! `deploy --hotswap`: replaces only the function's code, without a change set.

use std::{path::Path, time::Duration};

use mysfits_infra::{Stack, names::artifact_bucket, recommendations::output as function_output};
use mysfits_package::Package;

use crate::{
    aws::buckets::Upload, deployer::StackDeployer, error::DeployError, lock::DeployLock, names::function_key,
    poll::poll, upload::read,
};

/// How long Lambda may take to replace the code.
const UPDATE_TIMEOUT: Duration = Duration::from_mins(5);
/// How the names of production stages begin.
const PRODUCTION: &str = "prod";

/// The function's code, uploaded to the artifact bucket.
#[derive(Debug)]
pub(crate) struct UploadedCode {
    bucket: String,
    sha256: String,
    architecture: String,
}

impl UploadedCode {
    /// Returns a package's code, which must have been uploaded.
    pub(crate) fn new(package: &Package, bucket: &str) -> Self {
        let (_, sha256) = package.lambda_zip();
        Self { bucket: bucket.to_owned(), sha256, architecture: package.architecture().to_string() }
    }
}

impl StackDeployer {
    /// Replaces the code of the deployed function by the package's.
    ///
    /// # Errors
    /// If the stage is a production stage, nothing is deployed, or Lambda refuses.
    pub(crate) async fn hotswap(&self, package: &Path, lock: &DeployLock) -> Result<(), DeployError> {
        let stage = &self.aws.stage;
        if is_production(stage.as_str()) {
            return Err(DeployError::HotswapInProduction { stage: stage.to_string() });
        }
        let package = Package::open(package)?;
        let deployed = self.aws.stack(Stack::Recommendations).await?.ok_or_else(|| self.nothing())?;
        let function = deployed.output(function_output::FUNCTION_NAME)?;
        let (zip, sha256) = package.lambda_zip();
        let bucket = artifact_bucket(stage, &self.aws.account, &self.aws.region);
        self.lock(lock, &bucket, "deploy --hotswap").await?;
        self.console.stage("hotswap");
        let upload = Upload {
            key: function_key(&sha256),
            sha256,
            content_type: "application/zip".to_owned(),
            cache_control: None,
        };
        self.aws.upload(&bucket, &upload, read(&zip)?).await?;
        self.replace_code(function, &UploadedCode::new(&package, &bucket)).await?;
        self.console.finish();
        self.console.line(format!(
            "{function} has the package's code\nnote: the stack {} does not know this code and now drifts; the next `deploy` ends that",
            deployed.name
        ));
        Ok(())
    }

    /// Brings the package's code to a function that CloudFormation has left with other code. `before` is the hash of the
    /// code before the deployment.
    ///
    /// # Errors
    /// [`DeployError::ForeignCode`] if the other code was written during the deployment; Lambda's.
    pub(crate) async fn settle_code(
        &self,
        function: &str,
        before: Option<&str>,
        code: &UploadedCode,
    ) -> Result<(), DeployError> {
        match self.aws.check_code(function, &code.sha256).await {
            Err(DeployError::ForeignCode { deployed, .. }) if before == Some(deployed.as_str()) => {}
            checked => return checked,
        }
        self.console.line(format!(
            "{function} had code that its stack does not know, by --hotswap or by hand; replaced by the package's"
        ));
        self.replace_code(function, code).await
    }

    /// Replaces the code of a function, and checks it.
    async fn replace_code(&self, function: &str, code: &UploadedCode) -> Result<(), DeployError> {
        let UploadedCode { bucket, sha256, architecture } = code;
        self.aws.update_code(function, bucket, &function_key(sha256), architecture).await?;
        self.console.doing(format!("updating the code of {function}"));
        poll(format!("the code of {function}"), UPDATE_TIMEOUT, async || {
            let function = self.aws.function(function).await?;
            let status = function.and_then(|function| function.last_update_status);
            Ok::<_, DeployError>((status.as_deref() != Some("InProgress")).then_some(()))
        })
        .await?;
        self.aws.check_code(function, sha256).await
    }
}

fn is_production(stage: &str) -> bool {
    stage.starts_with(PRODUCTION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aws::tests::fake_service::FakeService, console::Console};

    #[tokio::test]
    async fn refuses_production_stages_before_any_call() {
        for stage in ["prod", "production", "prod-eu"] {
            let (fake, mut aws) = FakeService::start(&[]).await;
            aws.stage = stage.parse().unwrap();
            let deployer = StackDeployer { aws, console: Console::default() };
            let error = deployer.hotswap(Path::new("/nowhere"), &DeployLock::default()).await;
            let error = error.unwrap_err().to_string();
            assert!(error.contains(stage) && error.contains("--hotswap"), "{error}");
            assert!(fake.requests().is_empty());
        }
        assert!(!is_production("dev") && !is_production("staging"));
    }

    /// SHA-256 of the package's zip, and of other code, as Lambda writes them.
    const PACKAGED: &str = "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=";
    const OTHER: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    /// Settles a function with other code; returns the result, and the lines of the requests.
    async fn settled(before: &str) -> (Result<(), DeployError>, Vec<String>) {
        let state =
            |sha256: &str| format!("{{\"CodeSha256\": \"{sha256}\", \"LastUpdateStatus\": \"Successful\"}}");
        let (other, packaged) = (state(OTHER), state(PACKAGED));
        let responses = [(200, &other[..]), (200, &packaged), (200, &packaged), (200, &packaged)];
        let (fake, aws) = FakeService::start(&responses).await;
        let code = UploadedCode {
            bucket: "mysfits-dev-123456789012-eu-west-1".to_owned(),
            sha256: "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73".to_owned(),
            architecture: "arm64".to_owned(),
        };
        let deployer = StackDeployer { aws, console: Console::for_json() };
        let settled = deployer.settle_code("f", Some(before), &code).await;
        (settled, fake.requests().into_iter().map(|request| request.line).collect())
    }

    #[tokio::test]
    async fn hotswapped_code_is_replaced_by_a_deployment_that_changes_no_code() {
        let (settled, requests) = settled(OTHER).await;
        settled.unwrap();
        assert!(requests[1].starts_with("PUT /2015-03-31/functions/f/code "), "{requests:?}");
    }

    #[tokio::test]
    async fn code_that_appears_during_a_deployment_is_refused() {
        let (settled, requests) = settled(PACKAGED).await;
        assert!(matches!(settled, Err(DeployError::ForeignCode { .. })), "{settled:?}");
        assert_eq!(requests.len(), 1);
    }

    #[tokio::test]
    async fn names_the_uploaded_zip() {
        let (fake, aws) = FakeService::start(&[(200, "{}")]).await;
        aws.update_code("f", "bucket", "lambda/a.zip", "arm64").await.unwrap();
        let request = &fake.requests()[0];
        assert!(request.line.starts_with("PUT /2015-03-31/functions/f/code "), "{}", request.line);
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        let expected =
            serde_json::json!({"S3Bucket": "bucket", "S3Key": "lambda/a.zip", "Architectures": ["arm64"]});
        assert_eq!(body, expected);
    }
}
