//! The tagging API: all resources with our tag.

use mysfits_infra::PROJECT_TAG;
use serde::Deserialize;
use serde_json::json;

use super::{Aws, client::AwsService, sagemaker::ResourceTag};
use crate::error::AwsError;

const TAGGING: AwsService = AwsService {
    id: "Resource Groups Tagging API",
    signing_name: "tagging",
    host: "tagging",
    target: "ResourceGroupsTaggingAPI_20170126",
    only_region: None,
};

/// A resource with our tag. The service also lists resources that were deleted some time ago.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tagged {
    /// Its ARN.
    #[serde(rename = "ResourceARN")]
    pub arn: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<ResourceTag>,
}

impl Tagged {
    /// Returns the value of a tag.
    #[must_use]
    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
    }
}

impl Aws {
    /// Returns all resources in a region that have our tag.
    pub(crate) async fn tagged(&self, region: &str) -> Result<Vec<Tagged>, AwsError> {
        let input = json!({"TagFilters": [{"Key": PROJECT_TAG.0, "Values": [PROJECT_TAG.1]}]});
        let members = ["ResourceTagMappingList", "PaginationToken"];
        self.client.in_region(region).json_list(TAGGING, "GetResources", input, members).await
    }
}
