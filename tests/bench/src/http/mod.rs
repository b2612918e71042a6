//! `POST /recommendations` over HTTP, against a bare axum route that answers with a constant.

mod answer;
pub(crate) mod client;
pub(crate) mod server;

use std::time::Duration;

use anyhow::{Context as _, Result};
use mysfits_process::ServerProcess;
use serde_json::json;

use self::{
    client::{HttpExchange, Load},
    server::Served,
};
use crate::{
    Effort,
    figures::{Figures, Unit},
    inputs::{Inputs, K},
    report::ReportSection,
};

/// How many connections are kept alive, each with one request under way.
const N_CONNECTIONS: usize = 32;
/// How many different entries are asked for.
const N_ENTRIES: usize = 4096;
/// Load that is not counted, before that which is.
const WARM_UP: Duration = Duration::from_millis(300);

pub(crate) fn measure(inputs: &Inputs, effort: Effort) -> Result<ReportSection> {
    // Every answer is held against the inputs' own table.
    let model = inputs.artifact();

    let entries = || inputs.queries.iter().take(N_ENTRIES).copied();
    let answer = |entry| json!({ "recommendedMysfit": inputs.table.label(entry).mysfit().id }).to_string();
    // As curl sends it for `-d`, content type included.
    let post = |entry, answer: String| {
        let body = json!({ "entry": entry }).to_string();
        HttpExchange::post("/recommendations", "application/x-www-form-urlencoded", body.as_bytes(), answer)
    };
    let recommendations: Vec<HttpExchange> = entries().map(|entry| post(entry, answer(entry))).collect();
    // The same requests; the same answer to each, as long as ours.
    let constant = answer(inputs.queries[0]);
    let constants: Vec<HttpExchange> = entries().map(|entry| post(entry, constant.clone())).collect();

    let app = server::start(&Served::App { model })?;
    let bare = server::start(&Served::Bare { body: constant })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let length = Duration::from_millis(effort.load_ms);
    let run = |server: &ServerProcess, exchanges: &[HttpExchange]| -> Result<Load> {
        let address = server.url().parse().context("the server's address")?;
        runtime.block_on(async {
            client::load(address, exchanges, N_CONNECTIONS, WARM_UP).await?;
            client::load(address, exchanges, N_CONNECTIONS, length).await
        })
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        ours.push(run(&app, &recommendations)?);
        theirs.push(run(&bare, &constants)?);
    }
    app.stop()?;
    bare.stop()?;

    let rate = |loads: &[Load]| Figures::new(loads.iter().map(Load::per_second).collect());
    let percentile =
        |loads: &[Load], percent| Figures::new(loads.iter().map(|l| l.percentile(percent)).collect());
    let ratio = rate(&ours).over(&rate(&theirs));
    let mut section = ReportSection::new("Requests over HTTP", how());
    for (name, loads) in [("POST /recommendations", &ours), ("bare axum route", &theirs)] {
        section.row(name, Unit::PerSecond, &rate(loads));
        section.row(format!("{name}, median latency"), Unit::Seconds, &percentile(loads, 50));
        section.row(format!("{name}, 99th percentile"), Unit::Seconds, &percentile(loads, 99));
    }
    section.row("ours / bare axum", Unit::Times, &ratio);
    section.at_least("requests per second, of bare axum's", Unit::Times, &ratio, 0.5);
    section.none("errors of ours", ours.iter().map(|load| load.n_errors).sum());
    section.none("errors of bare axum", theirs.iter().map(|load| load.n_errors).sum());
    Ok(section)
}

fn how() -> String {
    format!(
        "{N_CONNECTIONS} kept-alive connections over loopback, one request under way on each, {N_ENTRIES} different \
         entries; our client checks the status and every byte of every body. Ours: the whole router of \
         `mysfits_server::app` (API, SageMaker routes, metrics, limits, logging at `info`; no site) with the embedded \
         decision table of the model with k {K}, served by `local_sagemaker::serve`. Peer: an axum router with one \
         route that does not read its request and answers with one constant of the same length, served by \
         `axum::serve`. Each is a process of its own with tokio's default threads; the client shares the cores with \
         them, which brings the ratio nearer to 1 than it would be from another machine."
    )
}
