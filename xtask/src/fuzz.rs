//! `fuzz`: fuzz testing of every decoder and reader of `mysfits-sagemaker`, of HTTP requests and of Lambda events.
//!
//! Needs a nightly compiler (by rustup) and cargo-fuzz, which it installs into `target/tools` if it is not there. New
//! inputs go to `target/fuzz-corpus`, those that fail to `target/fuzz-failures`. Every run starts with the committed corpus.
//!
//! `cargo test` replays the committed corpus through the same functions (`tests/fuzz-targets`), without a nightly compiler.

use std::{
    env, fs,
    path::PathBuf,
    process::Stdio,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context as _, Result, ensure};
use clap::builder::PossibleValuesParser;
use mysfits_output::errln;
use mysfits_process::LogFile;

use crate::{
    process::{output, program, run as run_program, step, without_toolchain},
    workspace,
};

/// Fuzz decoders, readers, HTTP requests and Lambda events; without a target, all of them in turn
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these
    #[arg(value_name = "TARGET", value_parser = PossibleValuesParser::new(TARGETS.map(|target| target.name)))]
    targets: Vec<String>,
    /// How long each runs
    #[arg(long, value_name = "N", default_value_t = 600)]
    seconds: u32,
    /// How many run at once
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
}

/// A fuzz target: a file in `tests/fuzz-targets/fuzz/fuzz_targets`, which calls the function of that name in
/// `tests/fuzz-targets`.
struct FuzzTarget {
    name: &'static str,
    /// The file in `tests/fuzz-targets/fuzz/dictionaries`.
    dictionary: &'static str,
    /// The longest input, in bytes.
    max_len: u32,
    /// The most that may be allocated at once, in MiB: for what cannot be sparse little more than the harness itself
    /// needs, for the rest the limit of sparse samples.
    malloc_limit: u32,
}

const TARGETS: [FuzzTarget; 16] = [
    FuzzTarget { name: "csv", dictionary: "csv", max_len: 4096, malloc_limit: 4 },
    FuzzTarget { name: "json", dictionary: "json", max_len: 4096, malloc_limit: 65 },
    FuzzTarget { name: "jsonlines", dictionary: "json", max_len: 4096, malloc_limit: 65 },
    FuzzTarget { name: "recordio", dictionary: "recordio", max_len: 4096, malloc_limit: 65 },
    FuzzTarget { name: "manifest", dictionary: "json", max_len: 4096, malloc_limit: 4 },
    FuzzTarget { name: "media_type", dictionary: "media_type", max_len: 1024, malloc_limit: 4 },
    FuzzTarget { name: "json_path", dictionary: "json_path", max_len: 1024, malloc_limit: 65 },
    FuzzTarget { name: "transform_object", dictionary: "json_path", max_len: 4096, malloc_limit: 65 },
    FuzzTarget { name: "training_csv", dictionary: "csv", max_len: 4096, malloc_limit: 4 },
    FuzzTarget { name: "training_recordio", dictionary: "recordio", max_len: 4096, malloc_limit: 65 },
    FuzzTarget { name: "artifact_files", dictionary: "artifact", max_len: 16384, malloc_limit: 65 },
    FuzzTarget { name: "artifact_labels", dictionary: "npy", max_len: 4096, malloc_limit: 4 },
    FuzzTarget { name: "artifact_archive", dictionary: "artifact", max_len: 16384, malloc_limit: 65 },
    FuzzTarget { name: "http_request", dictionary: "http_request", max_len: 4096, malloc_limit: 65 },
    FuzzTarget { name: "event_stream", dictionary: "recordio", max_len: 4096, malloc_limit: 65 },
    FuzzTarget { name: "lambda_event", dictionary: "lambda_event", max_len: 4096, malloc_limit: 4 },
];

/// How much of the log of a failed target is shown, in bytes.
const SHOWN_BYTES: u64 = 4000;
/// The version of cargo-fuzz that is installed if it is missing.
const CARGO_FUZZ: &str = "0.13.2";
pub fn run(args: &Args) -> Result<()> {
    let nightly = Nightly::find()?;
    let is_wanted =
        |target: &&FuzzTarget| args.targets.is_empty() || args.targets.iter().any(|name| name == target.name);
    let targets: Vec<&FuzzTarget> = TARGETS.iter().filter(is_wanted).collect();
    step("build the fuzz targets", || nightly.build())?;
    step("fuzz", || nightly.fuzz(&targets, args.seconds, args.jobs))
}

/// Returns whether there is a nightly compiler.
pub fn has_nightly() -> bool {
    Nightly::find().is_ok()
}

/// Fuzzes every target for a number of seconds, on all cores.
pub fn all(seconds: u32) -> Result<()> {
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    run(&Args { targets: Vec::new(), seconds, jobs })
}

/// A nightly compiler, and the machine that it compiles for.
struct Nightly {
    host: String,
}

impl Nightly {
    fn find() -> Result<Self> {
        let version =
            output(without_toolchain(&mut program("rustc")).args(["+nightly", "--version", "--verbose"]));
        let host =
            version.as_deref().and_then(|text| text.lines().find_map(|line| line.strip_prefix("host: ")));
        let remedy = "fuzzing needs a nightly compiler: rustup toolchain install nightly --profile minimal";
        Ok(Self { host: host.context(remedy)?.to_owned() })
    }

    fn build(&self) -> Result<()> {
        ensure_cargo_fuzz()?;
        let mut build = program("cargo");
        without_toolchain(&mut build).args(["+nightly", "fuzz", "build", "--target", &self.host]);
        build.arg("--fuzz-dir").arg(folder()).arg("--target-dir").arg(target_dir());
        run_program(build.env("PATH", path_with_tools()?))
    }

