//! `/invocations` of the release binary, against a reference server in Python.

mod dense;
pub(crate) mod idle;
mod process;
mod workload;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use mysfits_knn::Model;
use tokio::runtime::Runtime;

use self::workload::{Workload, WorkloadSamples};
pub(crate) use self::{
    dense::measure as measure_dense,
    process::EndpointServer,
    workload::{WorkloadFormat, WorkloadRows},
};
use crate::{
    Effort,
    figures::{Figures, Unit},
    http::client::{self, HttpExchange, Load},
    inputs::Inputs,
    report::ReportSection,
};

/// Load that is not counted, before that which is.
const WARM_UP: Duration = Duration::from_millis(300);

/// How long the client lets answers come in before it looks at them, as network cards do. It is part of the latencies.
const COALESCE: Duration = Duration::from_micros(100);

/// What the rows of requests to the survey's model are.
const SURVEY_ROWS: &str = "*Entries* are random ones, whole numbers as the page sends them; *all different* are rows of random \
     numbers from 1 to 8, of which no two are equal, so that answering equal rows once gains nothing.";

/// Where the programs are.
pub(crate) struct EndpointPrograms {
    /// Our release binary.
    pub(crate) server: PathBuf,
    /// A Python interpreter with the packages of requirements-reference.txt.
    pub(crate) reference_python: PathBuf,
    /// The reference server.
    pub(crate) reference_script: PathBuf,
}

impl EndpointPrograms {
    /// Returns what the reference server is made of, with versions.
    pub(crate) fn reference_versions(&self) -> Result<String> {
        let mut command = Command::new(&self.reference_python);
        let output = command.arg(&self.reference_script).arg("--versions").output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn reference(&self, model_folder: &Path, crew: Crew) -> Result<EndpointServer> {
        let program = (self.reference_python.as_path(), self.reference_script.as_path());
        EndpointServer::reference(program, model_folder, crew.n_workers, crew.n_threads)
    }
}

/// How the reference is to use the cores.
#[derive(Debug, Clone, Copy)]
struct Crew {
    n_workers: usize,
    /// Threads of faiss in each worker.
    n_threads: usize,
}

/// What a server did in a repetition.
struct Measured {
    load: Load,
    /// Of all its processes, whatever the client used.
    processor_seconds: f64,
}

/// The model that both servers serve.
struct BenchModel {
    model: Arc<Model>,
    /// The artifact, packed or a folder.
    artifact: PathBuf,
    /// The artifact's folder.
    folder: PathBuf,
}

/// Requests of a size, and what is demanded of them.
struct Size {
    title: &'static str,
    n_rows: usize,
    /// How many connections are kept alive, each with one request under way.
    n_connections: usize,
    workloads: Vec<WorkloadSamples>,
    /// What the rows are; Markdown.
    rows: &'static str,
    /// What is tried; the reference then runs as is best for it.
    crews: [Crew; 2],
    /// How many times as long the reference is under load, which answers few of the large requests in the time.
    their_patience: u32,
    bar: f64,
}

pub(crate) fn measure(
    inputs: &Inputs,
    programs: &EndpointPrograms,
    effort: Effort,
) -> Result<Vec<ReportSection>> {
    let n_cores = n_cores();
    let draw = |n_samples, kinds: [(WorkloadFormat, WorkloadRows); 3]| {
        let workload = |(format, rows): (WorkloadFormat, WorkloadRows)| {
            let samples = rows.draw(inputs, n_samples);
            WorkloadSamples { format, describe: rows.describe(), samples }
        };
        kinds.map(workload).into()
    };
    let one_row = Size {
        title: "SageMaker endpoint, one row a request",
        n_rows: 1,
        n_connections: 64,
        workloads: draw(
            4096,
            [
                (WorkloadFormat::Csv, WorkloadRows::Entries),
                (WorkloadFormat::JsonLines, WorkloadRows::Entries),
                (WorkloadFormat::Csv, WorkloadRows::Reals),
            ],
        ),
        rows: SURVEY_ROWS,
        // Several threads for one search are slower than one, and break ties otherwise.
        crews: [1, n_cores].map(|n_workers| Crew { n_workers, n_threads: 1 }),
        their_patience: 1,
        // The ratio depends on the processor: 33 on an Intel Xeon, 20 on an AMD EPYC, where Python is faster.
        bar: 15.0,
    };
    let batches = Size {
        title: "SageMaker endpoint, 1,000 rows a request",
        n_rows: 1000,
        // Several for each core, so that chance seldom gives all to one of the reference's workers.
        n_connections: 8,
        workloads: draw(
            32_000,
            [
                (WorkloadFormat::Csv, WorkloadRows::Entries),
                (WorkloadFormat::Csv, WorkloadRows::Reals),
                (WorkloadFormat::Json, WorkloadRows::Reals),
            ],
        ),
        rows: SURVEY_ROWS,
        crews: [Crew { n_workers: 1, n_threads: n_cores }, Crew { n_workers: n_cores, n_threads: 1 }],
        their_patience: 2,
        bar: 20.0,
    };
    let model = BenchModel {
        model: Arc::clone(&inputs.model),
        artifact: inputs.artifact(),
        folder: inputs.unpacked_artifact(),
    };
    Ok(vec![
        one_row.measure(&model, programs, effort)?,
        batches.measure(&model, programs, effort)?,
        idle::measure(inputs, programs, &model.folder, effort)?,
    ])
}

fn n_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

impl Size {
    fn measure(
        &self,
        model: &BenchModel,
        programs: &EndpointPrograms,
        effort: Effort,
    ) -> Result<ReportSection> {
        // One thread keeps as many connections busy as several would. Before it waits for answers it lets some come in:
        // a server that wakes it for each one pays for that, which it would not if the client were another machine.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_park(|| thread::sleep(COALESCE))
            .build()?;
        let ours = EndpointServer::ours(&programs.server, &model.artifact)?;
        let (crew, reference, workloads) = self.prepare(model, programs, &runtime, ours.address(), effort)?;

        let length = Duration::from_millis(effort.load_ms);
        let mut loads: Vec<[Vec<Measured>; 2]> = workloads.iter().map(|_| Default::default()).collect();
        for _ in 0..effort.repetitions {
            for (workload, [our_loads, their_loads]) in workloads.iter().zip(&mut loads) {
                our_loads.push(self.load(&runtime, &ours, &workload.ours, length)?);
                let length = length * self.their_patience;
                their_loads.push(self.load(&runtime, &reference, &workload.theirs, length)?);
            }
        }
        ours.stop()?;
        reference.stop()?;
        Ok(self.section(crew, &workloads, &loads))
    }

