//! Which files are read, in which order and format, and what is said of those that cannot be.

use std::{fs, os::unix::fs::symlink, process::Command, sync::mpsc, thread, time::Duration};

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::fixture::{CSV, OptMl, RECORD_IO, gzip, record_io};

/// The labels of the model that a job trains: the order in which its rows were read.
#[track_caller]
fn labels(job: &OptMl) -> Vec<f64> {
    job.train().labels().to_vec()
}

#[track_caller]
fn check_refused(job: &OptMl, expected: Expect) {
    expected.assert_eq(&job.refusal());
}

#[test]
fn files_are_read_in_the_order_of_their_paths() {
    let job = OptMl::new()
        .file("train/b.csv", "4,0,0")
        .file("train/a/2.csv", "2,0,0\n3,0,0\n")
        .file("train/a/1.csv", "1,0,0\r\n")
        .file("train/c/d/e/f.csv", "\n\n5,0,0")
        .file("train/_SUCCESS", "")
        .file("train/.amazon.manifest", "[{\"prefix\": \"s3://bucket/\"}]")
        .file("train/.hidden/x.csv", "9,0,0\n");
    assert_eq!(labels(&job), [1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn links_are_followed_unless_they_are_cyclic() {
    let job = OptMl::new().file("elsewhere/a.csv", "1,0,0\n").file("train/b.csv", "2,0,0\n");
    symlink(job.path("input/data/elsewhere"), job.path("input/data/train/a")).unwrap();
    symlink(job.path("input/data/elsewhere/a.csv"), job.path("input/data/train/c.csv")).unwrap();
    assert_eq!(labels(&job), [1.0, 2.0, 1.0]);
    fs::remove_dir_all(job.path("model")).unwrap();
    fs::create_dir(job.path("model")).unwrap();
    symlink(job.path("input/data/train"), job.path("input/data/train/x")).unwrap();
    let reason = job.refusal();
    assert!(reason.contains("/x/x/x/") && reason.contains("is more than 32 folders deep"), "{reason}");
}

#[test]
fn every_file_may_be_gzip() {
    let job = OptMl::new()
        .file("train/1", gzip("1,0,0\n2,0,0\n"))
        .file("train/2.gz", "3,0,0\n")
        .file("train/3", [gzip("4,0,"), gzip("0\n5,0,0")].concat());
    assert_eq!(labels(&job), [1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn record_io_is_read_plain_and_gzip_and_without_a_content_type() {
    let samples = record_io(&[(&[1.0, 2.0], 3.0), (&[-4.5, 0.0], -5.0)]);
    for config in [
        json!({"ContentType": RECORD_IO, "TrainingInputMode": "File"}),
        json!({"TrainingInputMode": "FastFile", "S3DistributionType": "ShardedByS3Key"}),
        json!({"ContentType": null}),
        json!({}),
    ] {
        let job = OptMl::new()
            .channel_config("train", config)
            .file("train/a", &samples)
            .file("train/b", gzip(&samples));
        let model = job.train();
        assert_eq!(model.labels().to_vec(), [3.0, -5.0, 3.0, -5.0]);
        assert_eq!(model.neighbours(&[1.0, 2.0]).unwrap()[0].score, 0.0);
    }
}

#[test]
fn keeps_large_labels_exact() {
    let ids = [16_777_217.0, 1_000_000_007.0, 20_240_131_123_456.0];
    let csv = OptMl::new().file("train/a.csv", "16777217,0,0\n1000000007,5,5\n20240131123456,9,9\n");
    assert_eq!(labels(&csv), ids);
    let records = record_io(&[(&[0.0, 0.0], ids[0]), (&[5.0, 5.0], ids[1]), (&[9.0, 9.0], ids[2])]);
    let job = OptMl::new().channel("train", RECORD_IO).file("train/a", records);
    assert_eq!(labels(&job), ids);
}

#[test]
fn reads_sparse_records_wider_than_65536() {
    // Keys 0 and 262,143 of a shape of 262,144; the label is 1.
    let record =
        b"\x0a\x21\x0a\x06values\x12\x17\x12\x15\x0a\x08\x00\x00\x80?\x00\x00\x00@\x12\x04\x00\xff\xff\x0f\
        \x1a\x03\x80\x80\x10\x12\x12\x0a\x06values\x12\x08\x12\x06\x0a\x04\x00\x00\x80?";
    let mut framed = b"\x0a\x23\xd7\xce".to_vec();
    framed.extend((record.len() as u32).to_le_bytes());
    framed.extend(record);
    framed.resize(framed.len().next_multiple_of(4), 0);
    for feature_dim in ["262144", "auto"] {
        let job = OptMl::new().channel("train", RECORD_IO).set("feature_dim", feature_dim);
        assert_eq!(job.file("train/a", &framed).train().feature_dim(), 262_144);
    }
    let job = OptMl::new().channel("train", RECORD_IO).set("feature_dim", "262145").file("train/a", &framed);
    check_refused(
        &job,
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '262145' doesn't match train data dimensionality '262144'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/a: record 1 has 262144 features beside its label; feature_dim is 262145"#]],
    );
}

#[test]
fn invalid_records_are_reported_by_number() {
    let good = record_io(&[(&[1.0, 2.0], 3.0)]);
    let job = |bytes: &[u8]| OptMl::new().channel("train", RECORD_IO).file("train/a", bytes);
    check_refused(
        &job(&good[..good.len() - 1]),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Requested content-type is 'application/x-recordio-protobuf'. Please verify the data matches the requested content-type.

            Caused by: input/data/train/a: record 1: the frame at byte 0 is cut off"#]],
    );
    check_refused(
        &job(&[&good[..], b"1,2,3\n1,2,3\n"].concat()),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Requested content-type is 'application/x-recordio-protobuf'. Please verify the data matches the requested content-type.

            Caused by: input/data/train/a: record 2: invalid magic number at byte 52: 0x2c322c31 (expected 0xced7230a)"#]],
    );
    check_refused(
        &job(b"1,2,3\n4,5,6\n"),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Requested content-type is 'application/x-recordio-protobuf'. Please verify the data matches the requested content-type.

            Caused by: input/data/train/a: record 1: invalid magic number at byte 0: 0x2c322c31 (expected 0xced7230a)"#]],
    );
    check_refused(
        &job(&record_io(&[(&[1.0, 2.0], 3.0), (&[1.0], 3.0)])),
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '2' doesn't match train data dimensionality '1'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/a: record 2 has 1 features beside its label; feature_dim is 2"#]],
    );
    check_refused(
        &job(&record_io(&[(&[1.0, f32::NAN], 3.0)])),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Found missing (NaN) values. Please remove any missing (NaN) values in the input data.

            Caused by: input/data/train/a: record 1: feature 1 is NaN, not a finite 32-bit number"#]],
    );
    check_refused(
        &job(&record_io(&[(&[1.0, 2.0], f64::INFINITY)])),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Found infinite floating point values. Please remove any infinite floating point values in the input data.

            Caused by: input/data/train/a: record 1: the label is inf, not a finite 64-bit number"#]],
    );
}

#[test]
fn a_bad_line_is_named_with_its_file() {
    let job = |text: &str| OptMl::new().file("train/a.csv", "1,2,3\n").file("train/b.csv", text);
    check_refused(
        &job("age,sport,label\n"),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Requested content-type is 'text/csv'. Please verify the data matches the requested content-type.

            Caused by: input/data/train/b.csv: line 1, column 1: "age" is not a number"#]],
    );
    check_refused(
        &job("1,2,3\n\n1,2,nan\n"),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Found missing (NaN) values. Please remove any missing (NaN) values in the input data.

            Caused by: input/data/train/b.csv: line 3, column 3: "nan" is not a finite 32-bit number"#]],
    );
    check_refused(
        &job("1,1e39,3\n"),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Found infinite floating point values. Please remove any infinite floating point values in the input data.

            Caused by: input/data/train/b.csv: line 1, column 2: "1e39" is not a finite 32-bit number"#]],
    );
    check_refused(
        &job("inf,2,3\n"),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Found infinite floating point values. Please remove any infinite floating point values in the input data.

            Caused by: input/data/train/b.csv: line 1, column 1: "inf" is not a finite 64-bit number"#]],
    );
    check_refused(
        &job("1,2\n"),
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '2' doesn't match train data dimensionality '1'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/b.csv: line 1 has 1 features beside its label; feature_dim is 2"#]],
    );
    check_refused(
        &job("1,2,3,4\n"),
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '2' doesn't match train data dimensionality '3'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/b.csv: line 1 has 3 features beside its label; feature_dim is 2"#]],
    );
    check_refused(
        &job("1,2,3\n1,2,3\n1"),
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '2' doesn't match train data dimensionality '0'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/b.csv: line 3 has 0 features beside its label; feature_dim is 2"#]],
    );
    check_refused(
        &job(&format!("1,2{}", ",3".repeat(1_000_000))),
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '2' doesn't match train data dimensionality '1000001'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/b.csv: line 1 has 1000001 features beside its label; feature_dim is 2"#]],
    );
    check_refused(
        &job(&" ".repeat(3 << 20)),
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Requested content-type is 'text/csv'. Please verify the data matches the requested content-type.

            Caused by: input/data/train/b.csv: line 1, column 1: the field is longer than 1048576 bytes"#]],
    );
    let cut = gzip("1,2,3\n".repeat(1000));
    let job = OptMl::new().file("train/a.csv", &cut[..cut.len() - 5]);
    let reason = job.refusal();
    let expected = "Customer Error: Unable to read data channel 'train'. Requested content-type is 'text/csv'. Please \
                    verify the data matches the requested content-type.\n\nCaused by: input/data/train/a.csv: the training \
                    data cannot be read: ";
    assert!(reason.starts_with(expected), "{reason}");
}

#[test]
fn files_of_different_width_are_refused_where_the_data_decide_the_width() {
    let job = OptMl::new()
        .set("feature_dim", "auto")
        .file("train/a.csv", "1,2,3\n1,2,3\n")
        .file("train/b.csv", "1,2,3,4\n");
    check_refused(
        &job,
        expect![[r#"
            Customer Error: Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '2' doesn't match train data dimensionality '3'. Please set feature_dim to the number of features in train dataset.

            Caused by: input/data/train/b.csv: line 1 has 3 features beside its label; feature_dim is 2"#]],
    );
    let job = OptMl::new().set("feature_dim", "auto").file("train/a.csv", "1\n2\n");
    check_refused(
        &job,
        expect![[r#"
            Customer Error: Unable to read data channel 'train'. Requested content-type is 'text/csv'. Please verify the data matches the requested content-type.

            Caused by: input/data/train/a.csv: the first line has one column; there must be a label and at least one feature"#]],
    );
    let job = OptMl::with_samples().channel("test", CSV).file("test/a.csv", "1,2\n");
    check_refused(
        &job,
        expect![[r#"
            Customer Error: Incorrect configuration or test dataset provided. The value of feature_dim hyperparameter '2' doesn't match test data dimensionality '1'. Please set feature_dim to the number of features in test dataset.

            Caused by: input/data/test/a.csv: line 1 has 1 features beside its label; feature_dim is 2"#]],
    );
}

#[test]
fn an_empty_channel_is_refused() {
    check_refused(
        &OptMl::new(),
        expect!["Platform Error: input/data/train cannot be read: No such file or directory (os error 2)"],
    );
    let job =
        OptMl::new().file("train/.hidden", "1,2,3\n").file("train/a.csv", "\n \n").file("train/b.csv", "");
    check_refused(
        &job,
        expect!["Customer Error: channel train is empty: there are no samples in input/data/train (2 files)"],
    );
    let job = OptMl::with_samples().channel("test", RECORD_IO).file("test/a", "");
    check_refused(
        &job,
        expect!["Customer Error: channel test is empty: there are no samples in input/data/test (1 files)"],
    );
    // A file where a folder must be.
    check_refused(
        &OptMl::new().file("train", "1,2,3\n"),
        expect!["Platform Error: input/data/train cannot be read: Not a directory (os error 20)"],
    );
}

#[test]
fn channels_must_be_train_and_test() {
    check_refused(
        &OptMl::with_samples().no_channel("train"),
        expect![
            "Customer Error: Missing required channel: train; add it to input/config/inputdataconfig.json"
        ],
    );
    check_refused(
        &OptMl::with_samples().channel("validation", CSV),
        expect!["Customer Error: Extraneous channel found: validation; the channels are train and test"],
    );
    let refusal = |text: &str| OptMl::with_samples().config("inputdataconfig.json", text).refusal();
    expect![[r#"Customer Error: input/config/inputdataconfig.json cannot be used: it must be an object of channels, each an object: invalid type: string "text/csv", expected a map at line 1 column 20"#]].assert_eq(&refusal("{\"train\": \"text/csv\"}"));
    expect!["Customer Error: input/config/inputdataconfig.json cannot be used: it must be an object of channels, each an object: EOF while parsing a value at line 1 column 0"].assert_eq(&refusal(""));
}

#[test]
fn unsupported_configurations_are_rejected_by_name() {
    let refusal = |config: Value| OptMl::with_samples().channel_config("train", config).refusal();
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":"application/json"}. ContentType is "application/json"; it must be text/csv or application/x-recordio-protobuf"#]].assert_eq(&refusal(json!({"ContentType": "application/json"})));
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":"text/csv;label_size=0"}. label_size is "0"; it must be 1: the first column is the label"#]].assert_eq(&refusal(json!({"ContentType": "text/csv;label_size=0"})));
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":"text/csv; Label_Size = 2"}. label_size is "2"; it must be 1: the first column is the label"#]].assert_eq(&refusal(json!({"ContentType": "text/csv; Label_Size = 2"})));
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":"text/csv;charset=utf-16"}. the parameter charset of Content-Type is "utf-16"; it must be utf-8, or an encoding with the same bytes for ascii, such as iso-8859-1 or windows-1252"#]].assert_eq(&refusal(json!({"ContentType": "text/csv;charset=utf-16"})));
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":7}. ContentType is 7; it must be a string"#]].assert_eq(&refusal(json!({"ContentType": 7})));
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":"text/csv","TrainingInputMode":"Stream"}. TrainingInputMode is "Stream"; it must be File, FastFile or Pipe"#]].assert_eq(&refusal(json!({"ContentType": "text/csv", "TrainingInputMode": "Stream"})));
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":"text/csv","RecordWrapperType":"RecordIO"}. RecordWrapperType is "RecordIO"; it must be None"#]].assert_eq(&refusal(json!({"ContentType": "text/csv", "RecordWrapperType": "RecordIO"})));
    expect![[r#"Customer Error: Channel configuration for 'train' channel is not supported: {"ContentType":"text/csv","S3DistributionType":"Half"}. S3DistributionType is "Half"; it must be FullyReplicated or ShardedByS3Key"#]].assert_eq(&refusal(json!({"ContentType": "text/csv", "S3DistributionType": "Half"})));
}

#[test]
fn content_types_may_have_parameters() {
    for content_type in [
        "text/csv;label_size=1",
        "text/csv; label_size=\"1\"",
        "TEXT/CSV ; charset=UTF-8;LABEL_SIZE=1",
        "text/csv",
    ] {
        let job = OptMl::with_samples().channel("train", content_type);
        assert_eq!(labels(&job), [0.0, 0.0, 7.0, 7.0], "{content_type}");
    }
}

/// A named pipe in `input/data`, and a thread that writes to it.
fn pipe(job: &OptMl, name: &str, pieces: Vec<Vec<u8>>) -> thread::JoinHandle<()> {
    use std::io::Write as _;
    let path = job.path("input/data").join(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    thread::spawn(move || {
        let mut pipe = fs::OpenOptions::new().write(true).open(path).unwrap();
        for piece in pieces {
            // Who reads may have seen enough.
            if pipe.write_all(&piece).and_then(|()| pipe.flush()).is_err() {
                return;
            }
        }
    })
}

#[test]
fn pipes_are_read_to_their_end() {
    let config = json!({"ContentType": "text/csv", "TrainingInputMode": "Pipe"});
    for is_gzip in [false, true] {
        let mut text: Vec<u8> = (0..5000).flat_map(|i| format!("{i},1,{i}\n").into_bytes()).collect();
        if is_gzip {
            text = gzip(text);
        }
        // The first bytes come one by one: gzip must be told all the same.
        let (first, rest) = text.split_at(3);
        let mut pieces: Vec<Vec<u8>> = first.iter().map(|byte| vec![*byte]).collect();
        pieces.push(rest.to_vec());
        let job = OptMl::new().set("sample_size", "10000").channel_config("train", config.clone());
        let job = job.channel_config("test", json!({"ContentType": RECORD_IO, "TrainingInputMode": "Pipe"}));
        let writers = [
            pipe(&job, "train_0", pieces),
            pipe(&job, "test_0", vec![record_io(&[(&[1.0, 17.0], 17.0), (&[1.0, 4000.0], 7.0)])]),
        ];
        let outcome = job.run();
        outcome.result.unwrap();
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(job.model().n_samples(), 5000);
        assert!(outcome.log.contains("test accuracy <score>=0.5\n"), "{}", outcome.log);
    }
}

#[test]
fn missing_and_unexpected_pipes_are_rejected() {
    let job =
        OptMl::new().channel_config("train", json!({"ContentType": "text/csv", "TrainingInputMode": "Pipe"}));
    check_refused(
        &job,
        expect!["Platform Error: input/data/train_0 cannot be read: No such file or directory (os error 2)"],
    );
    let job = OptMl::with_samples();
    assert!(Command::new("mkfifo").arg(job.path("input/data/train/z")).status().unwrap().success());
    check_refused(
        &job,
        expect![
            "Customer Error: input/data/train/z is neither a file nor a folder; a named pipe needs the TrainingInputMode Pipe"
        ],
    );
}

#[test]
fn a_bad_line_in_a_pipe_ends_the_job_while_the_writer_goes_on() {
    for is_gzip in [false, true] {
        let job = OptMl::new()
            .channel_config("train", json!({"ContentType": "text/csv", "TrainingInputMode": "Pipe"}));
        let mut bytes = ["1,2,3\n1,oops,3\n".to_owned(), "1,2,3\n".repeat(1_000_000)].concat().into_bytes();
        if is_gzip {
            bytes = gzip(bytes);
        }
        let writer = pipe(&job, "train_0", vec![bytes]);
        assert_eq!(
            job.refusal(),
            "Customer Error: Unable to read data channel 'train'. Requested content-type is 'text/csv'. Please verify the \
                 data matches the requested content-type.\n\nCaused by: input/data/train_0: line 2, column 2: \"oops\" is not \
                 a number"
        );
        writer.join().unwrap();
    }
}

#[test]
fn bad_line_ends_the_job_while_the_pipe_stays_open() {
    for is_gzip in [false, true] {
        let job = OptMl::new()
            .channel_config("train", json!({"ContentType": "text/csv", "TrainingInputMode": "Pipe"}));
        let path = job.path("input/data/train_0");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (release, released) = mpsc::channel::<()>();
        let writer = thread::spawn(move || {
            let text = b"1,2,3\n1,oops,3\n";
            let mut pipe = fs::OpenOptions::new().write(true).open(path).unwrap();
            let bytes = if is_gzip { flushed_gzip(text) } else { text.to_vec() };
            std::io::Write::write_all(&mut pipe, &bytes).unwrap();
            // The pipe is closed when the test is over.
            let _ = released.recv();
        });
        let (report, reported) = mpsc::channel();
        thread::spawn(move || report.send(job.refusal()));
        let refusal = reported.recv_timeout(Duration::from_mins(1));
        drop(release);
        writer.join().unwrap();
        assert_eq!(
            refusal.expect("the job ends while the pipe is open"),
            "Customer Error: Unable to read data channel 'train'. Requested content-type is 'text/csv'. Please verify the \
                 data matches the requested content-type.\n\nCaused by: input/data/train_0: line 2, column 2: \"oops\" is not \
                 a number"
        );
    }
}

/// The beginning of a gzip stream that holds all of `bytes` but goes on.
fn flushed_gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.flush().unwrap();
    gzip.get_ref().clone()
}
