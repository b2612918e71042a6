//! Conformance tests of SageMaker k-NN endpoints with AWS's own clients.
//!
//! [`suite`] has the cases, [`inputs`] writes what is sent and expected, [`rust_sdk`] and the programs in `clients/` run the
//! cases, [`outcome`] is their output, and [`scorecard`] counts the results. [`control_plane`] runs programs that need more than
//! an endpoint. The snippets of `docs/local-sagemaker/` are run, too, by [`snippets`].
//!
//! Expected responses are computed here by brute force and with other codecs than those under test.

/// The pages' snippets in Rust.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/local-sagemaker/quickstart-rust.md")]
struct Page;

pub mod answer;
pub mod clients;
pub mod control_plane;
pub mod encode;
pub mod expected;
pub mod inputs;
pub mod model;
pub mod outcome;
pub mod record;
pub mod rust_sdk;
pub mod scorecard;
pub mod snippets;
pub mod suite;
