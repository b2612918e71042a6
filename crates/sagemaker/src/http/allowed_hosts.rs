//! Host and origin checks for servers on a developer's machine, against DNS rebinding and pages of other origins.
//!
//! A web page can send requests to a server on loopback, and with DNS rebinding it can also read the responses. The
//! headers that a page cannot forge give it away: `Host` names the attacker's domain, `Origin` and `Sec-Fetch-Site` name
//! another origin. AWS SDKs, curl and other programs send neither `Origin` nor `Sec-Fetch-Site`.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, Version, header, uri::Authority},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use serde_json::json;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// Endings of names that public DNS never resolves, so that no web page can rebind them: special-use and private domains.
const PRIVATE_SUFFIXES: [&str; 3] = [".localhost", ".local", ".internal"];
/// The most of a header's value that an error repeats, in characters.
const MAX_SHOWN_CHARS: usize = 100;

/// The hosts and origins from which a server accepts requests.
///
/// | server listens at | accepted `Host`, with any port |
/// | --- | --- |
/// | one address | `localhost`, `*.localhost`, loopback addresses, that address |
/// | all addresses (`0.0.0.0`, `[::]`) | also every IP address, names without a dot, `*.local` and `*.internal` |
///
/// [`allow_host`](Self::allow_host) adds names. A request with an `Origin` is accepted if that is the origin of the
/// requested host itself or was added by [`allow_origin`](Self::allow_origin). A request without an `Origin` that a
/// browser marks as coming from another site (`Sec-Fetch-Site`) is accepted only as a navigation.
///
/// Cheap to clone.
///
/// ```
/// use axum::http::{HeaderMap, HeaderValue, Method, Version, header};
/// use mysfits_sagemaker::http::AllowedHosts;
///
/// let allowed = AllowedHosts::for_listener(([127, 0, 0, 1], 8080).into());
/// let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:8080"))]);
/// let check = |headers: &HeaderMap| allowed.check(&Method::POST, &"/ping".parse().unwrap(), Version::HTTP_11, headers);
/// assert!(check(&headers).is_ok());
/// headers.insert(header::ORIGIN, HeaderValue::from_static("https://evil.example"));
/// assert!(check(&headers).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct AllowedHosts(Arc<Rules>);

#[derive(Debug, Clone)]
struct Rules {
    listener: IpAddr,
    /// In lower case, without a port.
    hosts: BTreeSet<String>,
    /// In lower case, as a browser sends them.
    origins: BTreeSet<String>,
    allows_any_host: bool,
}

/// A request that no program on this machine sends by itself: a web page has sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignRequestError {
    /// The request has no `Host`, more than one, or one that is not a host with an optional port.
    #[error("the request must have exactly one valid Host header")]
    InvalidHost,
    /// The `Host` is not this server's.
    #[error("host \"{0}\" is not allowed; start the server with --allow-host {0} to allow it")]
    Host(String),
    /// A page of another origin sent the request.
    #[error(
        "requests from pages of origin \"{0}\" are not allowed; start the server with --allow-origin {0} to allow them"
    )]
    Origin(String),
    /// A page of another site sent the request, without saying which.
    #[error("requests from pages of other sites are not allowed")]
    CrossSite,
}

impl ForeignRequestError {
    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidHost => StatusCode::BAD_REQUEST,
            Self::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Origin(_) | Self::CrossSite => StatusCode::FORBIDDEN,
        }
    }
}

impl IntoResponse for ForeignRequestError {
    /// 400, 403 or 421 with `{"message": ".."}`, as AWS's gateways refuse requests, and without CORS headers.
    fn into_response(self) -> Response {
        (self.status(), Json(json!({ "message": self.to_string() }))).into_response()
    }
}

impl AllowedHosts {
    /// The rules for a server that listens at `address`.
    #[must_use]
    pub fn for_listener(address: SocketAddr) -> Self {
        Self(Arc::new(Rules {
            listener: address.ip().to_canonical(),
            hosts: BTreeSet::new(),
            origins: BTreeSet::new(),
            allows_any_host: false,
        }))
    }

    /// Also accepts this host name or address, on any port; `*` accepts every host.
    #[must_use]
    pub fn allow_host(mut self, host: &str) -> Self {
        let rules = Arc::make_mut(&mut self.0);
        if host == "*" {
            rules.allows_any_host = true;
        } else {
            rules.hosts.insert(host.to_ascii_lowercase());
        }
        self
    }

