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
        let key = function_key(&sha256);
        self.lock(lock, &bucket, "deploy --hotswap").await?;
        self.console.stage("hotswap");
        let upload = Upload {
            key: key.clone(),
            sha256: sha256.clone(),
            content_type: "application/zip".to_owned(),
            cache_control: None,
        };
        self.aws.upload(&bucket, &upload, read(&zip)?).await?;
        let architecture = package.architecture().to_string();
        self.aws.update_code(function, &bucket, &key, &architecture).await?;
        self.console.doing(format!("updating the code of {function}"));
        poll(format!("the code of {function}"), UPDATE_TIMEOUT, async || {
            let function = self.aws.function(function).await?;
            let status = function.and_then(|function| function.last_update_status);
            Ok::<_, DeployError>((status.as_deref() != Some("InProgress")).then_some(()))
        })
        .await?;
        self.aws.check_code(function, &sha256).await?;
        self.console.finish();
        self.console.line(format!(
            "{function} has the package's code\nnote: the stack {} does not know this code and now drifts; `deploy` with this package \
             ends that",
            deployed.name
        ));
        Ok(())
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
