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
    /// What the portrait shows.
    pub alt: String,
}

/// Returns the data of a mysfit's card; without a card in the document all texts are empty.
pub fn card_by_id(id: MysfitId) -> CardData {
    let empty = String::new;
    let no_card = CardData { id, slug: empty(), name: empty(), portrait: empty(), alt: empty() };
    read(&[".card[data-id=\"", id.as_str(), "\"]"].concat()).unwrap_or(no_card)
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
        alt: browser::attribute(&[card, " img"].concat(), "alt")?,
    })
}
