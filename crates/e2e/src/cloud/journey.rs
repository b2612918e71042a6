//! The whole way: into the cloud, through everything that can go wrong, and out again.

use std::{fmt, io::IsTerminal as _, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::{AccessKey, Api};
use mysfits_output::outln;
use mysfits_package::Package;

use crate::{
    Cli, Target, access, checks,
    deployer::{Addresses, Deployer, stages},
    local::LocalCloud,
    step, user,
};

/// How long the deployer is left in a stage before it is killed: at once, and in the middle of the work.
const KILL_AFTER: [Duration; 2] = [Duration::ZERO, Duration::from_millis(120)];

/// How many survey rows the training job gets: enough for the workshop's answer, few enough to be quick.
const TRAINING_ROWS: &str = "20000";

/// A cold start fetches and unpacks it: it must stay below this.
const MAX_ZIP_BYTES: u64 = 2_000_000;

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

/// Goes the whole way.
///
/// # Errors
/// At the first step that fails; what was deployed is removed all the same.
pub async fn run(cli: &Cli) -> Result<Counts> {
    ensure!(cli.package.len() == 2 && cli.table.len() == 2, "two packages and their two tables are needed");
    let log = cli.work.join("deployer.log");
    let _ = std::fs::remove_file(&log);
    match cli.target {
        Target::Local => {
            let state = cli.work.join("local-cloud");
            let start = LocalCloud::start(&cli.localcloud, &cli.python, &state);
            let cloud = step("the local cloud starts", start).await?;
            let user = user::deployer(cloud.variables()?);
            let variables = step("an IAM user gets the policy that is printed for who deploys", user).await?;
            let denied = user::anything_else_is_denied(&variables);
            step("IAM denies the user everything else", denied).await?;
            let deployer = Deployer::new(&cli.deployer, variables, log);
            let mut journey = Journey { cli, deployer, cloud: Some(cloud), counts: Counts::default() };
            journey.counts.passed += 3;
            let gone = journey.go().await;
            if gone.is_err() {
                let _ = outln!(
                    "          what the deployer printed: {}",
                    cli.work.join("deployer.log").display()
                );
            }
            let Journey { cloud, mut counts, .. } = journey;
            let ended = async { cloud.context("the local cloud is gone")?.stop().await };
            let ended = step("the local cloud ends and leaves no process behind", ended).await;
            gone?;
            ended?;
            counts.passed += 1;
            Ok(counts)
        }
        Target::Aws => {
            agree(cli)?;
            let deployer = Deployer::new(&cli.deployer, std::collections::BTreeMap::new(), log);
            let mut journey = Journey { cli, deployer, cloud: None, counts: Counts::default() };
            let gone = journey.go().await;
            if gone.is_err() {
                // Nothing may go on costing money because a test failed.
                journey.step("destroy after the failure", async |journey| journey.destroy().await).await?;
            }
            gone?;
            Ok(journey.counts)
        }
    }
}

/// A real account is touched only by who says so.
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
struct Journey<'a> {
    cli: &'a Cli,
    deployer: Deployer,
    cloud: Option<LocalCloud>,
    counts: Counts,
}

