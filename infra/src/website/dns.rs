//! The DNS records of the custom domain.

use super::{HAS_HOSTED_ZONE, output, parameter, resource};
use crate::{
    cfn::{Draft, attribute, parameter as value},
    resource::route53::{AliasTarget, RecordSet},
};

/// The hosted zone of all distributions, in the partition `aws`.
///
/// Source: AWS CloudFormation's reference of `AWS::Route53::RecordSet AliasTarget`.
const CLOUD_FRONT_ZONE: &str = "Z2FDTNDATAQYW2";

/// Adds the records, and the output for those who make them elsewhere.
pub(super) fn add(draft: &mut Draft) {
    for (id, r#type) in [(resource::ADDRESS_RECORD, "A"), (resource::IPV6_ADDRESS_RECORD, "AAAA")] {
        let record = RecordSet {
            hosted_zone_id: value(parameter::HOSTED_ZONE_ID),
            name: value(parameter::DOMAIN_NAME),
            r#type,
            alias_target: AliasTarget {
                dns_name: attribute(resource::DISTRIBUTION, "DomainName"),
                hosted_zone_id: CLOUD_FRONT_ZONE.into(),
            },
        };
        draft.add(id, record).when(HAS_HOSTED_ZONE);
    }
    let domain = attribute(resource::DISTRIBUTION, "DomainName");
    draft.output(output::DISTRIBUTION_DOMAIN_NAME, "CloudFront's domain name of the site", domain);
}
