//! The pictures.

use std::collections::HashSet;

use mysfits_domain::catalogue;
use mysfits_web::art;

#[test]
fn every_mysfit_has_a_portrait_of_its_own() {
    let portraits = art::portraits();
    let expected: Vec<_> =
        catalogue().iter().map(|m| m.image_uri().trim_start_matches('/').to_owned()).collect();
    assert_eq!(portraits.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(), expected);
    let distinct: HashSet<_> = portraits.iter().map(|(_, svg)| svg).collect();
    assert_eq!(distinct.len(), portraits.len());
}

#[test]
fn pictures_are_small_and_self_contained() {
    let portraits = art::portraits();
    assert!(portraits.iter().map(|(_, svg)| svg.len()).sum::<usize>() < 60 * 1024);
    for (path, svg) in &portraits {
        assert!(svg.len() < 6 * 1024, "{path} has {} bytes", svg.len());
    }
    // The banner shows all twelve mysfits.
    assert!(art::banner().1.len() < 12 * 1024);
    assert!(art::banner_layers().iter().all(|(_, svg)| svg.len() < 2 * 1024));
    let icon = ("icon.svg".to_owned(), art::ICON.to_owned());
    for (path, svg) in
        portraits.into_iter().chain(art::banner_layers()).chain([art::banner(), art::favicon(), icon])
    {
        assert!(!svg.contains("<script") && !svg.contains("<style") && !svg.contains("url(http"), "{path}");
        // The only address is the SVG namespace.
        assert_eq!(svg.matches("http").count(), 1, "{path}");
    }
}
