//! Writes the first files of every corpus: one for each thing that a format can say. What fuzzing adds to them is kept
//! beside them, minimised.
//!
//! `cargo run --manifest-path tests/fuzz-targets/fuzz/Cargo.toml --example seeds`

use std::{error::Error, fs, io::Read as _, path::Path};

use mysfits_fuzz_targets::join_parts;
use mysfits_knn::{
    Dataset, Hyperparameters, HyperparametersBuilder, IndexKind, Metric, Model, Projection, ProjectionKind,
};
use mysfits_sagemaker::{
    artifact::Artifact,
    codec::{ContentType, decode, recordio::write_sample},
};
use ndarray::{Array1, Array2};
use serde_json::{Map, Value};

fn main() -> Result<(), Box<dyn Error>> {
    texts(
        "csv",
        &[
            "1,0,2,7,0",
            "4,1.2,1.3,9.6,20.3\n5,-.5,1e-3,2E+2,+3.",
            "1,2\r\n3,4\r\n\n",
            "1,nan\n2,inf",
            "a,1\nb,2",
        ],
    )?;
    texts(
        "json",
        &[
            r#"{"instances": [{"features": [3.0, 0.1, 0.04]}, {"data": {"features": {"values": [-3, -1, 2e0]}}}]}"#,
            r#"{"instances":[{"data":{"features":{"keys":[2,0],"shape":[4],"values":[1,4.5]}}},{"data":{"features":[1,2,3,4]}}]}"#,
            r#"{"configuration": {"k": [null, true, "\u00e9\n"]}, "instances": [{"data": null, "features": [1]}]}"#,
            r#"{"instances":[{"data":{"features":{"keys":[],"shape":[3],"values":[]},"x":0}}]}"#,
        ],
    )?;
    texts(
        "jsonlines",
        &[
            r#"{"features": [1, 0, 2, 7, 0]}"#,
            "{\"features\": [1.5, 16.0]}\n{\"data\": {\"features\": {\"values\": [1, -2e-1]}}}\r\n\n",
            r#"{"data":{"features":{"keys":[0,1,3],"shape":[4],"values":[1,4,1]}}}"#,
        ],
    )?;
    // The length of chunks, whether the response breaks off, the response.
    texts("event_stream", &["\u{1}0abc", "\u{2}1abcde", "\u{7f}0{\"predictions\": []}", "\u{5}1"])?;
    texts(
        "manifest",
        &[
            r#"[{"prefix": "s3://data/train/"}, "a.csv", "b/c.csv"]"#,
            r#"[{"prefix": "s3://data/"}, ".amazon.manifest", "\u00e9\n", "a b"]"#,
            r#"[{"prefix": ""}, "../x", "/y", "z/"]"#,
            r#"["a", {"prefix": "s3://data/"}]"#,
        ],
    )?;
    texts(
        "media_type",
        &[
            "text/csv; label_size=1; charset=utf-8",
            "application/json; verbose=\"true\"; q=0.5, */*;q=0",
            "application/jsonlines;verbose=true, application/x-recordio-protobuf",
            "text/csv;encoding=\"a\\\"b\"",
        ],
    )?;
    texts(
        "json_path",
        &[
            "$.a['b','c']\n{\"a\": {\"b\": [1], \"c\": null}}",
            "$[0,-1]\n1,\"a,b\",3",
            "$[1:4].*\n[0, [1], {\"a\": 2}, [3], [4]]",
            "$[:-1]\n[[1], 2]",
            "$.['a'][ 0 , 2: ]\n{\"a\": [0, 1, 2]}",
            "$[0:2,246:]",
        ],
    )?;
    texts(
        "transform_object",
        &[
            "$[1:] $[0,-1]\n7,1,2\n8,3,4\n",
            "$.features $['id','SageMakerOutput']\n{\"id\": 1, \"features\": [1.0]}\r\n\n{\"id\": 2, \"features\": []}",
            "$ $\n\"a,\"\"b\"\"\",1\n[1, 2]\n",
        ],
    )?;
    texts(
        "training_csv",
        &["11,1,0,2,7,0\n3,8,1,1,1,1\n", "1,2\r\n\r\n3, 4.5\r\n", "0,1e3,-2\n1,nan,3", "1\n2"],
    )?;
    texts(
        "http_request",
        &[
            "GET /ping\nHost: localhost\n\n",
            "GET /execution-parameters\n\n",
            "POST /invocations\ncontent-type: text/csv\naccept: application/json; verbose=true\n\n1,2,3,4,5\n5,4,3,2,1",
            "POST /endpoints/knn/invocations\ncontent-type: application/json\nx-amzn-sagemaker-target-variant: AllTraffic\n\n{\"instances\": [{\"features\": [1, 2, 3, 4, 5]}]}",
            "POST /endpoints/knn/invocations-response-stream\n\n",
            "POST /recommendations\norigin: https://example.org\n\n{\"entry\": [1, 2, 3, 4.0, 5], \"explain\": true}",
            "OPTIONS /recommendations\naccess-control-request-method: POST\n\n",
            "GET /mysfits?filter=GoodEvil&value=Good&lang=ko\n\n",
            "GET /mysfits/c0684344-1eb7-40e7-b334-06d25ac9268c?lang=%65n\n\n",
            "HEAD /questionnaire\naccept-language: ko\n\n",
            "GET http://localhost/openapi.json\nrange: bytes=0-1\n\n",
            "DELETE /health\n\n",
        ],
    )?;
    events()?;
    records()?;
    labels()?;
    artifacts()
}

