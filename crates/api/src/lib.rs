//! The recommendation API: one axum router ([`RecommendationApi`]) over a [`Recommender`], on Lambda and on a server alike.
//!
//! `POST /recommendations` takes an entry and names a mysfit; `GET /mysfits`, `/mysfits/{id}`, `/questionnaire`,
//! `/openapi.json` and `/health` complete the API. `GET /r/{code}` is the page of a shared result. Every error is a problem
//! document (RFC 9457), and every response has the CORS header by which pages of other origins can read it. Requests and
//! responses are exactly those of module 7 of the AWS Modern Application Workshop.
//!
//! The crate does not depend on Lambda, the site or the server, which wrap the router.
//!
//! ```
//! use axum::{body::Body, http::Request};
//! use http_body_util::BodyExt as _;
//! use std::sync::Arc;
//!
//! use mysfits_api::{RecommendationApi, TableBackend};
//! use mysfits_domain::{Entry, catalogue};
//! use tower::ServiceExt as _;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Always recommends Atlantis. A real table is made from a model.
//! let atlantis = TableBackend::from_rule(|_: Entry| catalogue()[8].label);
//! let request = Request::post("/recommendations").body(Body::from(r#"{"entry": [1,2,3,4,5]}"#))?;
//! let router = RecommendationApi::new(Arc::new(atlantis)).router();
//! let body = router.oneshot(request).await?.into_body().collect().await?.to_bytes();
//! assert_eq!(body, r#"{"recommendedMysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c"}"#);
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `endpoint` | `SageMakerBackend`, which calls a SageMaker endpoint through the AWS SDK; off by default |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod adoptions;
mod backend;
pub mod backend_headers;
mod cors;
mod feedback;
mod problem;
mod recommender;
mod routes;

pub use adoptions::{AdoptionStats, Adoptions};
#[cfg(feature = "endpoint")]
pub use backend::{
    Credentials, RootCertificates, RootCertificatesError, SageMakerBackend, SageMakerSettings, Timeouts,
};
pub use backend::{Fallback, ModelBackend, TableBackend};
pub use cors::{AllowOrigin, AllowOriginError};
pub use feedback::FeedbackStore;
pub use problem::{MAX_BODY_BYTES, Problem};
pub use recommender::{
    BoxFuture, FailedBackend, FallbackFrom, FallbackReason, RecommendError, Recommended, Recommender,
};
pub use routes::RecommendationApi;
