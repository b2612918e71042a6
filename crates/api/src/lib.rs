//! The recommendation API: one axum [`router`] over a [`Recommender`], on Lambda and on a server alike.
//!
//! `POST /recommendations` takes an entry and names a mysfit; `GET /mysfits`, `/mysfits/{id}`, `/questionnaire`,
//! `/openapi.json` and `/health` tell the rest. Every error is a problem document (RFC 9457), every answer carries the
//! CORS header that lets a page on another origin read it. The wire contract is module 7's of the AWS Modern
//! Application Workshop, to the letter.
//!
//! Knows neither Lambda nor the site nor the server: those wrap the router.
//!
//! ```
//! use axum::{body::Body, http::Request};
//! use http_body_util::BodyExt as _;
//! use mysfits_api::{Embedded, router};
//! use mysfits_domain::{Entry, catalogue};
//! use tower::ServiceExt as _;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Whatever the answers, Atlantis; a real table comes out of a model.
//! let atlantis = Embedded::from_rule(|_: Entry| catalogue()[8].label);
//! let request = Request::post("/recommendations").body(Body::from(r#"{"entry": [1,2,3,4,5]}"#))?;
//! let answer = router(atlantis).oneshot(request).await?.into_body().collect().await?.to_bytes();
//! assert_eq!(answer, r#"{"recommendedMysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c"}"#);
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `endpoint` | the backend `Endpoint`, which asks a SageMaker endpoint through the AWS SDK; off by default |
//! | `cases` | bad requests as data, for tests of whatever wraps the router; off by default |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod adoption;
mod backend;
#[cfg(feature = "cases")]
pub mod cases;
mod cors;
pub mod mark;
mod problem;
mod recommender;
mod request;
mod routes;
pub mod table;

pub use adoption::{Adoption, Adoptions};
#[cfg(feature = "endpoint")]
pub use backend::{Credentials, Endpoint, EndpointSettings, Patience, Roots, RootsError};
pub use backend::{Embedded, Fallback, InProcess, UnfitModel};
pub use cors::{AllowOrigin, AllowOriginError};
pub use problem::Problem;
pub use recommender::{BoxFuture, FallbackFrom, FallbackReason, RecommendError, Recommended, Recommender};
pub use routes::{MAX_BODY_BYTES, OpenApi, guarded, router, router_for, routes, routes_with, with_preflight};
