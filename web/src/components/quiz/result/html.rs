//! HTML of lists as text: a view for each element would need several times as much code.

use crate::i18n::interpolate;

/// Returns HTML with each placeholder `{name}` replaced by a text, which is escaped.
pub fn fill(html: &str, texts: &[(&str, &str)]) -> String {
    let escaped: Vec<(&str, String)> = texts.iter().map(|(name, text)| (*name, escape(text))).collect();
    let values: Vec<(&str, &str)> = escaped.iter().map(|(name, text)| (*name, text.as_str())).collect();
    interpolate(html, &values)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn escapes_texts() {
        let html = fill("<a href=\"{a}\">{b}</a>", &[("a", "/?x=\"&y"), ("b", "<b> {a}")]);
        assert_eq!(html, "<a href=\"/?x=&quot;&amp;y\">&lt;b> {a}</a>");
    }
}
