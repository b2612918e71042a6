//! The model that a job leaves behind, and its sample.

use std::{fs, io, sync::mpsc, thread, time::Duration};

use mysfits_sagemaker::{artifact::Artifact, training::Job};
use serde_json::{Value, json};

use super::fixture::{OptMl, gzip};

/// A job of a thousand samples, of which it draws a part.
fn thousand(seed: &str, index_type: &str) -> OptMl {
    let line = |i: u32| format!("{},{},{}\n", i % 5, i.wrapping_mul(2_654_435_761) % 1009, i * i % 997);
    let text: String = (0..1000).map(line).collect();
    let job = OptMl::new().sets(&[("_seed", seed), ("sample_size", "400"), ("index_type", index_type)]);
    let job = if index_type == "faiss.IVFPQ" { job.set("faiss_index_pq_m", "2") } else { job };
    let (first, rest) = text.split_once('\n').unwrap();
    job.file("train/a.csv", first).file("train/b.csv", gzip(rest))
}

#[test]
fn equal_seeds_give_equal_bytes_and_others_give_others() {
    for index_type in ["faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"] {
        let files = |seed: &str| {
            let job = thousand(seed, index_type);
            job.train();
            ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.labels", "model_algo-1.json"]
                .map(|name| fs::read(job.path("model").join(name)).unwrap())
        };
        assert!(files("0") == files("0"), "{index_type}");
        assert!(files("0")[0] != files("1")[0], "{index_type}");
    }
}

#[test]
fn samples_are_existing_rows_in_order() {
    let text: String = (0..1000).map(|i| format!("{i},{i},{}\n", i * 2)).collect();
    let model = OptMl::new().set("sample_size", "400").file("train/a.csv", text).train();
    let labels = model.labels().to_vec();
    assert_eq!(labels.len(), 400);
    assert!(labels.is_sorted_by(|a, b| a < b), "no row is drawn twice, and all keep their order");
    for &label in &labels {
        let nearest = model.neighbours(&[label as f32, label as f32 * 2.0]).unwrap()[0];
        assert_eq!((nearest.label, nearest.score), (label, 0.0), "a row keeps its label");
    }
}

#[test]
fn keeps_all_rows_in_reading_order_if_the_sample_is_not_smaller() {
    let text: String = (0..1000).map(|i| format!("{},{i},{}\n", i * 7 % 13, i * i % 101)).collect();
    for sample_size in ["1000", "1001", "200000"] {
        let model = OptMl::new().set("sample_size", sample_size).file("train/a.csv", &text).train();
        let rows = model.features().unwrap();
        assert!(model.labels().iter().copied().eq((0..1000).map(|i| f64::from(i * 7 % 13))));
        assert!(rows.rows().into_iter().zip(0u16..).all(|(row, i)| row[0] == f32::from(i)), "{sample_size}");
    }
}

#[test]
fn written_artifact_holds_the_model() {
    let job = OptMl::with_samples().sets(&[("index_metric", "COSINE"), ("k", "3")]);
    job.train();
    let Artifact { model, extra } = Artifact::read_folder(&job.path("model")).unwrap();
    assert_eq!(model.hyperparameters().k(), 3);
    assert!(extra.is_empty());
    let json: Value =
        serde_json::from_slice(&fs::read(job.path("model/model_algo-1.json")).unwrap()).unwrap();
    assert_eq!((&json["k"], &json["normalize"]), (&json!(3), &json!(true)));
}

#[test]
fn a_later_success_takes_the_failure_away_and_replaces_the_model() {
    let job = OptMl::new().file("train/a.csv", "1,oops,3\n");
    job.refusal();
    assert!(job.path("output/failure").exists());
    let job = job.file("train/a.csv", "5,2,3\n");
    assert_eq!(job.train().labels().to_vec(), [5.0]);
    let job = job.file("train/a.csv", "6,2,3\n");
    assert_eq!(job.train().labels().to_vec(), [6.0]);
    // A failure afterwards leaves the good model.
    let job = job.file("train/a.csv", "oops\n");
    job.run().result.unwrap_err();
    assert_eq!(job.model().labels().to_vec(), [6.0]);
    assert!(job.path("output/failure").exists());
}

#[test]
fn stopped_job_writes_neither_model_nor_failure() {
    for text in ["1,2,3\n", "1,oops,3\n"] {
        let job = OptMl::new().file("train/a.csv", text);
        job.run().result.ok();
        fs::remove_dir_all(job.path("model")).unwrap();
        fs::create_dir(job.path("model")).unwrap();
        fs::remove_dir_all(job.path("output")).ok();
        // As a job that was killed while it wrote leaves it.
        let unfinished = job.path(".model-unfinished");
        fs::create_dir(&unfinished).unwrap();
        fs::write(unfinished.join("model_algo-1"), "half").unwrap();

        let stopped = Job::new(job.path(""));
        let guard = stopped.stop_output();
        assert!(!unfinished.exists());
        let (report, reported) = mpsc::channel();
        let running = stopped.clone();
        let thread = thread::spawn(move || report.send(running.run(&mut io::sink()).is_ok()));
        assert_eq!(
            reported.recv_timeout(Duration::from_millis(200)),
            Err(mpsc::RecvTimeoutError::Timeout),
            "{text}"
        );
        assert_eq!(fs::read_dir(job.path("model")).unwrap().count(), 0);
        assert!(!job.path("output/failure").exists() && !unfinished.exists());
        drop(guard);
        thread.join().unwrap().unwrap();
        assert_eq!(reported.recv(), Ok(text == "1,2,3\n"));
    }
}
