//! Startup time and memory of an idle server.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::Result;

use super::{Crew, EndpointPrograms, process::EndpointServer};
use crate::{
    Effort,
    figures::{Figures, Unit},
    inputs::Inputs,
    report::ReportSection,
};

/// How long a ready server is left idle before its memory is measured, for background work to finish.
const SETTLE: Duration = Duration::from_millis(500);

pub(super) fn measure(
    inputs: &Inputs,
    programs: &EndpointPrograms,
    model_folder: &Path,
    effort: Effort,
) -> Result<ReportSection> {
    let artifact = inputs.artifact();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        ours.push(look_at(EndpointServer::ours(&programs.server, &artifact)?)?);
        theirs.push(look_at(programs.reference(model_folder, Crew { n_workers: 1, n_threads: 1 })?)?);
    }
    let start = |looks: &[(f64, f64)]| Figures::new(looks.iter().map(|look| look.0).collect());
    let memory = |looks: &[(f64, f64)]| Figures::new(looks.iter().map(|look| look.1).collect());
    let mut section = ReportSection::new(
        "SageMaker endpoint, idle",
        "The same two servers without requests: from before the process is started to the first 200 of `/ping`, requested every \
         millisecond, files in the page cache; then, half a second later, the resident memory (`VmRSS`) of the process. \
         Ours unpacks `model.tar.gz` and builds its index in that time; the reference has one worker and reads the \
         artifact unpacked.",
    );
    for (who, looks) in [("ours", &ours), ("reference", &theirs)] {
        section.row(format!("{who}, start to ready"), Unit::Seconds, &start(looks));
        section.row(format!("{who}, resident memory"), Unit::Bytes, &memory(looks));
    }
    section.below("start to ready", Unit::Seconds, &start(&ours), 0.1);
    section.below("resident memory", Unit::Bytes, &memory(&ours), 30e6);
    Ok(section)
}

/// A server to start and to leave idle.
pub(crate) struct IdleServer {
    /// Without its port.
    pub(crate) command: Command,
    /// The path that responds with 200 when the server is ready.
    pub(crate) health: &'static str,
    /// Where its output goes.
    pub(crate) log: PathBuf,
}

/// Returns how long a server took to be ready, in seconds, and what it holds, in bytes.
pub(crate) fn observe(server: IdleServer) -> Result<(f64, f64)> {
    look_at(EndpointServer::start(server.command, server.health, &server.log)?)
}

/// Returns the same of a server that is ready.
fn look_at(server: EndpointServer) -> Result<(f64, f64)> {
    thread::sleep(SETTLE);
    let bytes = server.resident_bytes()?;
    let seconds = server.start_seconds();
    server.stop()?;
    Ok((seconds, bytes))
}
