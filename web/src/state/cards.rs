//! The data of the mysfits' cards in the document. The code has no copy of the catalogue.

use mysfits_domain::MysfitId;

use crate::browser;

/// What a card holds of its mysfit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardData {
    pub id: MysfitId,
    /// The mysfit's name in addresses.
    pub slug: String,
    /// The mysfit's name in the page's language.
    pub name: String,
    /// The address of the portrait.
    pub portrait: String,
}

impl CardData {
    /// Returns the data of a mysfit without a card in the document.
    pub fn empty(id: MysfitId) -> Self {
        Self { id, slug: String::new(), name: String::new(), portrait: String::new() }
    }
}

/// Returns the data of a mysfit's card.
pub fn card_by_id(id: MysfitId) -> Option<CardData> {
    read(&[".card[data-id=\"", id.as_str(), "\"]"].concat())
}

/// Returns the data of the card with this slug, which may be any text from an address.
pub fn card_by_slug(slug: &str) -> Option<CardData> {
    read(&selector(slug)?)
}

/// Returns the profile that a card holds as a template.
pub fn profile_html(slug: &str) -> Option<String> {
    browser::inner_html(&(selector(slug)? + " template"))
}

fn selector(slug: &str) -> Option<String> {
    let is_slug = !slug.is_empty() && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_slug.then(|| [".card[data-slug=", slug, "]"].concat())
}

fn read(card: &str) -> Option<CardData> {
    Some(CardData {
        id: browser::attribute(card, "data-id")?.parse().ok()?,
        slug: browser::attribute(card, "data-slug")?,
        name: browser::text(&[card, " h3"].concat())?,
        portrait: browser::attribute(&[card, " img"].concat(), "src")?,
    })
}
