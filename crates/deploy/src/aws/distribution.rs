//! CloudFront: cache invalidation, and names of resources without tags.

use http::{Method, header};

use super::{
    Aws,
    client::{AwsService, ServiceRequest, element},
};
use crate::error::AwsError;

pub(super) const CLOUDFRONT: AwsService = AwsService {
    id: "CloudFront",
    signing_name: "cloudfront",
    host: "cloudfront",
    target: "",
    only_region: Some("us-east-1"),
};

impl Aws {
    /// Invalidates these paths in the caches; returns the invalidation's id. Repeating a reference creates no second
    /// invalidation.
    pub(crate) async fn invalidate(
        &self,
        distribution: &str,
        paths: &[&str],
        reference: &str,
    ) -> Result<String, AwsError> {
        let items: String = paths.iter().flat_map(|path| ["<Path>", path, "</Path>"]).collect();
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">\
             <Paths><Quantity>{}</Quantity><Items>{items}</Items></Paths>\
             <CallerReference>{reference}</CallerReference></InvalidationBatch>",
            paths.len()
        );
        let call = ServiceRequest {
            operation: "CreateInvalidation",
            method: Method::POST,
            path: &format!("/2020-05-31/distribution/{distribution}/invalidation"),
            headers: vec![(header::CONTENT_TYPE, "application/xml".to_owned())],
            body: xml.into(),
        };
        let body = self.client.send(CLOUDFRONT, call).await?;
        Ok(element(&String::from_utf8_lossy(&body), "Id").unwrap_or_default().to_owned())
    }

    /// Returns whether the invalidation is complete.
    pub(crate) async fn is_invalidated(&self, distribution: &str, id: &str) -> Result<bool, AwsError> {
        let call = ServiceRequest {
            operation: "GetInvalidation",
            method: Method::GET,
            path: &format!("/2020-05-31/distribution/{distribution}/invalidation/{id}"),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        };
        let body = self.client.send(CLOUDFRONT, call).await?;
        Ok(element(&String::from_utf8_lossy(&body), "Status") == Some("Completed"))
    }

    /// Returns the names of the account's own cache policies, response headers policies, origin access controls and
    /// functions that begin with `prefix`. They have no tags, or lose them.
    pub(crate) async fn cloudfront_names(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        let mut found = Vec::new();
        for (operation, list) in [
            ("ListCachePolicies", "cache-policy?MaxItems=100&Type=custom"),
            ("ListResponseHeadersPolicies", "response-headers-policy?MaxItems=100&Type=custom"),
            ("ListOriginAccessControls", "origin-access-control?MaxItems=100"),
            ("ListFunctions", "function?MaxItems=100"),
        ] {
            let mut marker = String::new();
            loop {
                let call = ServiceRequest {
                    operation,
                    method: Method::GET,
                    path: &format!("/2020-05-31/{list}{marker}"),
                    headers: Vec::new(),
                    body: bytes::Bytes::new(),
                };
                let body = self.client.send(CLOUDFRONT, call).await?;
                let page = String::from_utf8_lossy(&body);
                let names = page.split("<Name>").skip(1).filter_map(|rest| rest.split("</Name>").next());
                found.extend(names.filter(|name| name.starts_with(prefix)).map(str::to_owned));
                match element(&page, "NextMarker") {
                    Some(next) if !next.is_empty() => marker = format!("&Marker={next}"),
                    _ => break,
                }
            }
        }
        // A function is listed for each of its stages.
        found.sort();
        found.dedup();
        Ok(found)
    }
}
