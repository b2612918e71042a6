//! HTTP requests through the routes of the endpoint and of the API: any method, target, headers and body.
#![no_main]

use std::sync::OnceLock;

use axum::Router;
use libfuzzer_sys::{Corpus, fuzz_target};
use mysfits_sagemaker_fuzz::http::{request, routes, send};

fuzz_target!(|input: &[u8]| -> Corpus {
    static ROUTES: OnceLock<Router> = OnceLock::new();
    let Some(request) = request(input) else { return Corpus::Reject };
    send(ROUTES.get_or_init(routes), request);
    Corpus::Keep
});
