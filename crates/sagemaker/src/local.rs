//! An endpoint for tests: one line starts it, its end of life stops it.

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

/// A k-NN endpoint on a free port of this machine, in a thread of its own.
///
/// Works from any test, with or without a runtime around it. An AWS SDK whose endpoint URL for `sagemaker-runtime` is
/// [`url`](Self::url) (in the environment: `AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`) talks to it as to the real service; any
/// credentials and region will do. Dropping it closes the port; a request under way is cut off.
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
/// // Any HTTP client will do; this one is the standard library's socket.
/// let ask = || -> std::io::Result<String> {
///     let mut stream = TcpStream::connect(local.address())?;
///     write!(
///         stream,
///         "POST /endpoints/knn-demo/invocations HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
///          content-type: text/csv\r\ncontent-length: 7\r\n\r\n8.0,8.0"
///     )?;
///     let mut answer = String::new();
///     stream.read_to_string(&mut answer)?;
///     Ok(answer)
/// };
/// assert!(ask()?.ends_with(r#"{"predictions": [{"predicted_label": 1.0}]}"#));
///
/// // How does the code under test take a bad day?
/// local.endpoint().set_faults(Faults { model_error: Rate::ALWAYS, ..Faults::NONE });
/// assert!(ask()?.starts_with("HTTP/1.1 424 "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LocalEndpoint {
    endpoint: Arc<Endpoint>,
    address: SocketAddr,
    url: String,
    /// Taken when it stops.
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// Why an endpoint does not start.
#[derive(Debug, thiserror::Error)]
pub enum LocalEndpointError {
    /// SageMaker would not accept the name.
    #[error(transparent)]
    Name(#[from] EndpointNameError),
    /// There is no port, or no thread.
    #[error("the endpoint cannot be started")]
    Io(#[from] io::Error),
}

impl LocalEndpoint {
    /// Serves `model` under `name`, on all routes of [`http::router`]. When this returns, it answers.
    ///
    /// # Errors
    /// [`LocalEndpointError`] if SageMaker would not accept the name, or the system gives no port or thread.
    pub fn start(name: impl Into<String>, model: impl Into<Arc<Model>>) -> Result<Self, LocalEndpointError> {
        let endpoints = Endpoints::new([Endpoint::new(name, model)?]);
        let endpoint =
            endpoints.default_endpoint().cloned().ok_or_else(|| io::Error::other("there is no endpoint"))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let router = http::AllowedHosts::for_listener(address).protect(http::router(endpoints));
        let (stop, stopped) = oneshot::channel();
        let serve = async move {
            // Fails only where there is no reactor, which was just built.
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            let listener = listener.tap_io(|stream| {
                // Answers are small and whole: waiting to fill a packet would only delay them.
                let _ = stream.set_nodelay(true);
            });
            tokio::select! {
                _ = axum::serve(listener, router) => {}
                _ = stopped => {}
            }
        };
        let thread = std::thread::Builder::new().name(format!("endpoint {address}")).spawn(move || {
            runtime.block_on(serve);
            // A prediction under way is nobody's any more: nothing waits for it.
            runtime.shutdown_background();
        })?;
        Ok(Self { endpoint, address, url: format!("http://{address}"), running: Some((stop, thread)) })
    }

    /// Where it answers, without a slash at the end: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint, to replace its model or to set its faults while it serves.
    #[must_use]
    pub fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }
}

impl Drop for LocalEndpoint {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // Who does not listen any more has stopped already.
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
