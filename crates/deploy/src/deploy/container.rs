//! The container of training jobs and of the endpoint: SageMaker's k-NN, or an image that is pushed to the stack's repository.

use std::path::{Path, PathBuf};

use mysfits_deploy_cli::EndpointContainer;
use mysfits_infra::{
    Stack,
    sagemaker::{output, parameter},
};

use super::Deployment;
use crate::{aws::stacks::StackState, error::DeployError, image::ContainerImage};

/// The folder in which `cargo xtask package image` writes the image.
const DEFAULT_IMAGE: &str = "target/local-sagemaker/image";

/// Where the container's image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageSource {
    /// SageMaker's registry.
    BuiltIn,
    /// It was pushed before, by an earlier deployment.
    Existing(String),
    /// A folder in OCI's image layout.
    Folder(PathBuf),
}

impl Deployment<'_> {
    /// Returns where the container's image comes from, by the SageMaker stack.
    pub(crate) fn image_source(&self, there: Option<&StackState>) -> ImageSource {
        let value = |name: &str| self.chosen.value(Stack::SageMaker, there, name);
        let folder = self.options.image.as_deref();
        source(&value(parameter::CONTAINER), &value(parameter::CONTAINER_IMAGE), folder)
    }

    /// Returns the image that training jobs and the endpoint use; empty for SageMaker's k-NN. Pushes it if necessary, for
    /// which the stack must have its repository.
    pub(super) async fn container_image(&self, sagemaker: &mut StackState) -> Result<String, DeployError> {
        // The change sets of a saved plan have the image.
        if self.saved.is_some() {
            return Ok(String::new());
        }
        let folder = match self.image_source(Some(sagemaker)) {
            ImageSource::BuiltIn => return Ok(String::new()),
            ImageSource::Existing(image) => return Ok(image),
            ImageSource::Folder(folder) => folder,
        };
        let deployer = self.deployer;
        deployer.console.stage("push-image");
        let image = ContainerImage::read(&folder)?;
        if !sagemaker.outputs.contains_key(output::IMAGE_REPOSITORY_URI) {
            let model = sagemaker.model().map(str::to_owned);
            let expiry = self.wanted_expiry(Some(sagemaker));
            *sagemaker = self.apply_sagemaker(model.as_deref(), None, &expiry).await?;
        }
        let repository = sagemaker.output(output::IMAGE_REPOSITORY_URI)?;
        let address = image.address(repository);
        let registry = deployer.aws.image_registry(self.addresses.registry.as_deref()).await?;
        let name = repository.split_once('/').map_or(repository, |(_, name)| name);
        let n_uploaded = registry.push(name, &image).await?;
        let what =
            if n_uploaded == 0 { "unchanged".to_owned() } else { format!("{n_uploaded} bytes pushed") };
        deployer.console.line(format!("{address} {what}"));
        Ok(address)
    }
}

/// Returns the source of the image: with an own container the folder that is given, else the deployed image, else the
/// folder of `cargo xtask package image`.
fn source(container: &str, deployed: &str, folder: Option<&Path>) -> ImageSource {
    match folder {
        _ if container != EndpointContainer::Own.as_str() => ImageSource::BuiltIn,
        None if !deployed.is_empty() => ImageSource::Existing(deployed.to_owned()),
        folder => ImageSource::Folder(folder.unwrap_or(Path::new(DEFAULT_IMAGE)).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_deployed_image_unless_a_folder_is_given() {
        let deployed = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b@sha256:0123";
        let folder = Path::new("image");
        assert_eq!(source("built-in", deployed, Some(folder)), ImageSource::BuiltIn);
        assert_eq!(source("own", deployed, None), ImageSource::Existing(deployed.to_owned()));
        assert_eq!(source("own", deployed, Some(folder)), ImageSource::Folder(folder.to_owned()));
        assert_eq!(source("own", "", None), ImageSource::Folder(DEFAULT_IMAGE.into()));
    }
}