    /// Puts a server under load after a warm-up.
    fn load(
        &self,
        runtime: &Runtime,
        server: &EndpointServer,
        exchanges: &[HttpExchange],
        length: Duration,
    ) -> Result<Measured> {
        let run =
            |length| runtime.block_on(client::load(server.address(), exchanges, self.n_connections, length));
        run(WARM_UP)?;
        let before = server.processor_seconds()?;
        let load = run(length)?;
        Ok(Measured { load, processor_seconds: server.processor_seconds()? - before })
    }

    /// Makes the requests, and the reference as is best for it: tried on the last workload, the hardest one.
    fn prepare(
        &self,
        model: &BenchModel,
        programs: &EndpointPrograms,
        runtime: &Runtime,
        ours: SocketAddr,
        effort: Effort,
    ) -> Result<(Crew, EndpointServer, Vec<Workload>)> {
        let mut best: Option<(f64, Crew, EndpointServer)> = None;
        let mut workloads = Vec::new();
        for crew in self.crews {
            let server = programs.reference(&model.folder, crew)?;
            if workloads.is_empty() {
                for samples in &self.workloads {
                    let prepared =
                        Workload::prepare(&model.model, samples, self.n_rows, ours, server.address());
                    workloads.push(runtime.block_on(prepared)?);
                }
            }
            let hardest = workloads.last().context("there are workloads")?;
            let length = Duration::from_millis(effort.load_ms) / 2 * self.their_patience;
            let load = self.load(runtime, &server, &hardest.theirs, length)?.load;
            ensure!(load.n_errors == 0, "the reference answers otherwise with {crew:?}");
            let rate = load.per_second();
            crate::progress(&format!("the reference with {crew:?}: {rate:.1} requests a second"));
            if best.as_ref().is_none_or(|(best_rate, ..)| rate > *best_rate) {
                best = Some((rate, crew, server));
            }
        }
        let (_, crew, server) = best.context("there are crews")?;
        Ok((crew, server, workloads))
    }

