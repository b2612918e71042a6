//! `releases` and `rollback`: lists the releases, and deploys one of them again.

use std::{path::Path, sync::PoisonError, time::SystemTime};

use aws_smithy_types::{DateTime, date_time::Format};
use mysfits_deploy_cli::{ReleasesArgs, RollbackArgs};
use mysfits_infra::{Stack, names::artifact_bucket, sagemaker::parameter as sagemaker_parameter};
use mysfits_package::Package;
use mysfits_site::settings::SiteSettings;

use crate::{
    addresses::AddressOverrides,
    apply_options::ApplyOptions,
    aws::buckets::Upload,
    deploy::{DeployOptions, Deployment},
    deployer::StackDeployer,
    error::DeployError,
    lock::DeployLock,
    names::{DEPLOYED_RELEASES_KEY, RELEASE_PACKAGES, package_key},
    package_archive::{pack, unpack},
    releases::{DeployedRelease, DeployedReleases, StackParameters, stack_key},
    settings::Chosen,
};

impl StackDeployer {
    /// Prints the releases, oldest first.
    pub(crate) async fn print_releases(&self, args: &ReleasesArgs) -> Result<(), DeployError> {
        let releases = self.deployed_releases().await?;
        if args.json {
            return self.console.json(&releases);
        }
        if releases.0.is_empty() {
            self.console.line("no releases");
        }
        for release in &releases.0 {
            self.console.line(release);
        }
        Ok(())
    }

    /// Deploys an earlier release again: its package with its parameters.
    pub(crate) async fn rollback(
        &self,
        args: &RollbackArgs,
        addresses: &AddressOverrides,
        lock: &DeployLock,
    ) -> Result<(), DeployError> {
        let releases = self.deployed_releases().await?;
        let release = releases.find(args.release)?;
        self.console.line(format!("rollback to {release}"));
        let folder =
            tempfile::tempdir().map_err(|source| DeployError::Read { path: std::env::temp_dir(), source })?;
        let package = self.package_of(release, folder.path()).await?;
        let settings = SiteSettings::parse(release.site_settings.to_string().as_bytes());
        let options = DeployOptions {
            yes: args.yes,
            dry_run: args.dry_run,
            apply: ApplyOptions { allow_replace: args.allow_replace, delete_data: args.delete_data },
            json: args.json,
            ..DeployOptions::default()
        };
        let chosen = Chosen::of_release(release.parameters.clone());
        let model_url = release.parameter(Stack::SageMaker, sagemaker_parameter::MODEL_DATA_URL);
        let deployment = Deployment {
            // A site whose settings cannot be read gets only this deployment's.
            settings: settings.unwrap_or_default(),
            model_url: model_url.filter(|url| !url.is_empty()).map(str::to_owned),
            ..self.deployment(options, chosen, package, addresses).await?
        };
        deployment.plan_and_run(lock).await?;
        Ok(())
    }

    /// Downloads the package of a release into a folder.
    async fn package_of(&self, release: &DeployedRelease, folder: &Path) -> Result<Package, DeployError> {
        let bucket = artifact_bucket(&self.aws.stage, &self.aws.account, &self.aws.region);
        let key = package_key(&release.package);
        let tar = self.aws.stored(&bucket, &key).await?;
        let lost = |problem: String| DeployError::LostPackage { release: release.number, problem };
        let tar = tar.ok_or_else(|| lost(format!("s3://{bucket}/{key} does not exist")))?;
        unpack(&tar.content, folder).map_err(|error| lost(error.to_string()))?;
        let package = Package::open(folder)?;
        if package.digest() != release.package {
            return Err(lost(format!("s3://{bucket}/{key} has the digest {}", package.digest())));
        }
        Ok(package)
    }

    /// Reads the list of releases.
    pub(crate) async fn deployed_releases(&self) -> Result<DeployedReleases, DeployError> {
        let bucket = artifact_bucket(&self.aws.stage, &self.aws.account, &self.aws.region);
        let Some(list) = self.aws.stored(&bucket, DEPLOYED_RELEASES_KEY).await? else {
            return Ok(DeployedReleases::default());
        };
        serde_json::from_slice(&list.content).map_err(|problem| DeployError::Corrupt {
            what: format!("s3://{bucket}/{DEPLOYED_RELEASES_KEY}"),
            problem: problem.to_string(),
        })
    }
}

impl Deployment<'_> {
    /// Records what is deployed as a release, and keeps its package.
    pub(crate) async fn record_release(&self) -> Result<(), DeployError> {
        let aws = &self.deployer.aws;
        let mut release = DeployedRelease {
            number: 0,
            time: DateTime::from_secs(DateTime::from(SystemTime::now()).secs())
                .fmt(Format::DateTime)
                .unwrap_or_default(),
            caller: aws.caller.clone(),
            version: self.package.manifest().version.clone(),
            package: self.package.digest(),
            parameters: StackParameters::new(),
            site_settings: serde_json::to_value(&self.settings).unwrap_or_default(),
        };
        for stack in Stack::ALL {
            if let Some(state) = aws.stack(stack).await? {
                release.parameters.insert(stack_key(stack).to_owned(), state.parameters);
            }
        }
        let mut releases = self.deployer.deployed_releases().await?;
        if !releases.add(release) {
            return Ok(());
        }
        // The package first: every listed release has one.
        let key = package_key(&self.package.digest());
        let path = self.package.path("");
        let tar = pack(&self.package).map_err(|source| DeployError::Read { path, source })?;
        let upload = Upload::new(key, "application/x-tar", &tar);
        aws.upload(&self.bucket, &upload, tar.into()).await?;
        let text = serde_json::to_vec(&releases).map_err(|problem| DeployError::Corrupt {
            what: "the list of releases".to_owned(),
            problem: problem.to_string(),
        })?;
        let upload = Upload::new(DEPLOYED_RELEASES_KEY.to_owned(), "application/json", &text);
        aws.upload(&self.bucket, &upload, text.into()).await?;
        let packages = aws.keys(&self.bucket, RELEASE_PACKAGES).await?;
        let outdated = releases.outdated(&packages);
        if !outdated.is_empty() {
            aws.delete_objects(&self.bucket, &outdated).await?;
        }
        if let Some(newest) = releases.newest() {
            self.deployer.console.line(newest);
        }
        Ok(())
    }

    /// Returns what is on which release after a failure, and how to go back.
    pub(crate) async fn describe_failure(&self) -> Vec<String> {
        let Ok(releases) = self.deployer.deployed_releases().await else { return Vec::new() };
        let Some(newest) = releases.newest() else { return Vec::new() };
        let updated = self.updated.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_there =
            |stack: &Stack| !stack.is_optional() || newest.parameters.contains_key(stack_key(*stack));
        let mut lines: Vec<_> = Stack::ALL
            .into_iter()
            .filter(is_there)
            .map(|stack| {
                let name = self.deployer.aws.stack_name(stack);
                if updated.contains(&stack) {
                    format!("{name}: updated by this deployment")
                } else {
                    format!("{name}: on release {}", newest.number)
                }
            })
            .collect();
        if updated.is_empty() {
            lines.push("no stack was updated".to_owned());
        } else {
            lines.push(format!(
                "to go back to release {} of {}, run `mysfits-deploy rollback {}`; to continue, fix the cause and deploy again",
                newest.number, newest.time, newest.number
            ));
        }
        lines
    }
}
