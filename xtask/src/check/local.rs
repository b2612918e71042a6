//! The steps that need no server: tools, model, templates.

use std::path::Path;

use mysfits_data::{Distribution, Sample, Survey};
use mysfits_infra::Stack;
use serde_json::Value;

use super::{Findings, http};
use crate::{
    doctor::{self, ToolState},
    process::{output, program},
    server, workspace,
};

/// The endpoint that `cargo xtask dev` serves by default.
pub const ENDPOINT: &str = "knn-ml-m4-xlarge-mysfits";
/// The artifact that `cargo xtask train` writes by default.
const MODEL: &str = "target/model.tar.gz";
/// The share of the ceiling that a good model reaches; `cargo xtask test` asks the same of it.
const GOOD: f64 = 0.97;
/// The survey that a model is tested with: another seed's, of which no training has seen a row.
const UNSEEN_SEED: u64 = 2026;
const UNSEEN_ROWS: usize = 100_000;

/// This machine has what the commands need, or they can get it.
pub fn tools() -> Findings {
    let mut findings = Findings::default();
    for (name, state) in doctor::guide_tools() {
        match state {
            ToolState::Installed(found) => findings.ok(found),
            // What is installed by the first command that needs it is not missing.
            ToolState::OnDemand(found) => findings.ok(format!("{name}: {found}")),
            ToolState::Missing(remedy) => findings.missing(name, remedy),
        }
    }
    findings
}

/// Checks that the templates are up to date.
pub fn templates() -> Findings {
    let mut findings = Findings::default();
    let found = mysfits_infra::check(&workspace::root().join("infra/templates"))
        .map(|()| format!("{} templates in infra/templates are up to date", Stack::ALL.len()))
        .map_err(|_| "a template in infra/templates differs from its Rust source".to_owned());
    findings.note(found, "cargo xtask synth");
    findings
}

/// Checks that the model artifact is complete, and nearly as accurate as possible.
pub fn model(artifact: Option<&Path>) -> Findings {
    let mut findings = Findings::default();
    let remedy = "cargo xtask train";
    let path = artifact.map_or_else(|| workspace::root().join(MODEL), workspace::from_caller);
    let artifact = artifact.unwrap_or(Path::new(MODEL));
    let there = if path.is_file() {
        Ok(format!("{}: {}", artifact.display(), hyperparameters(&path)))
    } else {
        Err(format!("{} is not there", artifact.display()))
    };
    if !findings.note(there, remedy) {
        return findings;
    }
    let distribution = Distribution::from_prototypes();
    let good = accuracy(&path, &distribution).and_then(|accuracy| {
        // With the digits that `cargo xtask data describe` prints.
        let ceiling = (distribution.ceiling() * 1e4).round() / 1e4;
        let share = accuracy / ceiling;
        let text = format!(
            "accuracy {accuracy:.4} on a survey it has never seen: {share:.4} of the ceiling {ceiling:.4}"
        );
        if share >= GOOD { Ok(text) } else { Err(format!("{text}; {GOOD} would be good")) }
    });
    findings.note(good, remedy);
    findings
}

/// Returns a description of an artifact, from its metadata.
fn hyperparameters(artifact: &Path) -> String {
    let mut tar = program("tar");
    tar.args(["--extract", "--gzip", "--to-stdout", "--file"]).arg(artifact).arg("model_algo-1.json");
    let metadata = output(&mut tar).and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let metadata = metadata.unwrap_or_default();
    let questions = metadata["schema"]["features"].as_array().map_or(0, Vec::len);
    let predictor = metadata["predictor_type"].as_str().unwrap_or("?");
    format!("{predictor}, k {}, {questions} questions", metadata["k"])
}

/// Serves an artifact, asks its endpoint for a survey that it has never seen, and returns the share of right answers.
fn accuracy(artifact: &Path, distribution: &Distribution) -> Result<f64, String> {
    let samples: Vec<Sample> = Survey::new(distribution, UNSEEN_SEED).take(UNSEEN_ROWS).collect();
    let row = |sample: &Sample| sample.entry.features().map(|answer| answer.to_string()).join(",") + "\n";
    let features: String = samples.iter().map(row).collect();
    let executable = workspace::release("mysfits-server");
    if !executable.is_file() {
        return Err("the server that would test it is not built".to_owned());
    }
    let mut serve = program(executable);
    serve.args(["dev", "--port", "0", "--model"]).arg(artifact).env("RUST_LOG", "error");
    let server = server::spawn(&mut serve).map_err(|error| format!("it cannot be served: {error:#}"))?;
    let url = format!("{}/endpoints/{ENDPOINT}/invocations", server.url());
    let answer = http::post(&url, &["Content-Type: text/csv"], &features);
    server.stop().map_err(|error| format!("{error:#}"))?;

    let answer = answer?.json();
    let predictions = answer["predictions"].as_array().filter(|found| found.len() == samples.len());
    let predictions = predictions.ok_or("the endpoint does not answer every row")?;
    let is_right = |(prediction, sample): &(&Value, &Sample)| {
        prediction["predicted_label"].as_f64() == Some(sample.label.get().into())
    };
    Ok(predictions.iter().zip(&samples).filter(is_right).count() as f64 / UNSEEN_ROWS as f64)
}