impl Journey<'_> {
    async fn step<T>(&mut self, what: &str, work: impl AsyncFnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = step(what, work(self)).await?;
        self.counts.passed += 1;
        Ok(done)
    }

    /// A step that only the local cloud allows; said, not passed over in silence.
    async fn local_step(
        &mut self,
        what: &str,
        work: impl AsyncFnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if self.cloud.is_none() {
            outln!("skipped           {what}: only the local cloud can be treated like this")?;
            self.counts.skipped += 1;
            return Ok(());
        }
        self.step(what, work).await
    }

    async fn go(&mut self) -> Result<()> {
        let differences = checks::differences(&self.cli.table[0], &self.cli.table[1])?;
        ensure!(differences > 0, "the two models agree on every entry that is asked: nothing could be told");
        self.step("the packages are whole, the function's zip is small", async |journey| {
            for package in &journey.cli.package {
                let (zip, _) = Package::open(package)?.lambda_zip();
                let size_bytes = std::fs::metadata(zip)?.len();
                ensure!(
                    size_bytes < MAX_ZIP_BYTES,
                    "it has {size_bytes} bytes; {MAX_ZIP_BYTES} are too many"
                );
            }
            Ok(())
        })
        .await?;
        self.local_step(
            "web pages, foreign hosts and wrong signatures are refused on every port",
            async |journey| {
                let cloud = journey.cloud.as_ref().context("no local cloud")?;
                access::foreign_requests_are_refused(&cloud.variables()?).await
            },
        )
        .await?;
        self.step("a plan changes nothing", async |journey| {
            let package = journey.package(0);
            journey
                .deployer
                .run(&["deploy", "--dry-run", "--backend", "endpoint", "--package", &package])
                .await?;
            journey.nothing_is_left().await
        })
        .await?;
        let endpoint = ["--backend", "endpoint", "--hosting", "instance"];
        let (addresses, printed) = self
            .step("deploy, with an endpoint behind the function", async |journey| {
                journey.deployer.deploy(&journey.cli.package[0], &endpoint).await
            })
            .await?;
        let stages = stages(&printed);
        ensure!(stages.len() > 3, "the deployer announces no stages:\n{printed}");
        let api = Api::new(&addresses.api)?;
        self.what_must_hold(&addresses, &api).await?;
        self.changes(&endpoint, &api).await?;
        self.backends(&api).await?;
        self.step("destroy", async |journey| journey.destroy().await).await?;
        self.step("destroy again: there is nothing to do", async |journey| journey.destroy().await).await?;
        self.kills(&endpoint, &stages).await
    }

    /// What a fresh deployment must do.
    async fn what_must_hold(&mut self, addresses: &Addresses, api: &Api) -> Result<()> {
        self.step("the workshop's curl", async |_| checks::workshops_curl(api).await).await?;
        self.step("OPTIONS, to the letter", async |_| checks::preflight(api, &addresses.site).await).await?;
        self.local_step("web pages and wrong signatures are refused once there is a site", async |journey| {
            let cloud = journey.cloud.as_ref().context("no local cloud")?;
            access::foreign_requests_are_refused(&cloud.variables()?).await
        })
        .await?;
        self.local_step("functions have nothing of the developer's environment", async |journey| {
            let cloud = journey.cloud.as_ref().context("no local cloud")?;
            access::environments_are_clean(cloud.id().context("it has ended")?, &cloud.variables()?)
        })
        .await?;
        self.step("every bad request is refused, through gateway and function", async |_| {
            checks::bad_requests(api).await.map(drop)
        })
        .await?;
        self.step("the API answers as the model does", async |journey| {
            checks::answers_of(api, &journey.cli.table[0]).await.map(drop)
        })
        .await?;
        self.step("the site in a browser, questionnaire to profile", async |journey| {
            checks::visit(journey.cli, addresses).await
        })
        .await?;
        self.step("status, outputs and logs", async |journey| {
            for command in ["status", "outputs", "logs"] {
                let printed = journey.deployer.run(&[command]).await?;
                ensure!(!printed.trim().is_empty(), "{command} prints nothing");
            }
            Ok(())
        })
        .await
    }

    /// Deploying again: the same, another model, a broken endpoint.
    async fn changes(&mut self, endpoint: &[&str], api: &Api) -> Result<()> {
        self.step("deploy again without a change: nothing is done", async |journey| {
            let (_, printed) = journey.deployer.deploy(&journey.cli.package[0], endpoint).await?;
            for stack in mysfits_infra::Stack::ALL {
                let expected = format!("{}: no changes", stack.name());
                ensure!(printed.lines().any(|line| line == expected), "no line {expected:?}:\n{printed}");
            }
            ensure!(printed.lines().any(|line| line.starts_with("0 of ")), "files were uploaded:\n{printed}");
            Ok(())
        })
        .await?;
        self.local_step("the endpoint is killed: 503, until it is back", async |journey| {
            journey.chaos("kill-endpoint").await?;
            checks::unavailable(api).await?;
            journey.chaos("revive-endpoint").await?;
            checks::workshops_curl(api).await
        })
        .await?;
        self.local_step(
            "the endpoint is removed behind the stack's back; deployed again, it is there",
            async |journey| {
                journey.remove_endpoint().await?;
                checks::unavailable(api).await?;
                journey.deployer.deploy(&journey.cli.package[0], endpoint).await?;
                checks::workshops_curl(api).await
            },
        )
        .await?;
        self.step("deploy another model: the answers follow", async |journey| {
            journey.deployer.deploy(&journey.cli.package[1], endpoint).await?;
            checks::answers_of(api, &journey.cli.table[1]).await.map(drop)
        })
        .await
    }

    /// The other two backends.
    async fn backends(&mut self, api: &Api) -> Result<()> {
        let fallback = ["--backend", "fallback", "--hosting", "instance"];
        self.step("deploy with a fallback: the endpoint answers", async |journey| {
            journey.deployer.deploy(&journey.cli.package[0], &fallback).await?;
            ensure!(!checks::is_fallback(api).await?, "the table answers although the endpoint is there");
            checks::answers_of(api, &journey.cli.table[0]).await.map(drop)
        })
        .await?;
        self.step("a plan for another hosting says what that means", async |journey| {
            let package = journey.package(0);
            let mut arguments = vec!["deploy", "--dry-run", "--allow-replace", "--package", &package];
            arguments.extend(["--backend", "fallback", "--hosting", "serverless"]);
            let printed = journey.deployer.run(&arguments).await?;
            ensure!(printed.contains("the hosting changes"), "it says nothing:\n{printed}");
            Ok(())
        })
        .await?;
        self.local_step("the endpoint is killed: the table answers, and says so", async |journey| {
            journey.chaos("kill-endpoint").await?;
            ensure!(checks::is_fallback(api).await?, "the answer does not say who gave it");
            journey.chaos("revive-endpoint").await
        })
        .await?;
        self.step("deploy without an endpoint: the table in the function answers", async |journey| {
            journey.deployer.deploy(&journey.cli.package[1], &["--backend", "embedded"]).await?;
            checks::answers_of(api, &journey.cli.table[1]).await.map(drop)
        })
        .await?;
        let trained =
            ["--backend", "endpoint", "--hosting", "serverless", "--ttl", "1h", "--train", "sagemaker"];
        self.step(
            "a training job makes the model, a serverless endpoint with an end serves it",
            async |journey| {
                let options = [&trained[..], &["--rows", TRAINING_ROWS]].concat();
                let (_, printed) = journey.deployer.deploy(&journey.cli.package[1], &options).await?;
                ensure!(printed.contains("accuracy"), "the job's accuracy is not told:\n{printed}");
                // The package's own model has nothing to do with the answers: this one must be the job's.
                checks::workshops_curl(api).await
            },
        )
        .await
    }

    /// Deploy and destroy, killed in each of their stages, converge when they are repeated.
    async fn kills(&mut self, endpoint: &[&str], stages: &[String]) -> Result<()> {
        let package = self.package(0);
        let mut arguments = vec!["deploy", "--yes", "--package", &package];
        arguments.extend(endpoint);
        self.local_step("deploy is killed in each stage, twice; repeated, it converges", async |journey| {
            for stage in stages {
                for after in KILL_AFTER {
                    journey.deployer.kill_in(stage, after, &arguments).await?;
                }
            }
            let (addresses, _) = journey.deployer.deploy(Path::new(&package), endpoint).await?;
            checks::workshops_curl(&Api::new(&addresses.api)?).await
        })
        .await?;
        self.local_step("what is somebody else's stays", async |journey| journey.foreign_bucket(true).await)
            .await?;
        self.local_step("destroy is killed in each stage; repeated, it converges", async |journey| {
            let printed = journey.deployer.run(&["destroy", "--dry-run"]).await?;
            for stage in self::stages(&printed) {
                journey.deployer.kill_in(&stage, KILL_AFTER[1], &["destroy", "--yes"]).await?;
            }
            journey.deployer.run(&["destroy", "--yes"]).await?;
            journey.foreign_bucket(false).await?;
            journey.nothing_is_left().await
        })
        .await
    }

    async fn destroy(&mut self) -> Result<()> {
        self.deployer.run(&["destroy", "--yes"]).await?;
        self.nothing_is_left().await
    }

    /// Asks the emulators themselves; in a real account, the deployer's own search is the only one there is.
    async fn nothing_is_left(&mut self) -> Result<()> {
        if let Some(cloud) = &self.cloud {
            let left = cloud.leftovers().await?;
            ensure!(left.is_empty(), "there is left:\n    {}", left.join("\n    "));
        }
        Ok(())
    }

    /// Makes a bucket whose name looks like ours and which the deployer did not make; or checks that it is still there,
    /// and removes it.
    async fn foreign_bucket(&mut self, make: bool) -> Result<()> {
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

    async fn chaos(&mut self, what: &str) -> Result<()> {
        let name = self.endpoint_name().await?;
        self.cloud.as_ref().context("no local cloud")?.chaos(what, &name).await
    }

    /// Removes the endpoint as a person in the console would, or the schedule of `--ttl`.
    async fn remove_endpoint(&mut self) -> Result<()> {
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

    fn package(&self, number: usize) -> String {
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
