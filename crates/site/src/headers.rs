//! The site's security headers.
//!
//! Two headers only make sense behind TLS and are not sent by our own server, which speaks plain HTTP on a
//! laptop: `Strict-Transport-Security`, which browsers ignore there, and the policy's
//! `upgrade-insecure-requests` ([`UPGRADE_INSECURE_REQUESTS`]), with which a page of any address but
//! localhost would request its own files over TLS.

/// Disables MIME sniffing: a response sent as text is not run as a script.
pub const CONTENT_TYPE_OPTIONS: &str = "nosniff";
/// Forbids embedding our pages in a frame.
pub const FRAME_OPTIONS: &str = "DENY";
/// Other sites receive the origin of the referring page, not its path.
pub const REFERRER_POLICY: &str = "strict-origin-when-cross-origin";
/// Disables browser features that the page does not use.
pub const PERMISSIONS_POLICY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
/// Isolates the page from windows that opened it or that it opened.
pub const OPENER_POLICY: &str = "same-origin";
/// The policy's last directive, for responses over TLS.
pub const UPGRADE_INSECURE_REQUESTS: &str = "; upgrade-insecure-requests";

/// Returns the content security policy: a page may load the site's own files and wasm, and nothing inline. `origins` follows
/// `connect-src 'self'`: it is empty, or a space and origins separated by spaces ([`crate::settings::SiteSettings::origins`]).
///
/// Data in the page (`<script type="text/plain">`) is not executed and needs no exception.
#[must_use]
pub fn content_security_policy(origins: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'{origins}; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

/// The other headers of every response with a file of the site, over plain HTTP too.
pub const ALWAYS: [(&str, &str); 5] = [
    ("x-content-type-options", CONTENT_TYPE_OPTIONS),
    ("x-frame-options", FRAME_OPTIONS),
    ("referrer-policy", REFERRER_POLICY),
    ("permissions-policy", PERMISSIONS_POLICY),
    ("cross-origin-opener-policy", OPENER_POLICY),
];

#[cfg(test)]
mod tests {
    use super::content_security_policy;

    #[test]
    fn forbids_inline_scripts_and_unknown_origins() {
        let policy = content_security_policy("");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert!(policy.contains("connect-src 'self';"), "{policy}");
        let policy = content_security_policy(" https://api.example");
        assert!(policy.contains("connect-src 'self' https://api.example; manifest-src"), "{policy}");
    }
}
