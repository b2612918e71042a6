//! The DNS records of the custom domain, for zones that the stack does not change. Pure.

use mysfits_infra::website::{output, parameter};

use crate::aws::stacks::StackState;

/// Returns the custom domain for which the stack makes no DNS records.
fn unmanaged_domain(website: &StackState) -> Option<&str> {
    let value =
        |name: &str| website.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
    value(parameter::DOMAIN_NAME).filter(|_| value(parameter::HOSTED_ZONE_ID).is_none())
}

/// Returns the DNS records that the user makes, as text; `None` if there is no custom domain or the stack makes them.
pub(crate) fn records(website: &StackState) -> Option<String> {
    let domain = unmanaged_domain(website)?;
    let target = website.outputs.get(output::DISTRIBUTION_DOMAIN_NAME)?;
    Some(format!(
        "DNS records to make for {domain}, unless they exist:\n  {domain}. CNAME {target}.\n  or, at the top of a zone, an alias \
         (ALIAS, ANAME) to {target}"
    ))
}

/// Returns the address at which the site can be tested: CloudFront's own while the domain's records may not exist yet.
pub(crate) fn test_address(website: &StackState, site_url: &str) -> String {
    let target =
        unmanaged_domain(website).and_then(|_| website.outputs.get(output::DISTRIBUTION_DOMAIN_NAME));
    target.map_or_else(|| site_url.to_owned(), |target| format!("https://{target}/"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::StackStatus;

    use super::*;

    fn state(parameters: &[(&str, &str)]) -> StackState {
        let outputs = [("DistributionDomainName", "d1.cloudfront.net")];
        StackState::in_status(StackStatus::CreateComplete).with_parameters(parameters).with_outputs(&outputs)
    }

    #[test]
    fn names_the_records_that_the_stack_does_not_make() {
        let own = "https://mysfits.example.com/";
        let elsewhere = state(&[("DomainName", "mysfits.example.com"), ("HostedZoneId", "")]);
        let text = records(&elsewhere).unwrap();
        assert!(text.contains("mysfits.example.com. CNAME d1.cloudfront.net."), "{text}");
        assert_eq!(test_address(&elsewhere, own), "https://d1.cloudfront.net/");
        let managed = state(&[("DomainName", "mysfits.example.com"), ("HostedZoneId", "Z1")]);
        assert_eq!((records(&managed), test_address(&managed, own).as_str()), (None, own));
        let without = state(&[("DomainName", "")]);
        assert_eq!((records(&without), test_address(&without, own).as_str()), (None, own));
    }
}
