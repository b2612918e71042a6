//! Selection of flows and steps by a part of their name.

use std::fmt::Write as _;

use anyhow::{Result, bail};

/// Returns the names that contain at least one of `parts`, in their own order. Without parts, returns all names.
///
/// # Errors
/// If no name contains one of the parts. The message lists the names; `kind` says what they name.
pub fn select<'a>(kind: &str, names: &[&'a str], parts: &[String]) -> Result<Vec<&'a str>> {
    for part in parts {
        if !names.iter().any(|name| name.contains(part)) {
            let mut message = format!("no {kind} has {part:?} in its name; choose from these:");
            for name in names {
                write!(message, "\n  {name}")?;
            }
            bail!(message);
        }
    }
    let is_selected = |name: &&str| parts.is_empty() || parts.iter().any(|part| name.contains(part));
    Ok(names.iter().copied().filter(is_selected).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["deploy", "deploy again", "destroy"];

    fn selected(parts: &[&str]) -> Result<Vec<&'static str>> {
        let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        select("step", &NAMES, &parts)
    }

    #[test]
    fn returns_all_names_without_parts() {
        assert_eq!(selected(&[]).unwrap(), NAMES);
        assert_eq!(selected(&[""]).unwrap(), NAMES);
    }

    #[test]
    fn returns_each_matching_name_once_in_order() {
        assert_eq!(selected(&["destroy", "again", "deploy ag"]).unwrap(), ["deploy again", "destroy"]);
    }

    #[test]
    fn lists_the_names_if_a_part_matches_none() {
        let error = selected(&["deploy", "launch"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "no step has \"launch\" in its name; choose from these:\n  deploy\n  deploy again\n  destroy"
        );
    }
}
