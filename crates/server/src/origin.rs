//! The origin of the site: scheme, host and port of its addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use mysfits_site::settings;

/// Returns the origin of a server for programs on this machine. That of a server that listens at all addresses is loopback.
#[must_use]
pub fn local_origin(listener: SocketAddr) -> String {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listener.port()))
}

/// Parses an origin such as `https://mysfits.example`. A slash at its end is ignored.
///
/// # Errors
/// If the text is not an origin, with an example of one.
pub fn parse_origin(text: &str) -> Result<String, String> {
    let origin = text.strip_suffix('/').unwrap_or(text);
    if settings::origin(origin) == Some(origin) {
        Ok(origin.to_owned())
    } else {
        Err("expected scheme and host, such as https://mysfits.example".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_can_be_connected_to() {
        for (listener, origin) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("192.168.1.5:80", "http://192.168.1.5:80"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:8080", "http://[::1]:8080"),
            ("[fe80::1%3]:8080", "http://[fe80::1]:8080"),
        ] {
            assert_eq!(local_origin(listener.parse().unwrap()), origin);
            assert_eq!(parse_origin(origin).as_deref(), Ok(origin));
        }
    }

    #[test]
    fn rejects_what_is_not_an_origin() {
        assert_eq!(parse_origin("https://m.example/").as_deref(), Ok("https://m.example"));
        for text in
            ["", "/", "m.example", "ftp://m.example", "https://", "https://m.example/shop", "https://\"><"]
        {
            assert!(parse_origin(text).is_err(), "{text}");
        }
    }
}
