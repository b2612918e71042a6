//! Members of requests that are not emulated.

use crate::aws::json::{ApiError, Input};

/// Refuses the first member of a structure that is not among the supported ones. `path` is the structure in the request, with
/// a dot at the end; empty for the request itself.
pub(super) fn refuse_others(structure: &Input, path: &str, supported: &[&str]) -> Result<(), ApiError> {
    let is_other = |(name, value): &(&String, _)| {
        !supported.contains(&name.as_str()) && *value != &serde_json::Value::Null
    };
    match structure.iter().find(is_other) {
        Some((name, _)) => {
            Err(ApiError::validation(format!("{path}{name} is not emulated here; leave it out")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refuses_other_members_by_name() {
        let structure = json!({ "A": 1, "B": null, "C": 2 });
        let structure = structure.as_object().unwrap();
        assert_eq!(refuse_others(structure, "", &["A", "C"]), Ok(()));
        let error = refuse_others(structure, "X.", &["A"]).unwrap_err();
        assert_eq!(error.message, "X.C is not emulated here; leave it out");
    }
}