    /// Runs targets, so many at once, and shows what each came to.
    fn fuzz(&self, targets: &[&FuzzTarget], seconds: u32, jobs: usize) -> Result<()> {
        let queue = Mutex::new(targets.iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        errln!("{:<20} {:>12} {:>10} {:>10}", "target", "executions", "coverage", "features");
        let work = || {
            let mut failures = Vec::new();
            while let Some(target) = next() {
                match self.fuzz_one(target, seconds) {
                    Ok(figures) => errln!("{:<20} {figures}", target.name),
                    Err(error) => {
                        errln!("{:<20} FAILED", target.name);
                        failures.push(format!("{error:#}"));
                    }
                }
            }
            failures
        };
        let failures: Vec<String> = thread::scope(|scope| {
            let workers: Vec<_> =
                (0..jobs.clamp(1, targets.len().max(1))).map(|_| scope.spawn(work)).collect();
            let ended = workers.into_iter().map(thread::ScopedJoinHandle::join);
            ended.flat_map(|ended| ended.unwrap_or_else(|_| vec!["a thread panicked".to_owned()])).collect()
        });
        ensure!(failures.is_empty(), "{}", failures.join("\n\n"));
        Ok(())
    }

    fn fuzz_one(&self, target: &FuzzTarget, seconds: u32) -> Result<String> {
        let folder = |name: &str| workspace::target().join(name).join(target.name);
        let (found, failures) = (folder("fuzz-corpus"), folder("fuzz-failures"));
        fs::create_dir_all(&found)?;
        fs::create_dir_all(&failures)?;
        let log = LogFile::create(folder("fuzz-logs").with_extension("log"))?;
        let mut fuzz = program(target_dir().join(&self.host).join("release").join(target.name));
        // What was freed is kept aside for a while, to catch its use: here only for so long that the limit of memory
        // counts what is in use.
        fuzz.env("ASAN_OPTIONS", "quarantine_size_mb=8:detect_leaks=0:allocator_may_return_null=0")
            .arg(format!("-max_total_time={seconds}"))
            .args(["-timeout=5", "-rss_limit_mb=512", "-print_final_stats=1"])
            .arg(format!("-max_len={}", target.max_len))
            .arg(format!("-malloc_limit_mb={}", target.malloc_limit))
            .arg(format!("-dict={}", dictionary(target).display()))
            .arg(format!("-artifact_prefix={}/", failures.display()))
            .arg(found)
            .arg(corpus(target));
        let status = fuzz.stdin(Stdio::null()).stdout(log.stdio()?).stderr(log.stdio()?).status()?;
        ensure!(
            status.success(),
            "the fuzz target {} failed ({status}); the input is in {}; the log, {}, ends with:\n{}",
            target.name,
            failures.display(),
            log.path().display(),
            log.tail(SHOWN_BYTES)?
        );
        Ok(figures(&log.text()?))
    }
}

/// How many inputs were run, and how much code and how many features they reached.
fn figures(log: &str) -> String {
    let number = |line: &str, word: &str| -> Option<String> {
        line.split_whitespace().skip_while(|found| *found != word).nth(1).map(str::to_owned)
    };
    let last = |word: &str| log.lines().rev().find_map(|line| number(line, word)).unwrap_or_default();
    let executions = last("stat::number_of_executed_units:");
    format!("{executions:>12} {:>10} {:>10}", last("cov:"), last("ft:"))
}

fn ensure_cargo_fuzz() -> Result<()> {
    let path = path_with_tools()?;
    let version = output(
        without_toolchain(&mut program("cargo")).args(["+nightly", "fuzz", "--version"]).env("PATH", path),
    );
    if version.is_some() {
        return Ok(());
    }
    let mut install = program("cargo");
    without_toolchain(&mut install)
        .args(["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ, "--root"])
        .arg(tools());
    step(&format!("install cargo-fuzz {CARGO_FUZZ}"), || run_program(&mut install))
}

fn path_with_tools() -> Result<std::ffi::OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(env::split_paths(&path).chain([tools().join("bin")]))?)
}

fn tools() -> PathBuf {
    workspace::target().join("tools")
}

fn target_dir() -> PathBuf {
    workspace::target().join("fuzz")
}

fn folder() -> PathBuf {
    workspace::root().join("tests/fuzz-targets/fuzz")
}

fn corpus(target: &FuzzTarget) -> PathBuf {
    folder().join("corpus").join(target.name)
}

fn dictionary(target: &FuzzTarget) -> PathBuf {
    folder().join("dictionaries").join(format!("{}.dict", target.dictionary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_there_with_its_dictionary_and_where_it_begins() {
        let declared = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        assert_eq!(declared.matches("[[bin]]").count(), TARGETS.len());
        for target in &TARGETS {
            assert!(
                declared.contains(&format!("path = \"fuzz_targets/{}.rs\"", target.name)),
                "{}",
                target.name
            );
            assert!(folder().join(format!("fuzz_targets/{}.rs", target.name)).is_file());
            assert!(dictionary(target).is_file(), "{}", target.dictionary);
            assert!(fs::read_dir(corpus(target)).unwrap().next().is_some(), "{}", target.name);
        }
    }

    #[test]
    fn figures_are_read_from_the_end_of_a_log() {
        let log = "#2 INITED cov: 10 ft: 11 corp: 1/1b\n#900 DONE cov: 20 ft: 31 corp: 5/9b\nstat::number_of_executed_units: 900\n";
        assert_eq!(figures(log).split_whitespace().collect::<Vec<_>>(), ["900", "20", "31"]);
    }
}
