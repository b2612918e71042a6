//! The recommendation API as a Lambda function behind an API Gateway REST API.
//!
//! - [`config`]: configuration from environment variables.
//! - [`backend`]: creates the configured backend.
//! - [`event`] and [`proxy`]: convert a proxy event (payload 1.0) to a request, and the response to the
//!   gateway's format.
//! - [`function`]: an invocation: event, router, answer.
//! - [`record`]: the log record of an invocation, with `CloudWatch`'s metrics.
//! - [`init`]: reports initialization errors to Lambda.
//!
//! The crate `lambda_http` translates events too, and is not used: it puts the stage into the path (so that
//! `/recommendations` is `/prod/recommendations`), takes an event without a method for a `GET` and anything else that it does
//! not know for text, panics on a body that is not the base64 that it says it is, and brings the types of every kind of
//! event. What is needed of it are the few lines of [`event`] and [`proxy`].
//!
//! Does not know how an entry is answered: `mysfits-api` does.
//!
//! ```
//! use mysfits_lambda::config::{BACKEND, Config};
//!
//! // The environment is a function here; in the program it is the process's.
//! let refused = Config::read(|name| (name == BACKEND).then(|| "oracle".to_owned())).unwrap_err();
//! assert_eq!(refused.0[0].variable, BACKEND);
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `stub` | what Lambda is to a function, for tests and measurements: a Runtime API, and a server that speaks TLS; off by default |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod backend;
pub mod config;
pub mod event;
pub mod function;
pub mod init;
pub mod proxy;
pub mod record;
#[cfg(feature = "stub")]
pub mod stub;
