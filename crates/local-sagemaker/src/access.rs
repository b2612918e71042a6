//! Which hosts and origins may send requests, as command-line arguments.

use std::net::SocketAddr;

use axum::Router;
use clap::Args;
use mysfits_sagemaker::http::AllowedHosts;

/// Hosts and origins beside the server's own.
#[derive(Debug, Clone, Default, Args)]
pub struct AccessArgs {
    /// Accept requests for this host name, beside localhost and the address; * accepts all
    #[arg(long = "allow-host", value_name = "HOST")]
    pub hosts: Vec<String>,
    /// Accept requests from pages of this origin, `http://localhost:3000` for instance
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
}

impl AccessArgs {
    /// Refuses requests of web pages that are not the server's own; see [`AllowedHosts`].
    pub fn protect(&self, router: Router, address: SocketAddr) -> Router {
        let allowed = AllowedHosts::for_listener(address);
        let allowed = self.hosts.iter().fold(allowed, |allowed, host| allowed.allow_host(host));
        let allowed = self.origins.iter().fold(allowed, |allowed, origin| allowed.allow_origin(origin));
        allowed.protect(router)
    }
}
