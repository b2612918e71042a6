//! The same cases against any SageMaker k-NN endpoint, with the clients that people use.
//!
//! [`suite`] is what is asked, [`rust_sdk`] and the programs in `clients/` ask it, [`outcome`] is what they say, and
//! [`scorecard`] adds it up for people. `docs/local-sagemaker.md` is part of it: its snippets are run.
//!
//! What an answer must be is found here by brute force and by other codecs than those under test.

/// The page's snippets in Rust.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/local-sagemaker.md")]
struct Page;

pub mod answer;
pub mod clients;
pub mod encode;
pub mod expected;
pub mod model;
pub mod outcome;
pub mod record;
pub mod rust_sdk;
pub mod scorecard;
pub mod snippets;
pub mod suite;
