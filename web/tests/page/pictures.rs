//! The drawings.

use std::collections::HashSet;

use mysfits_domain::catalogue;
use mysfits_web::art;

#[test]
fn pictures_are_small_well_formed_and_self_contained() {
    let portraits = art::portraits();
    let expected: Vec<_> =
        catalogue().iter().map(|m| m.image_uri().trim_start_matches('/').to_owned()).collect();
    assert_eq!(portraits.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(), expected);
    assert!(portraits.iter().map(|(_, svg)| svg.len()).sum::<usize>() < 60 * 1024);
    // Twelve creatures are in the banner.
    assert!(art::banner().1.len() < 12 * 1024);
    for (path, svg) in &portraits {
        assert!(svg.len() < 6 * 1024, "{path} has {} bytes", svg.len());
    }
    let composed = art::cards().into_iter().chain(art::icons());
    for (path, svg) in
        &portraits.iter().cloned().chain([art::banner(), art::favicon()]).chain(composed).collect::<Vec<_>>()
    {
        assert_well_formed(path, svg);
        assert!(!svg.contains("<script") && !svg.contains("<style") && !svg.contains("url(http"), "{path}");
        // The only address in it is that of the SVG namespace.
        assert_eq!(svg.matches("http").count(), 1, "{path}");
    }
    let cards: Vec<_> = art::cards().into_iter().map(|(path, _)| format!("/{path}")).collect();
    assert_eq!(cards[0], art::CARD_URI);
    assert_eq!(cards[1..], catalogue().iter().map(|m| art::card_uri(m.slug)).collect::<Vec<_>>());
    let distinct: HashSet<_> = portraits.iter().map(|(_, svg)| svg).collect();
    assert_eq!(distinct.len(), portraits.len());
}

/// Every tag is closed in turn, and every reference has its element.
#[track_caller]
fn assert_well_formed(path: &str, svg: &str) {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{path}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{path}: <{tag}>");
    }
    assert_eq!(open, Vec::<&str>::new(), "{path}");
    let ids: Vec<_> = svg.split(" id=\"").skip(1).filter_map(|rest| rest.split_once('"')).collect();
    assert_eq!(ids.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(), ids.len(), "{path}: an id twice");
    for reference in svg.split("href=\"#").skip(1) {
        let (id, _) = reference.split_once('"').expect("an attribute ends");
        assert!(svg.contains(&format!("id=\"{id}\"")), "{path}: {id}");
    }
}
