//! The tagging API: all resources with the tags of our stage.

use mysfits_infra::names::tags;
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

/// A resource with our tags. The service also lists resources that were deleted some time ago.
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

impl Aws {
    /// Returns all resources in a region that have the tags of our stage.
    pub(crate) async fn tagged(&self, region: &str) -> Result<Vec<Tagged>, AwsError> {
        // A resource must match all filters.
        let filters = tags(&self.stage).map(|(key, value)| json!({"Key": key, "Values": [value]}));
        let input = json!({"TagFilters": filters});
        let members = ["ResourceTagMappingList", "PaginationToken"];
        self.client.in_region(region).json_list(TAGGING, "GetResources", input, members).await
    }
}
