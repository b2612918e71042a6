//! An HTTPS proxy in front of an HTTP server, with a certificate of its own private authority.

use std::{io, net::SocketAddr, sync::Arc, thread::JoinHandle};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{self, ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::listen;

/// A TLS server on a port of this machine, in a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct TlsProxy {
    url: String,
    authority: String,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// Why there is no TLS server.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No port or no thread.
    #[error("the TLS server cannot be started")]
    Io(#[from] io::Error),
    /// No certificate.
    #[error("no certificate can be made")]
    Certificate(#[from] rcgen::Error),
    /// A certificate that rustls refuses.
    #[error("the certificate cannot be used")]
    Rustls(#[from] rustls::Error),
}

impl TlsProxy {
    /// Passes on what is inside of TLS to a server.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn start(behind: SocketAddr) -> Result<Self, TlsError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "An authority of this test run");
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &authority)?;

        let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];

        let listener = listen()?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(async { TcpListener::from_std(listener) })?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("tls".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, acceptor, behind) => {}
                    _ = stopped => {}
                }
            });
        })?;
        let url = format!("https://localhost:{port}");
        Ok(Self { url, authority: authority.pem(), running: Some((stop, thread)) })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the authority's certificate in PEM format. Clients that trust it trust the server.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, behind: SocketAddr) {
    // A connection that cannot be accepted is the caller's to notice.
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let mut inner = TcpStream::connect(behind).await?;
            inner.set_nodelay(true)?;
            let mut outer = acceptor.accept(stream).await?;
            copy_bidirectional(&mut outer, &mut inner).await
        });
    }
}
