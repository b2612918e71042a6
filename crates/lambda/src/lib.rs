//! The recommendation API as a Lambda function behind an API Gateway REST API.
//!
//! - [`config`]: configuration from environment variables.
//! - [`backend`]: creates the configured backend.
//! - [`request`] and [`response`]: convert a proxy event (payload 1.0) to a request, and the response to API Gateway's format.
//! - [`function`]: handles an invocation.
//! - [`invocation_log`]: the log record of an invocation, with `CloudWatch` metrics.
//! - [`startup_error`]: reports initialization errors to Lambda.
//!
//! Events are converted here and not by `lambda_http`; `docs/adr/0001-lambda-http.md` in the repository has the measurements.
//!
//! ```
//! use mysfits_lambda::config::{BACKEND, Config};
//!
//! // The environment is a function here; in the program it is the process's.
//! let refused = Config::read(|name| (name == BACKEND).then(|| "oracle".to_owned())).unwrap_err();
//! assert_eq!(refused.0[0].variable, BACKEND);
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod backend;
pub mod config;
pub mod function;
pub mod invocation_log;
pub mod request;
pub mod response;
pub mod startup_error;
