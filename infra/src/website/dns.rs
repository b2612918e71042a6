//! The DNS records of the custom domain.

use super::{DOMAIN, output, resource};
use crate::{
    cfn::{Draft, attribute},
    resource::route53::AliasTarget,
};

/// The hosted zone of all distributions, in the partition `aws`.
///
/// Source: AWS CloudFormation's reference of `AWS::Route53::RecordSet AliasTarget`.
const CLOUD_FRONT_ZONE: &str = "Z2FDTNDATAQYW2";

/// Adds the records, and the output for those who make them elsewhere.
pub(super) fn add(draft: &mut Draft) {
    let target = AliasTarget {
        dns_name: attribute(resource::DISTRIBUTION, "DomainName"),
        hosted_zone_id: CLOUD_FRONT_ZONE.into(),
    };
    DOMAIN.records(draft, [resource::ADDRESS_RECORD, resource::IPV6_ADDRESS_RECORD], &target);
    let words = "CloudFront's domain name of the site";
    draft.output(output::DISTRIBUTION_DOMAIN_NAME, words, target.dns_name);
}
