//! A run of the steps: the cloud that they run in, and what they share.

use std::{fmt, io::IsTerminal as _};

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::{AccessKey, Api};
use mysfits_output::outln;

use crate::{
    Cli, Target, checks,
    deployer::{Addresses, Deployer},
    local::LocalCloud,
    plan::{Plan, Step},
    step, steps, user,
};

/// How much was done.
#[derive(Debug, Default)]
pub struct Counts {
    passed: usize,
    skipped: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, 0 failed", self.passed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Runs the steps of a plan.
///
/// # Errors
/// At the first step that fails; what was deployed is removed all the same.
pub async fn run(cli: &Cli, plan: &Plan) -> Result<Counts> {
    ensure!(cli.package.len() == 2 && cli.table.len() == 2, "two packages and their two tables are needed");
    let log = cli.work.join("deployer.log");
    let _ = std::fs::remove_file(&log);
    match cli.target {
        Target::Local => {
            let [starts, gets_policy, denies] = steps::LOCAL_FIRST;
            let state = cli.work.join("local-cloud");
            let start = async { LocalCloud::start(&cli.localcloud, &cli.python, &state) };
            let cloud = step(starts, start).await?;
            let user = user::deployer(cloud.variables()?);
            let variables = step(gets_policy, user).await?;
            step(denies, user::anything_else_is_denied(&variables)).await?;
            let deployer = Deployer::new(&cli.deployer, variables, log);
            let mut journey = Journey::new(cli, deployer, Some(cloud));
            journey.counts.passed += steps::LOCAL_FIRST.len();
            let gone = journey.go(&plan.steps).await;
            if gone.is_err() {
                let _ = outln!(
                    "          what the deployer printed: {}",
                    cli.work.join("deployer.log").display()
                );
            }
            let Journey { cloud, mut counts, .. } = journey;
            let ended = async { cloud.context("the local cloud is gone")?.stop().await };
            let ended = step(steps::LOCAL_LAST, ended).await;
            gone?;
            ended?;
            counts.passed += 1;
            Ok(counts)
        }
        Target::Aws => {
            agree(cli)?;
            let deployer = Deployer::new(&cli.deployer, std::collections::BTreeMap::new(), log);
            let mut journey = Journey::new(cli, deployer, None);
            let gone = journey.go(&plan.steps).await;
            if gone.is_err() {
                // Nothing may go on costing money because a test failed.
                step("destroy after the failure", journey.destroy()).await?;
            }
            gone?;
            Ok(journey.counts)
        }
    }
}

/// Asks for confirmation before a real account is changed, unless `--yes` is given.
fn agree(cli: &Cli) -> Result<()> {
    if cli.yes {
        return Ok(());
    }
    ensure!(std::io::stdin().is_terminal(), "--target aws asks before it touches an account; say --yes");
    outln!(
        "This deploys, tries and destroys all three stacks in the account of your credentials, an endpoint"
    )?;
    outln!(
        "on an instance included (for minutes: some cents). Stacks of the same names must not be in use."
    )?;
    outln!("Type yes to go on:")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    ensure!(answer.trim() == "yes", "nothing was done");
    Ok(())
}

/// The way so far.
pub struct Journey<'a> {
    /// The command line.
    pub cli: &'a Cli,
    /// The deployer, led to the cloud.
    pub deployer: Deployer,
    /// The local cloud, if that is the target.
    pub cloud: Option<LocalCloud>,
    /// Where the module answers since it was first deployed.
    pub addresses: Option<Addresses>,
    /// The stages that the deployer announced then.
    pub stages: Vec<String>,
    counts: Counts,
}

impl<'a> Journey<'a> {
    fn new(cli: &'a Cli, deployer: Deployer, cloud: Option<LocalCloud>) -> Self {
        Self { cli, deployer, cloud, addresses: None, stages: Vec::new(), counts: Counts::default() }
    }

    async fn go(&mut self, steps: &[&Step]) -> Result<()> {
        let differences = checks::differences(&self.cli.table[0], &self.cli.table[1])?;
        ensure!(differences > 0, "the two models agree on every entry that is asked: nothing could be told");
        for next in steps {
            if next.is_local && self.cloud.is_none() {
                outln!("skipped           {}: only the local cloud can be treated like this", next.name)?;
                self.counts.skipped += 1;
                continue;
            }
            step(next.name, (next.run)(self)).await?;
            self.counts.passed += 1;
        }
        Ok(())
    }

    /// Returns the addresses of the deployed module.
    ///
    /// # Errors
    /// If nothing has been deployed.
    pub fn addresses(&self) -> Result<&Addresses> {
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
        self.deployer.run(&["destroy", "--yes"]).await?;
        self.nothing_is_left().await
    }

    /// Asks the emulators themselves; in a real account, the deployer's own search is the only one there is.
    pub async fn nothing_is_left(&mut self) -> Result<()> {
        if let Some(cloud) = &self.cloud {
            let left = cloud.leftovers().await?;
            ensure!(left.is_empty(), "there is left:\n    {}", left.join("\n    "));
        }
        Ok(())
    }

    /// Makes a bucket whose name looks like ours and which the deployer did not make; or checks that it is still there,
    /// and removes it.
    pub async fn foreign_bucket(&mut self, make: bool) -> Result<()> {
        let storage = self.service("AWS_ENDPOINT_URL", "s3")?;
        let path = format!("/{}-of-somebody-else", mysfits_infra::ARTIFACT_BUCKET_PREFIX);
        let methods: &[(&str, u16)] = if make { &[("PUT", 200)] } else { &[("GET", 200), ("DELETE", 204)] };
        for (method, expected) in methods {
            let answer = storage.ask(method, &path, &[], None).await?;
            ensure!(answer.status == *expected, "{method} {path}: {} {}", answer.status, answer.body);
        }
        Ok(())
    }

    /// A service of the local cloud, by the variable with its address, called with the cloud's own key.
    fn service(&self, variable: &str, service: &str) -> Result<Api> {
        let variables = self.cloud.as_ref().context("no local cloud")?.variables()?;
        let url = variables.get(variable).with_context(|| format!("no {variable}"))?;
        Ok(Api::new(url)?.signed(service, AccessKey::from_variables(&variables)?))
    }

    /// Makes the endpoint unreachable, or reachable again.
    pub async fn chaos(&mut self, what: &str) -> Result<()> {
        let name = self.endpoint_name().await?;
        self.cloud.as_ref().context("no local cloud")?.chaos(what, &name).await
    }

    /// Removes the endpoint as a person in the console would, or the schedule of `--ttl`.
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

    async fn endpoint_name(&mut self) -> Result<String> {
        let outputs = self.deployer.run(&["outputs", "--json"]).await?;
        let outputs: serde_json::Value = serde_json::from_str(&outputs)?;
        let name = find(&outputs, mysfits_infra::sagemaker::output::ENDPOINT_NAME);
        name.map(str::to_owned).with_context(|| format!("no endpoint in the outputs: {outputs}"))
    }

    /// Returns the path of a package.
    pub fn package(&self, number: usize) -> String {
        self.cli.package[number].display().to_string()
    }
}

/// A text by its key, however deep.
fn find<'a>(value: &'a serde_json::Value, key: &str) -> Option<&'a str> {
    let object = value.as_object()?;
    object
        .get(key)
        .and_then(|found| found.as_str())
        .or_else(|| object.values().find_map(|inner| find(inner, key)))
}
