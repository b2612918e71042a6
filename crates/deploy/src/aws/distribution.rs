//! CloudFront: telling the caches that files have changed.

use http::{Method, header};

use super::{
    Aws,
    client::{Call, Service, element},
};
use crate::error::ServiceError;

const CLOUDFRONT: Service = Service {
    id: "CloudFront",
    signing_name: "cloudfront",
    host: "cloudfront",
    target: "",
    only_region: Some("us-east-1"),
};

impl Aws {
    /// Has the caches forget these paths; returns the invalidation's id. The same reference again is the same
    /// invalidation.
    ///
    /// # Errors
    /// CloudFront's.
    pub async fn invalidate(
        &self,
        distribution: &str,
        paths: &[&str],
        reference: &str,
    ) -> Result<String, ServiceError> {
        let items: String = paths.iter().flat_map(|path| ["<Path>", path, "</Path>"]).collect();
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">\
             <Paths><Quantity>{}</Quantity><Items>{items}</Items></Paths>\
             <CallerReference>{reference}</CallerReference></InvalidationBatch>",
            paths.len()
        );
        let call = Call {
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
    ///
    /// # Errors
    /// CloudFront's.
    pub async fn is_invalidated(&self, distribution: &str, id: &str) -> Result<bool, ServiceError> {
        let call = Call {
            operation: "GetInvalidation",
            method: Method::GET,
            path: &format!("/2020-05-31/distribution/{distribution}/invalidation/{id}"),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        };
        let body = self.client.send(CLOUDFRONT, call).await?;
        Ok(element(&String::from_utf8_lossy(&body), "Status") == Some("Completed"))
    }
}
