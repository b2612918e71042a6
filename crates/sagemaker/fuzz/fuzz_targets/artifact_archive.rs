//! `model.tar.gz`. The first byte says how deep the rest begins: as it is, packed as gzip, or packed as the three files
//! of a tar with headers that are well-formed.
#![no_main]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::artifact::Artifact;
use mysfits_sagemaker_fuzz::{three_parts, use_artifact};

const NAMES: [&str; 3] = ["model_algo-1", "model_algo-1.labels", "model_algo-1.json"];

fuzz_target!(|input: &[u8]| {
    let Some((depth, rest)) = input.split_first() else { return };
    let archive = match depth % 3 {
        0 => rest.to_vec(),
        1 => gzip(rest),
        _ => {
            let Some(parts) = three_parts(rest) else { return };
            gzip(&tar(parts))
        }
    };
    match Artifact::read(archive.as_slice()) {
        Ok(artifact) => use_artifact(&artifact),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

fn tar(parts: [&[u8]; 3]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, part) in NAMES.iter().zip(parts) {
        let mut header = tar::Header::new_gnu();
        header.set_size(part.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, part).expect("writing to memory");
    }
    builder.into_inner().expect("writing to memory")
}
