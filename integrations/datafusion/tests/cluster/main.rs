//! The program, in one process and on a cluster of a scheduler and two executors in processes of their own; the commands of
//! the README.
//!
//! `MYSFITS_SCALE_ROWS` sets the number of rows of the comparison, for measurements; by default, 200,000.

mod process;
mod readme;
#[path = "../support/mod.rs"]
mod support;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    process::{Cluster, knn_score},
    support::write_model,
};

const DEFAULT_ROWS: usize = 200_000;
/// In how many files and parts a table is read: many more than executors, so that each runs several.
const N_PARTS: usize = 16;

/// A folder with a table in `visits/` and a model.
struct Fixture {
    folder: TempDir,
    columns: String,
}

impl Fixture {
    fn new(n_rows: usize, dim: usize, model_rows: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_model(&folder.path().join("model.tar.gz"), model_rows, dim, 10);
        fs::create_dir(folder.path().join("visits")).unwrap();
        let types = ["REAL", "DOUBLE", "DECIMAL(6, 4)"];
        // Numbers from 1 to 8, of which few are equal.
        let column = |i: usize| {
            let factor = 48_271 + 2_310 * i;
            format!(
                "CAST(1 + (value * {factor} + value / 70001) % 70001 / 10000.0 AS {}) AS f{i}",
                types[i % types.len()]
            )
        };
        let columns: Vec<String> = (0..dim).map(column).collect();
        for part in 0..N_PARTS {
            let rows = |part: usize| n_rows * part / N_PARTS;
            let (first, last) = (rows(part) + 1, rows(part + 1));
            let file = folder.path().join(format!("visits/part-{part:02}.parquet"));
            let sql = format!(
                "COPY (SELECT value AS id, {} FROM generate_series({first}, {last})) TO '{}' STORED AS PARQUET",
                columns.join(", "),
                file.display()
            );
            run(knn_score().arg("sql").arg(sql).stdout(Stdio::null()));
        }
        let columns = (0..dim).map(|i| format!("f{i}")).collect::<Vec<_>>();
        Self { folder, columns: columns.join(", ") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn predict(&self) -> String {
        let model = self.path("model.tar.gz");
        format!(
            "SELECT id, knn_predict('{}', {}) AS label FROM visits ORDER BY id",
            model.display(),
            self.columns
        )
    }

    /// Returns the command that writes the rows of a query to a file.
    fn command(&self, sql: &str, cluster: Option<&Cluster>, output: &Path) -> Command {
        let mut command = knn_score();
        command.arg("sql").arg(sql).arg("--table").arg(format!("visits={}", self.path("visits").display()));
        command.arg("--partitions").arg(N_PARTS.to_string()).arg("--output").arg(output);
        if let Some(cluster) = cluster {
            command.arg("--scheduler").arg(cluster.scheduler());
        }
        command
    }

    /// Runs a query, and returns the file of its rows and how long it took.
    fn query(&self, sql: &str, cluster: Option<&Cluster>) -> (PathBuf, Duration) {
        let output = self.path(if cluster.is_some() { "cluster.csv" } else { "alone.csv" });
        let begin = Instant::now();
        run(&mut self.command(sql, cluster, &output));
        (output, begin.elapsed())
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

fn rows(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn one_process_and_a_cluster_give_the_same_rows() {
    let n_rows = env::var("MYSFITS_SCALE_ROWS").map_or(DEFAULT_ROWS, |n| n.parse().unwrap());
    let fixture = Fixture::new(n_rows, 5, 100_000);
    let cluster = Cluster::start(2);
    let (alone, alone_time) = fixture.query(&fixture.predict(), None);
    let (on_cluster, cluster_time) = fixture.query(&fixture.predict(), Some(&cluster));
    assert!(rows(&alone) == rows(&on_cluster), "{} and {} differ", alone.display(), on_cluster.display());
    assert_eq!(rows(&alone).lines().count(), n_rows + 1);
    for (what, time) in [("one process", alone_time), ("a cluster of two executors", cluster_time)] {
        let seconds = time.as_secs_f64();
        println!("scale: {n_rows} rows, {what}: {seconds:.1} s, {:.0} rows/s", n_rows as f64 / seconds);
    }

    let model = fixture.path("model.tar.gz");
    let columns = fixture.columns.replace(", ", "', '");
    let sql = format!(
        "SELECT id, neighbour_rank, neighbour_row, neighbour_distance
         FROM knn_neighbours('{}', 'visits', '{columns}') WHERE id <= 1000 ORDER BY id, neighbour_rank",
        model.display()
    );
    let (alone, _) = fixture.query(&sql, None);
    let (on_cluster, _) = fixture.query(&sql, Some(&cluster));
    assert!(rows(&alone) == rows(&on_cluster));
    assert_eq!(rows(&alone).lines().count(), 10 * 1000 + 1);
}

#[test]
fn a_query_survives_the_loss_of_an_executor() {
    // 16 features are searched row by row: seconds, so that the executor is lost before the end.
    let fixture = Fixture::new(100_000, 16, 20_000);
    let mut cluster = Cluster::start(2);
    let (alone, _) = fixture.query(&fixture.predict(), None);
    let output = fixture.path("cluster.csv");
    let mut client = fixture.command(&fixture.predict(), Some(&cluster), &output).spawn().unwrap();
    let begin = Instant::now();
    while cluster.n_results(1) == 0 {
        assert!(client.try_wait().unwrap().is_none(), "the query ended before the executor had a result");
        assert!(begin.elapsed() < Duration::from_secs(120), "the executor has no result");
        sleep(Duration::from_millis(20));
    }
    cluster.kill_executor(1);
    let lost = Instant::now();
    assert!(client.try_wait().unwrap().is_none(), "the query ended before the executor was lost");
    let status = client.wait().unwrap();
    println!("scale: the query ended {:.1} s after the loss of an executor", lost.elapsed().as_secs_f64());
    assert!(status.success(), "{status}; {}", cluster.logs());
    assert!(rows(&alone) == rows(&output));
}

#[test]
fn reports_the_error_of_an_executor() {
    let fixture = Fixture::new(1000, 3, 100);
    let cluster = Cluster::start(1);
    let sql = fixture.predict().replace("f0, ", "");
    let output = fixture.command(&sql, Some(&cluster), &fixture.path("out.csv")).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("2 features were given (f1, f2), but the model"), "{error}");
    assert!(!fixture.path("out.csv").exists() && !fixture.path("out.csv.partial").exists());
}