    fn section(&self, crew: Crew, workloads: &[Workload], loads: &[[Vec<Measured>; 2]]) -> ReportSection {
        let mut section = ReportSection::new(self.title, self.how(crew, workloads));
        let (mut ratios, mut tails, mut n_errors) = (Vec::new(), Vec::new(), [0, 0]);
        for (Workload { name, .. }, loads) in workloads.iter().zip(loads) {
            let figures =
                |who: usize, of: fn(&Measured) -> f64| Figures::new(loads[who].iter().map(of).collect());
            for (who, server) in ["ours", "reference"].into_iter().enumerate() {
                section.row(format!("{name}: {server}"), Unit::PerSecond, &figures(who, Measured::rate));
                let named = |what| format!("{name}: {server}, {what}");
                section.row(named("median latency"), Unit::Seconds, &figures(who, Measured::median));
                section.row(named("99th percentile"), Unit::Seconds, &figures(who, Measured::tail));
                section.row(named("processor time a request"), Unit::Seconds, &figures(who, Measured::cost));
                n_errors[who] += loads[who].iter().map(|measured| measured.load.n_errors).sum::<u64>();
            }
            let ratio = figures(0, Measured::rate).over(&figures(1, Measured::rate));
            section.row(format!("{name}: ours / reference"), Unit::Times, &ratio);
            ratios.push(ratio);
            tails.push(figures(0, Measured::tail).over(&figures(1, Measured::median)));
        }
        let by_median = |a: &&Figures, b: &&Figures| a.median().total_cmp(&b.median());
        if let Some(lowest) = ratios.iter().min_by(by_median) {
            section.at_least(
                "requests per second, of the reference's, at worst",
                Unit::Times,
                lowest,
                self.bar,
            );
        }
        if let Some(highest) = tails.iter().max_by(by_median) {
            section.below(
                "our 99th percentile, of the reference's median, at worst",
                Unit::Times,
                highest,
                1.0,
            );
        }
        section.none("errors of ours", n_errors[0]);
        section.none("errors of the reference", n_errors[1]);
        section
    }

    fn how(&self, crew: Crew, workloads: &[Workload]) -> String {
        let Self { n_rows, n_connections, rows: what_rows, .. } = self;
        let n_requests = workloads.first().map_or(0, |workload| workload.ours.len() + workload.n_left_out);
        let n_left_out: usize = workloads.iter().map(|workload| workload.n_left_out).sum();
        let Crew { n_workers, n_threads } = crew;
        let rows = if *n_rows == 1 { "row" } else { "rows" };
        format!(
            "`POST /invocations` over {n_connections} kept-alive connections on loopback, one request under way on \
             each, {n_requests} different requests of {n_rows} {rows}. Ours: the release binary, \
             `local-sagemaker serve --endpoint bench=MODEL`, everything as it is by default. Reference: \
             `xtask/python/reference_server.py`, FastAPI with uvicorn (uvloop, httptools), orjson, numpy and faiss-cpu, \
             on the same artifact, with as many workers ({n_workers}) and threads of faiss in each ({n_threads}) as was \
             best of what was tried. {what_rows} Before the load each request is sent to both once and their predictions compared \
             ({n_left_out} requests were left out because rounding moved a neighbour); under load the client checks \
             every byte of every answer. The client shares the cores with the servers, which brings the ratio nearer to \
             1 than it would be from another machine; the processor time is the server's alone. It looks at its \
             connections every {} µs, which is part of the latencies.",
            COALESCE.as_micros()
        )
    }
}

impl Measured {
    fn rate(&self) -> f64 {
        self.load.per_second()
    }

    fn median(&self) -> f64 {
        self.load.percentile(50)
    }

    fn tail(&self) -> f64 {
        self.load.percentile(99)
    }

    fn cost(&self) -> f64 {
        self.processor_seconds / self.load.n_answers() as f64
    }
}
