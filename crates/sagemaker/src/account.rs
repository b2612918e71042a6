//! The account and the region that ARNs and messages name.

use std::sync::Arc;

/// The account in messages and log names: AWS's placeholder.
pub const ACCOUNT: &str = "123456789012";
/// The region in messages and log names.
pub const REGION: &str = "us-east-1";

/// An account in a region. Cheap to clone. By default, AWS's placeholder account in us-east-1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountRegion {
    account: Arc<str>,
    region: Arc<str>,
}

impl Default for AccountRegion {
    fn default() -> Self {
        Self::new(ACCOUNT, REGION)
    }
}

impl AccountRegion {
    /// Creates a pair of an account id (12 digits) and a region; neither is validated.
    pub fn new(account: impl Into<Arc<str>>, region: impl Into<Arc<str>>) -> Self {
        Self { account: account.into(), region: region.into() }
    }

    /// Returns the account id.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the ARN of a resource of a service, in the region's partition.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Self { account, region } = self;
        format!("arn:{}:{service}:{region}:{account}:{resource}", self.partition())
    }

    /// Returns the partition of the region: `aws`, `aws-cn` or `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_in_the_partition_of_the_region() {
        assert_eq!(
            AccountRegion::default().arn("sagemaker", "model/m"),
            "arn:aws:sagemaker:us-east-1:123456789012:model/m"
        );
        let china = AccountRegion::new("000000000000", "cn-north-1");
        assert_eq!(china.arn("logs", "x"), "arn:aws-cn:logs:cn-north-1:000000000000:x");
        assert_eq!(AccountRegion::new("0", "us-gov-west-1").partition(), "aws-us-gov");
    }
}