    /// Also accepts requests from pages of this origin, written as a browser sends it: `http://localhost:3000`.
    #[must_use]
    pub fn allow_origin(mut self, origin: &str) -> Self {
        Arc::make_mut(&mut self.0).origins.insert(origin.trim_end_matches('/').to_ascii_lowercase());
        self
    }

    /// Checks every request before `router` sees it, unknown paths included.
    pub fn protect(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), check))
    }

    /// Checks a request's head.
    ///
    /// # Errors
    /// [`ForeignRequestError`] says which header gave the page away.
    pub fn check(
        &self,
        method: &Method,
        uri: &Uri,
        version: Version,
        headers: &HeaderMap,
    ) -> Result<(), ForeignRequestError> {
        let host = requested_host(uri, version, headers)?;
        if let Some(host) = &host
            && !self.allows(host.host())
        {
            return Err(ForeignRequestError::Host(shown(host.host())));
        }
        if let Some(origin) = headers.get(header::ORIGIN) {
            let origin = String::from_utf8_lossy(origin.as_bytes()).to_ascii_lowercase();
            let is_own = host.is_some_and(|host| is_origin_of(&origin, &host));
            return if is_own || self.0.origins.contains(&origin) {
                Ok(())
            } else {
                Err(ForeignRequestError::Origin(shown(&origin)))
            };
        }
        // A link to this server is no danger: the page that has it cannot read the response.
        let is_navigation = matches!(*method, Method::GET | Method::HEAD)
            && headers.get(FETCH_MODE).is_some_and(|mode| mode == "navigate");
        match headers.get(FETCH_SITE) {
            Some(site) if site != "same-origin" && site != "none" && !is_navigation => {
                Err(ForeignRequestError::CrossSite)
            }
            _ => Ok(()),
        }
    }

    fn allows(&self, host: &str) -> bool {
        let rules = &self.0;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        // A fully qualified name may end with a dot.
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if rules.allows_any_host || rules.hosts.contains(&host) {
            return true;
        }
        let listens_everywhere = rules.listener.is_unspecified();
        if let Ok(address) = host.parse::<IpAddr>() {
            let address = address.to_canonical();
            return listens_everywhere || address.is_loopback() || address == rules.listener;
        }
        let is_local = host == "localhost" || host.ends_with(".localhost");
        let is_private = !host.contains('.') || PRIVATE_SUFFIXES.iter().any(|suffix| host.ends_with(suffix));
        is_local || (listens_everywhere && is_private)
    }
}

async fn check(State(allowed): State<AllowedHosts>, request: Request, next: Next) -> Response {
    match allowed.check(request.method(), request.uri(), request.version(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            tracing::debug!(%error, "refused a request from a web page");
            error.into_response()
        }
    }
}

/// The host that the request names; `None` for HTTP/1.0 without one.
fn requested_host(
    uri: &Uri,
    version: Version,
    headers: &HeaderMap,
) -> Result<Option<Authority>, ForeignRequestError> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let authority = match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let authority = Authority::try_from(host.as_bytes());
            let authority = authority.map_err(|_| ForeignRequestError::InvalidHost)?;
            // User information belongs into no Host header.
            if authority.as_str().contains('@') {
                return Err(ForeignRequestError::InvalidHost);
            }
            Some(authority)
        }
        (None, _) if version < Version::HTTP_11 => None,
        _ => return Err(ForeignRequestError::InvalidHost),
    };
    // A target in absolute form overrides the header.
    Ok(uri.authority().cloned().or(authority))
}

/// Whether pages of this host have this origin.
fn is_origin_of(origin: &str, host: &Authority) -> bool {
    let Some((scheme, default_port)) =
        [("http://", 80), ("https://", 443)].into_iter().find(|(scheme, _)| origin.starts_with(scheme))
    else {
        return false;
    };
    let Ok(origin) = origin[scheme.len()..].parse::<Authority>() else { return false };
    origin.host().eq_ignore_ascii_case(host.host())
        && origin.port_u16().unwrap_or(default_port) == host.port_u16().unwrap_or(default_port)
}

