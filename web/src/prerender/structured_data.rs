//! Structured data for search engines: JSON-LD with the vocabulary of schema.org. Browsers do not run it, so the content security
//! policy allows it in a page.

use mysfits_domain::MysfitId;
use mysfits_site::sharing::{PageMetadata, SITE_NAME};
use serde_json::{Value, json};

use crate::state::home_path;

/// Returns the element with the structured data of a page: of a page about a mysfit, or of the site.
pub(super) fn script(about: Option<MysfitId>, metadata: &PageMetadata<'_>) -> String {
    let PageMetadata { locale, title, summary, card, .. } = *metadata;
    let mut site = json!({
        "@type": "WebSite",
        "name": SITE_NAME.get(locale),
        "url": home_path(locale),
        "inLanguage": locale.code(),
    });
    let mut data = match about {
        None => {
            site["description"] = Value::from(summary);
            site
        }
        Some(id) => json!({
            "@type": "WebPage",
            "name": title,
            "url": metadata.path(),
            "inLanguage": locale.code(),
            "isPartOf": site,
            "about": {
                "@type": "Thing",
                "name": id.mysfit().name.get(locale),
                "description": summary,
                "image": card,
            },
        }),
    };
    data["@context"] = Value::from("https://schema.org");
    // A text cannot end the element.
    let json = data.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/ld+json\">{json}</script>\n")
}
