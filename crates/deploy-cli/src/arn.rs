//! ARNs in options.

/// Returns the ARN of a managed policy.
pub(crate) fn policy_arn(text: &str) -> Result<String, &'static str> {
    iam_arn(text, "policy/")
        .ok_or("expected the ARN of a policy, such as arn:aws:iam::123456789012:policy/NAME")
}

/// Returns the ARN of a role.
pub(crate) fn role_arn(text: &str) -> Result<String, &'static str> {
    iam_arn(text, "role/").ok_or("expected the ARN of a role, such as arn:aws:iam::123456789012:role/NAME")
}

fn iam_arn(text: &str, kind: &str) -> Option<String> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts[..] else { return None };
    let is_account =
        account == "aws" || account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_iam = arn == "arn" && partition.starts_with("aws") && service == "iam" && region.is_empty();
    let has_name = resource.strip_prefix(kind).is_some_and(|name| !name.is_empty());
    (is_iam && is_account && has_name).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_arns_of_their_kind() {
        assert!(policy_arn("arn:aws:iam::123456789012:policy/company/boundary").is_ok());
        assert!(policy_arn("arn:aws-cn:iam::aws:policy/PowerUserAccess").is_ok());
        assert!(role_arn("arn:aws:iam::123456789012:role/cloudformation").is_ok());
        for wrong in ["", "boundary", "arn:aws:iam::123456789012:role/x", "arn:aws:iam::123456789012:policy/"]
        {
            assert!(policy_arn(wrong).is_err_and(|words| words.contains("ARN of a policy")), "{wrong}");
        }
        assert!(role_arn("arn:aws:iam::1:role/x").is_err_and(|words| words.contains("ARN of a role")));
    }
}