/// Files of labels, without NumPy's magic string, which the target puts in front.
fn labels() -> Result<(), Box<dyn Error>> {
    let doubles = [0.0f64, 1.0, 2.0, 0.5].map(f64::to_le_bytes).concat();
    let floats = [0.0f32, 1.0, 2.0, 0.5].map(f32::to_le_bytes).concat();
    for (name, version, descr, shape, data) in [
        ("f8", 1u8, "<f8", "(4,)", &doubles[..]),
        ("f4", 2, "<f4", "(4, 1)", &floats),
        ("u1", 3, "|u1", "(4L, 1L)", &[0, 1, 2, 3]),
        ("f2", 1, "<f2", "(4,)", &[0, 0, 0, 0x3c, 0, 0x40, 0, 0xc0]),
        ("i8", 1, "<i8", "(4,)", &doubles),
        ("big-endian", 1, ">f8", "(4,)", &doubles),
    ] {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = (header.len() as u32).to_le_bytes();
        let length = if version == 1 { &length[..2] } else { &length };
        write("artifact_labels", name, &[&[version, 0], length, header.as_bytes(), data].concat())?;
    }
    Ok(())
}

/// The events that the function's own tests have.
fn events() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../crates/lambda/tests/events");
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let event: Value = serde_json::from_slice(&fs::read(&path)?)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
        write("lambda_event", &name, event.to_string().as_bytes())?;
    }
    Ok(())
}

fn write(target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(format!("seed-{name}")), bytes)?)
}

fn texts(target: &str, texts: &[&str]) -> Result<(), Box<dyn Error>> {
    for (i, text) in texts.iter().enumerate() {
        write(target, &i.to_string(), text.as_bytes())?;
    }
    Ok(())
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let value = |digit: u8| char::from(digit).to_digit(16).map_or(0, |value| value as u8);
    digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}

/// Requests and samples to train with, as the SageMaker Python SDK writes them and as other libraries may.
fn records() -> Result<(), Box<dyn Error>> {
    let mut float32 = Vec::new();
    write_sample(&[1.0, 0.0, 2.0, 7.0, 0.0], Some(11.0), &mut float32);
    let float64 = bytes(
        "0a23d7ce 50000000 0a36 0a06 76616c756573 122c 1a2a 0a28 000000000000f03f 0000000000000000 0000000000000040 \
         0000000000001c40 0000000000000000 12 16 0a06 76616c756573 120c 1a0a 0a08 0000000000002640",
    );
    let sparse = bytes(
        "0a23d7ce 1f000000 0a1d 0a06 76616c756573 1213 1211 0a08 00004040 0000803f 1202 0104 1a01 05 00",
    );
    let int32 = bytes(
        "0a23d7ce 36000000 0a1b 0a06 76616c756573 1211 3a0f 0a0d 01 ffffffffffffffffff01 02 03 \
         1217 0a06 76616c756573 120d 3a0b 0801 1200 1a00 7a03 616263 0000",
    );
    // The value before its key, numbers that are not packed, unknown fields.
    let loose = bytes(
        "0a23d7ce 26000000 0a1e 1212 1210 0d 0000803f 0d 00000040 7803 7a02 6162 1804 0a06 76616c756573 1a02 7569 2200 0000",
    );
    // A record in two parts, split where the magic number stands in it.
    let split =
        bytes("0a23d7ce 14000020 0a1a 0a06 76616c756573 1210 120e 0a0c 00000000 0a23d7ce 04000060 0000803f");
    for record in [&float32, &float64, &sparse, &int32, &loose, &split] {
        decode(&ContentType::RecordIo, record)?;
    }
    for target in ["recordio", "training_recordio"] {
        write(target, "float32", &float32)?;
        write(target, "float64", &[&float64[..], &float64].concat())?;
        write(target, "sparse", &sparse)?;
        write(target, "int32", &int32)?;
        write(target, "loose", &loose)?;
        write(target, "split", &split)?;
    }
    // Without the frame: the target puts one around.
    write("recordio", "bare", &float32[8..])
}

