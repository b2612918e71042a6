//! The scripts that are written by hand.

/// Returns a script without comments and indentation.
pub(crate) fn without_comments(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Returns the script that loads the code of `glue` and `wasm`. The content security policy forbids inline scripts, so it is a file.
pub(crate) fn loader(glue: &str, wasm: &str) -> String {
    let code =
        include_str!("loader.js").replace("GLUE", &format!("/{glue}")).replace("WASM", &format!("/{wasm}"));
    without_comments(&code)
}

#[cfg(test)]
mod tests {
    use mysfits_site::{language, settings::SiteSettings};

    use super::*;

    #[test]
    fn removes_comments_and_indentation() {
        assert_eq!(without_comments("// a\nif (b) {\n  // c\n  d();\n}\n\n"), "if (b) {\nd();\n}\n");
    }

    #[test]
    fn the_language_is_stored_where_hosts_read_it() {
        let loader = loader("glue", "wasm");
        let (cookie, parameter) = (language::COOKIE, language::PARAMETER);
        assert!(loader.contains(&format!("document.cookie = `{cookie}=${{code}};")), "{loader}");
        assert!(loader.contains(&format!(".get(\"{parameter}\")")), "{loader}");
    }

    #[test]
    fn profiles_without_services_need_no_code() {
        let loader = loader("glue", "wasm");
        let (_, rest) = loader.split_once("const SERVICES = [").expect("a list");
        let (list, _) = rest.split_once(']').expect("the list ends");
        let services: Vec<_> = list.split(", ").map(|key| key.trim_matches('"')).collect();
        assert_eq!(services.len(), 4);
        for key in services {
            let settings = SiteSettings::parse_lenient(format!("{{\"{key}\": \"\"}}").as_bytes());
            assert_ne!(settings, SiteSettings::default(), "{key} is not a setting");
            assert_eq!(settings.recommendations_api_endpoint, None, "profiles do not recommend");
        }
    }
}
