//! Cold starts of the function: from before the process is started to its first answer, against the workshop's in Python.

mod cold_start;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use flate2::{Compression, write::DeflateEncoder};
use mysfits_domain::catalogue;
use mysfits_lambda_runtime::TlsProxy;
use mysfits_model::table_files;
use mysfits_sagemaker::LocalEndpoint;
use serde_json::{Value, json};

use self::cold_start::{ColdStart, ColdStartSetup};
use crate::{
    Effort,
    figures::{Figures, Unit},
    inputs::Inputs,
    report::ReportSection,
};

/// The endpoint's name.
const ENDPOINT: &str = "knn-bench";
/// Cold starts are quick and scatter: there are so many for each repetition.
const STARTS: usize = 3;

/// Where the programs are.
pub(crate) struct LambdaPrograms {
    /// Ours, built with the profile `lambda`.
    pub(crate) function: PathBuf,
    /// A Python interpreter with the packages of requirements-awslambda.txt.
    pub(crate) python: PathBuf,
    /// The folder with the function in Python.
    pub(crate) scripts: PathBuf,
}

pub(crate) fn measure(inputs: &Inputs, programs: &LambdaPrograms, effort: Effort) -> Result<ReportSection> {
    let entry = inputs.queries[0];
    let mysfit = inputs.table.label(entry).mysfit().id;
    let package = ColdStartSetup {
        folder: inputs.file("function"),
        event: event(&json!({ "entry": entry }).to_string()),
        expected: mysfit.as_str(),
    };
    table_files::write(&package.folder, &inputs.table)?;
    let local = LocalEndpoint::start(ENDPOINT, Arc::clone(&inputs.model))?;
    let tls = TlsProxy::start(local.address())?;
    let authority = inputs.file("authority.pem");
    fs::write(&authority, tls.authority())?;
    let authority = authority.display().to_string();

    let ids: Vec<_> = catalogue().iter().map(|mysfit| mysfit.id.as_str()).collect();
    let ids = json!(ids).to_string();
    let at = |url| [("ENDPOINT_NAME", ENDPOINT), ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)];
    let ours = |variables: &[(&str, &str)]| {
        package.start(Command::new(&programs.function), variables).context("the function")
    };
    let embedded = || ours(&[("BACKEND", "embedded")]);
    let http = || ours(&[&[("BACKEND", "endpoint")], &at(local.url())[..]].concat());
    let https = || {
        let trusted = [("BACKEND", "endpoint"), ("SSL_CERT_FILE", &authority)];
        ours(&[&trusted, &at(tls.url())[..]].concat())
    };
    let theirs = || {
        let variables = [&[("MYSFITS", ids.as_str())], &at(local.url())[..]].concat();
        package.start(programs.in_python()?, &variables).context("the function in Python")
    };

    // Once before it counts, so that all files are in the page cache.
    embedded()?;
    https()?;
    theirs()?;
    let mut starts: [Vec<ColdStart>; 4] = Default::default();
    for _ in 0..effort.repetitions * STARTS {
        for (starts, start) in
            starts.iter_mut().zip([&embedded as &dyn Fn() -> Result<ColdStart>, &http, &https, &theirs])
        {
            starts.push(start()?);
        }
    }
    Ok(section(&starts, zipped(&programs.function)?))
}

impl LambdaPrograms {
    /// The interpreter by its path in its environment, for by that it finds its packages; in the function's folder.
    fn in_python(&self) -> Result<Command> {
        let mut command = Command::new(std::path::absolute(&self.python)?);
        command.args(["-m", "awslambdaric", "recommendation_function.handler"]).current_dir(&self.scripts);
        Ok(command)
    }
}

fn section(starts: &[Vec<ColdStart>; 4], zipped: f64) -> ReportSection {
    let figures = |who: usize, of: fn(&ColdStart) -> f64| Figures::new(starts[who].iter().map(of).collect());
    let ready = |who| figures(who, |start| start.ready_seconds);
    let answered = |who| figures(who, |start| start.answered_seconds);
    let memory = |who| figures(who, |start| start.peak_bytes);
    let mut section = ReportSection::new(
        "Cold starts of the function",
        format!(
            "From before the process is started to its first answer, {STARTS} times in each repetition, by turns, files in \
             the page cache. The Runtime API is a stub on this machine, below the ports that the system hands out by \
             chance, with an id of its own for each event; a start counts if its calls were those of one function in \
             their order and its answer names the right mysfit. Ours: the binary of the profile `lambda`, with the \
             decision table, or asking an endpoint of this project in the measuring process over HTTP or HTTPS (an \
             authority of the run, in `SSL_CERT_FILE`). Theirs: the workshop's function, \
             `xtask/python/recommendation_function.py`, with `awslambdaric` and boto3, asking the same endpoint over \
             HTTP. Memory is the peak of what was resident (`VmHWM`) when the first answer was out."
        ),
    );
    let names = ["embedded", "endpoint", "endpoint, HTTPS", "Python"];
    for (who, name) in names.into_iter().enumerate() {
        section.row(format!("{name}: start to asking for an event"), Unit::Seconds, &ready(who));
        section.row(format!("{name}: start to first answer"), Unit::Seconds, &answered(who));
        section.row(format!("{name}: peak memory"), Unit::Bytes, &memory(who));
    }
    let ratio = |who| answered(3).over(&answered(who));
    section.row("Python / embedded, to first answer", Unit::Times, &ratio(0));
    section.row("Python / endpoint, to first answer", Unit::Times, &ratio(1));
    let added =
        starts[2].iter().zip(&starts[1]).map(|(https, http)| https.answered_seconds - http.answered_seconds);
    let added = Figures::new(added.collect());
    section.row("HTTPS adds to the first answer", Unit::Seconds, &added);
    section.row("the program, deflated", Unit::Bytes, &Figures::new(vec![zipped]));
    section.at_least("embedded, times as fast as Python", Unit::Times, &ratio(0), 50.0);
    section.at_least("endpoint, times as fast as Python", Unit::Times, &ratio(1), 20.0);
    let most = (0..3).map(|who| memory(who).max()).fold(0.0, f64::max);
    section.below("peak memory of ours, at worst", Unit::Bytes, &Figures::new(vec![most]), 16e6);
    section.below("HTTPS adds to the first answer", Unit::Seconds, &added, 0.01);
    section.below("the program, deflated", Unit::Bytes, &Figures::new(vec![zipped]), 2e6);
    section
}

/// Returns the size of the program in a zip, in bytes.
fn zipped(program: &Path) -> Result<f64> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut deflated, &bytes)?;
    Ok(deflated.finish()?.len() as f64)
}

/// Returns the gateway's event for the workshop's request.
fn event(body: &str) -> Value {
    json!({
        "resource": "/recommendations",
        "path": "/recommendations",
        "httpMethod": "POST",
        "headers": { "Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded", "User-Agent": "curl/8.5.0" },
        "multiValueHeaders": null,
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": { "stage": "prod", "httpMethod": "POST", "resourcePath": "/recommendations" },
        "body": body,
        "isBase64Encoded": false,
    })
}
