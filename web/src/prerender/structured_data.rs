//! Structured data for search engines: JSON-LD with the vocabulary of schema.org. Browsers do not run it, so the content security
//! policy allows it in a page.

use mysfits_site::sharing::{PageMetadata, SITE_NAME};
use serde_json::{Value, json};

use crate::state::{StaticPage, home_path};

/// Returns the element with the structured data of a page: the home page is the site, other pages are parts of it.
pub(super) fn script(page: StaticPage, metadata: &PageMetadata<'_>) -> String {
    let PageMetadata { locale, title, summary, card, .. } = *metadata;
    let mut data = json!({
        "@type": "WebSite",
        "name": SITE_NAME.get(locale),
        "url": home_path(locale),
        "inLanguage": locale.code(),
    });
    if page != StaticPage::Home {
        data = json!({
            "@type": "WebPage",
            "name": title,
            "url": metadata.path(),
            "inLanguage": locale.code(),
            "isPartOf": data,
        });
    }
    data["description"] = Value::from(summary);
    if let StaticPage::Profile(id) = page {
        let name = id.mysfit().name.get(locale);
        data["about"] = json!({ "@type": "Thing", "name": name, "description": summary, "image": card });
    }
    data["@context"] = Value::from("https://schema.org");
    // A text cannot end the element.
    let json = data.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/ld+json\">{json}</script>\n")
}
