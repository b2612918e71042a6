//! The tagging API: everything that carries our tag, whatever it is.

use mysfits_infra::PROJECT_TAG;
use serde::Deserialize;
use serde_json::json;

use super::{Aws, client::Service, sagemaker::Tag};
use crate::error::ServiceError;

const TAGGING: Service = Service {
    id: "Resource Groups Tagging API",
    signing_name: "tagging",
    host: "tagging",
    target: "ResourceGroupsTaggingAPI_20170126",
    only_region: None,
};

/// Something that carries our tag, or did a while ago: the service is slow to forget.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tagged {
    /// What it is.
    #[serde(rename = "ResourceARN")]
    pub arn: String,
    /// All its tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Tagged {
    /// Returns the value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    resource_tag_mapping_list: Vec<Tagged>,
    pagination_token: Option<String>,
}

impl Aws {
    /// Returns all resources in a region that have our tag.
    ///
    /// # Errors
    /// The tagging API's.
    pub async fn tagged(&self, region: &str) -> Result<Vec<Tagged>, ServiceError> {
        let client = self.client.in_region(region);
        let mut found = Vec::new();
        let mut input = json!({"TagFilters": [{"Key": PROJECT_TAG.0, "Values": [PROJECT_TAG.1]}]});
        loop {
            let page: Page = client.json(TAGGING, "GetResources", &input).await?;
            found.extend(page.resource_tag_mapping_list);
            let Some(token) = page.pagination_token.filter(|token| !token.is_empty()) else {
                return Ok(found);
            };
            input["PaginationToken"] = token.into();
        }
    }
}