fn shown(value: &str) -> String {
    value.chars().take(MAX_SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const EVERYWHERE: ([u8; 4], u16) = ([0, 0, 0, 0], 8080);
    const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |&(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    fn check(
        allowed: &AllowedHosts,
        method: Method,
        pairs: &[(&'static str, &str)],
    ) -> Result<(), ForeignRequestError> {
        allowed.check(&method, &Uri::from_static("/ping"), Version::HTTP_11, &headers(pairs))
    }

    #[test]
    fn accepts_the_hosts_of_its_listener() {
        let hosts = |address: ([u8; 4], u16), host| {
            check(&AllowedHosts::for_listener(address.into()), Method::GET, &[("host", host)]).is_ok()
        };
        for (host, at_loopback, everywhere) in [
            ("localhost", true, true),
            ("LOCALHOST:8080", true, true),
            ("localhost.", true, true),
            ("bucket.localhost:8080", true, true),
            ("127.0.0.1:8080", true, true),
            ("127.8.8.8", true, true),
            ("[::1]:8080", true, true),
            ("[::ffff:127.0.0.1]", true, true),
            ("192.168.1.5:8080", false, true),
            ("model", false, true),
            ("model.aws.local:8080", false, true),
            ("host.docker.internal", false, true),
            ("evil.example", false, false),
            ("evil.test:8080", false, false),
            ("localhost.evil.example", false, false),
            ("127.0.0.1.evil.example", false, false),
            ("evillocalhost", false, true),
            ("user@localhost", false, false),
            ("localhost:8080:80", false, false),
            ("", false, false),
        ] {
            assert_eq!(hosts(LOOPBACK, host), at_loopback, "{host} at loopback");
            assert_eq!(hosts(EVERYWHERE, host), everywhere, "{host} everywhere");
        }
    }

    #[test]
    fn accepts_the_bound_address_and_added_hosts() {
        let allowed = AllowedHosts::for_listener(([192, 168, 1, 5], 8080).into());
        assert_eq!(check(&allowed, Method::GET, &[("host", "192.168.1.5:8080")]), Ok(()));
        assert!(check(&allowed, Method::GET, &[("host", "192.168.1.6:8080")]).is_err());
        let error = check(&allowed, Method::GET, &[("host", "my.example")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "host \"my.example\" is not allowed; start the server with --allow-host my.example to allow it"
        );
        let allowed = allowed.allow_host("My.example");
        assert_eq!(check(&allowed, Method::GET, &[("host", "my.example:1")]), Ok(()));
        assert_eq!(check(&allowed.allow_host("*"), Method::GET, &[("host", "other.example")]), Ok(()));
    }

    #[test]
    fn requires_exactly_one_host() {
        let allowed = AllowedHosts::for_listener(LOOPBACK.into());
        let invalid = Err(ForeignRequestError::InvalidHost);
        assert_eq!(check(&allowed, Method::GET, &[]), invalid);
        assert_eq!(check(&allowed, Method::GET, &[("host", "localhost"), ("host", "localhost")]), invalid);
        let old = allowed.check(&Method::GET, &Uri::from_static("/"), Version::HTTP_10, &HeaderMap::new());
        assert_eq!(old, Ok(()));
        let absolute = Uri::from_static("http://evil.example/ping");
        let host = headers(&[("host", "localhost")]);
        assert!(allowed.check(&Method::GET, &absolute, Version::HTTP_11, &host).is_err());
    }

    #[test]
    fn rejects_pages_of_other_origins() {
        let allowed = AllowedHosts::for_listener(LOOPBACK.into()).allow_origin("http://localhost:3000/");
        let origin =
            |origin| check(&allowed, Method::POST, &[("host", "127.0.0.1:8080"), ("origin", origin)]).is_ok();
        assert!(origin("http://127.0.0.1:8080"));
        assert!(origin("http://localhost:3000"));
        for foreign in [
            "http://127.0.0.1:8081",
            "http://127.0.0.2:8080",
            "https://evil.example",
            "http://127.0.0.1",
            "null",
            "",
        ] {
            assert!(!origin(foreign), "{foreign}");
        }
    }

    #[test]
    fn rejects_cross_site_requests_without_an_origin_unless_they_navigate() {
        let allowed = AllowedHosts::for_listener(LOOPBACK.into());
        let fetch = |method, site, mode| {
            let pairs = [("host", "localhost:8080"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
            check(&allowed, method, &pairs)
        };
        assert_eq!(fetch(Method::GET, "same-origin", "cors"), Ok(()));
        assert_eq!(fetch(Method::GET, "none", "navigate"), Ok(()));
        assert_eq!(fetch(Method::GET, "cross-site", "navigate"), Ok(()));
        assert_eq!(fetch(Method::GET, "cross-site", "no-cors"), Err(ForeignRequestError::CrossSite));
        assert_eq!(fetch(Method::GET, "same-site", "no-cors"), Err(ForeignRequestError::CrossSite));
        assert_eq!(fetch(Method::POST, "cross-site", "navigate"), Err(ForeignRequestError::CrossSite));
    }
}
