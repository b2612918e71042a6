//! The resource types of this stack: structs with CloudFormation's own names, as far as they are used.

use mysfits_infra::cfn::{PolicyDocument, Properties, Text};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Bucket {
    pub public_access_block_configuration: PublicAccessBlock,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicAccessBlock {
    pub block_public_acls: bool,
    pub block_public_policy: bool,
    pub ignore_public_acls: bool,
    pub restrict_public_buckets: bool,
}

impl Properties for Bucket {
    const TYPE: &'static str = "AWS::S3::Bucket";
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "DomainName", "RegionalDomainName"];
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    pub assume_role_policy_document: PolicyDocument,
    pub policies: [Policy; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    pub policy_name: &'static str,
    pub policy_document: PolicyDocument,
}

impl Properties for Role {
    const TYPE: &'static str = "AWS::IAM::Role";
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "RoleId"];
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeliveryStream {
    pub delivery_stream_type: &'static str,
    pub extended_s3_destination_configuration: Destination,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Destination {
    #[serde(rename = "BucketARN")]
    pub bucket_arn: Text,
    #[serde(rename = "RoleARN")]
    pub role_arn: Text,
    pub compression_format: Text,
    pub prefix: &'static str,
}

impl Properties for DeliveryStream {
    const TYPE: &'static str = "AWS::KinesisFirehose::DeliveryStream";
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
}
