//! Proxies to the deployed site and APIs, which on AWS have public host names.
//!
//! Both forward method, path, query, headers, body and status unchanged, streamed. The site's proxy forwards to the newest
//! distribution; that of the APIs expects `/<api-id>/<stage>/<path>`.

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use local_sagemaker::aws::s3::elements;

use crate::emulator::Emulator;

/// Headers that belong to one connection.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Returns the proxy to the newest distribution.
pub fn site(emulator: Emulator) -> Router {
    Router::new().fallback(to_distribution).with_state(emulator)
}

/// Returns the proxy to APIs, by id and stage.
pub fn api(emulator: Emulator) -> Router {
    Router::new().fallback(to_api).with_state(emulator)
}

async fn to_distribution(State(emulator): State<Emulator>, request: Request) -> Response {
    let host = match newest_distribution(&emulator).await {
        Ok(Some(domain)) => domain,
        Ok(None) => return missing("there is no distribution yet: deploy the stack with the website"),
        Err(error) => return missing(&error),
    };
    let Ok(host) = HeaderValue::from_str(&host) else {
        return missing("the distribution's domain is not a host name");
    };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    forward(&emulator, request, &path, Some(host)).await
}

/// Returns the domain of the distribution that was changed last.
async fn newest_distribution(emulator: &Emulator) -> Result<Option<String>, String> {
    let request = Request::get(format!("{}/2020-05-31/distribution", emulator.url())).body(Bytes::new());
    let request = request.map_err(|error| error.to_string())?;
    let (status, body) =
        emulator.client().call("cloudfront", request).await.map_err(|error| error.to_string())?;
    let xml = String::from_utf8_lossy(&body);
    if !status.is_success() {
        return Err(format!("cannot list the distributions: {status} {xml}"));
    }
    // A summary also has the origins' domains; its own ends with CloudFront's suffix.
    let summaries = elements(&xml, "DistributionSummary").filter_map(|summary| {
        let modified = elements(&summary, "LastModifiedTime").next()?;
        let domain = elements(&summary, "DomainName").find(|domain| domain.ends_with(".cloudfront.net"))?;
        Some((modified, domain))
    });
    Ok(summaries.max().map(|(_, domain)| domain))
}

async fn to_api(State(emulator): State<Emulator>, request: Request) -> Response {
    let Some(path) = api_path(request.uri()) else {
        let message = "the path must be /<api-id>/<stage>/<path>";
        return (StatusCode::NOT_FOUND, Json(json!({ "message": message }))).into_response();
    };
    forward(&emulator, request, &path, None).await
}

/// Returns the emulator's path for an API's request.
fn api_path(uri: &Uri) -> Option<String> {
    let mut parts = uri.path().strip_prefix('/')?.splitn(3, '/');
    let (api, stage) = (parts.next()?, parts.next()?);
    let rest = parts.next().unwrap_or_default();
    if api.is_empty() || stage.is_empty() {
        return None;
    }
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    Some(format!("/restapis/{api}/{stage}/_user_request_/{rest}{query}"))
}

async fn forward(
    emulator: &Emulator,
    request: Request,
    path: &str,
    viewer_host: Option<HeaderValue>,
) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.uri = match format!("{}{path}", emulator.url()).parse() {
        Ok(uri) => uri,
        Err(error) => return bad_gateway(&format!("cannot forward {path}: {error}")),
    };
    remove_hop_by_hop(&mut parts.headers);
    // On AWS both support only TLS.
    parts.headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
    match viewer_host {
        Some(host) => parts.headers.insert(header::HOST, host),
        // The client sets the emulator's host.
        None => parts.headers.remove(header::HOST),
    };
    match emulator.view(Request::from_parts(parts, body)).await {
        Ok(response) => {
            let mut response = response.map(Body::new);
            remove_hop_by_hop(response.headers_mut());
            response
        }
        Err(error) => bad_gateway(&error.to_string()),
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn missing(message: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "message": message }))).into_response()
}

fn bad_gateway(message: &str) -> Response {
    (StatusCode::BAD_GATEWAY, Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_the_path_to_an_api() {
        let check = |uri: &str, expected: Option<&str>| {
            assert_eq!(api_path(&uri.parse().unwrap()).as_deref(), expected, "{uri}");
        };
        let recommendations = "/restapis/a1/prod/_user_request_/recommendations";
        check("/a1/prod/recommendations", Some(recommendations));
        check("/a1/prod/x/%20y?z=1&z=2", Some("/restapis/a1/prod/_user_request_/x/%20y?z=1&z=2"));
        check("/a1/prod", Some("/restapis/a1/prod/_user_request_/"));
        check("/a1", None);
        check("//prod/x", None);
        check("/", None);
    }
}
