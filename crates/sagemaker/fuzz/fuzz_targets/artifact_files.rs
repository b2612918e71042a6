//! The three files of an artifact: index, labels, metadata.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::artifact::Artifact;
use mysfits_sagemaker_fuzz::{three_parts, use_artifact};

fuzz_target!(|input: &[u8]| {
    let Some([index, labels, metadata]) = three_parts(input) else { return };
    match Artifact::from_files(index, labels, metadata) {
        Ok(artifact) => use_artifact(&artifact),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
