//! The HTTP client of the SDK: hyper with HTTP/1.1, TLS by rustls over ring.
//!
//! The SDK's own connector also has HTTP/2, proxies and the search for the system's certificates. It would make the function
//! half a megabyte larger.

use std::{error::Error, sync::Arc};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpConnector as SdkConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
            http_client_fn,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    shared::IntoShared as _,
};
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// The roots of Amazon Trust Services, under which every AWS service has its certificates: Amazon Root CA 1 to 4 and
/// Starfield Services Root Certificate Authority G2, as published at <https://www.amazontrust.com/repository/>. The
/// first of them to end does so at the end of 2037.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Trusted root certificates for HTTPS.
#[derive(Debug, Clone)]
pub struct RootCertificates(Arc<RootCertStore>);

/// There is no usable certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no usable certificate of an authority in PEM format")]
pub struct RootCertificatesError;

impl RootCertificates {
    /// Returns Amazon's root certificates, which are part of this program: a cold start reads no file.
    ///
    /// # Panics
    /// Never: a test parses them.
    #[must_use]
    pub fn amazon() -> Self {
        Self::from_pem(AMAZON_ROOTS).expect("the embedded certificates are well-formed")
    }

    /// Parses certificates in PEM format, one after the other. Those that rustls does not know are skipped: a system's bundle
    /// may hold some.
    ///
    /// # Errors
    /// [`RootCertificatesError`] if no certificate is left.
    pub fn from_pem(pem: &[u8]) -> Result<Self, RootCertificatesError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).flatten());
        if roots.is_empty() { Err(RootCertificatesError) } else { Ok(Self(Arc::new(roots))) }
    }
}

/// Returns a client for HTTPS, and for plain HTTP if the URL has that scheme.
pub(super) fn client(RootCertificates(roots): RootCertificates) -> SharedHttpClient {
    http_client_fn(move |settings, _| {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // The handshake after it is part of the attempt, which has its own limit.
        tcp.set_connect_timeout(settings.connect_timeout());
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls(roots.clone()))
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new()).build(https);
        SharedHttpConnector::new(Connector(client))
    })
    .into_shared()
}

fn tls(roots: Arc<RootCertStore>) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[derive(Debug)]
struct Connector(Client<HttpsConnector<HttpConnector>, SdkBody>);

impl SdkConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(|error| classify(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// A failed connection may succeed at the next attempt, unless the certificate of the other side is refused.
fn classify(error: Box<dyn Error + Send + Sync>) -> ConnectorError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.as_ref());
    while let Some(current) = cause {
        if current.is::<rustls::Error>() {
            return ConnectorError::other(error, None);
        }
        // The wrapped error of an I/O error is not its source, but its replacement.
        let wrapped = current.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| current.source());
    }
    ConnectorError::io(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_five_roots_of_amazon() {
        assert_eq!(RootCertificates::amazon().0.len(), 5);
    }

    #[test]
    fn rejects_pem_without_a_certificate() {
        for pem in ["", "certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(
                RootCertificates::from_pem(pem.as_bytes()).unwrap_err(),
                RootCertificatesError,
                "{pem}"
            );
        }
    }
}
