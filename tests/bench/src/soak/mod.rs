//! The endpoint under a mixture of loads for minutes: does it make errors, does its memory grow?
//!
//! Not part of a whole run; `--only soak`.

mod clients;
mod memory;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::artifact::Artifact;
use ndarray::Array1;
use serde_json::Map;

use self::{clients::SoakClients, memory::MemoryCurve};
use crate::{
    endpoint::EndpointServer,
    figures::{Figures, Unit},
    inputs::Inputs,
    report::ReportSection,
};

/// The endpoints: one that must make no error, and one with injected faults.
const STEADY: &str = "steady";
const FAULTY: &str = "faulty";
/// The time for the server to notice that all clients have left.
const SETTLE: Duration = Duration::from_secs(2);
/// How often the steady endpoint's model is replaced.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// Measures for so many minutes. `server` is the release binary.
pub(crate) fn measure(inputs: &Inputs, server: &Path, minutes: f64) -> Result<ReportSection> {
    let models = [inputs.file("soak-a.tar.gz"), inputs.file("soak-b.tar.gz")];
    fs::copy(inputs.artifact(), &models[0])?;
    write_other_model(&inputs.model, &models[1])?;
    let current = inputs.file("soak.tar.gz");
    replace(&models[0], &current)?;

    let mut command = Command::new(server);
    command.arg("serve").arg("--endpoint").arg(endpoint(STEADY, &current));
    command.arg("--endpoint").arg(endpoint(FAULTY, &models[0]));
    command.args(["--fault", &format!("{FAULTY}=throttling=0.1,unavailable=0.1,model-error=0.1")]);
    let server = EndpointServer::start(command, "/ping", &inputs.file("soak.log"))?;
    let duration = Duration::from_secs_f64(minutes * 60.0);

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (clients, curve, left_in_flight) = runtime.block_on(async {
        let mut clients = SoakClients::start(server.address(), inputs)?;
        let reloads = tokio::spawn(reload(models, current));
        let curve = MemoryCurve::measure(&server, duration).await?;
        reloads.abort();
        clients.stop().await;
        tokio::time::sleep(SETTLE).await;
        let left_in_flight = clients.in_flight().await?;
        anyhow::Ok((clients, curve, left_in_flight))
    })?;
    server.stop()?;
    let csv = inputs.file("soak.csv");
    fs::write(&csv, curve.csv()).with_context(|| format!("cannot write {}", csv.display()))?;
    Ok(section(minutes, &clients, &curve, left_in_flight))
}

fn endpoint(name: &str, model: &Path) -> std::ffi::OsString {
    let mut endpoint = std::ffi::OsString::from(format!("{name}="));
    endpoint.push(model);
    endpoint
}

/// Writes a model that predicts other labels for the same samples: those of the first, shifted by 100.
fn write_other_model(model: &Model, path: &Path) -> Result<()> {
    let features = model.features().context("the model keeps its rows")?;
    let labels: Array1<f64> = model.labels().iter().map(|&label| label + clients::LABEL_SHIFT).collect();
    let parameters = Hyperparameters::classifier(model.hyperparameters().k()).check()?;
    let model = Model::train(Dataset::new(features, labels.view())?, &parameters)?;
    let mut file = std::io::BufWriter::new(fs::File::create(path)?);
    Artifact { model, extra: Map::new() }.write(&mut file)?;
    Ok(std::io::Write::flush(&mut file)?)
}

/// Replaces a file by a copy of another, in one step.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let copy = to.with_extension("new");
    fs::copy(from, &copy)?;
    fs::rename(&copy, to).with_context(|| format!("cannot write {}", to.display()))
}

/// Serves the two models by turns, for ever.
async fn reload(models: [PathBuf; 2], current: PathBuf) -> Result<()> {
    for model in models.iter().cycle().skip(1) {
        tokio::time::sleep(RELOAD_INTERVAL).await;
        replace(model, &current)?;
    }
    Ok(())
}

fn section(minutes: f64, clients: &SoakClients, curve: &MemoryCurve, left_in_flight: u64) -> ReportSection {
    let mut section = ReportSection::new(
        "SageMaker endpoint, mixed load",
        format!(
            "`local-sagemaker serve` for {minutes} minutes with, at the same time: single rows and batches of 1,000 as CSV and JSON on \
             kept-alive connections, every answer checked; new connections for each request; verbose batches of 100,000 rows \
             that are read at 1 MB a second, or never; requests that are cut off in the middle, and clients that leave before \
             the answer; a second endpoint with injected faults, of which only those errors may come; the \
             first one's model replaced every {} s. Memory is the resident memory of the process, each second. Growth is the \
             median of the last tenth less the median of the tenth after the first minute (of a short run: after its first third).",
            RELOAD_INTERVAL.as_secs()
        ),
    );
    let figure = |number: f64| Figures::new(vec![number]);
    for (name, n_requests) in clients.requests() {
        section.row(name, Unit::Count, &figure(n_requests as f64));
    }
    section.row("resident memory", Unit::Bytes, &Figures::new(curve.resident_bytes()));
    section.chart(curve.chart());
    let growth = figure(curve.growth());
    section.below("growth of the memory", Unit::Bytes, &growth, curve.allowed_growth());
    section.none("errors that were not asked for", clients.errors());
    section.none("requests in flight at the end", left_in_flight);
    section
}
