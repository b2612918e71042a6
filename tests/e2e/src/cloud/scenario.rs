//! What the steps of a run share: the cloud, the deployer, and what is deployed.

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::{AccessKey, Api};

use crate::{
    Cli,
    deployer::{DeployedAddresses, DeployerProgram},
    foreign,
    local::TestCloud,
    user::REGION,
};

/// The state of a run.
pub struct Scenario<'a> {
    /// The command line.
    pub cli: &'a Cli,
    /// The deployer, configured for the cloud.
    pub deployer: DeployerProgram,
    /// The local cloud, if that is the target.
    pub cloud: Option<TestCloud>,
    /// The addresses of the module, once it is deployed.
    pub addresses: Option<DeployedAddresses>,
    /// The stages that the deployer announced then.
    pub stages: Vec<String>,
}

impl<'a> Scenario<'a> {
    /// Returns the state before the first step.
    pub fn new(cli: &'a Cli, deployer: DeployerProgram, cloud: Option<TestCloud>) -> Self {
        Self { cli, deployer, cloud, addresses: None, stages: Vec::new() }
    }

    /// Returns the addresses of the deployed module.
    ///
    /// # Errors
    /// If nothing has been deployed.
    pub fn addresses(&self) -> Result<&DeployedAddresses> {
        self.addresses.as_ref().context("nothing is deployed")
    }

    /// Returns the deployed API.
    ///
    /// # Errors
    /// If nothing has been deployed.
    pub fn api(&self) -> Result<Api> {
        Api::new(&self.addresses()?.api)
    }

    /// Destroys what is deployed, and checks that nothing is left.
    pub async fn destroy(&mut self) -> Result<()> {
        self.deployer.run(&["destroy", "--yes", "--delete-data"]).await?;
        self.nothing_is_left().await
    }

    /// Searches the emulators for leftovers; in a real account, only the deployer's own search exists.
    pub async fn nothing_is_left(&mut self) -> Result<()> {
        if let Some(cloud) = &self.cloud {
            let left = cloud.leftovers(REGION).await?;
            ensure!(left.is_empty(), "resources are left:\n    {}", left.join("\n    "));
        }
        Ok(())
    }

    /// Creates resources of others beside the deployment; or checks that they still exist, and removes them.
    pub async fn foreign_resources(&mut self, make: bool) -> Result<()> {
        let cloudformation = self.service("AWS_ENDPOINT_URL", "cloudformation")?;
        let s3 = self.service("AWS_ENDPOINT_URL", "s3")?;
        if make {
            foreign::create(&cloudformation, &s3).await
        } else {
            foreign::remove(&cloudformation, &s3).await
        }
    }

    /// Returns a service of the local cloud, by the variable with its address, called with the cloud's own key.
    pub fn service(&self, variable: &str, service: &str) -> Result<Api> {
        let variables = self.cloud.as_ref().context("no local cloud")?.variables()?;
        let url = variables.get(variable).with_context(|| format!("no {variable}"))?;
        Ok(Api::new(url)?.signed(service, AccessKey::from_variables(&variables)?))
    }

    /// Makes the endpoint unreachable, or reachable again.
    pub async fn chaos(&mut self, what: &str) -> Result<()> {
        let name = self.endpoint_name().await?;
        self.cloud.as_ref().context("no local cloud")?.chaos(what, &name).await
    }

    /// Removes the endpoint without the deployer, like the console or the schedule of `--ttl`.
    pub async fn remove_endpoint(&mut self) -> Result<()> {
        let name = self.endpoint_name().await?;
        let sagemaker = self.service("AWS_ENDPOINT_URL_SAGEMAKER", "sagemaker")?;
        let headers =
            [("X-Amz-Target", "SageMaker.DeleteEndpoint"), ("Content-Type", "application/x-amz-json-1.1")];
        let body = serde_json::json!({ "EndpointName": name }).to_string();
        let answer = sagemaker.ask("POST", "/", &headers, Some(body.as_bytes())).await?;
        ensure!(answer.status == 200, "DeleteEndpoint: {} {}", answer.status, answer.body);
        Ok(())
    }

    async fn endpoint_name(&self) -> Result<String> {
        self.output(mysfits_infra::sagemaker::output::ENDPOINT_NAME).await
    }

    /// Returns an output of the stacks.
    pub async fn output(&self, name: &str) -> Result<String> {
        let outputs = self.deployer.run(&["outputs", "--json"]).await?;
        let outputs: serde_json::Value = serde_json::from_str(&outputs)?;
        let value = find(&outputs, name).map(str::to_owned);
        value.with_context(|| format!("no {name} in the outputs: {outputs}"))
    }

    /// Returns the path of a package.
    pub fn package(&self, number: usize) -> String {
        self.cli.package[number].display().to_string()
    }
}

/// Returns a text by its key, at any depth.
pub fn find<'a>(value: &'a serde_json::Value, key: &str) -> Option<&'a str> {
    let object = value.as_object()?;
    object
        .get(key)
        .and_then(|found| found.as_str())
        .or_else(|| object.values().find_map(|inner| find(inner, key)))
}
