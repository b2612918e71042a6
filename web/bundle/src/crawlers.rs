//! Files for search engines: the sitemap, and robots.txt. Their URLs have no origin: the host of the site adds it
//! (`mysfits_site::sharing`).

use std::fmt::Write as _;

use mysfits_domain::Locale;
use mysfits_site::sharing::{ROBOTS, SITEMAP};
use mysfits_web::prerender;

use crate::file::PackedFile;

/// Returns the files.
pub fn files() -> [PackedFile; 2] {
    let robots = format!("User-agent: *\nAllow: /\nSitemap: /{SITEMAP}\n");
    [PackedFile::new(SITEMAP, sitemap()), PackedFile::new(ROBOTS, robots)]
}

/// Returns the sitemap: all pages, each with its addresses in both languages.
fn sitemap() -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                   <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
        .to_owned();
    for page in prerender::pages() {
        let alternates: String = Locale::ALL
            .map(|locale| {
                let (code, path) = (locale.code(), page.path(locale));
                format!("<xhtml:link rel=\"alternate\" hreflang=\"{code}\" href=\"{path}\"/>")
            })
            .concat();
        for locale in Locale::ALL {
            // Writing to a String cannot fail.
            let _ = writeln!(xml, "<url><loc>{}</loc>{alternates}</url>", page.path(locale));
        }
    }
    xml + "</urlset>\n"
}
