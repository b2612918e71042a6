//! An endpoint for tests, which runs until it is dropped.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread::JoinHandle,
};

use axum::serve::ListenerExt as _;
use mysfits_knn::Model;
use tokio::sync::oneshot;

use crate::{Endpoint, EndpointNameError, Endpoints, http};

/// A k-NN endpoint on a free local port, in its own thread.
///
/// Needs no async runtime. AWS SDKs use it like the real service if their endpoint URL for `sagemaker-runtime` is
/// [`url`](Self::url) (environment variable `AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`); any credentials and region will do.
/// Dropping it closes the port and aborts running requests.
///
/// ```
/// use std::{io::{Read as _, Write as _}, net::TcpStream};
/// use mysfits_knn::{Dataset, Hyperparameters, Model};
/// use mysfits_sagemaker::{LocalEndpoint, faults::{Faults, Rate}};
/// use ndarray::array;
///
/// let (features, labels) = (array![[1.0, 1.0], [9.0, 9.0]], array![0.0, 1.0]);
/// let dataset = Dataset::new(features.view(), labels.view())?;
/// let model = Model::train(dataset, &Hyperparameters::classifier(1).check()?)?;
///
/// let local = LocalEndpoint::start("knn-demo", model)?;
///
/// // Any HTTP client will do; this one is a socket.
/// let invoke = || -> std::io::Result<String> {
///     let mut stream = TcpStream::connect(local.address())?;
///     write!(
///         stream,
///         "POST /endpoints/knn-demo/invocations HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
///          content-type: text/csv\r\ncontent-length: 7\r\n\r\n8.0,8.0"
///     )?;
///     let mut response = String::new();
///     stream.read_to_string(&mut response)?;
///     Ok(response)
/// };
/// assert!(invoke()?.ends_with(r#"{"predictions": [{"predicted_label": 1.0}]}"#));
///
/// // Inject faults to test the error handling of a caller.
/// local.endpoint().set_faults(Faults { model_error: Rate::ALWAYS, ..Faults::NONE });
/// assert!(invoke()?.starts_with("HTTP/1.1 424 "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LocalEndpoint {
    endpoint: Arc<Endpoint>,
    address: SocketAddr,
    url: String,
    /// Taken by `drop`.
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// An error of [`LocalEndpoint::start`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalEndpointError {
    /// The name is invalid in SageMaker.
    #[error(transparent)]
    Name(#[from] EndpointNameError),
    /// No port or thread is available.
    #[error("the endpoint cannot be started")]
    Io(#[from] io::Error),
}

impl LocalEndpoint {
    /// Serves `model` as endpoint `name`, with all routes of [`http::router`]. Accepts requests as soon as this returns.
    ///
    /// # Errors
    /// [`LocalEndpointError`] if the name is invalid, or no port or thread is available.
    pub fn start(name: impl Into<String>, model: impl Into<Arc<Model>>) -> Result<Self, LocalEndpointError> {
        let endpoints = Endpoints::new([Endpoint::new(name, model.into())?]);
        let endpoint =
            endpoints.default_endpoint().ok_or_else(|| io::Error::other("there is no endpoint"))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let router = http::AllowedHosts::for_listener(address).protect(http::router(endpoints));
        let (stop, stopped) = oneshot::channel();
        let serve = async move {
            // Fails only without a reactor, which was just built.
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            let listener = listener.tap_io(|stream| {
                // Responses are small: do not wait to fill a packet.
                let _ = stream.set_nodelay(true);
            });
            tokio::select! {
                _ = axum::serve(listener, router) => {}
                _ = stopped => {}
            }
        };
        let thread = std::thread::Builder::new().name(format!("endpoint {address}")).spawn(move || {
            runtime.block_on(serve);
            // Do not wait for running predictions.
            runtime.shutdown_background();
        })?;
        Ok(Self { endpoint, address, url: format!("http://{address}"), running: Some((stop, thread)) })
    }

    /// Returns the base URL without a trailing slash: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the address of the listener.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the endpoint, to replace its model or set its faults at run time.
    #[must_use]
    pub fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }
}

impl Drop for LocalEndpoint {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // Fails if the thread has already stopped.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for LocalEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEndpoint")
            .field("endpoint", &self.endpoint.name())
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
