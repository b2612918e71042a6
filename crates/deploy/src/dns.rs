//! The DNS records of custom domains, for zones that the stacks do not change. Pure.

use mysfits_infra::{recommendations, website};

use crate::aws::stacks::StackState;

/// How a stack has a custom domain.
pub(crate) struct CustomDomain {
    /// The parameter with the domain's name.
    domain: &'static str,
    /// The parameter with the hosted zone in which the stack makes its records.
    hosted_zone: &'static str,
    /// The output with the target of the records.
    target: &'static str,
}

/// The site's domain.
pub(crate) const SITE_DOMAIN: CustomDomain = CustomDomain {
    domain: website::parameter::DOMAIN_NAME,
    hosted_zone: website::parameter::HOSTED_ZONE_ID,
    target: website::output::DISTRIBUTION_DOMAIN_NAME,
};

/// The API's domain.
pub(crate) const API_DOMAIN: CustomDomain = CustomDomain {
    domain: recommendations::parameter::API_DOMAIN_NAME,
    hosted_zone: recommendations::parameter::API_HOSTED_ZONE_ID,
    target: recommendations::output::API_REGIONAL_DOMAIN_NAME,
};

impl CustomDomain {
    /// Returns the domain and the target of its records, if the stack does not make them.
    fn unmanaged<'a>(&self, state: &'a StackState) -> Option<(&'a str, &'a str)> {
        let value =
            |name: &str| state.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let domain = value(self.domain).filter(|_| value(self.hosted_zone).is_none())?;
        Some((domain, state.outputs.get(self.target)?))
    }

    /// Returns the DNS records that the user makes, as text; `None` if there is no custom domain or the stack makes them.
    pub(crate) fn records(&self, state: &StackState) -> Option<String> {
        let (domain, target) = self.unmanaged(state)?;
        Some(format!(
            "DNS records to make for {domain}, unless they exist:\n  {domain}. CNAME {target}.\n  or, at the top of a zone, an alias \
             (ALIAS, ANAME) to {target}"
        ))
    }
}

/// Returns the address at which the site can be tested: CloudFront's own while the domain's records may not exist yet.
pub(crate) fn site_test_url(website: &StackState, site_url: &str) -> String {
    let unmanaged = SITE_DOMAIN.unmanaged(website);
    unmanaged.map_or_else(|| site_url.to_owned(), |(_, target)| format!("https://{target}/"))
}

/// Returns the address at which the API can be tested: its default one while the domain's records may not exist yet. At the
/// domain's target, the certificate would be the wrong one.
pub(crate) fn api_test_url(recommendations: &StackState, api_url: &str) -> String {
    let default = recommendations.outputs.get(recommendations::output::DEFAULT_API_ENDPOINT);
    let default = API_DOMAIN.unmanaged(recommendations).and(default);
    default.map_or_else(|| api_url.to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::StackStatus;

    use super::*;

    fn state(parameters: &[(&str, &str)]) -> StackState {
        let outputs = [
            ("DistributionDomainName", "d1.cloudfront.net"),
            ("ApiRegionalDomainName", "d-1.execute-api.eu-west-1.amazonaws.com"),
            ("DefaultApiEndpoint", "https://a1.execute-api.eu-west-1.amazonaws.com/prod"),
        ];
        StackState::in_status(StackStatus::CreateComplete).with_parameters(parameters).with_outputs(&outputs)
    }

    #[test]
    fn names_the_records_that_the_stack_does_not_make() {
        type TestUrl = fn(&StackState, &str) -> String;
        let cases: [(&CustomDomain, TestUrl, &str, &str); 2] = [
            (&SITE_DOMAIN, site_test_url, "d1.cloudfront.net", "https://d1.cloudfront.net/"),
            (
                &API_DOMAIN,
                api_test_url,
                "d-1.execute-api.eu-west-1.amazonaws.com",
                "https://a1.execute-api.eu-west-1.amazonaws.com/prod",
            ),
        ];
        for (domain, test_url, target, default_url) in cases {
            let own = "https://mysfits.example.com";
            let check = |name: &str, zone: &str| {
                let state = state(&[(domain.domain, name), (domain.hosted_zone, zone)]);
                (domain.records(&state), test_url(&state, own))
            };
            let (text, url) = check("mysfits.example.com", "");
            let text = text.unwrap();
            assert!(text.contains(&format!("mysfits.example.com. CNAME {target}.")), "{text}");
            assert_eq!(url, default_url);
            assert_eq!(check("mysfits.example.com", "Z1"), (None, own.to_owned()));
            assert_eq!(check("", ""), (None, own.to_owned()));
        }
    }
}
