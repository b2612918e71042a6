//! DNS records.

use crate::cfn::Text;

super::property_types! {
    struct RecordSet = "AWS::Route53::RecordSet" [] {
        hosted_zone_id: Text,
        name: Text,
        r#type: &'static str,
        alias_target: AliasTarget,
    }

    /// The AWS resource that an alias record points to.
    struct AliasTarget {
        #[serde(rename = "DNSName")]
        dns_name: Text,
        hosted_zone_id: Text,
    }
}
