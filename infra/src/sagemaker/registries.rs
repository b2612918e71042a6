//! The registries of SageMaker's k-NN image.

/// A line for each region: its name, and the account whose registry holds the image.
///
/// Source: `image_uri_config/knn.json` of sagemaker-core; `infra/checks/check_registries.py` compares the two.
const REGISTRIES: &str = include_str!("registries.txt");

/// Returns the account whose registry holds SageMaker's k-NN image in a region, if it is known.
///
/// The image is `<account>.dkr.ecr.<region>.<url suffix>/knn:1`.
#[must_use]
pub fn registry_account(region: &str) -> Option<&'static str> {
    let mut registries = REGISTRIES.lines().filter_map(|line| line.split_once(' '));
    registries.find(|(known, _)| *known == region).map(|(_, account)| account)
}
