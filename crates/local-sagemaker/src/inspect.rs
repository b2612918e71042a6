//! `inspect`: what a model artifact holds and which program wrote it.

use std::{fmt::Write as _, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use mysfits_knn::PredictorType;
use mysfits_sagemaker::artifact::{ArtifactDescription, ArtifactWriter};
use serde_json::{Value, json};

/// The artifact to inspect.
#[derive(Debug, Clone, Args)]
pub struct InspectArgs {
    /// The artifact: model.tar.gz, or the folder with its files
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl InspectArgs {
    /// Returns the description, as text or as JSON, with a line feed at the end.
    ///
    /// # Errors
    /// If the artifact is missing or damaged. A model that is whole but cannot be served is described.
    pub fn describe(&self) -> Result<String> {
        let artifact = ArtifactDescription::open(&self.model)
            .with_context(|| format!("cannot read the model {}", self.model.display()))?;
        Ok(if self.json { format!("{:#}\n", as_json(&artifact)) } else { as_text(&artifact) })
    }
}

/// Returns the name of the program.
const fn writer_name(writer: ArtifactWriter) -> &'static str {
    match writer {
        ArtifactWriter::LocalSageMaker => "local-sagemaker",
        ArtifactWriter::Container => "SageMaker's k-NN container",
        _ => "unknown",
    }
}

fn refusal(artifact: &ArtifactDescription) -> Option<String> {
    let mut causes = vec![];
    let mut cause = artifact.refusal.as_ref().map(|error| error as &dyn std::error::Error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    (!causes.is_empty()).then(|| causes.join(": "))
}

fn as_json(artifact: &ArtifactDescription) -> Value {
    let entries = artifact.entries.iter();
    let files: Vec<Value> =
        entries.map(|entry| json!({ "name": entry.name, "size_bytes": entry.size_bytes })).collect();
    json!({
        "k": artifact.k,
        "predictor_type": artifact.predictor_type.as_str(),
        "feature_dim": artifact.feature_dim,
        "n_samples": artifact.n_samples,
        "index": {
            "type": artifact.index_type,
            "metric": artifact.metric.as_str(),
            "dim": artifact.index_dim,
        },
        "labels": {
            "file": artifact.labels.file,
            "n_distinct": artifact.labels.n_distinct,
            "min": artifact.labels.min,
            "max": artifact.labels.max,
        },
        "dimension_reduction": artifact.dimension_reduction,
        "files": files,
        "n_other_files": artifact.n_other_entries,
        "written_by": { "program": writer_name(artifact.writer), "evidence": artifact.writer.evidence() },
        "can_be_served": artifact.refusal.is_none(),
        "refusal": refusal(artifact),
    })
}

fn as_text(artifact: &ArtifactDescription) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<20} {value}");
    };
    line("predictor_type", artifact.predictor_type.as_str().to_owned());
    line("k", artifact.k.to_string());
    line("feature_dim", artifact.feature_dim.map_or("unknown".to_owned(), |dim| dim.to_string()));
    line("rows", artifact.n_samples.to_string());
    line("index_type", format!("{}, rows of {} numbers", artifact.index_type, artifact.index_dim));
    line("index_metric", artifact.metric.as_str().to_owned());
    line("dimension_reduction", artifact.dimension_reduction.clone().unwrap_or_else(|| "none".to_owned()));
    let labels = &artifact.labels;
    let (kind, range) = (labels.n_distinct, format!("{} to {}", labels.min, labels.max));
    line(
        "labels",
        match artifact.predictor_type {
            PredictorType::Classifier => {
                format!("{kind} {}, {range}", if kind == 1 { "class" } else { "classes" })
            }
            PredictorType::Regressor => format!("{kind} different values, {range}"),
        },
    );
    for entry in &artifact.entries {
        let is_read = if entry.name == labels.file { " (these labels are read)" } else { "" };
        line("file", format!("{}, {} bytes{is_read}", entry.name, entry.size_bytes));
    }
    if artifact.n_other_entries > 0 {
        line("other files", format!("{}, ignored", artifact.n_other_entries));
    }
    let writer = artifact.writer;
    line("written by", format!("{}: {}", writer_name(writer), writer.evidence()));
    line("can be served", refusal(artifact).map_or("yes".to_owned(), |refusal| format!("no: {refusal}")));
    text
}