/// Artifacts with every index and every member of the metadata.
fn artifacts() -> Result<(), Box<dyn Error>> {
    let classifier = Hyperparameters::classifier(3);
    let ivf_flat = IndexKind::IvfFlat { n_lists: 3, n_probe: 2 };
    let ivf_pq = IndexKind::IvfPq { n_lists: 2, n_probe: 2, m: 2 };
    let sign = Projection { kind: ProjectionKind::Sign, target_dim: 2, seed: 3 };
    let fjlt = Projection { kind: ProjectionKind::Fjlt, target_dim: 2, seed: 3 };
    for (name, n_samples, width, parameters) in [
        ("flat", 6, 2, classifier),
        ("regressor", 4, 2, Hyperparameters::regressor(2)),
        ("inner-product", 5, 3, classifier.metric(Metric::InnerProduct).index(IndexKind::Flat)),
        ("cosine", 5, 3, classifier.metric(Metric::Cosine)),
        ("ivf-flat", 9, 2, classifier.index(ivf_flat)),
        ("ivf-flat-cosine", 9, 2, classifier.index(ivf_flat).metric(Metric::Cosine)),
        ("ivf-pq", 256, 3, classifier.index(ivf_pq)),
        ("sign", 6, 4, classifier.projection(sign)),
        ("fjlt", 6, 4, classifier.projection(fjlt).index(ivf_flat)),
    ] {
        let parts = files(n_samples, width, parameters)?;
        let input = join_parts([&parts[0], &parts[1], &parts[2]]);
        write("artifact_files", name, &input)?;
        if n_samples < 256 {
            write("artifact_archive", &format!("{name}-files"), &[&[2], &input[..]].concat())?;
        }
    }
    let mut archive = Vec::new();
    artifact(4, 2, classifier)?.write(&mut archive)?;
    write("artifact_archive", "archive", &[&[0], &archive[..]].concat())?;
    // The same, unpacked: the target packs it.
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(archive.as_slice()).read_to_end(&mut tar)?;
    write("artifact_archive", "tar", &[&[1], &tar[..]].concat())
}

fn artifact(
    n_samples: usize,
    width: usize,
    parameters: HyperparametersBuilder,
) -> Result<Artifact, Box<dyn Error>> {
    let features =
        Array2::from_shape_fn((n_samples, width), |(row, column)| ((row * 7 + column * 3) % 11) as f32);
    let labels = Array1::from_shape_fn(n_samples, |row| (row % 3) as f64);
    let model = Model::train(Dataset::new(features.view(), labels.view())?, &parameters.check()?)?;
    Ok(Artifact { model, extra: Map::from_iter([("note".to_owned(), Value::Bool(true))]) })
}

/// The three files of an artifact. Without digests: a changed index would be refused before it is parsed.
fn files(
    n_samples: usize,
    width: usize,
    parameters: HyperparametersBuilder,
) -> Result<[Vec<u8>; 3], Box<dyn Error>> {
    let mut archive = Vec::new();
    artifact(n_samples, width, parameters)?.write(&mut archive)?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive.as_slice()));
    let mut files = [const { Vec::new() }; 3];
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let names = ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json"];
        if let Some(position) = names.iter().position(|known| *known == name) {
            entry.read_to_end(&mut files[position])?;
        }
    }
    let json = String::from_utf8(std::mem::take(&mut files[2]))?;
    let (before, digests) = json.split_once("\n  \"sha256\": {").ok_or("the metadata have no digests")?;
    let (_, after) = digests.split_once("},").ok_or("the digests have no end")?;
    files[2] = [before, after].concat().into_bytes();
    Ok(files)
}
