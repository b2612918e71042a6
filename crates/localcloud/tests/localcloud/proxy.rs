use axum::{body::Body, extract::Request};
use mysfits_localcloud::proxy;

use crate::support::{Cloud, ask};

fn request(path: &str) -> Request {
    let request = Request::patch(path).header("x-asked", "this").header("host", "127.0.0.1:9");
    request.header("connection", "close").body(Body::from("the body")).unwrap()
}

#[tokio::test]
async fn the_site_is_the_newest_distributions() {
    let cloud = Cloud::start().await;
    let site = proxy::site(cloud.emulator.clone());
    let (status, _, body) = ask(&site, request("/")).await;
    assert_eq!(status, 503);
    assert!(body.contains("there is no distribution yet: deploy the stack with the website"), "{body}");

    let summary = |id: &str, time: &str| {
        format!(
            "<DistributionSummary><Id>{id}</Id><LastModifiedTime>{time}</LastModifiedTime><Origins><Items><Origin>\
             <DomainName>b.s3.us-east-1.amazonaws.com</DomainName></Origin></Items></Origins>\
             <DomainName>{id}.cloudfront.net</DomainName></DistributionSummary>"
        )
    };
    let [old, new] = [summary("dold", "2026-11-22T10:00:00Z"), summary("dnew", "2026-11-22T11:00:00Z")];
    cloud.held.lock().unwrap().distributions =
        format!("<DistributionList><Items>{new}{old}</Items></DistributionList>");
    let (status, headers, body) = ask(&site, request("/")).await;
    assert_eq!(status, 418, "{body}");
    assert_eq!(headers["x-answer"], "kept");
    // What concerns one connection only is not passed on.
    assert_eq!(body, "PATCH / host=dnew.cloudfront.net proto=https x-asked=this connection=- the body");
}

#[tokio::test]
async fn an_api_is_reached_by_id_and_stage() {
    let cloud = Cloud::start().await;
    let api = proxy::api(cloud.emulator.clone());
    let (status, headers, body) = ask(&api, request("/a1/prod/recommendations?x=%20&y")).await;
    assert_eq!((status.as_u16(), headers["x-answer"].to_str().unwrap()), (418, "kept"));
    let host = cloud.emulator.url().strip_prefix("http://").unwrap();
    let path = "/restapis/a1/prod/_user_request_/recommendations?x=%20&y";
    assert_eq!(body, format!("PATCH {path} host={host} proto=https x-asked=this connection=- the body"));
    assert_eq!(ask(&api, request("/a1")).await.0, 404);
}
